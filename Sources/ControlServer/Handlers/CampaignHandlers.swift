import ControlAPI
import Experiments

extension ControlServer {
    func createCampaign(
        _ call: Call, _ params: CampaignsCreate.Params
    ) throws(APIError) -> Answer<CampaignsCreate.Result> {
        try Self.checkSize(of: params.metadata, for: CampaignsCreate.name)
        return .post(.createCampaign(name: params.name, key: params.key, metadata: params.metadata))
    }

    func campaign(_ call: Call, _ params: CampaignsGet.Params) throws(APIError) -> Answer<CampaignEntry> {
        .read { (stored) throws(APIError) in
            guard let record = try stored.campaign(params.campaign) else {
                throw .notFound(
                    "no campaign \"\(params.campaign.prefix(64))\"",
                    hint: "campaigns.list lists all; ids look like c-000001")
            }
            return .result(try Self.entry(of: record, stored))
        }
    }

    func listCampaigns(_ call: Call, _ params: CampaignsList.Params) throws(APIError) -> Answer<CampaignsList.Result> {
        let limit = params.limit ?? APILimits.defaultListedCampaigns
        return .read { (stored) throws(APIError) in
            if let after = params.after, try stored.campaign(after) == nil {
                throw .notFound(
                    "after: no campaign \"\(after.prefix(64))\"",
                    hint: "give `next` of the page before, or leave it out to begin with the first")
            }
            let records = try stored.read { store throws(StoreError) in
                try store.campaigns(after: params.after, limit: limit + 1)
            }
            var entries: [CampaignEntry] = []
            for record in records.prefix(limit) { entries.append(try Self.entry(of: record, stored)) }
            let page = Array(Page.prefix(of: entries, limit: limit))
            let next = page.count < records.count ? page.last?.campaign : nil
            return .result(CampaignsList.Result(campaigns: page, next: next))
        }
    }

    private static func entry(of record: CampaignRecord, _ stored: Stored) throws(APIError) -> CampaignEntry {
        CampaignEntry(
            record,
            states: try stored.read { store throws(StoreError) in try store.states(ofCampaign: record.campaign) })
    }

    func recipeForms(_ call: Call, _ params: Empty) throws(APIError) -> Answer<RecipesSchema.Result> {
        .post(.recipeForms)
    }
}
