import Experiments

/// An axis stands.
public enum SteppersStop: APIMethod {
    public static let name = "steppers.stop"
    public static let role = Role.technician
    public static let summary =
        "Stops a stepper, whoever moves it; it must be homed again. Needs no lease; answered once it is read back."
    public static let params: [Schema.Member] = [NamedDevice.member]
    public static let result = NamedDevice.schema
    public static let errors: [ErrorKind] = [.unknownDevice, .wrongDeviceClass, .commandFailed]

    public typealias Params = NamedDevice
    public typealias Result = NamedDevice
}
