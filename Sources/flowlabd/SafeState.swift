import Configuration
import ControlAPI
import ControlCore
import Glibc
import Journal
import Platform
import Quantities
import Wire

/// `flowlabd --safe-state`: what is run after the daemon has died.
enum SafeState {
    static let unsafe: Int32 = 3
    static let refused: Int32 = 4

    static let wrongFile: Int32 = 78

    /// - Returns: the exit code, where there is nothing to do or nothing to go by.
    static func run(_ options: Options, _ wish: Options.SafeStateOptions) -> Int32 {
        if wish.isAfterService, wasEndClean { return 0 }
        do throws(ConfigurationError) {
            run(try bench(options, wish), options, wish)
        } catch {
            let text = "THE BENCH IS NOT MADE SAFE; switch heat and pumps off by hand: \(error.description)"
            guard wish.isAfterService else {
                Program.complain(text)
                return wrongFile
            }
            Log(program: "flowlabd").write(JournalEntry(.critical, "safe-state", text, .safeStatePass))
            return wrongFile
        }
    }

    /// After a service the bench as the daemon was started with it: those devices may run. Else the file that was given,
    /// and that bench where the file is not right.
    private static func bench(
        _ options: Options, _ wish: Options.SafeStateOptions
    ) throws(ConfigurationError) -> BenchFile {
        if wish.isAfterService, let kept = kept(options) { return kept }
        do throws(ConfigurationError) {
            return try BenchFile.load(path: options.configuration, endpoints: options.endpoints)
        } catch {
            guard let kept = kept(options) else { throw error }
            Program.complain("\(error.description)\ngoing by what the last daemon was started with")
            return kept
        }
    }

    private static func kept(_ options: Options) -> BenchFile? {
        // A file that is not right does not name its bench: by the file's own name then, as the service has it.
        let file = options.configuration.split(separator: "/").last ?? ""
        let name = file.hasSuffix(".toml") ? file.dropLast(5) : file
        let state = options.stateDirectory ?? "/var/lib/flowlab/\(name)"
        return KeptBench(state: state).load().flatMap { try? BenchFile.parse($0) }
    }

    /// Ends the process. It does not wait for the thread of a bus that waits for a dead slave.
    private static func run(_ bench: BenchFile, _ options: Options, _ wish: Options.SafeStateOptions) -> Never {
        // A terminal that is closed, or a reader that has gone, does not end it half way.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGHUP, SIG_IGN)
        WorkerThread.nameCurrent(BenchClaim.processName)
        do throws(PlatformError) {
            let claim = try BenchClaim.take(
                bench, Places(bench, options), isForced: wish.isForced, isAfterService: wish.isAfterService)
            _ = WorkerThread.setCurrentPolicy(.realtimeFIFO(priority: Daemon.loopPriority))
            let loop = try SafeStateLoop(bench)
            let report = try loop.run()
            tell(report, of: bench.definition.name, wish)
            if let warning = claim.warning { Program.complain(warning) }
            withExtendedLifetime((claim, loop)) { exit(report.isSafe ? 0 : unsafe) }
        } catch {
            Program.complain(error.description)
            if case .inUse = error { exit(refused) }
            exit(1)
        }
    }

    /// Whether the service manager says that the daemon ended as it was asked to (`SERVICE_RESULT`, systemd.exec(5)).
    static var wasEndClean: Bool { getenv("SERVICE_RESULT").map { String(cString: $0) } == "success" }

    /// To standard output; after a service to the log, each device with its fields.
    private static func tell(_ report: SafeStateReport, of bench: String, _ wish: Options.SafeStateOptions) {
        guard wish.isAfterService, !wish.asJSON else {
            return print(wish.asJSON ? report.json(bench: bench) : report.text(bench: bench), terminator: "")
        }
        let log = Log(program: "flowlabd", common: [("FLOWLAB_BENCH", bench)])
        let how = getenv("SERVICE_RESULT").map { String(cString: $0) } ?? "unknown"
        log.write(
            JournalEntry(
                .error, "safe-state", "the daemon did not end cleanly (\(how)): the bench is brought to its safe state",
                .safeStatePass, [.kind: how]))
        for line in report.lines {
            let isSafe = line.outcome == .safe
            log.write(
                JournalEntry(
                    isSafe ? .notice : .critical, "safe-state", "\(line.device) \(line.outcome.words): \(line.detail)",
                    isSafe ? .safeShown : .safeStatePass, [.device: line.device.text, .kind: line.outcome.words]))
        }
        let priority: JournalEntry.Priority = report.isSafe ? .notice : .critical
        log.write(JournalEntry(priority, "safe-state", report.conclusion, .safeStatePass))
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
        return rows.joined() + "bench \(bench): \(conclusion)\n"
    }

    /// For all of them.
    var conclusion: String { "\(summary), after \(Self.seconds(took))\(advice)" }

    private var summary: String {
        let others = [Outcome.unproven, .unreachable].compactMap { outcome in
            let count = lines.count { $0.outcome == outcome }
            return count > 0 ? ", \(count) \(outcome.words)" : nil
        }
        return "\(lines.count { $0.outcome == .safe }) of \(lines.count) devices safe" + others.joined()
    }

    private var advice: String { isSafe ? "" : "; look, and switch off by hand what is not safe" }

    fileprivate static func seconds(_ span: WireDuration) -> String { "\(fixedDecimal(span.seconds, 2)) s" }

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
