import Experiments

/// Stops one pump.
public enum PumpsStop: APIMethod {
    public static let name = "pumps.stop"
    public static let role = Role.technician
    public static let summary =
        "Stops a pump, whoever moves it: an experiment that uses it fails. Needs no lease; answered once it stands."
    public static let params: [Schema.Member] = [NamedDevice.member]
    public static let result = NamedDevice.schema
    public static let errors: [ErrorKind] = [.unknownDevice, .wrongDeviceClass, .commandFailed]

    public typealias Params = NamedDevice
    public typealias Result = NamedDevice
}
