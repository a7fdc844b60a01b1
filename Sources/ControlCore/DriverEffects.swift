import DeviceModel
import Drivers
import Interlocks
import Quantities

/// What the drivers want, done.
extension ControlCore {
    mutating func deliver(_ event: LinkEvent, to devices: [Int], at now: Moment, _ out: inout [CoreEffect]) {
        for index in devices {
            let effects = slots[index].driver.handle(event, at: now)
            perform(effects, of: index, at: now, &out)
        }
    }

    mutating func perform(_ effects: [DriverEffect], of index: Int, at now: Moment, _ out: inout [CoreEffect]) {
        driverDeadlines[index] = slots[index].driver.deadline
        for effect in effects {
            switch effect {
            case .send(let bytes, let authority):
                guard interlocks.admits(authority) else { continue }
                let link = slots[index].definition.link
                if let number = linkIndexOf[link] { traffic[number].sent(at: now.wire) }
                out.append(.link(link, .send(bytes, authority)))
            case .modbus(let request, let authority, let urgent):
                guard interlocks.admits(authority) else { continue }
                out.append(busRequest(request, authority, urgent: urgent, of: index, at: now))
            case .relay(let request, let authority):
                guard interlocks.admits(authority) else {
                    let reply = RelayReply(id: request.id, outcome: .refusedByTrip)
                    deliver(.relayed(reply), to: [index], at: now, &out)
                    continue
                }
                relay(request, authority, of: index, at: now, &out)
            case .relayed(let reply): relayed(reply, by: index, at: now, &out)
            case .channels(let presence): changed(presence, of: index, at: now, &out)
            case .reading(let reading): take(reading, at: now, &out)
            case .state(let state): changed(index, to: state, at: now, &out)
            case .readBack(let readBack): judge(readBack, of: index, at: now, &out)
            case .executed(let id, let punctuality): out.append(.notice(.executed(id, punctuality)))
            case .finished(let id, let outcome):
                slots[index].outstanding.remove(id)
                slots[index].judgeFrom = now.wire
                commandEnded(id, isDone: outcome == .done, on: index, at: now, &out)
                out.append(.notice(.finished(id, slots[index].definition.name, outcome)))
            case .confirmed(let id):
                slots[index].outstanding.remove(id)
                slots[index].judgeFrom = now.wire
            case .burst(let burst): out.append(.notice(.burst(burst)))
            case .result(let result): out.append(.notice(.result(result)))
            case .reopen(let reason):
                guard let link = linkIndexOf[slots[index].definition.link], links[link].isOpen else { continue }
                guard links[link].listeners == [index] else {
                    setAside(index, on: link, reason, at: now, &out)
                    continue
                }
                out.append(.link(links[link].name, .close))
                linkLost(link, reason, at: now, &out)
            }
        }
    }

    /// A reading enters the process image and is judged at once.
    mutating func take(_ reading: Reading, at now: Moment, _ out: inout [CoreEffect]) {
        image[reading.signal] = reading
        out.append(.notice(.reading(reading)))
        tripped(interlocks.observe(reading, at: now), at: now, &out)
    }

    /// Devices share a bus, so the bus numbers the requests itself.
    private mutating func busRequest(
        _ request: ModbusRequest, _ authority: WriteAuthority, urgent: Bool, of index: Int, at now: Moment
    ) -> CoreEffect {
        let name = slots[index].definition.link
        guard let link = linkIndexOf[name] else { preconditionFailure("every device's link has a slot") }
        let id = links[link].nextRequest
        links[link].nextRequest += 1
        links[link].requests[id] = (index, request.id, now.wire)
        let numbered = ModbusRequest(id: id, unit: request.unit, operation: request.operation)
        return .link(name, .modbus(numbered, authority, urgent: urgent))
    }

