import DeviceModel
import Quantities

/// Which questions of a serial line may still be answered late, and so be taken for the answer to a later one.
///
/// A reply by Modbus RTU names its unit, its function and how many registers it has, but not the question. Units answer
/// in the order in which they were asked. So after a question that got no answer, none of the same shape is asked before
/// one of another shape was answered: what comes after that cannot belong to the lost one.
struct LateReplies {
    private struct Question {
        let address: UInt16
        let askedAt: WireInstant
    }

    private struct Unit {
        /// By how many registers were asked for.
        var unanswered: [UInt16: Question] = [:]
        /// An address of each shape that the unit has answered.
        var proven: [UInt16: UInt16] = [:]
        var lastLoss = ""
    }

    /// After so long an answer will not come any more.
    private let latest: WireDuration
    private var units: [UInt8: Unit] = [:]

    init(latest: WireDuration) { self.latest = latest }

    /// Whether an answer to this request could be an earlier one's. Only reads can be confused: a write is echoed with its
    /// address and value.
    func areAmbiguous(for request: ModbusRequest, at now: WireInstant) -> Bool {
        guard case .readHoldingRegisters(let address, let count) = request.operation, let unit = units[request.unit],
            let earlier = unit.unanswered[count], now - earlier.askedAt < latest
        else { return false }
        // A unit that was never heard may be asked the same again: it is the same answer.
        return earlier.address != address || !unit.proven.isEmpty
    }

    /// Whether an answer of any kind may still be under way from a unit.
    func mayCome(from unit: UInt8, at now: WireInstant) -> Bool {
        units[unit]?.unanswered.values.contains { now - $0.askedAt < latest } ?? false
    }

    /// A question that the unit has answered before and whose answer is like none that may still come.
    func probe(of unit: UInt8, at now: WireInstant) -> ModbusRequest? {
        guard let known = units[unit] else { return nil }
        let free = known.proven.keys.sorted().first { count in
            known.unanswered[count].map { now - $0.askedAt >= latest } ?? true
        }
        guard let count = free, let address = known.proven[count] else { return nil }
        return ModbusRequest(id: 0, unit: unit, operation: .readHoldingRegisters(address: address, count: count))
    }

    /// What came, or did not, in place of the last answer that was lost.
    func lastLoss(of unit: UInt8) -> String { units[unit]?.lastLoss ?? "" }

    mutating func wasLost(_ request: ModbusRequest, askedAt: WireInstant, _ why: String) {
        guard case .readHoldingRegisters(let address, let count) = request.operation else { return }
        units[request.unit, default: Unit()].unanswered[count] = Question(address: address, askedAt: askedAt)
        units[request.unit]?.lastLoss = why
    }

    /// Everything asked before it was answered or never will be.
    mutating func wasAnswered(_ request: ModbusRequest) {
        guard case .readHoldingRegisters(let address, let count) = request.operation else { return }
        var unit = units[request.unit] ?? Unit()
        unit.unanswered = [:]
        unit.proven[count] = address
        units[request.unit] = unit
    }
}
