import DeviceModel

/// Counts the trips. A permit carries the epoch at which it was given; after a trip, older ones are worthless.
public struct TripEpoch: Hashable, Comparable, Sendable {
    public let count: UInt64
    public init(count: UInt64) { self.count = count }
    public static func < (a: Self, b: Self) -> Bool { a.count < b.count }
    var next: TripEpoch { TripEpoch(count: count + 1) }
}

/// Proof, carried to the wire beside the bytes, that the interlocks allowed this actuation. Only `Interlocks` makes one.
public struct PermitStamp: Hashable, Sendable {
    public let epoch: TripEpoch
    /// Safe-state writes are valid in every epoch.
    public let makesSafe: Bool

    init(epoch: TripEpoch, makesSafe: Bool) {
        self.epoch = epoch
        self.makesSafe = makesSafe
    }

    /// Whether a write with this stamp may still go out in `current`.
    public func isValid(in current: TripEpoch) -> Bool { makesSafe || epoch == current }
}

/// By what right bytes go to a device.
public enum WriteAuthority: Hashable, Sendable {
    /// A question; it moves nothing.
    case query
    case permit(PermitStamp)

    public func isValid(in current: TripEpoch) -> Bool {
        switch self {
        case .query: true
        case .permit(let stamp): stamp.isValid(in: current)
        }
    }
}

/// A command that the interlocks allowed, at one epoch, for one device. It cannot be copied or made elsewhere, so an
/// actuation that went round the interlocks does not compile.
public struct PermittedCommand: ~Copyable, Sendable {
    public let device: DeviceName
    public let command: DeviceCommand
    public let stamp: PermitStamp

    init(device: DeviceName, command: DeviceCommand, stamp: PermitStamp) {
        self.device = device
        self.command = command
        self.stamp = stamp
    }
}
