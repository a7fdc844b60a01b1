import Experiments

/// Shows an interlock its cause.
public enum InterlocksProve: APIMethod {
    public static let name = "interlocks.prove"
    public static let role = Role.technician
    public static let summary =
        "Proof test: an interlock is shown its cause, once, and trips for real; sensor and link are not tested by it."
    public static let params: [Schema.Member] = [
        .required("interlock", .string(), "Its name in the bench file."),
        .required("person", .string(count: 1...100), "Who tests."),
    ]
    public static let result = Schema.object([
        .required("interlock", .string(), "Its name."),
        .required("injected", .string(), "What its inputs were made to show."),
        .required("effects", .array(.string()), "What it is to do."),
        .required("delay_s", .number(), "How long it waits before it trips; bench time."),
        .required("time", .time, "When it was shown; UTC. Events have the times of the trip and of each proof."),
    ])
    public static let errors: [ErrorKind] = [.unknownInterlock, .notTestable, .benchBusy, .safeStateUnproven]

    public struct Params: Codable, Sendable {
        public var interlock: String
        public var person: String

        public init(interlock: String, person: String) {
            self.interlock = interlock
            self.person = person
        }
    }

    public struct Result: Codable, Sendable {
        public var interlock: String
        public var injected: String
        public var effects: [String]
        public var delayS: Double
        public var time: String

        public init(interlock: String, injected: String, effects: [String], delayS: Double, time: String) {
            self.interlock = interlock
            self.injected = injected
            self.effects = effects
            self.delayS = delayS
            self.time = time
        }

        enum CodingKeys: String, CodingKey {
            case interlock, injected, effects, time
            case delayS = "delay_s"
        }
    }
}
