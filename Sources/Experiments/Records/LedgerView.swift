import DeviceModel
import Quantities

/// The ledger for readers.
public struct LedgerView: Hashable, Sendable {
    /// In the order of the bench file.
    public var syringes: [SyringeView]
    /// nil: not limited.
    public var wasteCapacityUL: Double?
    public var waste: LedgerRecord.Waste

    public init(syringes: [SyringeView], wasteCapacityUL: Double?, waste: LedgerRecord.Waste) {
        self.syringes = syringes
        self.wasteCapacityUL = wasteCapacityUL
        self.waste = waste
    }
}

public struct SyringeView: Hashable, Sendable {
    public let device: DeviceName
    public let capacityUL: Double
    public let contents: LedgerRecord.Syringe
    /// Less is left than the bench file's warning level.
    public let isLow: Bool

    public init(device: DeviceName, capacityUL: Double, contents: LedgerRecord.Syringe, isLow: Bool) {
        self.device = device
        self.capacityUL = capacityUL
        self.contents = contents
        self.isLow = isLow
    }
}

/// A dark or reference spectrum that is kept for measurements to come.
public struct ReferenceView: Hashable, Sendable {
    public let device: DeviceName
    /// `dark` or `reference`
    public let kind: String
    public let time: String
    public let age: BenchDuration
    public let integration: BenchDuration
    public let frames: Int
    /// Why it may not be used any more; nil when it may.
    public let invalidBecause: String?

    public init(
        device: DeviceName, kind: String, time: String, age: BenchDuration, integration: BenchDuration, frames: Int,
        invalidBecause: String?
    ) {
        self.device = device
        self.kind = kind
        self.time = time
        self.age = age
        self.integration = integration
        self.frames = frames
        self.invalidBecause = invalidBecause
    }
}
