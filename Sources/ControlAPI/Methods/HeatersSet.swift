import Experiments

/// Heats by hand.
public enum HeatersSet: APIMethod {
    public static let name = "heaters.set"
    public static let role = Role.technician
    public static let summary =
        "Holds a leased heater at a temperature, its contactor closed first; off again when the lease ends."
    public static let params: [Schema.Member] = [
        NamedDevice.member, .required("temperature_c", .number(-273.15...2000), "The set point."),
    ]
    public static let result = Schema.object([
        .required("device", .string(), "The heater."),
        .required("temperature_c", .number(), "The set point that it has."),
    ])
    public static let errors: [ErrorKind] = ErrorKind.ofActs + [.outOfRange]

    public struct Params: Codable, Sendable {
        public var device: String
        public var temperatureC: Double

        public init(device: String, temperatureC: Double) {
            self.device = device
            self.temperatureC = temperatureC
        }

        enum CodingKeys: String, CodingKey {
            case device
            case temperatureC = "temperature_c"
        }
    }

    public typealias Result = Params
}
