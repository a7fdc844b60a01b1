import Configuration
import ControlServer
import Experiments
import Glibc
import Journal
import Platform
import Quantities

/// The device daemon. Its exit codes are in `Options.exitStatus`; 78 is `EX_CONFIG` of sysexits.h, so that systemd does
/// not restart what cannot work.
@main
enum Program {
    static func main() {
        switch Options.parse(Array(CommandLine.arguments.dropFirst())) {
        case .say(.help): print(Options.parser.help, terminator: "")
        case .say(.version): print("flowlabd \(BuildInfo.version) (api \(BuildInfo.api))")
        case .say(.reference): print(APIReference.markdown, terminator: "")
        case .say(.manual): print(Manual.page.roff, terminator: "")
        case .say(.catalog): print(MessageID.catalog, terminator: "")
        case .wrong(let message):
            complain(message + "\nSee flowlabd --help.")
            exit(2)
        case .run(let options): exit(run(options))
        }
    }

    private static func run(_ options: Options) -> Int32 {
        if case .replay(let recording) = options.mode { return ReplayRun.run(recording) }
        if case .safeState(let wish) = options.mode { return SafeState.run(options, wish) }
        let bench: BenchFile
        do throws(ConfigurationError) {
            bench = try BenchFile.load(path: options.configuration, endpoints: options.endpoints)
        } catch {
            complain(error.description)
            return 78
        }
        switch options.mode {
        // Done above: they know bench files of their own.
        case .replay, .safeState: return 0
        case .check:
            let (name, count) = (bench.definition.name, bench.definition.devices.count)
            print("\(options.configuration): bench \(name), \(count) devices: good")
            return 0
        case .serve: return serve(bench, options)
        }
    }

    private static func serve(_ bench: BenchFile, _ options: Options) -> Int32 {
        let log = Log(
            program: "flowlabd", threshold: options.isVerbose ? .debug : .info,
            common: [("FLOWLAB_BENCH", bench.definition.name)])
        do {
            try EventLoop.blockSignals([SIGTERM, SIGINT, SIGHUP])
            signal(SIGPIPE, SIG_IGN)
            let daemon = try Daemon(bench, options, log)
            return try daemon.run()
        } catch {
            log.write(.error, "daemon", "\(error)")
            return 1
        }
    }

    static func complain(_ message: String) {
        let line = Array("flowlabd: \(message)\n".utf8)
        _ = write(STDERR_FILENO, line, line.count)
    }
}
