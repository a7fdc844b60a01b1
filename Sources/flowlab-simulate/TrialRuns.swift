import Experiments
import Glibc
import Quantities
import Trials

/// Trials of the whole daemon, seed by seed; one line each, and of one that fails what happened, with the fewest
/// adversities that still make it fail.
struct TrialRuns {
    let definition: BenchDefinition
    let seeds: ClosedRange<UInt64>
    let length: Trial.Length
    /// Whether the log of each is shown, and a failing one is told with fewer adversities.
    let tells: Bool

    private var passed = 0
    private var failed: [UInt64] = []
    private var benchSeconds = 0.0

    init(_ definition: BenchDefinition, _ seeds: ClosedRange<UInt64>, _ length: Trial.Length, tells: Bool) {
        self.definition = definition
        self.seeds = seeds
        self.length = length
        self.tells = tells
    }

    /// - Returns: whether all have passed.
    mutating func run() -> Bool {
        let began = now()
        for seed in seeds { run(seed) }
        let seconds = now() - began
        let rate = Double(passed + failed.count) / seconds * 60
        say(
            "trials: \(passed) passed, \(failed.count) failed; \(rounded(rate)) seeds a minute, "
                + "\(rounded(benchSeconds / seconds)) bench seconds a second")
        if !failed.isEmpty { say("failed: \(failed.map { "\($0)" }.joined(separator: " "))") }
        return failed.isEmpty
    }

    private mutating func run(_ seed: UInt64) {
        let began = now()
        let outcome = Trial(definition, seed: seed, length: length).run()
        benchSeconds += outcome.benchSeconds
        let isGood = outcome.violations.isEmpty
        let done = outcome.figures["experiments done", default: 0]
        let valves = outcome.gasLeft == 1 ? "gas valve" : "gas valves"
        let gas =
            outcome.gasLeft > 0
            ? "\(outcome.gasLeft) \(valves) left open, closed after \(rounded(outcome.gasSeconds, 1000)) s, " : ""
        say(
            "\(isGood ? "ok    " : "FAILED") seed \(seed): \(Int(outcome.benchSeconds)) s in \(rounded(now() - began)) s, "
                + "\(outcome.adversities.count) adversities, \(outcome.lives) lives, \(done) done, "
                + "\(gas)digest \(String(outcome.digest, radix: 16))")
        if isGood { passed += 1 } else { failed.append(seed) }
        if isGood, tells { show(outcome.log) }
        if tells { show(outcome.figures) } else if case .day = length { show(outcome.figures) }
        if !isGood { tell(tells ? minimal(seed, outcome) : outcome) }
    }

    /// Leaves out one adversity after the other, as long as it fails the same way.
    private func minimal(_ seed: UInt64, _ first: Trial.Outcome) -> Trial.Outcome {
        var (kept, last) = (Set(0..<first.adversities.count), first)
        for index in (0..<first.adversities.count).reversed() {
            let outcome = Trial(definition, seed: seed, only: kept.subtracting([index]), length: length).run()
            guard !outcome.violations.isEmpty else { continue }
            kept.remove(index)
            last = outcome
        }
        return last
    }

    private func tell(_ outcome: Trial.Outcome) {
        for violation in outcome.violations { say("       \(violation)") }
        say("       with \(outcome.adversities.count) adversities:")
        for adversity in outcome.adversities { say("         \(adversity)") }
        say("       what happened last:")
        for line in outcome.log.suffix(tells ? 400 : 25) { say("         \(line)") }
        say("       again: flowlab-simulate --config FILE \(again(outcome.seed)) --events yes")
    }

    private func again(_ seed: UInt64) -> String {
        if case .day = length { "--day \(seed)" } else { "--trials \(seed):\(seed)" }
    }

    private func show(_ log: [String]) {
        for line in log { say("         \(line)") }
    }

    private func show(_ figures: [String: Int]) {
        for (name, count) in figures.sorted(by: { $0.key < $1.key }) { say("       \(name): \(count)") }
    }

    /// At once: whoever looks at a long run wants to see how far it is.
    private func say(_ text: String) {
        print(text)
        fflush(nil)
    }

    private func rounded(_ value: Double, _ parts: Double = 10) -> Double { (value * parts).rounded() / parts }

    private func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
