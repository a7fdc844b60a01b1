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
        Usage: flowlab-simulate --config FILE [--seed N] [--experiments N] [--events yes]

          --events yes   print every event on standard error as it happened

        Prints one JSON line: experiments_done, experiments_failed, swept_tau_min, rule_error_max_ul_min, bench_s,
        wall_s, speed (bench seconds a wall second), events, digest.
        """

    static func main() {
        var configuration: String?
        var seed: UInt64 = 1
        var count = 5
        var showsEvents = false
        var rest = CommandLine.arguments.dropFirst()
        while let word = rest.popFirst() {
            switch (word, rest.popFirst()) {
            case ("--help", _): return print(help)
            case ("--config", let value?): configuration = value
            case ("--events", "yes"): showsEvents = true
            case ("--seed", let value?) where UInt64(value) != nil: seed = UInt64(value) ?? 0
            case ("--experiments", let value?) where Int(value).map { (1...10_000).contains($0) } ?? false:
                count = Int(value) ?? 0
            case (let word, let value): stop(2, "\(word) \(value ?? "") is not understood; see --help")
            }
        }
        guard let configuration else { stop(2, "--config FILE is missing; see --help") }
        do throws(ConfigurationError) {
            run(try BenchFile.load(path: configuration), seed, count, showsEvents)
        } catch {
            stop(78, error.description)
        }
    }

    private static func run(_ bench: BenchFile, _ seed: UInt64, _ count: Int, _ showsEvents: Bool) {
        let start = seconds()
        var campaign = Campaign(bench.definition, seed: seed, count: count)
        let outcome = campaign.run()
        let wall = seconds() - start
        if showsEvents { tell(campaign.lab) }
        let fields = [
            "\"seed\":\(seed)", "\"experiments_done\":\(outcome.done)", "\"experiments_failed\":\(outcome.failed)",
            "\"swept_tau_min\":\(outcome.done > 0 ? "\(outcome.leastSweptTau)" : "null")",
            "\"rule_error_max_ul_min\":\(outcome.worstRuleErrorULMin.isFinite ? "\(outcome.worstRuleErrorULMin)" : "null")",
            "\"bench_s\":\(outcome.benchSeconds)", "\"wall_s\":\(wall)", "\"speed\":\(outcome.benchSeconds / wall)",
            "\"events\":\(outcome.events)", "\"digest\":\"\(String(outcome.digest, radix: 16))\"",
        ]
        print("{\(fields.joined(separator: ","))}")
        exit(outcome.done == count ? 0 : 1)
    }

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
