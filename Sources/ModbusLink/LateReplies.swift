import DeviceModel
import Quantities

/// Which questions of a serial line may still be answered late, and so be taken for the answer to a later one.
///
/// A reply by Modbus RTU names its unit, its function and how many bytes of data it has, but not the question. Units
/// answer in the order in which they were asked. So after a question that got no answer, none of the same shape is asked
/// before one of another shape was answered: what comes after that cannot belong to the lost one.
struct LateReplies {
    /// What a reply says of its question.
    private struct Shape: Hashable, Comparable {
        let function: UInt8
        let dataLength: Int

        /// nil for a write: it is echoed with its address and value.
        init?(_ operation: ModbusRequest.Operation) {
            guard let length = operation.dataLength else { return nil }
            (function, dataLength) = (operation.function, length)
        }

        static func < (a: Self, b: Self) -> Bool { (a.function, a.dataLength) < (b.function, b.dataLength) }
    }

    private struct Question {
        let operation: ModbusRequest.Operation
        let askedAt: WireInstant
    }

    private struct Unit {
        var unanswered: [Shape: Question] = [:]
        /// A question of each shape that the unit has answered.
        var proven: [Shape: ModbusRequest.Operation] = [:]
        var lastLoss = ""
    }

    /// After so long an answer will not come any more.
    private let latest: WireDuration
    private var units: [UInt8: Unit] = [:]

    init(latest: WireDuration) { self.latest = latest }

    /// Whether an answer to this request could be an earlier one's. Only reads can be confused.
    func areAmbiguous(for request: ModbusRequest, at now: WireInstant) -> Bool {
        guard let shape = Shape(request.operation), let unit = units[request.unit],
            let earlier = unit.unanswered[shape], now - earlier.askedAt < latest
        else { return false }
        // A unit that was never heard may be asked the same again: it is the same answer.
        return earlier.operation != request.operation || !unit.proven.isEmpty
    }

    /// Whether an answer of any kind may still be under way from a unit.
    func mayCome(from unit: UInt8, at now: WireInstant) -> Bool {
        units[unit]?.unanswered.values.contains { now - $0.askedAt < latest } ?? false
    }

    /// A question that the unit has answered before and whose answer is like none that may still come.
    func probe(of unit: UInt8, at now: WireInstant) -> ModbusRequest? {
        guard let known = units[unit] else { return nil }
        let free = known.proven.keys.sorted().first { shape in
            known.unanswered[shape].map { now - $0.askedAt >= latest } ?? true
        }
        guard let shape = free, let operation = known.proven[shape] else { return nil }
        return ModbusRequest(id: 0, unit: unit, operation: operation)
    }

    /// What came, or did not, in place of the last answer that was lost.
    func lastLoss(of unit: UInt8) -> String { units[unit]?.lastLoss ?? "" }

    mutating func wasLost(_ request: ModbusRequest, askedAt: WireInstant, _ why: String) {
        guard let shape = Shape(request.operation) else { return }
        units[request.unit, default: Unit()].unanswered[shape] = Question(
            operation: request.operation, askedAt: askedAt)
        units[request.unit]?.lastLoss = why
    }

    /// Everything asked before it was answered or never will be.
    mutating func wasAnswered(_ request: ModbusRequest) {
        guard let shape = Shape(request.operation) else { return }
        var unit = units[request.unit] ?? Unit()
        unit.unanswered = [:]
        unit.proven[shape] = request.operation
        units[request.unit] = unit
    }
}
