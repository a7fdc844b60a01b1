import Experiments

/// Stops one robot.
public enum RobotsHalt: APIMethod {
    public static let name = "robots.halt"
    public static let role = Role.technician
    public static let summary =
        "Makes a robot stand still, whoever moves it; of a controller, stops its program. Needs no lease; answered once it stands."
    public static let params: [Schema.Member] = [NamedDevice.member]
    public static let result = NamedDevice.schema
    public static let errors: [ErrorKind] = [.unknownDevice, .wrongDeviceClass, .commandFailed]

    public typealias Params = NamedDevice
    public typealias Result = NamedDevice
}
