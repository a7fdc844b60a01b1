import Interlocks
import Synchronization

/// The current trip epoch as every bus thread sees it: written by the control loop at each trip, read right before a
/// write goes out.
public final class SharedTripEpoch: Sendable {
    private let count: Atomic<UInt64>

    public init(_ epoch: TripEpoch) { count = Atomic(epoch.count) }

    public var current: TripEpoch { TripEpoch(count: count.load(ordering: .acquiring)) }

    /// Publishes a later epoch. Do it before the safe-state writes are posted, so that nothing older follows them.
    public func publish(_ epoch: TripEpoch) { count.store(epoch.count, ordering: .releasing) }
}
