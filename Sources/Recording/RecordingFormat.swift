import Wire

/// What a segment file of the flight recorder looks like.
///
/// A file begins with `signature` and the format's version, 16 bytes in all. Frames follow: `marker`, the length of the
/// content, the checksum of kind and content (CRC-32), the kind, the content; numbers are little-endian. The rest of a
/// file that was preallocated is zero. Whole numbers inside a content are LEB128, signed ones zigzag.
public enum RecordingFormat {
    /// A file of another version is refused: what it holds could only be guessed.
    public static let version: UInt32 = 1
    static let signature: [UInt8] = Array("flowlab-rec\n".utf8)
    /// Also where reading goes on after damage.
    static let marker: [UInt8] = [0xF1, 0x0A, 0xB5, 0x7C]
    public static let headBytes = 16
    static let frameOverhead = 13
    /// The longest content that is believed; a longer one is damage. The state that a daemon starts from may be large.
    static let longestContent = 256 * 1024 * 1024

    enum FrameKind: UInt8 {
        /// `SegmentHead` as JSON: the first frame of every segment.
        case head = 1
        /// `RunStart` as JSON: the second frame of a run's first segment.
        case start = 2
        /// Steps of the control loop.
        case records = 3
    }

    /// The first bytes of every segment.
    public static var head: [UInt8] {
        var bytes = signature
        bytes.append(littleEndian: version)
        return bytes
    }

    /// One frame, ready to be written.
    static func frame(_ kind: FrameKind, _ content: [UInt8]) -> [UInt8] {
        var bytes = marker
        bytes.reserveCapacity(content.count + frameOverhead)
        bytes.append(littleEndian: UInt32(content.count))
        var checksum = Checksum()
        checksum.add([kind.rawValue])
        checksum.add(content)
        bytes.append(littleEndian: checksum.value)
        bytes.append(kind.rawValue)
        bytes += content
        return bytes
    }
}

/// Why a file is not read at all.
public enum RecordingError: Error, Hashable, Sendable, CustomStringConvertible {
    case notARecording(String)
    case otherVersion(String, found: UInt32)
    /// A text of the recording that this program does not understand.
    case unreadable(what: String, detail: String)

    public var description: String {
        switch self {
        case .notARecording(let file): "\(file) is no recording: it does not begin as one"
        case .otherVersion(let file, let found):
            "\(file) has the recording format \(found), and this program reads format \(RecordingFormat.version): "
                + "use the flowlab that wrote it"
        case .unreadable(let what, let detail): "\(what) of the recording does not read: \(detail)"
        }
    }
}

/// CRC-32 as of IEEE 802.3, reflected, polynomial 0x04C11DB7.
struct Checksum {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ value >> 1 : value >> 1 }
    }

    private var state: UInt32 = 0xFFFF_FFFF

    var value: UInt32 { state ^ 0xFFFF_FFFF }

    mutating func add(_ bytes: some Sequence<UInt8>) {
        let table = Self.table
        for byte in bytes { state = table[Int(UInt8(truncatingIfNeeded: state) ^ byte)] ^ state >> 8 }
    }
}
