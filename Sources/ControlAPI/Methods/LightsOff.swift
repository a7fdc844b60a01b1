import Experiments

/// Light off.
public enum LightsOff: APIMethod {
    public static let name = "lights.off"
    public static let role = Role.technician
    public static let summary =
        "Makes every channel of a light source dark, whoever uses it. Needs no lease; answered once it is read back."
    public static let params: [Schema.Member] = [NamedDevice.member]
    public static let result = NamedDevice.schema
    public static let errors: [ErrorKind] = [.unknownDevice, .wrongDeviceClass, .commandFailed]

    public typealias Params = NamedDevice
    public typealias Result = NamedDevice
}
