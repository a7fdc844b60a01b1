import Experiments

/// Takes a latch away once its cause is gone.
public enum InterlocksReset: APIMethod {
    public static let name = "interlocks.reset"
    public static let role = Role.technician
    public static let summary = "Takes the latch of one interlock away; refused while its cause is there."
    public static let params: [Schema.Member] = [.required("interlock", .string(), "Its name in the bench file.")]
    public static let result = Schema.object([
        .required("interlock", .string(), "Its name."), .required("reset", .boolean, "true."),
    ])
    public static let errors: [ErrorKind] = [.unknownInterlock, .notLatched, .causePresent, .safeStateUnproven]

    public struct Params: Codable, Sendable {
        public var interlock: String

        public init(interlock: String) { self.interlock = interlock }
    }

    public struct Result: Codable, Sendable {
        public var interlock: String
        public var reset: Bool

        public init(interlock: String) {
            self.interlock = interlock
            self.reset = true
        }
    }
}
