import Experiments

/// Takes the bench for a person.
public enum MaintenanceEnter: APIMethod {
    public static let name = "maintenance.enter"
    public static let role = Role.technician
    public static let summary =
        "Pauses the queue: what runs is finished, then the heater goes off and nothing starts until maintenance.exit. Again, by the same person: a new end."
    public static let params: [Schema.Member] = [
        .required("person", .string(count: 1...100), "Who answers for it."),
        .required("reason", .string(count: 1...1000), "Why."),
        .required(
            "duration_s", .number(10...86_400),
            "How long, from when what runs has ended; then somebody is called, or as the bench file says."),
        .optional("take_over", .boolean, "Take the bench also from another person."),
    ]
    public static let result = MaintenanceShape.schema
    public static let errors: [ErrorKind] = [.inMaintenance]

    public struct Params: Codable, Sendable {
        public var person: String
        public var reason: String
        public var durationS: Double
        public var takeOver: Bool?

        public init(person: String, reason: String, durationS: Double, takeOver: Bool? = nil) {
            self.takeOver = takeOver
            self.person = person
            self.reason = reason
            self.durationS = durationS
        }

        enum CodingKeys: String, CodingKey {
            case person, reason
            case durationS = "duration_s"
            case takeOver = "take_over"
        }
    }

    public typealias Result = MaintenanceShape
}
