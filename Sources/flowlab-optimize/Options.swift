import ControlAPI
import ControlClient
import Usage

/// What the campaign shall be, as the command line says it; what depends on the bench's inputs is read by `design(in:)`.
struct Options {
    let arguments: Arguments
    let policy: SamplingPolicy
    let experiments: Int
    let replicates: Int
    let seed: UInt64
    let retries: Int

    var socket: String? { arguments.value("--socket") }
    var csv: String? { arguments.value("--csv") }
    var summary: String? { arguments.value("--summary") }
    /// A name to make a campaign of, or the id of one.
    var campaign: String { arguments.value("--campaign") ?? "\(policy.rawValue), seed \(seed)" }

    static let longestCampaign = 100_000
    static let mostRetries = 20
    static let drawnOrder = "drawn"

    static let parser = ArgumentParser(
        "flowlab-optimize",
        summary: "Samples the bench's recipe box: draws points, runs them and keeps the results.",
        options: [
            .value("--policy", "random|lhs|grid|replicate", "How points are drawn; lhs if left out."),
            .value("--experiments", "N", "Points of random and lhs; 10 if left out."),
            .value("--replicates", "N", "Runs of a baseline among the points; 0 if left out, 5 for replicate."),
            .value("--seed", "S", "Of the draw, and of the idempotency keys; 1 if left out."),
            .repeated("--bounds", "NAME=LOW:HIGH", "Narrows the box: temperature=0.2:0.8, temperature_c=126:144."),
            .repeated("--at", "NAME=VALUE", "The baseline, and where a grid holds an input; else the centre."),
            .repeated("--vary", "NAME", "An input of the grid."),
            .repeated(
                "--levels", "N", "Its number of levels, both ends of its bounds included; one for all, or one each."),
            .value(
                "--order", "NAME|drawn", "Sorts the points by this input; a grid by the one that is hard to change."),
            .value("--campaign", "NAME", "Name of the campaign to begin or go on with, or its id, c-000001."),
            .value("--retries", "N", "How often one that failed or was interrupted is tried again; 0 if left out."),
            .value("--csv", "FILE", "One row an experiment, written as they end."),
            .value("--summary", "FILE", "Counts, scatter of the replicates and times as JSON, written at the end."),
            .value("--socket", "PATH", "The daemon's socket; else $\(SocketPath.variable), else the only one."),
            .flag("--print-manual", "Print flowlab-optimize(1), and end.").hidden,
        ],
        notes: notes + "\n\n" + ExitStatus.help(exitStatus))

    static let notes = """
        Inputs and their ranges come from the daemon (recipes.schema). A value is a place in the box from 0 to 1, or
        what it stands for under that name.

        replicate runs baseline, random point, baseline, ...; --bounds says how far the points lie. With --replicates
        another policy has its baselines spread evenly; in a sorted order they stand among the points nearest to them.

        Nothing is lost by stopping this program or the daemon: with the same seed, campaign and options it goes on,
        and finds what was submitted by its keys. To run the same points again, name another campaign.
        """

    static let exitStatus = [
        ExitStatus(0, "all experiments done"), ExitStatus(1, "some failed or a file cannot be written"),
        ExitStatus(2, "usage"), ExitStatus(3, "no daemon"), ExitStatus(4, "refused"),
        ExitStatus(5, "some recipes infeasible and none failed"),
    ]

    static var manual: ManPage {
        ManPage(
            "flowlab-optimize", volume: 1, summary: "sample the recipe box of a flowlab bench",
            [
                ManPage.synopsis(["flowlab-optimize [options]"]),
                ManPage.Section("DESCRIPTION", [.text(parser.summary)] + ManPage.blocks(of: notes)),
                ManPage.Section("OPTIONS", parser.optionBlocks),
                ManPage.examples([
                    (
                        "Nine points and five replicates of the centre:",
                        "flowlab-optimize --experiments 9 --replicates 5 --csv campaign.csv"
                    ),
                    (
                        "How much the bench scatters:",
                        "flowlab-optimize --policy replicate --bounds temperature_c=126:144"
                    ),
                ]), ManPage.exitStatus(exitStatus), ManPage.seeAlso(["flowlabctl(1)", "flowlabd(8)"]),
            ])
    }

