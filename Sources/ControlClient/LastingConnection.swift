import ControlAPI
import Glibc
import Platform
import Quantities
import Wire

/// A daemon that may restart meanwhile. A lost connection is made anew, within the client's patience; a subscription goes
/// on behind the last event; what may be asked twice is asked again. A change goes out only to a daemon that has just
/// answered, so that none lies in wait for one that starts, and is never repeated: it ends with `outcomeUnknown`.
public final class LastingConnection {
    /// What a subscription gives.
    public enum Item: Sendable {
        case event(DaemonConnection.Event)
        /// The connection was lost, and what follows comes over a new one.
        case resumed(Resumption)
    }

    /// How a subscription went on.
    public struct Resumption: Sendable {
        /// From the loss to the new connection.
        public let away: WireDuration
        public let stream: String
        /// The daemon was started anew; all that its stream has kept follows. What the former one told at its very end may
        /// be missing.
        public let isNewStream: Bool
        /// The last event before the loss.
        public let afterStream: String
        public let afterSequence: UInt64

        /// For people.
        public var text: String {
            let span = Show.duration(away.seconds)
            return isNewStream
                ? "-- the daemon was away for \(span); a new stream of events --"
                : "-- the connection was lost for \(span); the same stream goes on --"
        }

        /// For programs: no event has this member.
        public var json: JSONValue {
            .object([
                "resumed": .object([
                    "away_s": .number(away.seconds), "stream": .string(stream), "new_stream": .bool(isNewStream),
                    "after": .object([
                        "stream": .string(afterStream), "seq": .integer(Int64(clamping: afterSequence)),
                    ]),
                ])
            ])
        }
    }

    /// The world, as a test may replace it.
    public struct World {
        let connect: () throws(ClientError) -> any DaemonLink
        let now: () -> WireInstant
        let pause: (WireDuration) -> Void

        public init(
            connect: @escaping () throws(ClientError) -> any DaemonLink, now: @escaping () -> WireInstant,
            pause: @escaping (WireDuration) -> Void
        ) {
            self.connect = connect
            self.now = now
            self.pause = pause
        }
    }

    /// May change as things go on.
    public var patience: ClientPatience
    private let world: World
    private let say: (ClientError) -> Void
    private var link: (any DaemonLink)?
    private var lastLoss: ClientError?
    private var lostAt: WireInstant?
    private var wasThere = false
    private var said = ""
    private var cursor: EventCursor?
    private var items: [Item] = []
    /// How often it was made anew.
    public private(set) var reconnects = 0

    /// - Parameter say: gets each trouble that is waited out, once.
    public init(_ patience: ClientPatience, _ world: World, say: @escaping (ClientError) -> Void) {
        self.patience = patience
        self.world = world
        self.say = say
    }

    public convenience init(
        socket: String, _ patience: ClientPatience = ClientPatience(), say: @escaping (ClientError) -> Void
    ) {
        let world = World(
            connect: { () throws(ClientError) in try DaemonConnection(socket: socket) }, now: { wireNow() },
            pause: { _ = poll(nil, 0, Int32(clamping: $0.nanoseconds / 1_000_000)) })
        self.init(patience, world, say: say)
    }

    /// For a poll set of the caller's, -1 while there is no connection; ask `next` with no patience until it gives nothing.
    public var descriptor: Int32 { link?.descriptor ?? -1 }

    /// Connects, unless it is connected.
    public func open() throws(ClientError) {
        try keepTrying(since: world.now(), mayAskAgain: true) { (_) throws(ClientError) in }
    }

    // MARK: Calls

    /// Calls a method and waits for its answer.
    /// - Parameter patience: for the answer, on each connection.
    public func call<Method: APIMethod>(
        _ method: Method.Type, _ params: Method.Params, patience: WireDuration = DaemonConnection.patience
    ) throws(ClientError) -> Method.Result {
        try DaemonConnection.decode(Method.Result.self, try json(method, params, patience: patience))
    }

