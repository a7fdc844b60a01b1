import DeviceModel
import Experiments

/// Light by hand.
public enum LightsSet: APIMethod {
    public static let name = "lights.set"
    public static let role = Role.technician
    public static let summary =
        "Sets one channel of a leased light source; dark again when the lease ends."
    public static let params: [Schema.Member] = [
        NamedDevice.member,
        .required(
            "channel", .string(count: 1...APILimits.nameCharacters),
            "One of its channels, by the name in the bench file."),
        .required("percent", .number(0...100), "Of its full brightness, above 0."),
    ]
    public static let result = Schema.object(params)
    public static let errors: [ErrorKind] = ErrorKind.ofActs + [.outOfRange]

    public struct Params: Codable, Sendable {
        public var device: String
        public var channel: String
        public var percent: Double

        public init(device: String, channel: String, percent: Double) {
            self.device = device
            self.channel = channel
            self.percent = percent
        }
    }

    public typealias Result = Params
}
