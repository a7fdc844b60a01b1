import DeviceModel
import Experiments

/// Moves a cuvette by hand.
public enum RobotsTransfer: APIMethod {
    public static let name = "robots.transfer"
    public static let role = Role.technician
    public static let summary =
        "A leased robot fetches what stands at one station, sets it down at another, and goes out of the way; answered after the last step."
    public static let params: [Schema.Member] = [
        NamedDevice.member,
        .required(
            "from", .string(count: 1...APILimits.nameCharacters),
            "The station to fetch from; the robot itself for what it holds already."),
        .required("to", .string(count: 1...APILimits.nameCharacters), "The station to set down at."),
    ]
    public static let result = Schema.object(params)
    public static let errors: [ErrorKind] =
        ErrorKind.ofActs + [.outOfRange, .stationEmpty, .stationOccupied, .stationUnknown]

    public struct Params: Codable, Sendable {
        public var device: String
        public var from: String
        public var to: String

        public init(device: String, from: String, to: String) {
            self.device = device
            self.from = from
            self.to = to
        }
    }

    public typealias Result = Params
}
