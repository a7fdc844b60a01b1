import Experiments

/// Says what stands at a station.
public enum StationsSet: APIMethod {
    public static let name = "stations.set"
    public static let role = Role.technician
    public static let summary = "Says what stands at a station, after somebody has looked or changed it by hand."
    public static let errors: [ErrorKind] = [.unknownStation, .outOfRange, .deviceBusy]
    public static let params: [Schema.Member] = [
        .required("station", .string(count: 1...APILimits.nameCharacters), "A station, or a robot for its gripper."),
        .required("cuvettes", .integer(0...APILimits.cuvettes), "How many stand there now."),
        .optional(
            "sample", .string(count: 1...APILimits.nameCharacters), "The experiment whose sample stands there."),
        .optional("note", .string(count: 0...APILimits.noteCharacters), "Kept with the act."),
    ]
    public static let result = StationsList.schema
    public typealias Result = StationRecord

    public struct Params: Codable, Sendable {
        public var station: String
        public var cuvettes: Int
        public var sample: String?
        public var note: String?

        public init(station: String, cuvettes: Int, sample: String? = nil, note: String? = nil) {
            self.station = station
            self.cuvettes = cuvettes
            self.sample = sample
            self.note = note
        }
    }
}
