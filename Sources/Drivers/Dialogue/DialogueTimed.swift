import BoardProtocol
import DeviceModel
import Interlocks
import Quantities

/// What is to be done at a set time: sent to the device's board at once, which does it by its own clock. It waits
/// beside the commands that are done one after the other, and does not keep looks from being taken.
extension DialogueDriver {
    static var maximumTimed: Int { 256 }
    /// So long before a set time what goes on is not said again: it might arrive after it, and undo it.
    static var upkeepPause: WireDuration { .milliseconds(1000) }

    mutating func schedule(_ order: Order, at instant: WireInstant, at now: Moment) -> [DriverEffect] {
        func refused(_ why: String) -> [DriverEffect] { [.finished(order.id, .refused("\(device.name) \(why)"))] }
        guard case .ready = phase else { return refused("is not ready: wait until it is identified") }
        guard timed.count < Self.maximumTimed else { return refused("has \(timed.count) commands waiting") }
        guard running?.consequence != .actuates, queue.isEmpty else {
            return refused("has another command to do first")
        }
        switch device.timed(order.command) {
        case .done: return refused("has nothing to do for it")
        case .refused(let why): return [.finished(order.id, .refused(why))]
        case .job(let question):
            guard case .board(let message)? = device.request(of: question) else { return refused("is on no board") }
            lastRequest &+= 1
            timed[lastRequest] = Timed(order: order, at: instant)
            return [.relay(RelayRequest(id: lastRequest, message: message, at: instant), order.authority)]
        }
    }

    mutating func ended(_ due: Timed, _ outcome: RelayReply.Outcome, at now: Moment) -> [DriverEffect] {
        let id = due.order.id
        switch outcome {
        case .executed(let punctuality):
            device.happened(due.order.command, at: now)
            upkeep = Upkeep(authority: due.order.authority, dueAt: now.wire + device.upkeepInterval)
            nextLook = now.wire
            return [.executed(id, punctuality), .finished(id, .done)] + advance(at: now)
        case .refused(let code): return [.finished(id, .refused("\(device.name): \(BoardStatus(code: code).words)"))]
        case .failed(let why): return [.finished(id, .failed("\(device.name): \(why)"))]
        case .answer: return [.finished(id, .failed("\(device.name) answered before the time came"))]
        case .refusedByTrip: return [.finished(id, .droppedByTrip)]
        }
    }

    mutating func endTimed(_ outcome: CommandOutcome) -> [DriverEffect] {
        defer { timed = [:] }
        return timed.values.map(\.order.id).sorted().map { .finished($0, outcome) }
    }
}
