import ControlAPI
import DeviceModel
import Experiments
import Quantities
import Wire

/// The control API without sockets, threads or clocks: it is told bytes, replies, events and the time, and says what to
/// send, close and ask. It reads the published snapshot; what is in the store it asks the reading thread, and what would
/// change the bench the control loop. So it runs in the deterministic simulation as it does in the daemon.
public final class ControlServer {
    let identity: ServerIdentity
    let published: () -> PublishedSnapshot
    let figures: () -> BenchFigures
    let recorder: () -> RecorderView

    var connections: [ConnectionID: Connection] = [:]
    var stream = EventStream()
    var lines = RecentLines()
    var posted: [RequestToken: Posted] = [:]
    var waiting: [Waiting] = []
    var batches: [UInt64: Batch] = [:]
    var lastNumber: UInt64 = 0
    var effects: [ServerEffect] = []
    let known = KnownExperiments()
    /// Clients with lines that wait, and whose turn was the last.
    var withLines: Set<ConnectionID> = []
    var lastServed: UInt64 = 0
    var reads = StoreReads()
    /// Connections that have a subscription, and those whose looks at the store wait; in the order of their numbers.
    var subscribers = ConnectionList()
    var withLaterReads = ConnectionList()
    var knownReads = KnownReads()
    /// What the line that is being handled has asked signals.read for, once it was answered.
    var namesRead: [String]?
    /// What rpc.discover answers; it never changes.
    var discovered: EncodedJSON?
    /// Connections that are gone, and that the control loop may have heard of.
    private var departed: [ConnectionID] = []

    /// Those that have gone since it was last asked; the control loop must be told of each.
    public func takeDeparted() -> [ConnectionID] {
        defer { departed = [] }
        return departed
    }

    public init(
        identity: ServerIdentity, published: @escaping () -> PublishedSnapshot, figures: @escaping () -> BenchFigures,
        recorder: @escaping () -> RecorderView = { RecorderView() }
    ) {
        self.recorder = recorder
        self.identity = identity
        self.published = published
        self.figures = figures
    }

    func snapshot() -> BenchSnapshot { published().bench }

    // MARK: Connections

    /// A client came. One too many may trigger the safe state, whoever holds the other connections; anything else that it
    /// asks is refused until one of them is free. The oldest of those too many makes room for the next.
    public func connect(_ id: ConnectionID, _ caller: Caller) -> [ServerEffect] {
        let strangers = caller.role == .none ? connections.values.count { $0.caller.role == .none } : 0
        let isSurplus =
            connections.count >= APILimits.connections || strangers >= APILimits.connectionsWithoutRole
        let named = Caller(uid: caller.uid, pid: caller.pid, role: caller.role, client: id.number)
        connections[id] = Connection(caller: named, isSurplus: isSurplus)
        let surplus = connections.filter(\.value.isSurplus).keys
        if surplus.count > APILimits.surplusConnections, let oldest = surplus.min(by: { $0.number < $1.number }) {
            send(Reply.line(.failure(Self.tooManyConnections), id: Request.nullID), to: oldest)
            close(oldest)
        }
        return drain()
    }

    func isAdmitted(_ id: ConnectionID) -> Bool {
        guard connections[id]?.isSurplus == true else { return true }
        let admitted = connections.values.filter { !$0.isSurplus }
        let isStranger = connections[id]?.caller.role == Role.none
        let strangers = isStranger ? admitted.count { $0.caller.role == .none } : 0
        let isFull = admitted.count >= APILimits.connections || strangers >= APILimits.connectionsWithoutRole
        connections[id]?.isSurplus = isFull
        return !isFull
    }

    /// A client has another role from now on. One who may not look any more loses his subscription with the connection.
    public func changeRole(of id: ConnectionID, to role: Role) -> [ServerEffect] {
        guard let connection = connections[id], connection.caller.role != role else { return [] }
        connection.take(role)
        if role == .none, connection.subscription != nil { close(id) }
        return drain()
    }

    static let tooManyConnections = APIError.busy(
        "\(APILimits.connections) clients are connected",
        hint: "close connections that are not used; safe_state.trigger is obeyed all the same")

    /// The peer sends no more; what it asked before is still answered.
    public func halfClosed(_ id: ConnectionID, at now: Moment) -> [ServerEffect] {
        guard let rest = connections[id]?.input.finish() else { return [] }
        connections[id]?.isHalfClosed = true
        if !rest.isEmpty { take([.complete(rest)], from: id, at: now) }
        closeIfFinished(id)
        return drain()
    }

