import DeviceModel
import Quantities

/// What the planner must know of the bench's present state.
public struct PlanningState: Sendable {
    /// nil: not known.
    public var plate: Temperature?
    /// What the ledger has left, by pump; a pump that is missing is taken as full.
    public var remaining: [String: Volume]
    /// What those that wait already will use, by pump.
    public var queued: [String: Volume]
    /// nil: not limited.
    public var wasteRoom: Volume?
    /// Dark or reference spectra must be taken first.
    public var areReferencesDue: Bool
    /// Pumps whose contents nobody has given a batch, on a bench that wants one.
    public var withoutBatch: Set<String>
    /// What is wrong with the contents of a syringe, by pump.
    public var complaints: [String: [String]]

    public init(
        plate: Temperature?, remaining: [String: Volume] = [:], queued: [String: Volume] = [:],
        wasteRoom: Volume? = nil, areReferencesDue: Bool = false, withoutBatch: Set<String> = [],
        complaints: [String: [String]] = [:]
    ) {
        self.plate = plate
        self.remaining = remaining
        self.queued = queued
        self.wasteRoom = wasteRoom
        self.areReferencesDue = areReferencesDue
        self.withoutBatch = withoutBatch
        self.complaints = complaints
    }
}
