import DeviceModel
import Interlocks
import Platform
import Quantities
import Synchronization

/// The life of a bus thread: keep the link open, answer requests one by one, never wait for the dead.
final class ModbusWorker {
    private let endpoint: ModbusEndpoint
    private let settings: ModbusSettings
    private let shared: ModbusBusShared
    private let epoch: SharedTripEpoch
    private let onEvent: @Sendable (ModbusBusEvent) -> Void

    private var context: ModbusContext?
    private var linkBackOff: BackOff
    /// Why the link is not open.
    private var whyClosed = "not opened yet"
    /// The pause of each slave that did not answer its last request.
    private var slaveBackOffs: [UInt8: BackOff] = [:]
    /// Silences in a row of each slave.
    private var slaveSilences: [UInt8: Int] = [:]
    /// Kept while the link is closed: a slave does not know of that.
    private var late: LateReplies
    /// Requests without an answer since the last answer from anybody.
    private var silences = 0
    /// Taken out of the mailbox by a flush and not asked yet.
    private var backlog: ArraySlice<QueuedRequest> = []
    private var flushesSeen: UInt64 = 0

    init(
        _ endpoint: ModbusEndpoint, _ settings: ModbusSettings, _ shared: ModbusBusShared, _ epoch: SharedTripEpoch,
        _ onEvent: @escaping @Sendable (ModbusBusEvent) -> Void
    ) {
        self.endpoint = endpoint
        self.settings = settings
        self.shared = shared
        self.epoch = epoch
        self.onEvent = onEvent
        linkBackOff = settings.backOff
        late = LateReplies(latest: settings.latestReply)
    }

    func run() {
        while !shared.isStopping.load(ordering: .acquiring) {
            hearOfPort()
            if context == nil, linkBackOff.isDue(at: wireNow()) { connect() }
            sweepIfFlushed()
            if let urgent = shared.urgent.take() {
                serve(urgent, urgent: true)
            } else if let next = takeNext() {
                serve(next, urgent: false)
            } else {
                waitForWork()
            }
        }
        finish()
    }

    // MARK: - Requests

    private func takeNext() -> QueuedRequest? { backlog.popFirst() ?? shared.queue.take() }

    private func serve(_ queued: QueuedRequest, urgent: Bool) {
        let now = wireNow()
        let unit = queued.request.unit
        if context == nil, urgent { connect() }
        guard context != nil else { return answer(queued, .failed("\(endpoint) is not open: \(whyClosed)")) }
        guard urgent || slaveBackOffs[unit]?.isDue(at: now) ?? true else {
            return answer(queued, .failed("unit \(unit) does not answer; it is asked again within 10 s"))
        }
        guard canTellReplies(of: queued, at: now) else { return }
        // The last look before the wire: a trip since the permit makes it worthless.
        guard isStillPermitted(queued) else { return answer(queued, .refusedByTrip) }
        conclude(queued, perform(queued.request))
    }

    /// Asks, and keeps in mind what the answer says of the slave and of what may still come from it.
    private func perform(_ request: ModbusRequest) -> ModbusAttempt {
        let now = wireNow()
        shared.busySince.store(now.nanoseconds, ordering: .relaxed)
        defer { shared.busySince.store(0, ordering: .relaxed) }
        guard var attempt = context?.perform(request) else { return .broken(whyClosed) }
        guard case .rtu = endpoint else { return attempt }
        if case .answered(.exception(let code)) = attempt, !request.operation.isWrite,
            late.mayCome(from: request.unit, at: now)
        {
            attempt = .garbled("exception \(code), which may answer an earlier question")
        }
        switch attempt {
        case .answered(.registers), .answered(.bits): late.wasAnswered(request)
        case .answered: break
        case .silent(let why), .garbled(let why), .broken(let why): late.wasLost(request, askedAt: now, why)
        }
        return attempt
    }

    /// Whether an answer would certainly be this request's. Where an earlier question's may still come, a probe goes
    /// first, and then what is urgent by then.
    private func canTellReplies(of queued: QueuedRequest, at now: WireInstant) -> Bool {
        guard late.areAmbiguous(for: queued.request, at: now) else { return true }
        let unit = queued.request.unit
        guard let probe = late.probe(of: unit, at: now) else {
            let wait = Int(settings.latestReply.seconds.rounded(.up))
            let why = "\(late.lastLoss(of: unit)); its answer may still come, and nothing is asked for \(wait) s"
            answer(queued, .failed("unit \(unit): \(why)"))
            return false
        }
        let attempt = perform(probe)
        if case .answered = attempt {
            heard(from: unit)
            backlog.insert(queued, at: backlog.startIndex)
        } else {
            conclude(queued, attempt)
        }
        return false
    }

