import DeviceModel
import Quantities

/// Flows on their way up: told, confirmed, reported, and given time to rise.
///
/// A pump reports its motor; the liquid follows as the syringe's and the tube's compliance lets it. What the motor
/// displaces meanwhile must not count as swept.
struct FlowStart: Hashable, Sendable {
    /// The pumps' own report may differ from what was planned by this fraction.
    static let tolerance = 0.01

    let flows: [String: FlowRate]
    let rise: BenchDuration
    /// Pumps and lamps that have not confirmed their command yet.
    private(set) var unconfirmed: Set<DeviceName>
    private var reportedSince: BenchInstant?

    init(flows: [String: FlowRate], lamps: [DeviceName], rise: BenchDuration) {
        self.flows = flows
        self.rise = rise
        unconfirmed = Set(flows.keys.map { DeviceName($0) } + lamps)
    }

    mutating func confirm(_ device: DeviceName) { unconfirmed.remove(device) }

    /// Whether all is confirmed and every pump has reported its flow for long enough.
    mutating func isUp(reported: [String: Double], at now: BenchInstant) -> Bool {
        guard unconfirmed.isEmpty else { return false }
        let all = flows.allSatisfy { pump, flow in reported[pump].map { Self.agrees($0, flow) } ?? false }
        reportedSince = all ? reportedSince ?? now : nil
        return reportedSince.map { now - $0 >= rise } ?? false
    }

    /// When it could be up without a further event.
    var wake: BenchInstant? { reportedSince.map { $0 + rise } }

    static func agrees(_ reported: Double, _ planned: FlowRate) -> Bool {
        (reported - planned.microlitersPerMinute).magnitude <= planned.microlitersPerMinute * tolerance
    }
}
