import ControlAPI
import ControlClient
import Quantities
import Usage
import Wire

/// What the program says to whoever called it.
enum ExitCode {
    static let done: Int32 = 0
    /// The operation or the experiment failed.
    static let failed: Int32 = 1
    static let usage: Int32 = 2
    static let cannotConnect: Int32 = 3
    /// The daemon refused: role, state, unknown name.
    static let refused: Int32 = 4
    static let infeasible: Int32 = 5
    /// The person did not say yes.
    static let unconfirmed: Int32 = 6
    /// The daemon went away while it had a change.
    static let unknown: Int32 = 7
    /// The bench file is not right; the same as the daemon's, `EX_CONFIG` of sysexits.h.
    static let configuration: Int32 = 78

    static let all = [
        ExitStatus(done, "done"),
        ExitStatus(failed, "the operation or experiment failed, or the doctor found problems"),
        ExitStatus(usage, "usage"),
        ExitStatus(cannotConnect, "no daemon, or it was away for longer than --patience"),
        ExitStatus(refused, "refused or forbidden"), ExitStatus(infeasible, "the recipe is infeasible"),
        ExitStatus(unconfirmed, "not confirmed"),
        ExitStatus(unknown, "the daemon went away in the middle of a change: it may be done or not"),
        ExitStatus(configuration, "the bench file is not right"),
    ]
    static let help = ExitStatus.help(all)

    static func of(_ error: ClientError) -> Int32 {
        switch error {
        case .cannotConnect, .lost: cannotConnect
        case .outcomeUnknown: unknown
        case .notUnderstood: failed
        case .refused(let error) where error.kind == "invalid_bench_file": configuration
        case .refused(let error): error.kind == "infeasible" || !error.problems.isEmpty ? infeasible : refused
        }
    }
}

/// One command of flowlabctl.
struct Command: Sendable {
    let name: String
    let parser: ArgumentParser
    /// Without the exit codes.
    let notes: String
    let run: @Sendable (Context) throws(Failure) -> Int32

    init(
        _ name: String, _ summary: String, operands: [ArgumentParser.Operand] = [],
        options: [ArgumentParser.Option] = [],
        examples: [String], notes: String = "", run: @escaping @Sendable (Context) throws(Failure) -> Int32
    ) {
        self.name = name
        self.parser = ArgumentParser(
            "flowlabctl \(name)", summary: summary, operands: operands,
            options: options + Self.common, examples: examples.map { "flowlabctl \($0)" },
            notes: notes.isEmpty ? ExitCode.help : "\(notes)\n\n\(ExitCode.help)")
        self.notes = notes
        self.run = run
    }

    /// What every command takes.
    static let common: [ArgumentParser.Option] = [
        .flag("--json", "Print the daemon's answer as JSON."),
        .value(
            "--socket", "PATH",
            "The daemon's socket; else $\(SocketPath.variable), else the only one in \(SocketPath.directory)."),
        .value(
            "--patience", "TIME",
            "How long a daemon that restarts is waited for; 60s if left out. Given, also one that was not there at first."
        ),
    ]
}

/// Why a command ended early.
enum Failure: Error {
    case usage(UsageError)
    case client(ClientError)
    /// A file that cannot be read or written.
    case file(String)
}

/// What a command works with.
struct Context {
    let arguments: Arguments

    var isJSON: Bool { arguments.has("--json") }

    /// A daemon that may restart meanwhile.
    func connect() throws(Failure) -> LastingConnection { try connect(try patience()) }

    /// The same for what ends with its connection, as a lease does.
    func connectOnce() throws(Failure) -> LastingConnection {
        var patience = try patience()
        patience.reconnects = false
        return try connect(patience)
    }

    private func connect(_ patience: ClientPatience) throws(Failure) -> LastingConnection {
        do throws(ClientError) {
            let daemon = lasting(try SocketPath.find(arguments.value("--socket")), patience)
            try daemon.open()
            return daemon
        } catch {
            throw .client(error)
        }
    }

