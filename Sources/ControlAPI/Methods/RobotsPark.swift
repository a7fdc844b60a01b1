import Experiments

/// Moves a robot out of the way.
public enum RobotsPark: APIMethod {
    public static let name = "robots.park"
    public static let role = Role.technician
    public static let summary =
        "A leased robot goes to where it is in nobody's way; what it holds it keeps."
    public static let params: [Schema.Member] = [NamedDevice.member]
    public static let result = NamedDevice.schema
    public static let errors: [ErrorKind] = ErrorKind.ofActs

    public typealias Params = NamedDevice
    public typealias Result = NamedDevice
}
