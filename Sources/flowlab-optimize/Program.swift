import ControlAPI
import ControlClient
import Glibc
import Wire

/// A client that knows nothing but the control socket.
@main enum Program {
    static func main() {
        exit(run(Array(CommandLine.arguments.dropFirst())))
    }

    private static func run(_ words: [String]) -> Int32 {
        do throws(UsageError) {
            let arguments = try Options.parser.parse(words)
            if arguments.has("--help") {
                Terminal.write(Options.parser.help)
                return 0
            }
            return run(try Options(arguments))
        } catch {
            Terminal.note(Terminal.clean(error.description) + "\n")
            return 2
        }
    }

    private static func run(_ options: Options) -> Int32 {
        let clock = ContinuousClock()
        let start = clock.now
        do throws(ClientError) {
            let socket = try SocketPath.find(options.socket)
            let daemon = try Daemon(socket: socket) { Terminal.note(Terminal.clean($0) + "\n") }
            var campaign = Campaign(options, daemon)
            try campaign.run { (campaign) throws(ClientError) in
                if let csv = options.csv { _ = Results.write(Results(outcomes: campaign.outcomes).csv, to: csv) }
            }
            let results = Results(outcomes: campaign.outcomes)
            Terminal.write(results.table)
            let wall = (clock.now - start).components
            let seconds = Double(wall.seconds) + Double(wall.attoseconds) / 1e18
            return conclude(results, options, results.summary(wallS: seconds, reconnects: daemon.reconnects))
        } catch {
            Terminal.note("flowlab-optimize: \(Terminal.clean(error.description))\n")
            if case .refused(let refusal) = error { Terminal.note("what now: \(Terminal.clean(refusal.hint))\n") }
            return code(of: error)
        }
    }

    private static func conclude(_ results: Results, _ options: Options, _ summary: JSONValue) -> Int32 {
        var isWritten = true
        if let csv = options.csv { isWritten = Results.write(results.csv, to: csv) }
        if let file = options.summary { isWritten = Results.write(summary.jsonText + "\n", to: file) && isWritten }
        if results.failed == 0 { return isWritten ? 0 : 1 }
        return results.failed == results.infeasible ? 5 : 1
    }

    private static func code(of error: ClientError) -> Int32 {
        switch error {
        case .cannotConnect, .lost: 3
        case .notUnderstood: 1
        case .refused: 4
        }
    }
}
