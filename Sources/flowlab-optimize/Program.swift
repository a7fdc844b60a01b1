import ControlAPI
import ControlClient
import Glibc
import Usage
import Wire

/// A client that knows nothing but the control socket.
@main enum Program {
    /// Why nothing more is done.
    private enum Stop: Error {
        case usage(UsageError)
        case client(ClientError)
    }

    static func main() {
        do throws(Stop) {
            exit(try run(Array(CommandLine.arguments.dropFirst())))
        } catch {
            exit(tell(error))
        }
    }

    private static func run(_ words: [String]) throws(Stop) -> Int32 {
        let options = try usage { () throws(UsageError) in
            let arguments = try Options.parser.parse(words)
            if arguments.has("--print-manual") {
                Terminal.write(Options.manual.roff)
                exit(0)
            }
            return arguments.has("--help") ? nil : try Options(arguments)
        }
        guard let options else {
            Terminal.write(Options.parser.help)
            return 0
        }
        let clock = ContinuousClock()
        let start = clock.now
        let (daemon, box) = try client { () throws(ClientError) in try connect(options) }
        let planned = try usage { () throws(UsageError) in try options.design(in: box) }
        let campaign = try client { () throws(ClientError) in
            var campaign = try Campaign(options, planned.box, planned.design, daemon)
            try campaign.run { campaign in
                if let csv = options.csv { _ = Results.write(Results(campaign).csv, to: csv) }
            }
            return campaign
        }
        let wall = (clock.now - start).components
        return conclude(campaign, wallS: Double(wall.seconds) + Double(wall.attoseconds) / 1e18, daemon.reconnects)
    }

    /// A daemon may be away for long before a campaign is given up; one that takes nothing at the moment, because others
    /// filled its queue or its disk is full, is waited for without end. A slip in the path shall not wait.
    private static let patience = ClientPatience(
        absence: .seconds(600), passing: ["busy", "timeout"], refusals: ["queue_full", "archive_unavailable"])

    /// The daemon, and the inputs of its bench.
    private static func connect(_ options: Options) throws(ClientError) -> (LastingConnection, InputBox) {
        let daemon = LastingConnection(socket: try SocketPath.find(options.socket), patience) {
            Terminal.note("\(Terminal.clean($0.description)); trying again\n")
        }
        guard let form = try daemon.call(RecipesSchema.self, Empty()).kinds["box"] else {
            throw .notUnderstood(detail: "this bench has no recipes of the kind box; its bench file needs a [box]")
        }
        return (daemon, InputBox(form))
    }

    private static func conclude(_ campaign: Campaign, wallS: Double, _ reconnects: Int) -> Int32 {
        let results = Results(campaign)
        let options = campaign.options
        Terminal.write(results.table)
        var isWritten = true
        if let csv = options.csv { isWritten = Results.write(results.csv, to: csv) }
        if let file = options.summary {
            let summary = results.summary(campaign: campaign.campaign, wallS: wallS, reconnects: reconnects)
            isWritten = Results.write(summary.jsonText + "\n", to: file) && isWritten
        }
        guard isWritten, results.failed == 0 else { return 1 }
        return results.infeasible == 0 ? 0 : 5
    }

    // MARK: Errors

    private static func usage<Value>(_ body: () throws(UsageError) -> Value) throws(Stop) -> Value {
        do { return try body() } catch { throw .usage(error) }
    }

    private static func client<Value>(_ body: () throws(ClientError) -> Value) throws(Stop) -> Value {
        do { return try body() } catch { throw .client(error) }
    }

    private static func tell(_ stop: Stop) -> Int32 {
        switch stop {
        case .usage(let error):
            Terminal.note(Terminal.clean(error.description) + "\n")
            return 2
        case .client(let error):
            Terminal.note("flowlab-optimize: \(Terminal.clean(error.description))\n")
            if case .refused(let refusal) = error { Terminal.note("what now: \(Terminal.clean(refusal.hint))\n") }
            return code(of: error)
        }
    }

    private static func code(of error: ClientError) -> Int32 {
        switch error {
        case .cannotConnect, .lost: 3
        case .outcomeUnknown, .notUnderstood: 1
        case .refused: 4
        }
    }
}