    init(_ arguments: Arguments) throws(UsageError) {
        self.arguments = arguments
        let policy = arguments.value("--policy") ?? SamplingPolicy.lhs.rawValue
        guard let known = SamplingPolicy(rawValue: policy) else {
            let words = SamplingPolicy.allCases.map(\.rawValue).joined(separator: ", ")
            throw Self.wrong("--policy is \"\(policy)\", expected one of \(words)")
        }
        self.policy = known
        self.experiments = try arguments.integer("--experiments", in: 1...Self.longestCampaign) ?? 10
        let replicates = known == .replicate ? 5 : 0
        self.replicates =
            try arguments.integer("--replicates", in: (known == .replicate ? 2 : 0)...Self.longestCampaign)
            ?? replicates
        self.seed = UInt64(try arguments.integer("--seed", in: 0...Int.max) ?? 1)
        self.retries = try arguments.integer("--retries", in: 0...Self.mostRetries) ?? 0
        try Self.refuseStray(arguments, known)
    }

    /// An option that a policy would not heed is a mistake of its writer.
    private static func refuseStray(_ arguments: Arguments, _ policy: SamplingPolicy) throws(UsageError) {
        if arguments.has("--experiments"), policy == .grid || policy == .replicate {
            let instead = policy == .grid ? "--vary and --levels" : "--replicates"
            throw wrong("--experiments is not for \(policy.rawValue); \(instead) say how many")
        }
        for option in ["--vary", "--levels"] where (policy == .grid) != arguments.has(option) {
            throw wrong(policy == .grid ? "a grid needs \(option)" : "\(option) is for --policy grid only")
        }
        if arguments.has("--at"), policy == .random || policy == .lhs, arguments.value("--replicates") == nil {
            throw wrong("--at is the place of the baseline; say --replicates N as well")
        }
    }

    /// The box as far as it is to be sampled, and what to run in it.
    func design(in whole: InputBox) throws(UsageError) -> (box: InputBox, design: SamplingDesign) {
        do throws(InputBox.Mistake) {
            var box = whole
            for text in arguments.values("--bounds") { try box.narrow(text) }
            var baseline = box.centre
            for text in arguments.values("--at") {
                let (index, x) = try box.value(text)
                baseline[index] = x
            }
            let design = SamplingDesign(
                policy: policy, experiments: experiments, seed: seed, replicates: replicates, axes: try axes(box),
                baseline: baseline, order: try order(box))
            return (box, design)
        } catch {
            throw Self.wrong(error.detail)
        }
    }

    private func axes(_ box: InputBox) throws(InputBox.Mistake) -> [SamplingDesign.Axis] {
        let names = arguments.values("--vary")
        let levels = arguments.values("--levels")
        guard levels.count == names.count || levels.count == 1 || names.isEmpty else {
            throw InputBox.Mistake("\(names.count) inputs to vary, but \(levels.count) numbers of levels")
        }
        var axes: [SamplingDesign.Axis] = []
        var points = 1
        for (place, name) in names.enumerated() {
            let text = levels[levels.count == 1 ? 0 : place]
            guard let count = Int(text), (1...Self.longestCampaign).contains(count),
                points * count <= Self.longestCampaign
            else {
                throw InputBox.Mistake(
                    "--levels \(text): expected 1 or more, and \(Self.longestCampaign) points at most")
            }
            let input = try box.index(of: name)
            guard !axes.contains(where: { $0.input == input }) else { throw InputBox.Mistake("--vary \(name) twice") }
            axes.append(SamplingDesign.Axis(input: input, levels: count))
            points *= count
        }
        return axes
    }

    private func order(_ box: InputBox) throws(InputBox.Mistake) -> Int? {
        guard let order = arguments.value("--order") else { return policy == .grid ? box.hardToChange : nil }
        return order == Self.drawnOrder ? nil : try box.index(of: order)
    }

    private static func wrong(_ detail: String) -> UsageError {
        UsageError(command: parser.command, detail: detail)
    }
}
