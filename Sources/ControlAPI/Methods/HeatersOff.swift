import Experiments

/// Switches a heater off.
public enum HeatersOff: APIMethod {
    public static let name = "heaters.off"
    public static let role = Role.technician
    public static let summary =
        "Switches a heater and its contactor off, whoever heats: an experiment that uses it fails. Needs no lease."
    public static let params: [Schema.Member] = [NamedDevice.member]
    public static let result = NamedDevice.schema
    public static let errors: [ErrorKind] = [.unknownDevice, .wrongDeviceClass, .commandFailed]

    public typealias Params = NamedDevice
    public typealias Result = NamedDevice
}
