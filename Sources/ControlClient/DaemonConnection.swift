import ControlAPI
import Platform
import Quantities
import Wire

/// One connection to a daemon, as `LastingConnection` needs it.
public protocol DaemonLink: AnyObject {
    /// For a poll set.
    var descriptor: Int32 { get }
    /// Asks, and waits for the result.
    /// - Throws: `lost` when nothing was asked or it may be asked again, `outcomeUnknown` when it may not.
    func ask(_ method: String, _ params: JSONValue, patience: WireDuration) throws(ClientError) -> JSONValue
    /// The next event; nil when none came in time.
    func nextEvent(patience: WireDuration) throws(ClientError) -> DaemonConnection.Event?
}

/// A blocking connection to a daemon: calls, and the events of a subscription.
public final class DaemonConnection: DaemonLink {
    /// Events that may come while an answer is awaited.
    public static let keptEvents = 10_000
    public static let patience = WireDuration.seconds(60)

    /// An event as it was sent.
    public struct Event: Sendable {
        public let stream: String
        public let sequence: UInt64
        public let topic: String
        public let time: String
        public let data: JSONValue
        public let json: JSONValue

        public init(
            stream: String, sequence: UInt64, topic: String, time: String, data: JSONValue, json: JSONValue
        ) {
            self.stream = stream
            self.sequence = sequence
            self.topic = topic
            self.time = time
            self.data = data
            self.json = json
        }
    }

    public let socket: String
    private var stream: UnixStream
    private var lastID: Int64 = 0
    private var events: [Event] = []

    public init(socket: String) throws(ClientError) {
        self.socket = socket
        do {
            self.stream = try UnixStream(connectingTo: socket)
        } catch {
            throw .cannotConnect(socket: socket, detail: error.description)
        }
    }

    /// For a poll set of the caller's; ask `nextEvent` with no patience until it gives nothing.
    public var descriptor: Int32 { stream.rawDescriptor }

    /// Calls a method and waits for its answer.
    public func call<Method: APIMethod>(
        _ method: Method.Type, _ params: Method.Params, patience: WireDuration = patience
    ) throws(ClientError) -> Method.Result {
        try Self.decode(Method.Result.self, try json(method, params, patience: patience))
    }

    /// Calls a method; its result as JSON, with members that this client does not know.
    public func json<Method: APIMethod>(
        _ method: Method.Type, _ params: Method.Params, patience: WireDuration = patience
    ) throws(ClientError) -> JSONValue {
        try ask(Method.name, try Self.encode(params), patience: patience)
    }

    public func ask(
        _ method: String, _ params: JSONValue, patience: WireDuration
    ) throws(ClientError) -> JSONValue {
        lastID += 1
        let request: JSONValue = .object([
            "jsonrpc": .string("2.0"), "id": .integer(lastID), "method": .string(method), "params": params,
        ])
        // A line that does not go out with its LF is not asked.
        try write(request.jsonBytes + Array("\n".utf8))
        do throws(ClientError) {
            return try answer(to: lastID, method, patience)
        } catch {
            guard case .lost(_, let detail) = error, !Self.mayAskAgain(method, params) else { throw error }
            throw .outcomeUnknown(socket: socket, method: method, detail: detail)
        }
    }

    private func answer(to id: Int64, _ method: String, _ patience: WireDuration) throws(ClientError) -> JSONValue {
        let end = wireNow() + max(patience, .zero)
        while true {
            guard let line = try readLine(max(end - wireNow(), .zero)) else {
                throw .lost(socket: socket, detail: "no answer to \(method) within \(max(patience, .zero).seconds) s")
            }
            if let event = Self.event(line) {
                try keep(event)
            } else if line["id"] == .integer(id) || line["id"] == .null {
                if let error = line["error"] { throw .refused(APIError(json: error)) }
                guard let result = line["result"] else { throw .notUnderstood(detail: "neither result nor error") }
                return result
            }
        }
    }

    /// Also when it may be done already.
    static func mayAskAgain(_ method: String, _ params: JSONValue) -> Bool {
        switch Repetition.of(method) {
        case .harmless: true
        case .withKey: params["key"]?.text != nil
        case .never: false
        }
    }

    /// The next event of the subscription; nil when none came in time.
    public func nextEvent(patience: WireDuration) throws(ClientError) -> Event? {
        if !events.isEmpty { return events.removeFirst() }
        while let line = try readLine(patience) {
            if let event = Self.event(line) { return event }
        }
        return nil
    }

    /// Decodes a result; members that this client does not know are ignored.
    public static func decode<Value: Decodable>(_ type: Value.Type, _ json: JSONValue) throws(ClientError) -> Value {
        do {
            return try json.decoded(as: type)
        } catch {
            throw .notUnderstood(detail: error.detail)
        }
    }

    // MARK: Lines

    static func encode(_ params: some Encodable) throws(ClientError) -> JSONValue {
        do {
            return try JSONValue(encoding: params)
        } catch {
            throw .notUnderstood(detail: error.detail)
        }
    }

    private func write(_ bytes: [UInt8]) throws(ClientError) {
        do {
            try stream.writeAll(bytes, timeout: Self.patience)
        } catch {
            throw .lost(socket: socket, detail: error.description)
        }
    }

    /// nil at the time-out.
    private func readLine(_ patience: WireDuration) throws(ClientError) -> JSONValue? {
        let line: [UInt8]?
        do {
            line = try stream.readLine(timeout: patience)
        } catch {
            if case .timedOut = error { return nil }
            throw .lost(socket: socket, detail: error.description)
        }
        guard let line else { throw .lost(socket: socket, detail: "the daemon closed the connection") }
        do {
            return try JSONParser.parse(line).value
        } catch {
            throw .notUnderstood(detail: error.detail)
        }
    }

    private func keep(_ event: Event) throws(ClientError) {
        guard events.count < Self.keptEvents else {
            throw .notUnderstood(detail: "more than \(Self.keptEvents) events before an answer")
        }
        events.append(event)
    }

    private static func event(_ line: JSONValue) -> Event? {
        guard line["method"] == .string("event"), let params = line["params"] else { return nil }
        return Event(
            stream: params["stream"]?.text ?? "", sequence: params["seq"]?.double.flatMap { UInt64(exactly: $0) } ?? 0,
            topic: params["topic"]?.text ?? "", time: params["time"]?.text ?? "", data: params["data"] ?? .null,
            json: params)
    }
}
