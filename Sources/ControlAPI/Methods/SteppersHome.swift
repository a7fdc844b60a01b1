import Experiments

/// Finds where an axis is.
public enum SteppersHome: APIMethod {
    public static let name = "steppers.home"
    public static let role = Role.technician
    public static let summary =
        "Lets a leased stepper find its limit switch, which becomes position 0; answered once it stands there."
    public static let params: [Schema.Member] = [NamedDevice.member]
    public static let result = NamedDevice.schema
    public static let errors: [ErrorKind] = ErrorKind.ofActs

    public typealias Params = NamedDevice
    public typealias Result = NamedDevice
}
