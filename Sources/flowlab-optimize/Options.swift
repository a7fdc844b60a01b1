import ControlAPI
import ControlClient

/// What the campaign shall be.
struct Options {
    let socket: String?
    let policy: SamplingPolicy
    let experiments: Int
    let seed: UInt64
    let box: SeedBox
    let csv: String?
    let summary: String?
    let campaign: String?

    static let longestCampaign = 100_000

    static let parser = ArgumentParser(
        "flowlab-optimize",
        summary: "Draws recipes in the nanocrystal campaign's box, runs them and keeps the results.",
        options: [
            .value("--policy", "random|lhs", "How recipes are drawn; lhs if left out."),
            .value("--experiments", "N", "How many; 10 if left out."),
            .value("--seed", "S", "Of the draw, and of the idempotency keys; 1 if left out."),
            .value("--csv", "FILE", "One row an experiment, written as they end."),
            .value("--summary", "FILE", "Counts and times as JSON, written at the end."),
            .repeated("--bounds", "NAME=LOW:HIGH", "Narrows the box, temperature_c=130:140."),
            .value("--campaign", "ID", "Part of the idempotency keys, and kept with the experiments."),
            .value("--socket", "PATH", "The daemon's socket; else $\(SocketPath.variable), else the only one."),
        ],
        notes: """
            The box: \(SeedBox.names.joined(separator: ", ")).
            A run with the same seed, campaign and bounds goes on where an earlier one stopped: experiments that were
            submitted are found again by their keys.
            exit codes: 0 all experiments done, 1 some failed, 2 usage, 3 no daemon, 4 refused, 5 some recipes infeasible
            """)

    init(_ arguments: Arguments) throws(UsageError) {
        let policy = arguments.value("--policy") ?? SamplingPolicy.lhs.rawValue
        guard let known = SamplingPolicy(rawValue: policy) else {
            let words = SamplingPolicy.allCases.map(\.rawValue).joined(separator: " or ")
            throw UsageError(command: "flowlab-optimize", detail: "--policy is \"\(policy)\", expected \(words)")
        }
        self.policy = known
        self.experiments = try arguments.integer("--experiments", in: 1...Self.longestCampaign) ?? 10
        self.seed = UInt64(try arguments.integer("--seed", in: 0...Int.max) ?? 1)
        var box = SeedBox()
        for text in arguments.values("--bounds") {
            do {
                try box.narrow(text)
            } catch {
                throw UsageError(command: "flowlab-optimize", detail: "--bounds \(error.detail)")
            }
        }
        self.box = box
        self.csv = arguments.value("--csv")
        self.summary = arguments.value("--summary")
        self.campaign = arguments.value("--campaign")
        self.socket = arguments.value("--socket")
    }
}
