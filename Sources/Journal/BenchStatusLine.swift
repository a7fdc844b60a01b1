import DeviceModel
import Experiments
import Interlocks

/// What `systemctl status` shows of a bench: what it does, what is wrong, how many devices are ready. One line.
public enum BenchStatusLine {
    /// Devices that are named before the rest are only counted.
    static let named = 3

    public static func text(_ bench: BenchSnapshot) -> String {
        [latches(bench), work(bench), held(bench), waiting(bench), devices(bench), alarms(bench)]
            .compactMap(\.self).joined(separator: "; ")
    }

    private static func latches(_ bench: BenchSnapshot) -> String? {
        let latches = bench.interlocks.compactMap(\.latch)
        guard let first = latches.first(where: \.isFirstOut) ?? latches.first else { return nil }
        let others = latches.count > 1 ? " and \(latches.count - 1) more" : ""
        return "TRIPPED: \(first.interlock)\(others)"
    }

    private static func work(_ bench: BenchSnapshot) -> String? {
        if let running = bench.running { return "\(running.experiment) \(running.state.rawValue)" }
        if let maintenance = bench.maintenance, maintenance.state != .waiting { return "maintenance" }
        return bench.heldBecause == nil && bench.interlocks.allSatisfy { $0.latch == nil } ? "idle" : nil
    }

    private static func held(_ bench: BenchSnapshot) -> String? { bench.heldBecause.map { "held: \($0)" } }

    private static func waiting(_ bench: BenchSnapshot) -> String? {
        bench.queued.isEmpty ? nil : "\(bench.queued.count) wait"
    }

    private static func devices(_ bench: BenchSnapshot) -> String? {
        let others = bench.devices.filter { $0.state != .ready }
        let ready = "\(bench.devices.count - others.count) of \(bench.devices.count) devices ready"
        guard !others.isEmpty else { return ready }
        let names = others.prefix(named).map { "\($0.name) \($0.state.word)" }.joined(separator: ", ")
        return ready + " (\(names)\(others.count > named ? ", …" : ""))"
    }

    private static func alarms(_ bench: BenchSnapshot) -> String? {
        let count = bench.alarms.count { $0.isActive && $0.shelf == nil }
        return count == 0 ? nil : count == 1 ? "1 alarm" : "\(count) alarms"
    }
}
