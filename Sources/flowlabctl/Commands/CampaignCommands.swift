import ControlAPI
import ControlClient
import Experiments
import Usage
import Wire

extension Command {
    static let campaigns = Command(
        "campaigns", "All campaigns, one of them, or makes one.",
        operands: [ArgumentParser.Operand("[create|ID]", of: .named("campaign")), "[NAME]"],
        options: [
            .value("--key", "KEY", "Of create: the same key gives the same campaign."),
            .value("--metadata", "FILE", "Of create: JSON to keep with it; - reads the standard input."),
        ], examples: ["campaigns", "campaigns c-000001", "campaigns create 'bromide scan' --key scan-7"]
    ) { (context) throws(Failure) in
        switch (context.operands.first, context.operands.count) {
        case (nil, _): return try listCampaigns(context)
        case ("create"?, 2): return try createCampaign(context.operands[1], context)
        case ("create"?, _): throw context.usage("create needs a NAME: flowlabctl campaigns create 'bromide scan'")
        case (let id?, 1):
            return try context.ask(CampaignsGet.self, CampaignsGet.Params(campaign: id)) { campaign in
                Terminal.write(TextTable.text(Describe.rows(campaign)))
                Terminal.line("what now: flowlabctl experiments --campaign \(Terminal.clean(campaign.campaign))")
            }
        default: throw context.usage("expected create NAME, or one ID")
        }
    }

    private static func createCampaign(_ name: String, _ context: Context) throws(Failure) -> Int32 {
        let metadata = try context.arguments.value("--metadata").map { (file) throws(Failure) in
            try JSONFile.read(file)
        }
        let params = CampaignsCreate.Params(name: name, key: context.arguments.value("--key"), metadata: metadata)
        return try context.ask(CampaignsCreate.self, params) { result in
            Terminal.line(Terminal.clean(result.campaign))
        }
    }

    private static func listCampaigns(_ context: Context) throws(Failure) -> Int32 {
        let daemon = try context.connect()
        var all: [JSONValue] = []
        var entries: [CampaignEntry] = []
        var after: String?
        repeat {
            let json = try context.answer(
                daemon, CampaignsList.self, CampaignsList.Params(after: after, limit: APILimits.listedCampaigns))
            let page = try context.decoded(CampaignsList.Result.self, json)
            if case .array(let rows)? = json["campaigns"] { all += rows }
            entries += page.campaigns
            after = page.next
        } while after != nil
        if context.isJSON {
            Terminal.line(JSONValue.object(["campaigns": .array(all)]).jsonText)
            return ExitCode.done
        }
        let rows = entries.map { [$0.campaign, $0.name, $0.created, "\($0.createdBy)", Describe.states($0.states)] }
        Terminal.write(TextTable.text(rows, header: ["campaign", "name", "made", "by uid", "experiments"]))
        return ExitCode.done
    }
}
