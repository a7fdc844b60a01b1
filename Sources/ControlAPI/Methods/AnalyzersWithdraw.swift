import Experiments

/// Nothing is waited for any more.
public enum AnalyzersWithdraw: APIMethod {
    public static let name = "analyzers.withdraw"
    public static let role = Role.technician
    public static let summary =
        "Takes back what an analyzer was asked for, whoever asked. Needs no lease; answered once the ticket is gone. What the instrument has begun it may end."
    public static let params: [Schema.Member] = [NamedDevice.member]
    public static let result = NamedDevice.schema
    public static let errors: [ErrorKind] = [.unknownDevice, .wrongDeviceClass, .commandFailed]

    public typealias Params = NamedDevice
    public typealias Result = NamedDevice
}
