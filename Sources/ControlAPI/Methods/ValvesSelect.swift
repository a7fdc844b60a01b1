import DeviceModel
import Experiments

/// Turns a valve by hand.
public enum ValvesSelect: APIMethod {
    public static let name = "valves.select"
    public static let role = Role.technician
    public static let summary =
        "Turns a leased valve to a position, and answers once the valve shows it."
    public static let params: [Schema.Member] = [
        NamedDevice.member,
        .required(
            "position", .string(count: 1...APILimits.nameCharacters),
            "One of its positions, by the name in the bench file."),
    ]
    public static let result = Schema.object(params)
    public static let errors: [ErrorKind] = ErrorKind.ofActs + [.outOfRange]

    public struct Params: Codable, Sendable {
        public var device: String
        public var position: String

        public init(device: String, position: String) {
            self.device = device
            self.position = position
        }
    }

    public typealias Result = Params
}
