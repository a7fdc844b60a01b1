import Configuration
import Experiments
import Glibc
import Quantities
import Simulation
import Trials
import Usage
import Wire

/// Runs a campaign of the whole pure daemon against the virtual bench under a virtual clock, and says what came of it
/// as one JSON line. The same seed gives the same digest in every process.
///
/// Exit codes: 0 every experiment is done or every trial passed, 1 not all, 2 wrong usage, 78 the bench file is not
/// right.
@main
enum Program {
    static let exitStatus = [
        ExitStatus(0, "every experiment is done; every trial passed"), ExitStatus(1, "not all"),
        ExitStatus(2, "wrong usage"),
        ExitStatus(78, "the bench file is not right"),
    ]
    static let summary =
        "Runs a campaign of the whole pure daemon against the virtual bench under a virtual clock, as fast as it goes."
    static let prints = """
        Prints one JSON line a seed: experiments_done, experiments_failed, swept_tau_min, rule_error_max_ul_min,
        replicate_rsd_percent, worst_deviation_percent (against the truth log), precursor_ml_per_condition_max,
        carrier_left_ml, bench_s, wall_s, speed (bench seconds a wall second), events, digest. With several seeds a
        last line: seeds, replicate_rsd_percent pooled over them and the worst of any. The same seed gives the same
        digest in every process.

        With --trials and --day one line a seed instead, ok or FAILED, with what broke; exit code 0 when all passed.
        """
    static let parser = ArgumentParser(
        "flowlab-simulate", summary: summary, form: "--config FILE [options]",
        options: [
            .value("--config", "FILE", "The bench file; its links are not used."),
            .value("--seed", "N", "Of the bench and of the draw; 1 if left out."),
            .value("--seeds", "A:B", "One campaign for each seed from A to B."),
            .value(
                "--trials", "A:B", "Trials of the whole daemon with all that can go wrong, for each seed from A to B."),
            .value(
                "--day", "SEED",
                "The reference day: one trial of 24 h in which something goes wrong every 15 minutes on average."),
            .value("--experiments", "N", "Random points of the box; 5 if left out."),
            .value("--replicates", "N", "The middle of the box N times, a random point between each two."),
            .value("--events", "yes|no", "Print every event on standard error as it happened."),
            .flag("--print-manual", "Print flowlab-simulate(1), and end.").hidden,
        ], examples: ["flowlab-simulate --config examples/nanocrystal.toml --seed 1 --experiments 5"],
        notes: prints + "\n\n" + ExitStatus.help(exitStatus))

    static func main() {
        do throws(UsageError) {
            let arguments = try parser.parse(Array(CommandLine.arguments.dropFirst()))
            if arguments.has("--help") { return print(parser.help, terminator: "") }
            if arguments.has("--print-manual") { return print(manual.roff, terminator: "") }
            try run(arguments)
        } catch {
            stop(2, "\(error.detail); see --help")
        }
    }

    private static func run(_ arguments: Arguments) throws(UsageError) {
        guard let configuration = arguments.value("--config") else { throw wrong("--config FILE is missing") }
        let seeds = try seeds(arguments)
        let (trials, day) = (try trials(arguments), try day(arguments))
        if trials != nil || day != nil {
            for option in ["--seed", "--seeds", "--experiments", "--replicates"] where arguments.has(option) {
                throw wrong("\(option) is for campaigns; --trials and --day draw what they need from their seed")
            }
        }
        let design = try design(arguments)
        guard ["yes", "no", nil].contains(arguments.value("--events")) else {
            throw wrong("--events: expected yes or no")
        }
        do throws(ConfigurationError) {
            let bench = try BenchFile.load(path: configuration)
            let showsEvents = arguments.value("--events") == "yes"
            if let seeds = trials ?? day {
                let length = day == nil ? Trial.Length.drawn : .referenceDay
                var runs = TrialRuns(bench.definition, seeds, length, tells: showsEvents)
                end(runs.run())
            }
            run(bench, seeds, design, showsEvents)
        } catch {
            stop(78, error.description)
        }
    }

    private static func seeds(_ arguments: Arguments) throws(UsageError) -> ClosedRange<UInt64> {
        if let text = arguments.value("--seeds") {
            guard let seeds = range(text) else { throw wrong("--seeds is \"\(text)\", expected A:B, as 1:10") }
            return seeds
        }
        guard let text = arguments.value("--seed") else { return 1...1 }
        guard let seed = UInt64(text) else { throw wrong("--seed is \"\(text)\", expected a whole number, 0 or more") }
        return seed...seed
    }

    private static func trials(_ arguments: Arguments) throws(UsageError) -> ClosedRange<UInt64>? {
        guard let text = arguments.value("--trials") else { return nil }
        guard let seeds = range(text) else { throw wrong("--trials is \"\(text)\", expected A:B, as 1:10") }
        return seeds
    }

    private static func day(_ arguments: Arguments) throws(UsageError) -> ClosedRange<UInt64>? {
        guard let text = arguments.value("--day") else { return nil }
        guard arguments.value("--trials") == nil else { throw wrong("--day and --trials are two different runs") }
        guard let seed = UInt64(text) else { throw wrong("--day is \"\(text)\", expected a whole number, 0 or more") }
        return seed...seed
    }

    private static func design(_ arguments: Arguments) throws(UsageError) -> Campaign.Design {
        if let count = try arguments.integer("--replicates", in: 1...10_000) { return .replicates(count) }
        return .random(try arguments.integer("--experiments", in: 1...10_000) ?? 5)
    }

    private static func wrong(_ detail: String) -> UsageError {
        UsageError(command: "flowlab-simulate", detail: detail)
    }

    private static var manual: ManPage {
        ManPage(
            "flowlab-simulate", volume: 1, summary: "a campaign in virtual time",
            [
                ManPage.synopsis(["flowlab-simulate --config FILE [options]"]),
                ManPage.Section("DESCRIPTION", [.text(summary), .text(prints)]),
                ManPage.Section("OPTIONS", parser.optionBlocks),
                ManPage.examples([
                    (
                        "Ten benches, five replicates on each:",
                        "flowlab-simulate --config examples/nanocrystal.toml --seeds 1:10 --replicates 5"
                    )
                ]), ManPage.exitStatus(exitStatus), ManPage.seeAlso(["flowlab-sim(1)", "flowlabd(8)"]),
            ])
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
        end(outcomes.allSatisfy { $0.failed == 0 })
    }

    private static func end(_ isGood: Bool) -> Never {
        guard fflush(nil) == 0 else { stop(1, "the output is not complete: it could not be written") }
        exit(isGood ? 0 : 1)
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
