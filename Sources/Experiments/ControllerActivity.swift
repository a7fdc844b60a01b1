import ControlCore
import DeviceModel
import Interlocks

/// What the bench is used for at a moment.
public enum BenchActivity: Hashable, Sendable {
    case experiment(String, ExperimentState)
    /// Somebody has devices in hand.
    case byHand
    case flush
    case none
}

/// What whoever watches over the controller from outside sees after each step.
public struct WatchedBench: Sendable {
    public let epoch: TripEpoch
    /// Trips that wait for a reset, first-out first.
    public let latches: [Latch]
    public let activity: BenchActivity
    /// The positions that the running experiment's flows need, by valve; empty where nothing runs.
    public let valves: [String: String]
}

/// It takes no part in what the controller decides.
extension BenchController {
    /// Changes nothing: called in place, a controller is not copied for a look at it.
    public mutating func watched() -> WatchedBench {
        WatchedBench(
            epoch: core.epoch, latches: core.latches, activity: activity, valves: active?.run.plan.valves ?? [:])
    }

    private var activity: BenchActivity {
        if let active { return .experiment(active.record.experiment, active.record.state) }
        if !manual.leases.isEmpty { return .byHand }
        return flush == nil ? .none : .flush
    }

    /// Commands that have no outcome yet.
    public var openCommands: Set<CommandID> { core.openCommands }
}
