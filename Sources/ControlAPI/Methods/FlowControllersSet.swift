import DeviceModel
import Experiments

/// Lets gas flow by hand.
public enum FlowControllersSet: APIMethod {
    public static let name = "flow_controllers.set"
    public static let role = Role.technician
    public static let summary =
        "Lets a leased flow controller hold a flow of gas; shut again when the lease ends."
    public static let params: [Schema.Member] = [
        NamedDevice.member,
        .required("flow_ml_min_std", .number(0...1e6), "At the standard state that the controller is set to."),
    ]
    public static let result = Schema.object(params)
    public static let errors: [ErrorKind] = ErrorKind.ofActs + [.outOfRange]

    public struct Params: Codable, Sendable {
        public var device: String
        public var flowMLMinStd: Double

        public init(device: String, flowMLMinStd: Double) {
            self.device = device
            self.flowMLMinStd = flowMLMinStd
        }

        enum CodingKeys: String, CodingKey {
            case device
            case flowMLMinStd = "flow_ml_min_std"
        }
    }

    public typealias Result = Params
}
