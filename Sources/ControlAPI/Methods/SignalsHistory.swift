import DeviceModel
import Experiments
import Quantities

/// What a signal was.
public enum SignalsHistory: APIMethod {
    public static let name = "signals.history"
    public static let role = Role.observer
    public static let summary = "Kept samples of one signal in order of time, a page at a time."
    public static let params: [Schema.Member] = [
        .required("signal", .string(count: 1...Glob.lengthLimit), "Its name, heater.temperature."),
        .optional("from", .time, "The first moment wanted; from the oldest sample if left out."),
        .optional("to", .time, "The moment before which it ends; now if left out."),
        .optional(
            "limit", .integer(1...Int64(APILimits.historyPoints)),
            "Points a page at most; \(APILimits.defaultHistoryPoints) if left out."),
    ]
    public static let result = Schema.object([
        .required("signal", .string(), "Its name."),
        .required("unit", .string(), "Of value, minimum and maximum."),
        .required("points", .array(Point.schema), "In order of time."),
        .optional("next", .time, "What to give as `from` for the next page; null on the last."),
    ])
    public static let errors = [ErrorKind.notFound]

    public struct Params: Codable, Sendable {
        public var signal: String
        public var from: String?
        public var to: String?
        public var limit: Int?

        public init(signal: String, from: String? = nil, to: String? = nil, limit: Int? = nil) {
            self.signal = signal
            self.from = from
            self.to = to
            self.limit = limit
        }
    }

    public struct Result: Codable, Sendable {
        public var signal: String
        public var unit: String
        public var points: [Point]
        public var next: String?

        public init(signal: String, unit: String, points: [Point], next: String?) {
            self.signal = signal
            self.unit = unit
            self.points = points
            self.next = next
        }
    }

    public struct Point: Codable, Sendable {
        public var time: String
        public var value: Double?
        public var minimum: Double?
        public var maximum: Double?
        public var n: Int
        public var quality: Quality

        public init(_ sample: SignalSample) {
            time = sample.at.rfc3339
            value = sample.value
            minimum = sample.minimum
            maximum = sample.maximum
            n = sample.count
            quality = sample.quality
        }

        static let schema = Schema.object([
            .required("time", .time, "Of the sample, or of the first of those that were drawn together; UTC."),
            .optional("value", .number(), "Mean of the samples; null when none was a number."),
            .optional("minimum", .number(), "The least of them."), .optional("maximum", .number(), "The greatest."),
            .required("n", .integer(), "Samples that were drawn together as they grew old."),
            .required("quality", SignalValue.quality, "The worst among them."),
        ])
    }
}
