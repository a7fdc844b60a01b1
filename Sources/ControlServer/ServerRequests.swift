import ControlAPI
import Experiments
import Quantities
import Wire

/// From a line to its answer.
extension ControlServer {
    // MARK: Requests

    func handle(_ line: [UInt8], from id: ConnectionID, at now: Moment) {
        var known: [UInt8] = []
        if let connection = connections[id], appendKnownAnswer(to: line.span, from: connection, at: now, &known) {
            return send(known, to: id)
        }
        if line.first != UInt8(ascii: "{"), line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { return }
        do {
            let parsed = try JSONParser.parse(line)
            if case .array(let elements) = parsed.value {
                handle(batch: elements, parsed, from: id, at: now)
            } else {
                namesRead = nil
                handle(parsed.value, parsed, index: 0, from: id, batch: nil, at: now)
                if let names = namesRead, let requestID = parsed.numericIDs[0] {
                    knownReads.learn(line, id: requestID, names: names)
                }
            }
        } catch {
            let refusal = APIError.parse("\(error.detail), at byte \(error.offset)")
            send(Reply.line(.failure(refusal), id: Request.nullID), to: id)
        }
    }

    func handle(batch elements: [JSONValue], _ parsed: ParsedJSON, from id: ConnectionID, at now: Moment) {
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

    func handle(
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

    func perform(_ request: Request, for destination: Destination, at now: Moment) {
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
            let call = Call(caller: caller, connection: destination.connection, now: now)
            try go(on: try entry.answer(self, call, request.params), request.method, destination, at: now)
        } catch {
            finish(destination, .failure(error))
        }
    }

    private func go(
        on answer: EncodedAnswer, _ method: String, _ destination: Destination, at now: Moment
    ) throws(APIError) {
        switch answer {
        case .result(let json): finish(destination, .success(json))
        case .post(let control):
            try checkOutstanding(destination.connection)
            post(control, method: method, to: destination, at: now)
        case .record(let experiment):
            if let json = known.json(experiment) { return finish(destination, .success(json)) }
            try ask(StoreQuestion(recordOf: experiment, for: destination, method), at: now)
        case .read(let job): try ask(StoreQuestion(destination, method, job), at: now)
        case .wait(let experiment, let patience):
            try checkOutstanding(destination.connection)
            if let connection = connections[destination.connection], connection.caller.role >= .optimizer {
                connection.hasPosted = true
                effects.append(.attends(experiment: experiment, connection.caller))
            }
            waiting.append(Waiting(destination: destination, experiment: experiment, deadline: now.wire + patience))
            look(at: experiment)
        }
    }

    func checkOutstanding(_ id: ConnectionID) throws(APIError) {
        guard let connection = connections[id] else { return }
        let reads = connection.readsInFlight + connection.laterReads.count
        guard connection.outstanding - reads > APILimits.outstandingRequests else { return }
        throw .busy(
            "\(APILimits.outstandingRequests) requests of this connection wait for their answer",
            hint: "wait for answers before asking more, or subscribe to the topic experiments")
    }

    func post(_ request: ControlRequest, method: String, to destination: Destination, at now: Moment) {
        guard let caller = connections[destination.connection]?.caller else { return }
        let token = RequestToken(number: newNumber())
        let patience = request.patience(method)
        posted[token] = Posted(
            destination: destination, method: method, patience: patience, deadline: now.wire + patience)
        connections[destination.connection]?.hasPosted = true
        effects.append(.post(token, request, caller))
    }

    func reason(_ params: JSONValue?, _ id: ConnectionID) -> String {
        if let text = params?["reason"]?.text, !text.isEmpty { return String(text.prefix(APILimits.reasonCharacters)) }
        return "safe_state.trigger by uid \(connections[id]?.caller.uid ?? 0), no reason given"
    }

    func newNumber() -> UInt64 {
        lastNumber += 1
        return lastNumber
    }

    // MARK: Answers

    func finish(_ destination: Destination, _ outcome: Reply.Outcome) {
        let id = destination.connection
        if let outstanding = connections[id]?.outstanding { connections[id]?.outstanding = max(0, outstanding - 1) }
        if let number = destination.batch {
            finish(batch: number, destination, outcome)
        } else if let requestID = destination.id {
            send(Reply.line(outcome, id: requestID), to: id)
        }
        closeIfFinished(id)
    }

    func finish(batch number: UInt64, _ destination: Destination, _ outcome: Reply.Outcome) {
        guard var batch = batches.removeValue(forKey: number) else { return }
        batch.missing -= 1
        if let requestID = destination.id { batch.append(outcome, id: requestID, number: destination.number) }
        if batch.missing > 0 {
            batches[number] = batch
        } else if let line = batch.line {
            send(line, to: batch.connection)
        }
    }

    func refuseLongLine(from id: ConnectionID) {
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

    func closeIfFinished(_ id: ConnectionID) {
        if connections[id]?.isFinished == true { close(id) }
    }

    func drain() -> [ServerEffect] {
        defer { effects = [] }
        return effects
    }
}
