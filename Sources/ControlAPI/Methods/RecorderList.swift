import Experiments

/// The flight recorder and what was kept of it.
public enum RecorderList: APIMethod {
    public static let name = "recorder.list"
    public static let role = Role.observer
    public static let summary = "The flight recorder: whether it writes, and what was kept, the oldest first."
    public static let params: [Schema.Member] = []
    public static let result = Schema.object([
        .required("recording", .boolean, "Whether links are recorded now."),
        .optional("trouble", .string(), "Why nothing can be written."),
        .required("limit_bytes", .integer(), "What the ring may take; 0: it is switched off."),
        .required("bytes", .integer(), "What the ring takes."),
        .required("lost_records", .integer(), "Of this daemon; each gap stands in the recording."),
        .required("ring", .string(), "The ring's directory on the daemon's host."),
        .required("directory", .string(), "Where what is kept lies; a directory each."),
        .required(
            "kept",
            .array(
                .object([
                    .required("recording", .string(), "The name of its directory."),
                    .required("time", .string(), "Of the trip or the request."),
                    .required("cause", .string(), "The interlock, or request."),
                    .required("reason", .string(), "In words."),
                    .required("segments", .integer(), "Number of files."),
                    .required("bytes", .integer(), "Their size."),
                ])), "The oldest first."),
    ])
    public typealias Params = Empty

    public struct Result: Codable, Sendable {
        public var recording: Bool
        public var trouble: String?
        public var limitBytes: Int
        public var bytes: Int
        public var lostRecords: Int
        public var ring: String
        public var directory: String
        public var kept: [Kept]

        public init(_ view: RecorderView) {
            recording = view.isOn && view.trouble == nil
            trouble = view.trouble
            limitBytes = view.limitBytes
            bytes = view.bytes
            lostRecords = Int(clamping: view.lost)
            ring = view.ring
            directory = view.directory
            kept = view.kept.map(Kept.init)
        }

        enum CodingKeys: String, CodingKey {
            case recording, trouble, bytes, ring, directory, kept
            case limitBytes = "limit_bytes"
            case lostRecords = "lost_records"
        }
    }

    public struct Kept: Codable, Sendable {
        public var recording: String
        /// RFC 3339, UTC.
        public var time: String
        public var cause: String
        public var reason: String
        public var segments: Int
        public var bytes: Int

        init(_ kept: KeptRecording) {
            recording = kept.wish.name
            time = kept.wish.at.wall.rfc3339
            cause = kept.wish.cause
            reason = kept.wish.reason
            segments = kept.segments
            bytes = kept.bytes
        }
    }
}
