import Experiments

/// What was weighed for what a pump displaced.
public enum PumpsCalibrate: APIMethod {
    public static let name = "pumps.calibrate"
    public static let role = Role.technician
    public static let summary =
        "Keeps what was measured for a displaced volume, and says by what the syringe's diameter in the bench file is to be multiplied. Moves nothing."
    public static let params: [Schema.Member] = [
        NamedDevice.member,
        .required("displaced_ul", .number(1...APILimits.syringeMicroliters), "What the pump reported."),
        .required("measured_ul", .number(1...APILimits.syringeMicroliters), "What a balance or cylinder showed."),
        .required("person", .string(count: 1...100), "Who answers for it."),
    ]
    public static let result = Schema.object([
        .required("device", .string(), "The pump."),
        .required("ratio", .number(), "Measured by displaced; 1 is right."),
        .required("diameter_factor", .number(), "diameter_mm of the bench file times this makes it right."),
    ])
    public static let errors: [ErrorKind] = [.unknownDevice, .wrongDeviceClass, .outOfRange]

    public struct Params: Codable, Sendable {
        public var device: String
        public var displacedUL: Double
        public var measuredUL: Double
        public var person: String

        public init(device: String, displacedUL: Double, measuredUL: Double, person: String) {
            self.device = device
            self.displacedUL = displacedUL
            self.measuredUL = measuredUL
            self.person = person
        }

        enum CodingKeys: String, CodingKey {
            case device, person
            case displacedUL = "displaced_ul"
            case measuredUL = "measured_ul"
        }
    }

    public struct Result: Codable, Sendable {
        public var device: String
        public var ratio: Double
        public var diameterFactor: Double

        /// A volume goes with the square of the diameter.
        public init(device: String, ratio: Double) {
            self.device = device
            self.ratio = ratio
            self.diameterFactor = ratio.squareRoot()
        }

        enum CodingKeys: String, CodingKey {
            case device, ratio
            case diameterFactor = "diameter_factor"
        }
    }
}
