import Configuration
import Experiments
import Glibc
import Quantities
import Simulation
import Wire

/// Runs a campaign of the whole pure daemon against the virtual bench under a virtual clock, and says what came of it
/// as one JSON line. The same seed gives the same digest in every process.
///
/// Exit codes: 0 every experiment is done, 1 not all are, 2 wrong usage, 78 the bench file is not right.
@main
enum Program {
    static let help = """
        Usage: flowlab-simulate --config FILE [--seed N | --seeds A:B] [--experiments N | --replicates N] [--events yes]

          --experiments N   random points of the seed lab's box; 5 if left out
          --replicates N    the middle of the box N times, a random point between each two
          --seeds A:B       one campaign for each seed from A to B
          --events yes      print every event on standard error as it happened

        Prints one JSON line a seed: experiments_done, experiments_failed, swept_tau_min, rule_error_max_ul_min,
        replicate_rsd_percent, worst_deviation_percent (against the truth log), precursor_ml_per_condition_max,
        carrier_left_ml, bench_s, wall_s, speed (bench seconds a wall second), events, digest. With several seeds a
        last line: seeds, replicate_rsd_percent pooled over them and the worst of any.
        """

    static func main() {
        var configuration: String?
        var seeds: ClosedRange<UInt64> = 1...1
        var design = Campaign.Design.random(5)
        var showsEvents = false
        var rest = CommandLine.arguments.dropFirst()
        while let word = rest.popFirst() {
            switch (word, rest.popFirst()) {
            case ("--help", _): return print(help)
            case ("--config", let value?): configuration = value
            case ("--events", "yes"): showsEvents = true
            case ("--seed", let value?) where UInt64(value) != nil:
                let seed = UInt64(value) ?? 0
                seeds = seed...seed
            case ("--seeds", let value?) where range(value) != nil: seeds = range(value) ?? seeds
            case ("--experiments", let value?) where count(value) != nil: design = .random(count(value) ?? 0)
            case ("--replicates", let value?) where count(value) != nil: design = .replicates(count(value) ?? 0)
            case (let word, let value): stop(2, "\(word) \(value ?? "") is not understood; see --help")
            }
        }
        guard let configuration else { stop(2, "--config FILE is missing; see --help") }
        do throws(ConfigurationError) {
            run(try BenchFile.load(path: configuration), seeds, design, showsEvents)
        } catch {
            stop(78, error.description)
        }
    }

    private static func count(_ text: String) -> Int? {
        Int(text).flatMap { (1...10_000).contains($0) ? $0 : nil }
    }

    private static func range(_ text: String) -> ClosedRange<UInt64>? {
        let ends = text.split(separator: ":").compactMap { UInt64($0) }
        return ends.count == 2 && ends[0] <= ends[1] ? ends[0]...ends[1] : nil
    }

    private static func run(
        _ bench: BenchFile, _ seeds: ClosedRange<UInt64>, _ design: Campaign.Design, _ showsEvents: Bool
    ) {
        var outcomes: [Campaign.Outcome] = []
        for seed in seeds {
            let start = seconds()
            var campaign = Campaign(bench.definition, seed: seed, design: design)
            let outcome = campaign.run()
            outcomes.append(outcome)
            if showsEvents { tell(campaign.lab) }
            print(line(outcome, seed, wall: seconds() - start))
        }
        if outcomes.count > 1 { print(pooled(outcomes)) }
        exit(outcomes.allSatisfy { $0.failed == 0 } ? 0 : 1)
    }

    private static func line(_ outcome: Campaign.Outcome, _ seed: UInt64, wall: Double) -> String {
        let fields = [
            "\"seed\":\(seed)", "\"experiments_done\":\(outcome.done)", "\"experiments_failed\":\(outcome.failed)",
            "\"swept_tau_min\":\(number(outcome.leastSweptTau))",
            "\"rule_error_max_ul_min\":\(number(outcome.worstRuleErrorULMin))",
            "\"replicate_rsd_percent\":\(object(outcome.replicateRSDPercent))",
            "\"worst_deviation_percent\":\(object(outcome.worstDeviationPercent))",
            "\"precursor_ml_per_condition_max\":\(number(outcome.precursorMaximumML))",
            "\"carrier_left_ml\":\(number(outcome.carrierLeftML))", "\"bench_s\":\(outcome.benchSeconds)",
            "\"wall_s\":\(wall)", "\"speed\":\(outcome.benchSeconds / wall)", "\"events\":\(outcome.events)",
            "\"digest\":\"\(String(outcome.digest, radix: 16))\"",
        ]
        return "{\(fields.joined(separator: ","))}"
    }

    /// The root of the mean variance over all seeds, and the worst seed.
    private static func pooled(_ outcomes: [Campaign.Outcome]) -> String {
        var pooled: [String: Double] = [:]
        var worst: [String: Double] = [:]
        for name in Campaign.features {
            let values = outcomes.compactMap { $0.replicateRSDPercent[name] }
            guard !values.isEmpty else { continue }
            pooled[name] = (values.reduce(0) { $0 + $1 * $1 } / Double(values.count)).squareRoot()
            worst[name] = values.max()
        }
        return "{\"seeds\":\(outcomes.count),\"replicate_rsd_percent_pooled\":\(object(pooled)),"
            + "\"replicate_rsd_percent_worst\":\(object(worst)),"
            + "\"precursor_ml_per_condition_max\":\(number(outcomes.map(\.precursorMaximumML).max() ?? 0))}"
    }

    private static func object(_ values: [String: Double]) -> String {
        let members = values.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\(number($0.value))" }
        return "{\(members.joined(separator: ","))}"
    }

    /// JSON has no infinity.
    private static func number(_ value: Double) -> String { value.isFinite ? "\(value)" : "null" }

    private static func seconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func tell(_ lab: SimulatedLab) {
        for event in lab.events { show("\(event.at.bench.seconds) \(event.topic) \(text(event.data))") }
        for record in lab.archive.records {
            let ending = record.error.map { "\($0.kind): \($0.detail); \($0.hint)" } ?? "\(record.features ?? [:])"
            show("\(record.experiment) \(record.state.rawValue) \(ending)")
        }
    }

    private static func text(_ data: JSONValue) -> String {
        guard case .object(let members) = data else { return "" }
        return members.keys.sorted().compactMap { key in members[key]?.text.map { "\(key)=\($0)" } }.joined(
            separator: " ")
    }

    private static func show(_ message: String) {
        let line = Array("\(message)\n".utf8)
        _ = write(STDERR_FILENO, line, line.count)
    }

    private static func stop(_ code: Int32, _ message: String) -> Never {
        show("flowlab-simulate: \(message)")
        exit(code)
    }
}
