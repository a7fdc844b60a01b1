import Experiments

/// Where cuvettes stand.
public enum StationsList: APIMethod {
    public static let name = "stations.list"
    public static let role = Role.observer
    public static let summary = "What stands at each station and in each gripper, by all that was seen and told."
    public static let params: [Schema.Member] = []
    public static let result = Schema.object([
        .required("stations", .array(schema), "In the order of the bench file, grippers last.")
    ])
    public typealias Params = Empty

    public struct Result: Codable, Sendable {
        public var stations: [StationRecord]

        public init(stations: [StationRecord]) { self.stations = stations }
    }

    static let schema = Schema.shape(
        Schema.Shape(
            "Station", "What stands at one station.",
            .object([
                .required("station", .string(), "Its name, or that of the robot whose gripper it is."),
                .required(
                    "kind", .word(Station.Kind.allCases.map(\.rawValue)),
                    "supply: clean ones come from here; place: holds one; waste: used ones go here; gripper: of a robot."
                ),
                .required("holds", .integer(), "How many cuvettes find room."),
                .required("cuvettes", .integer(), "How many stand there."),
                .optional("sample", .string(), "The experiment whose sample stands there."),
                .optional(
                    "doubt", .string(),
                    "Why nobody can say what stands there; null: it is as written. Nothing is moved there meanwhile."),
                .required("since", .time, "When it last changed."),
            ])))
}
