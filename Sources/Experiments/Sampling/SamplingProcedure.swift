import DeviceModel
import Hydraulics
import Quantities

/// A place for cuvettes, as the bench file declares it.
public struct Station: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        /// Clean cuvettes come from here.
        case supply
        /// Holds one, filled or to be filled.
        case place
        /// What is done with goes here.
        case waste
        /// A robot's gripper: no station of the bench file, but a place for a cuvette all the same.
        case gripper
    }

    public let name: String
    public let kind: Kind
    /// Cuvettes that find room there; of a supply, those of a full one.
    public let holds: Int
    /// The instrument that measures what stands here.
    public let analyzer: DeviceName?

    public init(name: String, kind: Kind, holds: Int, analyzer: DeviceName? = nil) {
        self.analyzer = analyzer
        self.name = name
        self.kind = kind
        self.holds = holds
    }
}

/// How a sample of the stream comes into a cuvette, and the cuvette to its place.
public struct SamplingProcedure: Hashable, Sendable {
    /// The arm that carries.
    public var robot: DeviceName
    /// The valve through which the stream runs into the cuvette, at its position `fill`.
    public var valve: DeviceName
    public var fill: String
    /// Stations, by name.
    public var supply: String
    public var filler: String
    /// What a cuvette is filled with, by the pumps' own report.
    public var volume: Volume
    /// Longest time for one move of the robot.
    public var transferDeadline: BenchDuration
    /// Where a cuvette goes once an analyzer has measured it; nil: it stays.
    public var discard: String?
    /// Longest wait for an analyzer's result.
    public var resultDeadline: BenchDuration

    public init(
        robot: DeviceName, valve: DeviceName, fill: String, supply: String, filler: String, volume: Volume,
        transferDeadline: BenchDuration, discard: String? = nil,
        resultDeadline: BenchDuration = .seconds(usualResultDeadline)
    ) {
        self.discard = discard
        self.resultDeadline = resultDeadline
        self.robot = robot
        self.valve = valve
        self.fill = fill
        self.supply = supply
        self.filler = filler
        self.volume = volume
        self.transferDeadline = transferDeadline
    }

    /// Seconds, where the bench file says nothing else.
    public static let usualResultDeadline = 3600.0

    /// Of the moves that are made while the stream flows, when all goes well: a cuvette fetched, set down, out of the way.
    static let transferEstimate = BenchDuration.seconds(15)

}

/// What a recipe wants done with its product.
public struct SampleWish: Hashable, Sendable, Codable {
    /// The station where the filled cuvette is set down.
    public var to: String

    public init(to: String) { self.to = to }
}

/// A sample in the engine's own terms.
public struct PlannedSample: Hashable, Sendable {
    public let procedure: SamplingProcedure
    public let to: String
    /// Where the valve stands before and after.
    public let home: String
    public let fillTime: BenchDuration
    /// From the last cell, where the product was measured, to the valve.
    public let delivery: VolumeClock
    /// What must be displaced there before the cuvette is filled, in volumes of that way, and how long that takes.
    public let sweptDelivery: Double
    public let deliveryTime: BenchDuration
    /// Longest wait for a valve, or for the pumps to stand.
    public let turning: BenchDuration
    /// What measures it once it is set down.
    public let analyzer: DeviceName?
    /// Where it goes then.
    public let discard: String?

    /// How long the stream flows for the sample, when all goes well: it reaches the valve while the cuvette is fetched.
    var flowingEstimate: BenchDuration { max(SamplingProcedure.transferEstimate, deliveryTime) + fillTime }

    /// And at the longest.
    var longestFlowing: BenchDuration {
        procedure.transferDeadline * 3 + turning * 2 + limit(deliveryTime) + limit(fillTime)
    }

    /// Pumps report late, never twice as late.
    func limit(_ displacing: BenchDuration) -> BenchDuration { displacing * 2 + .seconds(30) }
}

/// What became of a sample; the shape that clients see.
public struct SampleRecord: Hashable, Sendable, Codable {
    /// The station where it was set down.
    public var to: String
    /// Displaced into the cuvette by the pumps' own report, from the valve at its filling position to the valve at home.
    public var volumeUL: Double
    /// What the instrument there found; nil where there is none, or no result.
    public var result: Result?

    /// The file of an analyzer's result. Its spectra are among those of the experiment.
    public struct Result: Hashable, Sendable, Codable {
        public var device: String
        /// Its name in the folder.
        public var file: String
        public var md5: String
        /// Unit by kind of spectrum, in the words of the file.
        public var units: [String: String]

        public init(_ result: AnalyzerResult) {
            device = result.device.text
            file = result.file
            md5 = result.md5
            units = Dictionary(result.columns.map { ($0.kind, $0.unit) }) { first, _ in first }
        }
    }

    public init(to: String, volumeUL: Double, result: Result? = nil) {
        self.result = result
        self.to = to
        self.volumeUL = volumeUL
    }

    enum CodingKeys: String, CodingKey {
        case to, result
        case volumeUL = "volume_ul"
    }
}

extension AnalyzerResult.Column {
    /// As spectra are named: `cd`.
    var kind: String { name.lowercased() }
}
