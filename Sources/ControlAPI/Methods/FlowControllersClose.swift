import Experiments

/// Shuts one flow controller.
public enum FlowControllersClose: APIMethod {
    public static let name = "flow_controllers.close"
    public static let role = Role.technician
    public static let summary =
        "Shuts a flow controller, whoever uses it. Needs no lease; answered once no gas flows."
    public static let params: [Schema.Member] = [NamedDevice.member]
    public static let result = NamedDevice.schema
    public static let errors: [ErrorKind] = [.unknownDevice, .wrongDeviceClass, .commandFailed]

    public typealias Params = NamedDevice
    public typealias Result = NamedDevice
}
