import Archive
import ControlCore
import ControlServer
import DeviceModel
import Drivers
import Experiments
import Interlocks
import Quantities
import Simulation
import VirtualBench

/// What stands for the daemon's shell: links, the archive's thread, and sockets.
extension Trial {
    func perform(_ action: LinkAction, on link: LinkName) {
        switch action {
        case .open:
            let isThere = bench.isPlugged(link.text)
            if !isThere { pulled.insert(link) }
            let event: LinkEvent = isThere ? .opened(identity: "virtual:\(link)") : .closed(reason: "no such port")
            later(.link(link, event), after: SimulatedLab.openTime)
        case .close:
            wire.closed(link)
            bench.disconnect(link.text)
        case .send(let bytes, let authority):
            if writeTime > .zero {
                later(.write(link, bytes, authority), after: writeTime)
            } else {
                write(bytes, authority, to: link)
            }
        case .modbus(let request, let authority, let urgent):
            guard wire.post(request, authority, urgent: urgent, on: link) else {
                let reply = ModbusReply(id: request.id, outcome: .failed("the bus takes no more requests"))
                return later(.link(link, .modbus(reply)), after: .zero)
            }
            runBus(link)
        case .flush(let epoch):
            for request in wire.flush(link, epoch) {
                later(.link(link, .modbus(ModbusReply(id: request.id, outcome: .refusedByTrip))), after: .zero)
            }
        }
    }

    func write(_ bytes: [UInt8], _ authority: WriteAuthority, to link: LinkName) {
        guard let epoch = daemon?.epoch, wire.open.contains(link), authority.isValid(in: epoch) else {
            return
        }
        bench.send(bytes, to: link.text, at: now)
    }

    /// One transaction at a time; the permit is looked at right before it.
    func runBus(_ link: LinkName) {
        while let epoch = daemon?.epoch, let next = wire.begin(on: link, epoch) {
            guard next.isAdmitted else {
                later(
                    .link(link, .modbus(ModbusReply(id: next.request.id, outcome: .refusedByTrip))), after: .zero)
                continue
            }
            return transact(next.request, on: link)
        }
    }

    func transact(_ request: ModbusRequest, on link: LinkName) {
        let unit = request.unit == SimulatedLab.moduleUnit ? "io" : link.text
        guard let answer = bench.handleModbus(request.operation.pdu, link: unit, at: now),
            answer.due <= now.wire + SimulatedLab.modbusTimeout
        else {
            let reply = ModbusReply(id: request.id, outcome: .failed("Connection timed out"))
            return later(.modbusAnswer(link, reply), after: SimulatedLab.modbusTimeout)
        }
        let outcome = ModbusPDU.decode(answer.pdu, answering: request.operation)
        later(.modbusAnswer(link, ModbusReply(id: request.id, outcome: outcome)), after: answer.due - now.wire)
    }

    func dropUnplugged() {
        guard bench.hasUnplugged || !pulled.isEmpty else { return }
        for link in wire.open.sorted() where !bench.isPlugged(link.text) {
            wire.closed(link)
            pulled.insert(link)
            deliver(.link(link, .closed(reason: "hung up")))
        }
        for link in pulled.sorted() where bench.isPlugged(link.text) {
            pulled.remove(link)
            if hearsOfPlugs { later(.link(link, .present), after: SimulatedLab.openTime) }
        }
    }

    // MARK: The archive

    func wakeArchive(after span: WireDuration) {
        guard let daemon, !daemon.archiveTurnIsDue else { return }
        daemon.archiveTurnIsDue = true
        later(.archiveTurn, after: max(span, diskHangsUntil - now.wire))
    }

    func turnArchive() {
        guard let daemon else { return }
        daemon.archiveTurnIsDue = false
        let batches = daemon.archiveMail
        daemon.archiveMail = []
        for report in daemon.keeper.work(batches, at: now) { tellLoop(report) }
        if batches.isEmpty { for report in daemon.keeper.rest(at: now) { tellLoop(report) } }
        daemon.sendBatches()
        if daemon.keeper.isFailing {
            wakeArchive(after: max(.milliseconds(200), daemon.keeper.deadline - now.wire))
        } else if !daemon.archiveMail.isEmpty {
            wakeArchive(after: commitTime)
        }
    }

