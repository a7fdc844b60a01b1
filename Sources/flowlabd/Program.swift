import Configuration
import ControlServer
import Experiments
import Glibc
import Platform
import Quantities

/// The device daemon. Exit codes: 0 ended as asked, 1 could not run or go on, 2 wrong usage, 78 the bench file is wrong
/// (`EX_CONFIG` of sysexits.h, so that systemd does not restart what cannot work).
@main
enum Program {
    static func main() {
        switch Options.parse(Array(CommandLine.arguments.dropFirst())) {
        case .say(.help): print(Options.parser.help, terminator: "")
        case .say(.version): print("flowlabd \(BuildInfo.version) (api \(BuildInfo.api))")
        case .say(.reference): print(APIReference.markdown, terminator: "")
        case .say(.manual): print(Manual.page.roff, terminator: "")
        case .wrong(let message):
            complain(message + "\nSee flowlabd --help.")
            exit(2)
        case .run(let options): exit(run(options))
        }
    }

    private static func run(_ options: Options) -> Int32 {
        let bench: BenchFile
        do throws(ConfigurationError) {
            bench = try BenchFile.load(path: options.configuration, endpoints: options.endpoints)
        } catch {
            complain(error.description)
            return 78
        }
        if options.checkOnly {
            print(
                "\(options.configuration): bench \(bench.definition.name), \(bench.definition.devices.count) devices: good"
            )
            return 0
        }
        let log = Log(program: "flowlabd", threshold: options.isVerbose ? .debug : .info)
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

    private static func complain(_ message: String) {
        let line = Array("flowlabd: \(message)\n".utf8)
        _ = write(STDERR_FILENO, line, line.count)
    }
}
