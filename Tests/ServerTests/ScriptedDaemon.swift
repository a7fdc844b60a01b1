import ControlAPI
import ControlClient
import Experiments
import Quantities
import Wire

/// A daemon that dies and comes back as a test says, seen from its clients, under a clock that only pauses move.
final class ScriptedDaemon {
    /// What becomes of a request.
    enum Fate {
        case answer(JSONValue)
        case refuse(String)
        /// It dies before it has read the request: nothing was asked.
        case dieBefore
        /// It dies with the request.
        case dieWith
    }

    private(set) var now = WireInstant.zero
    /// When it is there again, if it is away.
    private(set) var backAt: WireInstant?
    /// A connection succeeds at once, and its first answer waits for the daemon: a socket that outlives it.
    var socketOutlives = false
    var restartTakes = WireDuration.seconds(3)
    private var lives = 1
    var fates: [Fate] = []
    /// Methods as they arrived.
    private(set) var asked: [String] = []
    private(set) var params: [JSONValue] = []
    /// Events kept in the present stream.
    var kept: [UInt64] = []

    var stream: String { "stream-\(lives)" }

    func pause(_ span: WireDuration) { now = now + span }

    func die() {
        guard backAt == nil else { return }
        backAt = now + restartTakes
        kept = []
        lives += 1
    }

    private func isThere() -> Bool {
        if let backAt, now >= backAt { self.backAt = nil }
        return backAt == nil
    }

    func connection(_ patience: ClientPatience = ClientPatience()) -> LastingConnection {
        let world = LastingConnection.World(
            connect: { () throws(ClientError) in try self.connect() }, now: { self.now }, pause: { self.pause($0) })
        return LastingConnection(patience, world) { self.said.append($0.description) }
    }

    private(set) var said: [String] = []

    private func connect() throws(ClientError) -> any DaemonLink {
        guard isThere() || socketOutlives else { throw .cannotConnect(socket: "s", detail: "nobody listens there") }
        return ScriptedLink(self, life: isThere() ? lives : nil)
    }

    fileprivate func ask(
        _ link: ScriptedLink, _ method: String, _ given: JSONValue, _ patience: WireDuration
    ) throws(ClientError) -> JSONValue {
        if link.life == nil {
            // It waits in the backlog.
            if let backAt { now = min(backAt, now + patience) }
            guard isThere() else { throw .lost(socket: "s", detail: "no answer to \(method)") }
            link.life = lives
        }
        guard isThere(), link.life == lives else { throw .lost(socket: "s", detail: "broken pipe") }
        asked.append(method)
        params.append(given)
        switch method {
        case SystemHello.name: return .object([:])
        case EventsSubscribe.name: return subscribe(link, given)
        default: return try answer(method, given)
        }
    }

    private func subscribe(_ link: ScriptedLink, _ given: JSONValue) -> JSONValue {
        let from = given["stream"].map { $0 == .string(stream) } ?? true ? given["from"]?.double ?? 1e9 : 1
        link.events = kept.filter { Double($0) >= from }
        return .object(["stream": .string(stream), "next": .integer(Int64((kept.last ?? 0) + 1))])
    }

    private func answer(_ method: String, _ given: JSONValue) throws(ClientError) -> JSONValue {
        switch fates.isEmpty ? .answer(.object([:])) : fates.removeFirst() {
        case .answer(let json): return json
        case .refuse(let kind):
            throw .refused(APIError(json: .object(["data": .object(["kind": .string(kind)])])))
        case .dieBefore:
            asked.removeLast()
            params.removeLast()
            die()
            throw .lost(socket: "s", detail: "broken pipe")
        case .dieWith:
            die()
            let isRead = Repetition.reads.contains(method)
            guard isRead || Repetition.keyed.contains(method) && given["key"]?.text != nil else {
                throw .outcomeUnknown(socket: "s", method: method, detail: "the daemon closed the connection")
            }
            throw .lost(socket: "s", detail: "the daemon closed the connection")
        }
    }

    fileprivate func event(_ link: ScriptedLink, _ patience: WireDuration) throws(ClientError) -> DaemonConnection
        .Event?
    {
        guard isThere(), link.life == lives else {
            throw .lost(socket: "s", detail: "the daemon closed the connection")
        }
        guard !link.events.isEmpty else {
            now = now + patience
            return nil
        }
        return event(link.events.removeFirst())
    }

    private func event(_ sequence: UInt64) -> DaemonConnection.Event {
        DaemonConnection.Event(
            stream: stream, sequence: sequence, topic: "experiments", time: "", data: .object([:]), json: .null)
    }
}

private final class ScriptedLink: DaemonLink {
    private let daemon: ScriptedDaemon
    /// The life of the daemon that has accepted it; nil: none yet.
    var life: Int?
    var events: [UInt64] = []
    let descriptor: Int32 = 7

    init(_ daemon: ScriptedDaemon, life: Int?) {
        self.daemon = daemon
        self.life = life
    }

    func ask(_ method: String, _ params: JSONValue, patience: WireDuration) throws(ClientError) -> JSONValue {
        try daemon.ask(self, method, params, patience)
    }

    func nextEvent(patience: WireDuration) throws(ClientError) -> DaemonConnection.Event? {
        try daemon.event(self, patience)
    }
}
