import ControlAPI
import DeviceModel
import Experiments
import Quantities
import Wire

/// The control API without sockets, threads or clocks: it is told bytes, replies, events and the time, and says what to
/// send, close and ask. It reads the published snapshot and the store; what would change the bench it posts to the
/// control loop. So it runs in the deterministic simulation as it does in the daemon.
public final class ControlServer {
    let identity: ServerIdentity
    let snapshot: () -> BenchSnapshot
    let store: any ExperimentStore

    var connections: [ConnectionID: Connection] = [:]
    var stream = EventStream()
    private var posted: [RequestToken: Posted] = [:]
    private var waiting: [Waiting] = []
    private var batches: [UInt64: Batch] = [:]
    private var lastNumber: UInt64 = 0
    private var effects: [ServerEffect] = []

    public init(identity: ServerIdentity, snapshot: @escaping () -> BenchSnapshot, store: any ExperimentStore) {
        self.identity = identity
        self.snapshot = snapshot
        self.store = store
    }

    // MARK: Connections

    /// A client came. One too many may trigger the safe state, whoever holds the other connections; anything else that it
    /// asks is refused until one of them is free. The oldest of those too many makes room for the next.
    public func connect(_ id: ConnectionID, _ caller: Caller) -> [ServerEffect] {
        let strangers = caller.role == .none ? connections.values.count { $0.caller.role == .none } : 0
        let isSurplus =
            connections.count >= APILimits.connections || strangers >= APILimits.connectionsWithoutRole
        connections[id] = Connection(caller: caller, isSurplus: isSurplus)
        let surplus = connections.filter(\.value.isSurplus).keys
        if surplus.count > APILimits.surplusConnections, let oldest = surplus.min(by: { $0.number < $1.number }) {
            send(Reply.line(.failure(Self.tooManyConnections), id: Request.nullID), to: oldest)
            close(oldest)
        }
        return drain()
    }

    private func isAdmitted(_ id: ConnectionID) -> Bool {
        guard connections[id]?.isSurplus == true else { return true }
        let admitted = connections.values.filter { !$0.isSurplus }
        let isStranger = connections[id]?.caller.role == Role.none
        let strangers = isStranger ? admitted.count { $0.caller.role == .none } : 0
        let isFull = admitted.count >= APILimits.connections || strangers >= APILimits.connectionsWithoutRole
        connections[id]?.isSurplus = isFull
        return !isFull
    }

    private static let tooManyConnections = APIError.busy(
        "\(APILimits.connections) clients are connected",
        hint: "close connections that are not used; safe_state.trigger is obeyed all the same")

    /// The peer sends no more; what it asked before is still answered.
    public func halfClosed(_ id: ConnectionID, at now: Moment) -> [ServerEffect] {
        guard let rest = connections[id]?.input.finish() else { return [] }
        connections[id]?.isHalfClosed = true
        if !rest.isEmpty { handle(rest, from: id, at: now) }
        closeIfFinished(id)
        return drain()
    }

    /// The connection is gone; nobody is left to answer.
    public func disconnected(_ id: ConnectionID) {
        guard connections.removeValue(forKey: id) != nil else { return }
        waiting.removeAll { $0.destination.connection == id }
        posted = posted.filter { $0.value.destination.connection != id }
        batches = batches.filter { $0.value.connection != id }
    }

    /// Bytes of `send` were taken by the socket. Events that waited for it go out with the next `advance`, so that this
    /// may be called in the middle of carrying out effects.
    public func written(_ id: ConnectionID, bytes: Int) {
        guard let unwritten = connections[id]?.unwritten else { return }
        connections[id]?.unwritten = max(0, unwritten - bytes)
    }

    /// Whether more should be read from this client now; false while it does not take its answers.
    public func acceptsInput(_ id: ConnectionID) -> Bool {
        guard let connection = connections[id] else { return false }
        return connection.unwritten < APILimits.outputSoftBytes && !connection.isHalfClosed
    }

    /// Bytes from a client.
    public func receive(_ id: ConnectionID, _ bytes: [UInt8], at now: Moment) -> [ServerEffect] {
        guard let lines = connections[id]?.input.append(bytes) else { return [] }
        for line in lines where connections[id] != nil {
            switch line {
            case .complete(let bytes): handle(bytes, from: id, at: now)
            case .tooLong: refuseLongLine(from: id)
            }
        }
        sendEvents(to: id)
        return drain()
    }

    // MARK: Time

    /// When `advance` must be called at the latest; in the past when there is something to send already.
    public var deadline: WireInstant? {
        if connections.values.contains(where: hasEventsToSend) { return .zero }
        return [waiting.map(\.deadline).min(), posted.values.map(\.deadline).min()].compactMap { $0 }.min()
    }