    /// Not connected yet.
    func lasting(_ socket: String, _ patience: ClientPatience) -> LastingConnection {
        let span = Show.duration(patience.absence.seconds)
        return LastingConnection(socket: socket, patience) { trouble in
            let clear = Terminal.errorIsTerminal ? "\r\u{1B}[2K" : ""
            Terminal.note("\(clear)\(Terminal.clean(trouble.description)); trying again for \(span)\n")
        }
    }

    private func patience() throws(Failure) -> ClientPatience {
        guard arguments.value("--patience") != nil else { return ClientPatience() }
        return ClientPatience(absence: .seconds(try duration("--patience")), waitsAtFirst: true)
    }

    /// Calls one method on a new connection, prints the answer as JSON or through `show`.
    func ask<Method: APIMethod>(
        _ method: Method.Type, _ params: Method.Params, show: (Method.Result) -> Void
    ) throws(Failure) -> Int32 {
        let json = try answer(connect(), method, params)
        if isJSON {
            Terminal.line(json.jsonText)
        } else {
            show(try decoded(Method.Result.self, json))
        }
        return ExitCode.done
    }

    func answer<Method: APIMethod>(
        _ daemon: LastingConnection, _ method: Method.Type, _ params: Method.Params,
        patience: WireDuration = DaemonConnection.patience
    ) throws(Failure) -> JSONValue {
        try client { () throws(ClientError) in try daemon.json(method, params, patience: patience) }
    }

    func decoded<Value: Decodable>(_ type: Value.Type, _ json: JSONValue) throws(Failure) -> Value {
        try client { () throws(ClientError) in try DaemonConnection.decode(type, json) }
    }

    /// What the daemon's client does, with this program's errors.
    func client<Value>(_ body: () throws(ClientError) -> Value) throws(Failure) -> Value {
        do { return try body() } catch { throw .client(error) }
    }

    func number(_ name: String, in range: ClosedRange<Double>) throws(Failure) -> Double? {
        do {
            return try arguments.number(name, in: range)
        } catch {
            throw .usage(error)
        }
    }

    func integer(_ name: String, in range: ClosedRange<Int>) throws(Failure) -> Int? {
        do {
            return try arguments.integer(name, in: range)
        } catch {
            throw .usage(error)
        }
    }

    /// The other words of an operand that names an action: `refill` of `reagents refill cui`.
    var operands: [String] { arguments.operands }

    /// A time of the command line.
    func time(_ name: String, now: WallInstant) throws(Failure) -> WallInstant? {
        guard let text = arguments.value(name) else { return nil }
        guard let time = AskedTime.instant(text, now: now) else {
            throw usage(
                "\(name) is \"\(text)\", expected a time as 2026-11-20T12:00:00Z, or how long ago: 30min, 2h, 3d")
        }
        return time
    }

    /// A length of time that must be given, in seconds.
    func duration(_ name: String) throws(Failure) -> Double {
        let text = try required(name)
        guard let seconds = AskedTime.seconds(text) else {
            throw usage("\(name) is \"\(text)\", expected a time with its unit, as 30s, 10min or 2h")
        }
        return seconds
    }

    func required(_ name: String) throws(Failure) -> String {
        guard let text = arguments.value(name) else { throw usage("missing \(name)") }
        return text
    }

    /// Asks the person at the terminal; scripts say `--yes`.
    /// - Returns: whether it shall be done.
    func confirms(_ question: String) throws(Failure) -> Bool {
        if arguments.has("--yes") { return true }
        guard Terminal.inputIsTerminal else {
            throw usage("this asks before it acts, and there is no terminal to ask at; give --yes")
        }
        Terminal.note(question + " [y/N] ")
        let answer = Terminal.readLine()?.lowercased() ?? ""
        if ["y", "yes"].contains(answer) { return true }
        Terminal.note("nothing was done\n")
        return false
    }

    func usage(_ detail: String) -> Failure { .usage(UsageError(command: arguments.commandName, detail: detail)) }
}
