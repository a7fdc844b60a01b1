import Experiments

/// Says that somebody knows of an alarm.
public enum AlarmsAcknowledge: APIMethod {
    public static let name = "alarms.acknowledge"
    public static let role = Role.technician
    public static let summary =
        "Says that somebody knows of an alarm; one that is over is then gone, and after `failures` the queue goes on."
    public static let params: [Schema.Member] = [.required("alarm", .string(), "Its id.")]
    public static let result = Schema.object([.required("alarm", .string(), "Its id.")])
    public static let errors: [ErrorKind] = [.unknownAlarm]

    public typealias Params = NamedAlarm
    public typealias Result = NamedAlarm
}

/// One alarm by its id.
public struct NamedAlarm: Codable, Sendable {
    public var alarm: String

    public init(alarm: String) { self.alarm = alarm }
}
