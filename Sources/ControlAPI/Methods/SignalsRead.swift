import DeviceModel
import Experiments
import Quantities
import Wire

/// The last readings of some signals.
public enum SignalsRead: APIMethod {
    public static let name = "signals.read"
    public static let role = Role.observer
    public static let summary = "Last readings of the named signals; * and ? stand for any characters and for one."
    public static let params: [Schema.Member] = [
        .required(
            "names", .array(.string(count: 0...Glob.lengthLimit), count: 1...APILimits.signalNames),
            "Names or patterns, heater.*.")
    ]
    public static let result = Schema.object([.required("readings", .table(SignalValue.schema), "By signal.")])
    public static let errors = [ErrorKind.notFound]

    public struct Params: Codable, Sendable, PlainParams {
        public var names: [String]

        public init(names: [String]) { self.names = names }

        public init?(checked json: JSONValue) {
            guard case .array(let names)? = json["names"] else { return nil }
            self.names = names.compactMap(\.text)
        }
    }

    public struct Result: Codable, Sendable {
        public var readings: [String: SignalValue]

        public init(readings: [String: SignalValue]) { self.readings = readings }
    }
}

/// A reading as a client sees it.
public struct SignalValue: Codable, Sendable {
    /// nil when the quality is `bad`: there are no special numbers.
    public var value: Double?
    public var unit: Unit
    public var quality: Quality
    /// Link time since the device's answer.
    public var ageS: Double
    public var time: String
    /// Bench time since the daemon started.
    public var benchS: Double

    static let unit = Schema.word(Unit.allCases.map(\.rawValue))
    static let quality = Schema.word(["good", "uncertain", "stale", "bad"])
    static let schema = Schema.shape(
        Schema.Shape(
            "Reading", "The last value of a signal.",
            .object([
                .optional("value", .number(), "null when the quality is bad."),
                .required("unit", unit, "Of the value."),
                .required("quality", quality, "How far it may be believed."),
                .required("age_s", .number(), "Real time since the device's answer."),
                .required("time", .time, "Of the device's answer; UTC."),
                .required("bench_s", .number(), "The same as bench time since the daemon started."),
            ])))

    public init(value: Double?, unit: Unit, quality: Quality, ageS: Double, time: String, benchS: Double) {
        self.value = value
        self.unit = unit
        self.quality = quality
        self.ageS = ageS
        self.time = time
        self.benchS = benchS
    }

    enum CodingKeys: String, CodingKey {
        case value, unit, quality, time
        case ageS = "age_s"
        case benchS = "bench_s"
    }
}
