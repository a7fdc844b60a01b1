import Experiments

/// Flushes the line now.
public enum PumpsPurge: APIMethod {
    public static let name = "pumps.purge"
    public static let role = Role.technician
    public static let summary =
        "Flushes the line as an idle bench would, now, with all valves at home; all its pumps must be leased to this connection."
    public static let params: [Schema.Member] = []
    public static let result = Schema.object([
        .required("pumps", .array(PumpStartShape.schema), "What runs, and for how long.")
    ])
    public static let errors: [ErrorKind] =
        ErrorKind.ofActs + [.notConfigured, .outOfRange, .insufficient, .deadEnd, .valveAway, .archiveUnavailable]
    public typealias Params = Empty

    public struct Result: Codable, Sendable {
        public var pumps: [PumpStartShape]
        public init(pumps: [PumpStartShape]) { self.pumps = pumps }
    }
}