    /// Ends the waits whose time is over, and sends the events that waited for room.
    public func advance(to now: Moment) -> [ServerEffect] {
        let over = waiting.filter { $0.deadline <= now.wire }
        waiting.removeAll { $0.deadline <= now.wire }
        for wait in over { answerWait(wait) }
        let late = posted.filter { $0.value.deadline <= now.wire }.sorted { $0.key.number < $1.key.number }
        for (token, request) in late {
            posted.removeValue(forKey: token)
            finish(request.destination, .failure(Self.noAnswer(to: request.method)))
        }
        sendEventsToAll()
        return drain()
    }

    private static func noAnswer(to method: String) -> APIError {
        APIError(
            .refused, kind: "timeout",
            detail: "the control loop did not answer \(method) within \(Int(APILimits.controlReplySeconds)) s",
            hint: "look at system.status; a submit may be sent again with the same key")
    }

    // MARK: From the control loop

    /// The control loop's answer; ignored when its client has gone.
    public func deliver(reply: ControlReply, for token: RequestToken, at now: Moment) -> [ServerEffect] {
        guard let request = posted.removeValue(forKey: token) else { return [] }
        finish(request.destination, Reply.outcome(of: reply))
        return drain()
    }

    /// Events whose effects are committed. They end waits, and go to subscribers.
    public func deliver(events: [BenchEvent]) -> [ServerEffect] {
        for event in events {
            if !stream.append(event) { endWaits(for: nil) }
            if event.topic == "experiments" { endWaits(for: event.data["experiment"]?.text) }
        }
        sendEventsToAll()
        return drain()
    }

    /// New readings, for subscribers of `signals:`; they are numbered from `firstSequence` on.
    public func deliver(readings: [Reading], firstSequence: UInt64) -> [ServerEffect] {
        for (index, reading) in readings.enumerated() {
            if !stream.append(reading, sequence: firstSequence + UInt64(index)) { endWaits(for: nil) }
        }
        sendEventsToAll()
        return drain()
    }

    /// - Parameter experiment: nil looks at all that are waited for.
    private func endWaits(for experiment: String?) {
        let candidates = waiting.filter { experiment == nil || $0.experiment == experiment }
        guard !candidates.isEmpty else { return }
        for wait in candidates {
            guard let record = try? store.experiment(wait.experiment), record.state.isFinal else { continue }
            waiting.removeAll { $0.destination.number == wait.destination.number }
            finish(wait.destination, Reply.encoded(record))
        }
    }

    private func answerWait(_ wait: Waiting) {
        do {
            let record = try experiment(wait.experiment)
            finish(wait.destination, Reply.encoded(record))
        } catch {
            finish(wait.destination, .failure(error))
        }
    }

    // MARK: Requests

    private func handle(_ line: [UInt8], from id: ConnectionID, at now: Moment) {
        if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { return }
        do {
            let parsed = try JSONParser.parse(line)
            if case .array(let elements) = parsed.value {
                handle(batch: elements, parsed, from: id, at: now)
            } else {
                handle(parsed.value, parsed, index: 0, from: id, batch: nil, at: now)
            }
        } catch {
            let refusal = APIError.parse("\(error.detail), at byte \(error.offset)")
            send(Reply.line(.failure(refusal), id: Request.nullID), to: id)
        }
    }

    private func handle(batch elements: [JSONValue], _ parsed: ParsedJSON, from id: ConnectionID, at now: Moment) {
        guard !elements.isEmpty else {
            return send(Reply.line(.failure(.invalidRequest("an empty batch")), id: Request.nullID), to: id)
        }
        guard elements.count <= APILimits.batchRequests else {
            // The safe state is obeyed in whatever company it comes.
            for element in elements where element["method"]?.text == SafeStateTrigger.name {
                post(
                    .triggerSafeState(reason: reason(element["params"], id)), method: SafeStateTrigger.name,
                    to: Destination(number: newNumber(), connection: id, id: nil, batch: nil), at: now)
            }
            let limit = "\(elements.count) requests in a batch; at most \(APILimits.batchRequests)"
            return send(Reply.line(.failure(.invalidRequest(limit)), id: Request.nullID), to: id)
        }
        let number = newNumber()
        batches[number] = Batch(connection: id, missing: elements.count)
        for (index, element) in elements.enumerated() {
            handle(element, parsed, index: index, from: id, batch: number, at: now)
        }
    }

