import Experiments

/// Keeps the last minutes of the flight recorder.
public enum RecorderDump: APIMethod {
    public static let name = "recorder.dump"
    public static let role = Role.technician
    public static let summary =
        "Keeps what the flight recorder has of the last ten minutes; it stands in recorder.list a moment later."
    public static let params: [Schema.Member] = [
        .optional("reason", .string(count: 0...1000), "Why; kept with it and in the audit.")
    ]
    public static let result = Schema.object([.required("recording", .string(), "Its name, as recorder.list has it.")])
    public static let errors: [ErrorKind] = [.recorderOff]

    public struct Params: Codable, Sendable {
        public var reason: String?

        public init(reason: String? = nil) { self.reason = reason }
    }

    public struct Result: Codable, Sendable {
        public var recording: String

        public init(recording: String) { self.recording = recording }
    }
}
