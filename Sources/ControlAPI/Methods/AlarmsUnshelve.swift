import Experiments

/// Takes an alarm off its shelf before its time.
public enum AlarmsUnshelve: APIMethod {
    public static let name = "alarms.unshelve"
    public static let role = Role.technician
    public static let summary = "Takes an alarm off its shelf before its time; what stands calls again."
    public static let params: [Schema.Member] = [.required("alarm", .string(), "Its id.")]
    public static let result = Schema.object([.required("alarm", .string(), "Its id.")])
    public static let errors: [ErrorKind] = [.notShelved]

    public typealias Params = NamedAlarm
    public typealias Result = NamedAlarm
}
