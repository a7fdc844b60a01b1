import Quantities

/// What an instrument with software of its own may be told: it measures what is placed in it, and leaves its result as a
/// file.
public enum AnalyzerCommand: Hashable, Sendable {
    /// Ask for one measurement, and wait for its result. It moves nothing: whether and when the instrument begins is its
    /// own.
    case measure(AnalyzerJob)
    /// Ask for nothing any more. What the instrument has begun it may end.
    case withdraw
}

public struct AnalyzerJob: Hashable, Sendable, Codable {
    public static let longestSample = 64

    /// How the result shall be called; see `isSample`. Never the same for two measurements.
    public let sample: String
    /// The longest wait for the whole result.
    public let within: BenchDuration

    public init(sample: String, within: BenchDuration) {
        self.sample = sample
        self.within = within
    }

    /// Whether a sample may have this name, which becomes the name of a file on computers of any make: letters, digits,
    /// `_`, `-` and `.`, a letter or digit first, no `.` last.
    public static func isSample(_ name: String) -> Bool {
        guard let first = name.utf8.first, name.utf8.count <= longestSample else { return false }
        return isPlain(first) && name.utf8.last != UInt8(ascii: ".")
            && name.utf8.allSatisfy { isPlain($0) || "_-.".utf8.contains($0) }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }
}

public struct AnalyzerLimits: Hashable, Sendable {
    /// What a measurement may be given to take.
    public let shortestWait: BenchDuration
    public let longestWait: BenchDuration

    public init(shortestWait: BenchDuration, longestWait: BenchDuration) {
        self.shortestWait = shortestWait
        self.longestWait = longestWait
    }
}

/// What an analyzer has measured, with the file that says so.
public struct AnalyzerResult: Hashable, Sendable {
    /// One quantity over the wavelengths, in the words of the file.
    public struct Column: Hashable, Sendable {
        /// `CD`
        public let name: String
        /// `mdeg`; empty where the file has none.
        public let unit: String
        /// As many as there are wavelengths, all finite.
        public let values: [Double]

        public init(name: String, unit: String, values: [Double]) {
            self.name = name
            self.unit = unit
            self.values = values
        }
    }

    public let device: DeviceName
    public let command: CommandID
    public let sample: String
    /// Its name in the folder.
    public let file: String
    /// Of `original`, in hexadecimal: to find a change, not to keep off a forger.
    public let md5: String
    /// The whole file, byte for byte.
    public let original: [UInt8]
    /// In nm, in the order of the file.
    public let wavelengths: [Double]
    public let columns: [Column]

    public init(
        device: DeviceName, command: CommandID, sample: String, file: String, md5: String, original: [UInt8],
        wavelengths: [Double], columns: [Column]
    ) {
        self.device = device
        self.command = command
        self.sample = sample
        self.file = file
        self.md5 = md5
        self.original = original
        self.wavelengths = wavelengths
        self.columns = columns
    }
}
