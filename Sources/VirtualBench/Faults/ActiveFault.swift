import Quantities

/// A fault that lasts, with what it started from.
struct ActiveFault: Sendable, Equatable {
    var device: String
    var fault: Fault
    var value: Double
    var since: BenchInstant
    var until: BenchInstant?
}

/// The faults of one bench at one time. A second fault of the same kind on the same device replaces the first.
struct FaultBoard: Sendable {
    private(set) var active: [ActiveFault] = []

    mutating func add(_ fault: ActiveFault) {
        active.removeAll { $0.device == fault.device && $0.fault == fault.fault }
        active.append(fault)
    }

    mutating func clear(device: String?) {
        active.removeAll { device == nil || $0.device == device }
    }

    /// Drops what has run out; whether anything did.
    mutating func expire(at instant: BenchInstant) -> Bool {
        let count = active.count
        active.removeAll { fault in fault.until.map { $0 <= instant } ?? false }
        return active.count != count
    }

    func find(_ fault: Fault, on device: String) -> ActiveFault? {
        active.first { $0.fault == fault && $0.device == device }
    }

    var next: BenchInstant? { active.compactMap(\.until).min() }
}