    private func handle(
        _ value: JSONValue, _ parsed: ParsedJSON, index: Int, from id: ConnectionID, batch: UInt64?, at now: Moment
    ) {
        connections[id]?.outstanding += 1
        do {
            let request = try Request(value, numericID: parsed.numericIDs[index], defect: parsed.defect)
            let destination = Destination(number: newNumber(), connection: id, id: request.id, batch: batch)
            perform(request, for: destination, at: now)
        } catch {
            let destination = Destination(number: newNumber(), connection: id, id: error.id, batch: batch)
            finish(destination, .failure(error.error))
        }
    }

    private func perform(_ request: Request, for destination: Destination, at now: Moment) {
        guard let caller = connections[destination.connection]?.caller else { return }
        if request.method == SafeStateTrigger.name {
            let reason = reason(request.params, destination.connection)
            return post(.triggerSafeState(reason: reason), method: request.method, to: destination, at: now)
        }
        guard isAdmitted(destination.connection) else {
            return finish(destination, .failure(Self.tooManyConnections))
        }
        do {
            let entry = try MethodTable.entry(for: request, caller)
            switch try entry.answer(
                self, Call(caller: caller, connection: destination.connection, now: now), request.params)
            {
            case .result(let json): finish(destination, .success(json))
            case .post(let control):
                try checkOutstanding(destination.connection)
                post(control, method: request.method, to: destination, at: now)
            case .wait(let experiment, let patience):
                try checkOutstanding(destination.connection)
                waiting.append(Waiting(destination: destination, experiment: experiment, deadline: now.wire + patience))
            }
        } catch {
            finish(destination, .failure(error))
        }
    }

    private func checkOutstanding(_ id: ConnectionID) throws(APIError) {
        guard (connections[id]?.outstanding ?? 0) > APILimits.outstandingRequests else { return }
        throw .busy(
            "\(APILimits.outstandingRequests) requests of this connection wait for their answer",
            hint: "wait for answers before asking more, or subscribe to the topic experiments")
    }

    private func post(_ request: ControlRequest, method: String, to destination: Destination, at now: Moment) {
        guard let caller = connections[destination.connection]?.caller else { return }
        let token = RequestToken(number: newNumber())
        let deadline = now.wire + .seconds(APILimits.controlReplySeconds)
        posted[token] = Posted(destination: destination, method: method, deadline: deadline)
        effects.append(.post(token, request, caller))
    }

    private func reason(_ params: JSONValue?, _ id: ConnectionID) -> String {
        if let text = params?["reason"]?.text, !text.isEmpty { return String(text.prefix(APILimits.reasonCharacters)) }
        return "safe_state.trigger by uid \(connections[id]?.caller.uid ?? 0), no reason given"
    }

    private func newNumber() -> UInt64 {
        lastNumber += 1
        return lastNumber
    }

    // MARK: Answers

    private func finish(_ destination: Destination, _ outcome: Reply.Outcome) {
        let id = destination.connection
        if let outstanding = connections[id]?.outstanding { connections[id]?.outstanding = max(0, outstanding - 1) }
        if let number = destination.batch {
            finish(batch: number, destination, outcome)
        } else if let requestID = destination.id {
            send(Reply.line(outcome, id: requestID), to: id)
        }
        closeIfFinished(id)
    }

    private func finish(batch number: UInt64, _ destination: Destination, _ outcome: Reply.Outcome) {
        guard var batch = batches.removeValue(forKey: number) else { return }
        batch.missing -= 1
        if let requestID = destination.id { batch.append(outcome, id: requestID) }
        if batch.missing > 0 {
            batches[number] = batch
        } else if !batch.replies.isEmpty {
            send(batch.line, to: batch.connection)
        }
    }

    private func refuseLongLine(from id: ConnectionID) {
        let error = APIError(
            .invalidRequest, kind: "too_large",
            detail: "a line is longer than \(APILimits.lineBytes) bytes with its LF",
            hint: "send smaller requests; this line was dropped, the connection stays open")
        send(Reply.line(.failure(error), id: Request.nullID), to: id)
    }

    func send(_ bytes: [UInt8], to id: ConnectionID) {
        guard let unwritten = connections[id]?.unwritten else { return }
        connections[id]?.unwritten = unwritten + bytes.count
        effects.append(.send(id, bytes))
        if unwritten + bytes.count > APILimits.outputHardBytes { close(id) }
    }

    func close(_ id: ConnectionID) {
        disconnected(id)
        effects.append(.close(id))
    }

    private func closeIfFinished(_ id: ConnectionID) {
        if connections[id]?.isFinished == true { close(id) }
    }

    private func drain() -> [ServerEffect] {
        defer { effects = [] }
        return effects
    }
}