    func tellLoop(_ report: ArchiveKeeper.Report) {
        switch report {
        case .committed(let batch): later(.toLoop(.archived(batch: batch)), after: .microseconds(50))
        case .failed(let text): later(.toLoop(.archiveFailed(text)), after: .microseconds(50))
        case .full(let text): later(.toLoop(.shutdown(reason: text)), after: .microseconds(50))
        case .upkeepFailed: break
        }
    }

    // MARK: The API

    func tellAPI(_ message: SimulatedDaemon.APIMessage) {
        daemon?.apiMail.append(message)
        wakeAPI(after: apiTime)
    }

    func wakeAPI(after span: WireDuration) {
        guard let daemon else { return }
        let due = now.wire + span
        if let set = daemon.apiTurnAt, set <= due { return }
        daemon.apiTurnAt = due
        // A deadline that is far away is set anew after each message.
        if daemon.apiTurns.insert(due).inserted { later(.apiTurn, after: span) }
    }

    func turnAPI() {
        guard let daemon else { return }
        daemon.apiTurns.remove(now.wire)
        guard daemon.apiTurnAt.map({ $0 <= now.wire }) ?? false else { return }
        daemon.apiTurnAt = nil
        let mail = daemon.apiMail.prefix(SimulatedDaemon.messagesPerTurn)
        daemon.apiMail.removeFirst(mail.count)
        for message in mail {
            switch message {
            case .reply(let token, let reply):
                perform(daemon.server.deliver(reply: reply, for: token, at: now))
            case .read(let answer): perform(daemon.server.deliver(read: answer, at: now))
            case .event(let event): perform(daemon.server.deliver(events: [event]))
            case .readings(let first, let readings):
                perform(daemon.server.deliver(readings: readings, firstSequence: first))
            }
        }
        perform(daemon.server.work(at: now))
        perform(daemon.server.advance(to: now))
        daemon.news += daemon.server.takeDeparted().map { .clientGone($0.number) }
        for input in daemon.news { later(.toLoop(input), after: .microseconds(20)) }
        daemon.news = []
        if !daemon.apiMail.isEmpty { return wakeAPI(after: apiTime) }
        if let deadline = daemon.server.deadline { wakeAPI(after: max(apiTime, deadline - now.wire)) }
    }

    /// A client comes in, by the number of its connection.
    func connect(_ connection: UInt64, _ caller: Caller) -> Bool {
        guard let daemon else { return false }
        // Who has to make room is heard first, as the daemon does.
        if let leaving = daemon.server.nextToClose { perform(daemon.server.hearOut(leaving, at: now)) }
        perform(daemon.server.connect(ConnectionID(number: connection), caller))
        return true
    }

    func hear(_ connection: UInt64) {
        guard let daemon, let client = client(connection) else { return }
        let id = ConnectionID(number: connection)
        guard daemon.server.acceptsInput(id) else { return later(.fromClient(connection), after: Self.socketPatience) }
        guard let words = client.nextWords(connection) else { return }
        switch words {
        case .bytes(let bytes): perform(daemon.server.receive(id, bytes, at: now))
        case .halfClose: perform(daemon.server.halfClosed(id, at: now))
        case .hangUp:
            perform(daemon.server.hearOut(id, at: now))
            daemon.server.disconnected(id)
            client.hungUp(connection)
        }
        wakeAPI(after: apiTime)
    }

    func perform(_ effects: [ServerEffect]) {
        for effect in effects {
            switch effect {
            case .send(let connection, let bytes): client(connection.number)?.receive(bytes, connection.number, self)
            case .close(let connection): client(connection.number)?.closed(connection.number, self)
            case .post(let token, let request, let caller):
                later(.toLoop(.request(token, request, caller)), after: .microseconds(20))
            case .attends(let experiment, let caller):
                daemon?.news.append(.attends(experiment: experiment, caller))
            case .read(let request):
                later(.read(request), after: max(.microseconds(100), diskHangsUntil - now.wire))
            }
        }
    }

    /// Connections are numbered by client: client n has n, n + 1000, n + 2000, …
    func client(_ connection: UInt64) -> SimulatedClient? {
        let index = Int(connection % SimulatedClient.numberStride)
        return clients.indices.contains(index) ? clients[index] : nil
    }
}
