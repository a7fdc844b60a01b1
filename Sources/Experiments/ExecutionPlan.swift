import Hydraulics
import Quantities

/// What an experiment will do, in the engine's own terms.
public struct ExecutionPlan: Hashable, Sendable {
    public var temperature: Temperature
    /// nil: the set point is the temperature at once.
    public var ramp: PlannedRamp?
    /// The pumps that run, with their flows.
    public var flows: [String: FlowRate]
    /// The finite volume that each pump is given: what the longest run allowed may need, and not more than the ledger
    /// has, so that it stops alone.
    public var volumes: [String: Volume]
    public var residenceTime: BenchDuration
    public var settlingDeadline: BenchDuration
    public var clock: VolumeClock
    /// Where each valve of the network stands while it runs.
    public var valves: [String: String] = [:]
    /// What is taken of the product once it is measured.
    public var sample: PlannedSample?
    /// No chemistry: the references are all.
    public var isReferencesOnly = false
    /// Mixing limits the reaction at this flow.
    public var isBelowMixingFlow = false

    static let referencesOnly = ExecutionPlan(
        temperature: Temperature(celsius: 0), flows: [:], volumes: [:], residenceTime: .zero, settlingDeadline: .zero,
        clock: VolumeClock(path: []), isReferencesOnly: true)
}
