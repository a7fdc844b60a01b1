import DeviceModel
import Experiments

/// A robot's controller by hand.
public enum RobotsControl: APIMethod {
    public static let name = "robots.control"
    public static let role = Role.technician
    public static let summary =
        "Power, brakes and program of a leased robot's controller; unlock releases a protective stop, 5 s after it came at the earliest."
    public static let params: [Schema.Member] = [
        NamedDevice.member,
        .required("action", .word(DeviceOperation.RobotControl.allCases.map(\.rawValue)), "What it shall do."),
    ]
    public static let result = Schema.object(params)
    public static let errors: [ErrorKind] = ErrorKind.ofActs + [.outOfRange]

    public struct Params: Codable, Sendable {
        public var device: String
        public var action: DeviceOperation.RobotControl

        public init(device: String, action: DeviceOperation.RobotControl) {
            self.device = device
            self.action = action
        }
    }

    public typealias Result = Params
}
