import Quantities

/// One number of a measurement, with how well it is known.
public struct Feature: Hashable, Sendable {
    /// `abs_300`, `pl_peak`, `pl_area`, `pl_centre`, `pl_side_380`, `pl_side_600`.
    public let name: String
    public let mean: Double
    /// Standard error of the mean, in the same unit; 0 with a single frame.
    public let sem: Double
    /// Frames that it comes from.
    public let n: Int
    public let unit: Unit

    public init(name: String, mean: Double, sem: Double, n: Int, unit: Unit) {
        self.name = name
        self.mean = mean
        self.sem = sem
        self.n = n
        self.unit = unit
    }
}

/// What may be wrong with a measurement.
public struct MeasurementFlags: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// A pixel of a droplet frame was at the top of its range: intensities are too low by an unknown amount.
    public static let saturated = MeasurementFlags(rawValue: 1)
    /// Too few usable droplet frames.
    public static let dropout = MeasurementFlags(rawValue: 2)
    /// Droplets and carrier could not be told apart; all frames count as droplets.
    public static let unsegmented = MeasurementFlags(rawValue: 4)
    /// The carrier between the droplets is darker or brighter than the reference: the light has changed since.
    public static let referenceDrift = MeasurementFlags(rawValue: 8)

    /// The names of the flags that are set, for records and clients.
    public var names: [String] {
        [
            (Self.saturated, "saturated"), (.dropout, "dropout"), (.unsegmented, "unsegmented"),
            (.referenceDrift, "reference_drift"),
        ].filter { contains($0.0) }.map { $0.1 }
    }
}

/// Mean and standard error of the mean.
struct MeanAndError {
    let mean: Double
    let sem: Double
    let n: Int

    init(_ values: [Double]) {
        n = values.count
        let count = Double(n)
        let mean = n == 0 ? 0 : values.reduce(0, +) / count
        self.mean = mean
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        sem = n < 2 ? 0 : (squares / (count - 1) / count).squareRoot()
    }
}
