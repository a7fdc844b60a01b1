import Experiments

/// One device with its limits and its signals.
public enum DevicesGet: APIMethod {
    public static let name = "devices.get"
    public static let role = Role.observer
    public static let summary = "One device with its limits and the last readings of its signals."
    public static let params: [Schema.Member] = [.required("device", .string(), "Its name in the bench file.")]
    public static let result = Schema.object([
        .required("device", DeviceEntry.schema, "The device."),
        .required("limits", .table(.number()), "What it can do, as maximum_ul_min; the unit is the name's end."),
        .required("readings", .table(SignalValue.schema), "Its signals."),
    ])
    public static let errors = [ErrorKind.notFound]

    public struct Params: Codable, Sendable {
        public var device: String

        public init(device: String) { self.device = device }
    }

    public struct Result: Codable, Sendable {
        public var device: DeviceEntry
        /// `maximum_ul_min`, `capacity_ul`, …
        public var limits: [String: Double]
        public var readings: [String: SignalValue]

        public init(device: DeviceEntry, limits: [String: Double], readings: [String: SignalValue]) {
            self.device = device
            self.limits = limits
            self.readings = readings
        }
    }
}