    /// The connection is gone; nobody is left to answer.
    public func disconnected(_ id: ConnectionID) {
        guard let gone = connections.removeValue(forKey: id) else { return }
        if gone.hasPosted { departed.append(id) }
        waiting.removeAll { $0.destination.connection == id }
        posted = posted.filter { $0.value.destination.connection != id }
        reads.forget(id)
        batches = batches.filter { $0.value.connection != id }
        withLines.remove(id)
        subscribers.remove(id)
        withLaterReads.remove(id)
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
            && connection.lines.count < Self.linesAhead
    }

    /// Bytes from a client. What is known is answered at once (`answerAtOnce`), all else is taken in.
    public func receive(_ id: ConnectionID, _ bytes: [UInt8], at now: Moment) -> [ServerEffect] {
        var answer: [UInt8] = []
        guard answerAtOnce(bytes, bytes.count, from: id, at: now, into: &answer) else {
            return takeIn(id, bytes, at: now)
        }
        send(answer, to: id)
        return drain()
    }

    /// Bytes that `answerAtOnce` did not answer. The safe state is asked for at once; all other lines wait for `work`.
    public func takeIn(_ id: ConnectionID, _ bytes: [UInt8], at now: Moment) -> [ServerEffect] {
        guard let lines = connections[id]?.input.append(bytes) else { return [] }
        take(lines, from: id, at: now)
        return drain()
    }

    // MARK: Time

    /// When `advance` must be called at the latest; in the past when there is something to send already.
    public var deadline: WireInstant? {
        if hasWork || subscribers.contains(where: hasEventsToSend) || withLaterReads.contains(where: canStartReads) {
            return .zero
        }
        let all = [waiting.lazy.map(\.deadline).min(), posted.values.lazy.map(\.deadline).min(), reads.deadline]
        return all.compactMap(\.self).min()
    }

    /// Ends the waits whose time is over, and goes on with what waited for room.
    public func advance(to now: Moment) -> [ServerEffect] {
        if let deadline, deadline <= now.wire { endWhatIsLate(at: now) }
        return drain()
    }

    private func endWhatIsLate(at now: Moment) {
        let over = waiting.filter { $0.deadline <= now.wire }
        waiting.removeAll { $0.deadline <= now.wire }
        for wait in over { answer(wait, at: now) }
        let late = posted.filter { $0.value.deadline <= now.wire }.sorted { $0.key.number < $1.key.number }
        for (token, request) in late {
            posted.removeValue(forKey: token)
            finish(
                request.destination, .failure(Self.noAnswer("control loop", to: request.method, for: request.patience)))
        }
        endLateReads(at: now)
        for id in withLaterReads where canStartReads(id) { startReads(of: id, at: now) }
        sendEventsToAll()
    }

    static func noAnswer(
        _ who: String, to method: String, for patience: WireDuration = .seconds(APILimits.controlReplySeconds)
    ) -> APIError {
        APIError(
            .refused, kind: "timeout",
            detail: "the \(who) did not answer \(method) within \(Int(patience.seconds)) s",
            hint: "look at system.status; a submit may be sent again with the same key")
    }

    // MARK: From the control loop

    /// The control loop's answer; ignored when its client has gone.
    public func deliver(reply: ControlReply, for token: RequestToken, at now: Moment) -> [ServerEffect] {
        if case .experiment(let experiment, _) = reply { known.forget(experiment) }
        guard let request = posted.removeValue(forKey: token) else { return [] }
        finish(request.destination, Reply.outcome(of: reply, request.method))
        return drain()
    }

    /// Events whose effects are committed. They end waits, and go to subscribers.
    public func deliver(events: [BenchEvent]) -> [ServerEffect] {
        for event in events {
            if !stream.append(event) { eventsWereLost() }
            guard event.topic == "experiments" else { continue }
            let experiment = event.data["experiment"]?.text
            known.forget(experiment)
            lookAfterWaits(for: experiment)
        }
        sendEventsToAll()
        return drain()
    }

    /// New readings, for subscribers of `signals:`; they are numbered from `firstSequence` on.
    public func deliver(readings: [Reading], firstSequence: UInt64) -> [ServerEffect] {
        for (index, reading) in readings.enumerated() {
            if !stream.append(reading, sequence: firstSequence + UInt64(index)) { eventsWereLost() }
        }
        sendEventsToAll()
        return drain()
    }

    /// Anything may have happened to any experiment.
    private func eventsWereLost() {
        known.forget(nil)
        lookAfterWaits(for: nil)
    }

    /// Its time is over: the client gets the experiment as it is.
    private func answer(_ wait: Waiting, at now: Moment) {
        if let json = known.json(wait.experiment) { return finish(wait.destination, .success(json)) }
        do {
            try ask(StoreQuestion(recordOf: wait.experiment, for: wait.destination, ExperimentsWait.name), at: now)
        } catch {
            finish(wait.destination, .failure(error))
        }
    }
}
