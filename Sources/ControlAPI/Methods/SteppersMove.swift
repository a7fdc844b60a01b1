import DeviceModel
import Experiments

/// Moves an axis by hand.
public enum SteppersMove: APIMethod {
    public static let name = "steppers.move"
    public static let role = Role.technician
    public static let summary =
        "Moves a leased stepper to a position; answered once it stands there. It must have been homed."
    public static let params: [Schema.Member] = [
        NamedDevice.member,
        .required("position_mm", .number(-1e5...1e5), "From where it is homed, as the bench file scales its steps."),
    ]
    public static let result = Schema.object(params)
    public static let errors: [ErrorKind] = ErrorKind.ofActs + [.outOfRange]

    public struct Params: Codable, Sendable {
        public var device: String
        public var positionMM: Double

        public init(device: String, positionMM: Double) {
            self.device = device
            self.positionMM = positionMM
        }

        enum CodingKeys: String, CodingKey {
            case device
            case positionMM = "position_mm"
        }
    }

    public typealias Result = Params
}