    private mutating func changed(_ index: Int, to state: DeviceState, at now: Moment, _ out: inout [CoreEffect]) {
        guard slots[index].state != state else { return }
        slots[index].state = state
        slots[index].since = now
        if state == .ready, let link = linkIndexOf[slots[index].definition.link] {
            links[link].wait = limits.reconnectFirst
            slots[index].wait = limits.reconnectFirst
            if proofs[index] != nil { tellSafe(index, at: now, &out) }
        }
        let name = slots[index].definition.name
        out.append(.notice(.device(name, state)))
        if state != .identifying, state == .ready || !isEnding {
            tripped(interlocks.observe(name, isReady: state == .ready, at: now), at: now, &out)
        }
    }

    mutating func open(_ index: Int, at now: Moment, _ out: inout [CoreEffect]) {
        links[index].retryAt = nil
        links[index].triedAt = now.wire
        out.append(.link(links[index].name, .open))
    }

    /// Its port is there: a link that waits is tried now, and after that as if it had just been lost, because the device
    /// behind it may still be booting. One that is open says itself when it is lost.
    mutating func portCame(_ index: Int, at now: Moment) {
        guard !links[index].isOpen else { return }
        let soonest = max(now.wire, links[index].triedAt.map { $0 + CoreLimits.presentPause } ?? now.wire)
        links[index].retryAt = min(links[index].retryAt ?? soonest, soonest)
        links[index].wait = limits.reconnectFirst
    }

    /// A link is gone: nothing that was asked of it is asked again, nothing that ran on it is owned any more.
    mutating func linkLost(_ index: Int, _ reason: String, at now: Moment, _ out: inout [CoreEffect]) {
        links[index].isOpen = false
        traffic[index].closed()
        links[index].requests = [:]
        links[index].retryAt = now.wire + links[index].wait
        for device in links[index].devices {
            slots[device].retryAt = nil
            lost(device, reason, at: now, &out)
        }
        let owes = links[index].devices.contains { proofs[$0] != nil }
        links[index].wait = next(after: links[index].wait, owes: owes)
    }

    /// One of several devices on a bus does not answer: it alone starts over, and the bus stays open for the others.
    private mutating func setAside(
        _ index: Int, on link: Int, _ reason: String, at now: Moment, _ out: inout [CoreEffect]
    ) {
        links[link].requests = links[link].requests.filter { $0.value.device != index }
        slots[index].retryAt = now.wire + slots[index].wait
        lost(index, reason, at: now, &out)
        slots[index].wait = next(after: slots[index].wait, owes: proofs[index] != nil)
    }

    /// - Parameter owes: somebody there has not shown the safe state that it is owed, and may run.
    private func next(after wait: WireDuration, owes: Bool) -> WireDuration {
        min(wait + wait, owes ? min(CoreLimits.reconnectOwed, limits.reconnectLongest) : limits.reconnectLongest)
    }

    mutating func startOver(_ index: Int, at now: Moment, _ out: inout [CoreEffect]) {
        slots[index].retryAt = nil
        guard let link = linkIndexOf[slots[index].definition.link], links[link].isOpen else { return }
        // A board that is not ready tells its channels when it is.
        if let board = links[link].board, slots[board].state != .ready { return }
        deliver(.opened(identity: links[link].identity), to: [index], at: now, &out)
        tellUnseen(index, at: now, &out)
    }

    mutating func lost(_ index: Int, _ reason: String, at now: Moment, _ out: inout [CoreEffect]) {
        // It may run on, and be deaf to nothing but our ears: it is told to stop as soon as it can be, until it shows it.
        if slots[index].isOwned, proofs[index] == nil {
            proofs[index] = PendingProof(since: now.wire, deadline: now.wire + limits.verifyWithin, escalations: 1)
        }
        slots[index].isOwned = false
        slots[index].isFoundRunning = false
        slots[index].readBack = nil
        deliver(.closed(reason: reason), to: [index], at: now, &out)
        changed(index, to: .offline(reason), at: now, &out)
    }
}
