import Experiments

/// Light on or off.
public enum SpectrometersLamp: APIMethod {
    public static let name = "spectrometers.lamp"
    public static let role = Role.technician
    public static let summary =
        "Switches the lamp of a leased spectrometer on; off needs no lease. Off again when the lease ends."
    public static let params: [Schema.Member] = [
        NamedDevice.member, .required("on", .boolean, "Whether it shall shine."),
    ]
    public static let result = Schema.object([
        .required("device", .string(), "The spectrometer."), .required("on", .boolean, "Whether it shines."),
    ])
    public static let errors: [ErrorKind] = ErrorKind.ofActs

    public struct Params: Codable, Sendable {
        public var device: String
        public var on: Bool

        public init(device: String, on: Bool) {
            self.device = device
            self.on = on
        }
    }

    public typealias Result = Params
}
