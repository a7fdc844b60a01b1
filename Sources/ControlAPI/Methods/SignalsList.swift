import DeviceModel
import Experiments
import Quantities

/// The names of all signals.
public enum SignalsList: APIMethod {
    public static let name = "signals.list"
    public static let role = Role.observer
    public static let summary = "Names, units and qualities of all signals."
    public static let params: [Schema.Member] = []
    public static let result = Schema.object([.required("signals", .array(Entry.schema), "Sorted by name.")])
    public typealias Params = Empty

    public struct Result: Codable, Sendable {
        public var signals: [Entry]

        public init(signals: [Entry]) { self.signals = signals }
    }

    public struct Entry: Codable, Sendable {
        public var signal: String
        public var unit: Unit
        public var quality: Quality

        public init(signal: String, unit: Unit, quality: Quality) {
            self.signal = signal
            self.unit = unit
            self.quality = quality
        }

        static let schema = Schema.object([
            .required("signal", .string(), "Its name."), .required("unit", SignalValue.unit, "Of its value."),
            .required("quality", SignalValue.quality, "How far its last value may be believed."),
        ])
    }
}
