import DeviceModel
import Quantities
import Wire

/// Reads one segment from its first byte to its last. Damage is named, and reading goes on at the next frame.
public struct SegmentReader {
    /// One thing found in the file.
    public enum Item: Sendable {
        case head(SegmentHead)
        case start(RunStart)
        /// With the number that the record has in its run.
        case record(Record, number: UInt64)
        /// Bytes that do not read, and how.
        case damage(at: Int, bytes: Int, what: String)
    }

    private let bytes: [UInt8]
    private let file: String
    private var position: Int
    private var links: [LinkName]
    private var decoder: RecordDecoder?
    private var number: UInt64 = 0

    /// - Parameters:
    ///   - file: for messages.
    ///   - links: those of the segment before, in case that this one's head is damaged.
    public init(_ bytes: [UInt8], file: String, links: [LinkName] = []) throws(RecordingError) {
        var reader = ByteReader(bytes)
        guard reader.take(RecordingFormat.signature.count).map(Array.init) == RecordingFormat.signature,
            let version = reader.littleEndian(UInt32.self)
        else { throw .notARecording(file) }
        guard version == RecordingFormat.version else { throw .otherVersion(file, found: version) }
        self.bytes = bytes
        self.file = file
        self.links = links
        position = RecordingFormat.headBytes
    }

    /// nil at the end.
    public mutating func next() throws(RecordingError) -> Item? {
        while true {
            if let record = nextRecord() { return record }
            guard position < bytes.count else { return nil }
            guard let (kind, content) = frame(at: position) else {
                guard let damage = skipDamage() else { return nil }
                return damage
            }
            let start = position
            position = content.endIndex
            switch kind {
            case .head:
                let head = try decodedJSON(SegmentHead.self, content, "the head")
                try Self.check([head.started], of: "the head")
                links = head.links
                return .head(head)
            case .start:
                let start = try decodedJSON(RunStart.self, content, "the start of the run")
                try Self.check([start.made, start.started], of: "the start of the run")
                return .start(start)
            case .records:
                decoder = RecordDecoder(content, links: links)
                guard let decoder else {
                    return .damage(at: start, bytes: position - start, what: "a frame without a beginning")
                }
                number = decoder.first
            }
        }
    }

    private static func check(_ moments: [Moment], of what: String) throws(RecordingError) {
        guard let moment = moments.first(where: { !$0.isOnRecord }) else { return }
        let (wire, bench, wall) = (moment.wire.nanoseconds, moment.bench.nanoseconds, moment.wall.nanoseconds)
        throw .unreadable(
            what: what, detail: "a moment that no clock shows: wire \(wire), bench \(bench), wall \(wall) ns")
    }

    private mutating func nextRecord() -> Item? {
        guard var decoder, !decoder.isAtEnd else { return nil }
        guard let record = decoder.next() else {
            self.decoder = nil
            return .damage(at: position, bytes: 0, what: "record \(number) is of no known shape")
        }
        self.decoder = decoder
        defer { number += 1 }
        return .record(record, number: number)
    }

    private func frame(at start: Int) -> (RecordingFormat.FrameKind, ArraySlice<UInt8>)? {
        guard bytes.count - start >= RecordingFormat.frameOverhead, isMarker(at: start) else { return nil }
        var reader = ByteReader(bytes[(start + RecordingFormat.marker.count)...])
        guard let length = reader.littleEndian(UInt32.self), let expected = reader.littleEndian(UInt32.self),
            let kind = reader.take(1)?.first, length <= RecordingFormat.longestContent,
            let content = reader.take(Int(length))
        else { return nil }
        var checksum = Checksum()
        checksum.add([kind])
        checksum.add(content)
        guard checksum.value == expected, let kind = RecordingFormat.FrameKind(rawValue: kind) else { return nil }
        return (kind, content)
    }

    private func isMarker(at start: Int) -> Bool {
        start + RecordingFormat.marker.count <= bytes.count
            && zip(RecordingFormat.marker, bytes[start...]).allSatisfy { $0 == $1 }
    }

    /// To the next frame that reads; nil when nothing but the unused rest of the file follows.
    private mutating func skipDamage() -> Item? {
        let start = position
        var next = start
        while next < bytes.count {
            if bytes[next] == RecordingFormat.marker[0], next > start || !isMarker(at: start), frame(at: next) != nil {
                break
            }
            next += 1
        }
        position = next
        let lost = bytes[start..<next]
        guard let last = lost.lastIndex(where: { $0 != 0 }) else {
            return next == bytes.count ? nil : .damage(at: start, bytes: next - start, what: "zeros in place of frames")
        }
        guard next == bytes.count else {
            return .damage(at: start, bytes: next - start, what: "bytes that do not read: their checksum is wrong")
        }
        return .damage(at: start, bytes: last + 1 - start, what: "the end is torn off in the middle of a frame")
    }
}