    private func heard(from unit: UInt8) {
        silences = 0
        slaveSilences[unit] = nil
        slaveBackOffs[unit] = nil
    }

    private func conclude(_ queued: QueuedRequest, _ attempt: ModbusAttempt) {
        let unit = queued.request.unit
        switch attempt {
        case .answered(let outcome):
            heard(from: unit)
            answer(queued, outcome)
        case .silent(let reason):
            silences += 1
            slaveSilences[unit, default: 0] += 1
            if slaveSilences[unit, default: 0] >= endpoint.silencesToPause {
                slaveBackOffs[unit, default: settings.backOff].failed(at: wireNow())
            }
            answer(queued, .failed("unit \(unit): \(reason)"))
            if case .tcp = endpoint, silences >= settings.silencesToReconnect {
                close(reason: "\(silences) requests in a row without an answer")
            }
        case .garbled(let reason):
            answer(queued, .failed("unit \(unit): \(reason)"))
        case .broken(let reason):
            answer(queued, .failed(reason))
            close(reason: reason)
        }
    }

    private func isStillPermitted(_ queued: QueuedRequest) -> Bool {
        queued.authority.isValid(in: epoch.current) && !isFlushed(queued)
    }

    private func isFlushed(_ queued: QueuedRequest) -> Bool {
        guard case .permit(let stamp) = queued.authority, !stamp.makesSafe else { return false }
        return queued.flushes < shared.flushes.load(ordering: .acquiring)
    }

    /// After a flush: answers the writes that wait without letting the questions before them go first.
    private func sweepIfFlushed() {
        let flushes = shared.flushes.load(ordering: .acquiring)
        guard flushes != flushesSeen else { return }
        flushesSeen = flushes
        var waiting = Array(backlog)
        while waiting.count < settings.queueCapacity, let queued = shared.queue.take() { waiting.append(queued) }
        for queued in waiting where isFlushed(queued) { answer(queued, .refusedByTrip) }
        backlog = waiting.filter { !isFlushed($0) }[...]
    }

    private func answer(_ queued: QueuedRequest, _ outcome: ModbusReply.Outcome) {
        onEvent(.reply(ModbusReply(id: queued.request.id, outcome: outcome), owner: queued.owner))
    }

    // MARK: - The link

    /// What the host says of the port; of another node than the open one it says nothing.
    private func hearOfPort() {
        let (gone, hasCome) = shared.port.withLock { news in
            defer { (news.gone, news.hasCome) = (nil, false) }
            return (news.gone, news.hasCome)
        }
        if let gone, context != nil, shared.port.withLock({ $0.node }) == gone.node { close(reason: gone.reason) }
        if hasCome { linkBackOff.succeeded() }
    }

    private func connect() {
        do {
            let opened = try ModbusContext(endpoint, responseTimeout: settings.responseTimeout)
            let (identity, node) = (opened.identity, opened.node)
            shared.port.withLock { $0.node = node }
            context = consume opened
            linkBackOff.succeeded()
            silences = 0
            onEvent(.opened(identity: identity))
        } catch {
            whyClosed = error.description
            linkBackOff.failed(at: wireNow())
            onEvent(.unreachable(reason: whyClosed))
        }
    }

    /// Closes a link that was open. The next opening waits out a pause: a peer that accepts and then fails is as dead as
    /// one that refuses.
    private func close(reason: String) {
        context = nil
        shared.port.withLock { $0.node = nil }
        whyClosed = reason
        slaveBackOffs = [:]
        slaveSilences = [:]
        linkBackOff.failed(at: wireNow())
        onEvent(.closed(reason: reason))
    }

    // MARK: - Waiting

    /// The wake-up is cleared before the next look at anything that signals it, so no signal is lost.
    private func waitForWork() {
        var timeout: WireDuration?
        if context == nil, let next = linkBackOff.next { timeout = max(.zero, next - wireNow()) }
        if shared.wake.wait(timeout: timeout) { shared.wake.clear() }
    }

    /// At the end: safe-state writes go out, everything else is answered as not done.
    private func finish() {
        while let urgent = shared.urgent.take() { serve(urgent, urgent: true) }
        while let left = takeNext() { answer(left, .failed("the bus is stopping")) }
        if context != nil { close(reason: "the bus is stopping") }
    }
}
