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
        let record = try stored { () throws(StoreError) in try store.campaign(params.campaign) }
        guard let record else {
            throw .notFound(
                "no campaign \"\(params.campaign.prefix(64))\"",
                hint: "campaigns.list lists all; ids look like c-000001")
        }
        return .result(try entry(of: record))
    }

    func listCampaigns(_ call: Call, _ params: CampaignsList.Params) throws(APIError) -> Answer<CampaignsList.Result> {
        let limit = params.limit ?? APILimits.defaultListedCampaigns
        if let after = params.after {
            let known = try stored { () throws(StoreError) in try store.campaign(after) }
            guard known != nil else {
                throw .notFound(
                    "after: no campaign \"\(after.prefix(64))\"",
                    hint: "give `next` of the page before, or leave it out to begin with the first")
            }
        }
        let records = try stored { () throws(StoreError) in try store.campaigns(after: params.after, limit: limit + 1) }
        var entries: [CampaignEntry] = []
        for record in records.prefix(limit) { entries.append(try entry(of: record)) }
        let page = Array(Page.prefix(of: entries, limit: limit))
        let next = page.count < records.count ? page.last?.campaign : nil
        return .result(CampaignsList.Result(campaigns: page, next: next))
    }

    private func entry(of record: CampaignRecord) throws(APIError) -> CampaignEntry {
        CampaignEntry(
            record, states: try stored { () throws(StoreError) in try store.states(ofCampaign: record.campaign) })
    }

    /// A campaign that nobody made and that no experiment names is a typing error.
    func checkCampaign(_ id: String?) throws(APIError) {
        guard let id, try stored({ () throws(StoreError) in try store.campaign(id) }) == nil else { return }
        let named = try stored { () throws(StoreError) in
            try store.experiments(after: nil, matching: ExperimentFilter(campaign: id), limit: 1)
        }
        guard named.isEmpty else { return }
        throw APIError(
            .refused, kind: ErrorKind.unknownCampaign.word, detail: "no campaign \"\(id.prefix(64))\"",
            hint: "campaigns.list lists all; campaigns.create makes one")
    }

    func recipeForms(_ call: Call, _ params: Empty) throws(APIError) -> Answer<RecipesSchema.Result> {
        .post(.recipeForms)
    }
}
