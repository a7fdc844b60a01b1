import ControlAPI
import Experiments
import Quantities

extension ControlRequest {
    /// How long the control loop may take to answer this method. What waits for a device has its own time-outs, which are
    /// over before.
    func patience(_ method: String) -> WireDuration {
        let usual = WireDuration.seconds(APILimits.controlReplySeconds)
        return switch self {
        case .act(.run(let steps), _): usual + (steps.map(\.at).max() ?? .zero)
        case .act(.measure, _): .seconds(APILimits.waitSeconds) + usual
        case .act where Errands.methods.contains(method): .seconds(Errands.seconds)
        default: usual
        }
    }
}
