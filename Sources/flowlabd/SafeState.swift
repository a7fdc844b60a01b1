import Configuration
import ControlAPI
import ControlCore
import Glibc
import Platform
import Quantities
import Wire

/// `flowlabd --safe-state`: what is run after the daemon has died.
enum SafeState {
    static let unsafe: Int32 = 3
    static let refused: Int32 = 4

    /// Ends the process. It does not wait for the thread of a bus that waits for a dead slave.
    static func run(_ bench: BenchFile, _ options: Options, isForced: Bool, asJSON: Bool) -> Never {
        // A terminal that is closed, or a reader that has gone, does not end it half way.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGHUP, SIG_IGN)
        WorkerThread.nameCurrent(BenchClaim.processName)
        do throws(PlatformError) {
            let claim = try BenchClaim.take(bench, Places(bench, options), isForced: isForced)
            _ = WorkerThread.setCurrentPolicy(.realtimeFIFO(priority: Daemon.loopPriority))
            let loop = try SafeStateLoop(bench)
            let report = try loop.run()
            let name = bench.definition.name
            print(asJSON ? report.json(bench: name) : report.text(bench: name), terminator: "")
            if let warning = claim.warning { Program.complain(warning) }
            withExtendedLifetime((claim, loop)) { exit(report.isSafe ? 0 : unsafe) }
        } catch {
            Program.complain(error.description)
            if case .inUse = error { exit(refused) }
            exit(1)
        }
    }
}

extension SafeStateReport {
    /// One line a device, and one for all.
    func text(bench: String) -> String {
        let width = lines.map(\.device.text.count).max() ?? 0
        let rows = lines.map { line in
            let after = line.after.map { ", after \(Self.seconds($0))" } ?? ""
            let pad = String(repeating: " ", count: width - line.device.text.count + 2)
            return "\(line.device)\(pad)\(line.outcome.words): \(line.detail)\(after)\n"
        }
        return rows.joined() + "bench \(bench): \(summary), after \(Self.seconds(took))\(advice)\n"
    }

    private var summary: String {
        let others = [Outcome.unproven, .unreachable].compactMap { outcome in
            let count = lines.count { $0.outcome == outcome }
            return count > 0 ? ", \(count) \(outcome.words)" : nil
        }
        return "\(lines.count { $0.outcome == .safe }) of \(lines.count) devices safe" + others.joined()
    }

    private var advice: String { isSafe ? "" : "; look, and switch off by hand what is not safe" }

    private static func seconds(_ span: WireDuration) -> String { "\(fixedDecimal(span.seconds, 2)) s" }

    /// In seconds, to the millisecond.
    fileprivate static func milliseconds(_ span: WireDuration) -> Double { (span.seconds * 1000).rounded() / 1000 }

    /// The same as one line of JSON.
    func json(bench: String) -> String {
        let value = JSONValue.object([
            "bench": .string(bench), "safe": .bool(isSafe), "duration_s": .number(Self.milliseconds(took)),
            "devices": .array(lines.map(\.json)),
        ])
        return value.jsonText + "\n"
    }
}

extension SafeStateReport.Line {
    fileprivate var json: JSONValue {
        .object([
            "device": .string(device.text), "class": .string(deviceClass.rawValue), "detail": .string(detail),
            "outcome": .string(outcome == .unproven ? "not_proven" : outcome.words),
            "after_s": after.map { .number(SafeStateReport.milliseconds($0)) } ?? .null,
        ])
    }
}

extension SafeStateReport.Outcome {
    var words: String {
        switch self {
        case .safe: "safe"
        case .unproven: "not proven"
        case .unreachable: "unreachable"
        }
    }
}
