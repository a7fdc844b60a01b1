import DeviceModel
import Drivers
import Interlocks
import Quantities

/// A board and the devices that are its channels: one of them has the line, the others ask through it.
extension ControlCore {
    mutating func fitBoards() {
        for link in links {
            guard let board = link.board else { continue }
            slots[board].driver.fit(link.channels.flatMap { slots[$0].driver.boardChannels })
            driverDeadlines[board] = slots[board].driver.deadline
        }
    }

    /// Several ask one board, so the core numbers the requests itself.
    mutating func relay(
        _ request: RelayRequest, _ authority: WriteAuthority, of index: Int, at now: Moment, _ out: inout [CoreEffect]
    ) {
        guard let link = linkIndexOf[slots[index].definition.link], let board = links[link].board else {
            let why = "the link \(slots[index].definition.link) has no board"
            deliver(.relayed(RelayReply(id: request.id, outcome: .failed(why))), to: [index], at: now, &out)
            return
        }
        let id = links[link].nextRequest
        links[link].nextRequest += 1
        links[link].requests[id] = (index, request.id, now.wire)
        let numbered = RelayRequest(
            id: id, message: request.message, at: request.at, isUrgent: request.isUrgent)
        perform(slots[board].driver.relay(numbered, authority, at: now), of: board, at: now, &out)
    }

    mutating func relayed(_ reply: RelayReply, by board: Int, at now: Moment, _ out: inout [CoreEffect]) {
        guard let link = linkIndexOf[slots[board].definition.link],
            let (device, driverID, _) = links[link].requests.removeValue(forKey: reply.id)
        else { return }
        deliver(.relayed(RelayReply(id: driverID, outcome: reply.outcome)), to: [device], at: now, &out)
    }

    mutating func changed(
        _ presence: BoardPresence, of board: Int, at now: Moment, _ out: inout [CoreEffect]
    ) {
        guard let link = linkIndexOf[slots[board].definition.link] else { return }
        switch presence {
        case .usable(let identity):
            for index in links[link].channels {
                slots[index].retryAt = nil
                deliver(.opened(identity: identity), to: [index], at: now, &out)
                tellUnseen(index, at: now, &out)
            }
        case .gone(let reason):
            links[link].requests = [:]
            for index in links[link].channels {
                slots[index].retryAt = nil
                lost(index, reason, at: now, &out)
            }
        }
    }
}