    /// Calls a method; its result as JSON, with members that this client does not know.
    public func json<Method: APIMethod>(
        _ method: Method.Type, _ params: Method.Params, patience: WireDuration = DaemonConnection.patience
    ) throws(ClientError) -> JSONValue {
        let params = try DaemonConnection.encode(params)
        let mayAskAgain = DaemonConnection.mayAskAgain(Method.name, params)
        return try keepTrying(since: world.now(), mayAskAgain: mayAskAgain) { (link) throws(ClientError) in
            try link.ask(Method.name, params, patience: patience)
        }
    }

    // MARK: Events

    /// Subscribes; an earlier subscription ends.
    /// - Parameter from: the first sequence number wanted; nil: only new events.
    public func subscribe(_ topics: [String], from: UInt64? = nil) throws(ClientError) {
        cursor = nil
        items = []
        let answer = try call(EventsSubscribe.self, .init(topics: topics, from: from))
        cursor = EventCursor(topics: topics, from: from, answer)
    }

    /// The next item of the subscription; nil when none came in time.
    public func next(patience: WireDuration) throws(ClientError) -> Item? {
        let end = world.now() + patience
        return try keepTrying(since: nil, mayAskAgain: true) { (link) throws(ClientError) in
            while self.items.isEmpty {
                guard let event = try link.nextEvent(patience: max(.zero, end - self.world.now())) else { return nil }
                if self.cursor?.takes(event) ?? true { return .event(event) }
            }
            return self.items.removeFirst()
        }
    }

    // MARK: Connections

    private func keepTrying<Value>(
        since: WireInstant?, mayAskAgain: Bool, _ body: (any DaemonLink) throws(ClientError) -> Value
    ) throws(ClientError) -> Value {
        var attempts = Attempts(patience, since: since)
        while true {
            do throws(ClientError) {
                let value = try body(try connected(attempts))
                said = ""
                return value
            } catch {
                if case .refused = error {} else { drop(error) }
                let pause = attempts.pause(
                    after: error, wasThere: wasThere, mayAskAgain: mayAskAgain, at: world.now())
                guard let pause, patience.reconnects || !wasThere else { throw error }
                sayOnce(error)
                if pause > .zero { world.pause(pause) }
            }
        }
    }

    private func connected(_ attempts: Attempts) throws(ClientError) -> any DaemonLink {
        if let link { return link }
        if let lastLoss, wasThere, !patience.reconnects { throw lastLoss }
        let new = try world.connect()
        let left = attempts.left(at: world.now())
        let longest =
            patience.absence > .zero ? min(patience.greeting, max(left, Attempts.firstPause)) : patience.greeting
        _ = try new.ask(SystemHello.name, .object([:]), patience: longest)
        try resume(new)
        if wasThere { reconnects += 1 }
        (link, wasThere, lastLoss, lostAt) = (new, true, nil, nil)
        return new
    }

    private func resume(_ new: any DaemonLink) throws(ClientError) {
        guard var cursor else { return }
        let params = try DaemonConnection.encode(cursor.params)
        let json = try new.ask(EventsSubscribe.name, params, patience: DaemonConnection.patience)
        let answer = try DaemonConnection.decode(EventsSubscribe.Result.self, json)
        let (stream, sequence) = (cursor.stream, cursor.sequence)
        let isNew = cursor.resume(answer)
        self.cursor = cursor
        items.append(
            .resumed(
                Resumption(
                    away: lostAt.map { world.now() - $0 } ?? .zero, stream: answer.stream, isNewStream: isNew,
                    afterStream: stream, afterSequence: sequence)))
    }

    private func drop(_ error: ClientError) {
        link = nil
        lastLoss = error
        lostAt = lostAt ?? world.now()
    }

    private func sayOnce(_ error: ClientError) {
        guard error.description != said else { return }
        said = error.description
        say(error)
    }
}
