import ControlAPI
import Experiments
import Quantities

/// From a question to the store and back.
extension ControlServer {
    /// Looks of one connection that the store has at a time; the others wait for their turn, so that no client keeps the
    /// store to itself.
    static let readsAtOnce = 4

    func ask(_ question: StoreQuestion, at now: Moment) throws(APIError) {
        let id = question.destination.connection
        guard let connection = connections[id] else { return }
        guard connection.laterReads.count < APILimits.waitingReads else {
            throw .busy(
                "\(APILimits.waitingReads) questions of this connection wait for the archive",
                hint: "read the answers before asking more")
        }
        connection.laterReads.append(question)
        withLaterReads.insert(id)
        startReads(of: id, at: now)
    }

    func canStartReads(_ id: ConnectionID) -> Bool {
        guard let connection = connections[id] else { return false }
        return !connection.laterReads.isEmpty && connection.readsInFlight < Self.readsAtOnce
            && connection.unwritten < APILimits.outputSoftBytes
    }

    func startReads(of id: ConnectionID, at now: Moment) {
        while canStartReads(id), let connection = connections[id], let question = connection.laterReads.popFirst() {
            connection.readsInFlight += 1
            let deadline = now.wire + .seconds(APILimits.controlReplySeconds)
            start(question.job, .answer(question, deadline: deadline))
        }
        if connections[id]?.laterReads.isEmpty ?? true { withLaterReads.remove(id) }
    }

    private func start(_ job: @escaping ReadRequest.Job, _ purpose: StoreReads.Purpose) {
        let token = RequestToken(number: newNumber())
        reads.inFlight[token] = (purpose, known.changes)
        effects.append(.read(ReadRequest(token: token, job: job)))
    }

    /// The store's answer; ignored when its client has gone or was told that it came too late.
    public func deliver(read answer: ReadAnswer, at now: Moment) -> [ServerEffect] {
        guard let (purpose, changes) = reads.inFlight.removeValue(forKey: answer.token) else { return [] }
        switch purpose {
        case .look(let experiment): looked(at: experiment, answer.outcome)
        case .answer(let question, _):
            let id = question.destination.connection
            connections[id]?.readsInFlight -= 1
            if case .success(.record(let json, _)) = answer.outcome, let record = question.record,
                changes == known.changes
            {
                known.keep(record, json)
            }
            conclude(question, answer.outcome, at: now)
            startReads(of: id, at: now)
        }
        return drain()
    }

    private func conclude(_ question: StoreQuestion, _ outcome: Result<StoredAnswer, APIError>, at now: Moment) {
        do {
            switch try outcome.get() {
            case .json(let json), .record(let json, _): finish(question.destination, .success(json))
            case .post(let request):
                try checkOutstanding(question.destination.connection)
                post(request, method: question.method, to: question.destination, at: now)
            }
        } catch {
            finish(question.destination, .failure(error))
        }
    }

    /// Those whom the store has kept waiting for too long.
    func endLateReads(at now: Moment) {
        let late = reads.inFlight.filter { StoreReads.deadline($0.value).map { $0 <= now.wire } ?? false }
        for (token, entry) in late.sorted(by: { $0.key.number < $1.key.number }) {
            reads.inFlight.removeValue(forKey: token)
            guard case .answer(let question, _) = entry.purpose else { continue }
            connections[question.destination.connection]?.readsInFlight -= 1
            finish(question.destination, .failure(Self.noAnswer("archive", to: question.method)))
            startReads(of: question.destination.connection, at: now)
        }
    }

    // MARK: Waits

    /// Whether an experiment that is waited for has ended.
    func look(at experiment: String) {
        guard reads.looks[experiment] == nil else { return reads.looks[experiment] = true }
        reads.looks[experiment] = false
        start(ReadRequest.record(experiment), .look(experiment))
    }

    private func looked(at experiment: String, _ outcome: Result<StoredAnswer, APIError>) {
        let hasChanged = reads.looks.removeValue(forKey: experiment) ?? false
        let candidates = waiting.filter { $0.experiment == experiment }
        switch outcome {
        case .success(.record(let json, isFinal: true)): end(candidates, .success(json))
        case .success:
            for index in waiting.indices where waiting[index].experiment == experiment { waiting[index].isKnown = true }
            if hasChanged { look(at: experiment) }
        // Who has waited for a while goes on: it may be readable again in time.
        case .failure(let error): end(candidates.filter { !$0.isKnown }, .failure(error))
        }
    }

    private func end(_ waits: [Waiting], _ outcome: Reply.Outcome) {
        for wait in waits {
            waiting.removeAll { $0.destination.number == wait.destination.number }
            finish(wait.destination, outcome)
        }
    }

    /// An experiment that is waited for may have ended.
    ///
    /// - Parameter experiment: nil looks at all that are waited for.
    func lookAfterWaits(for experiment: String?) {
        let names = Set(waiting.map(\.experiment)).filter { experiment == nil || $0 == experiment }
        for name in names.sorted() { look(at: name) }
    }
}
