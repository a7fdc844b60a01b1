import Quantities
import Wire

/// Writes the parts of a record.
struct RecordWriter {
    var bytes: [UInt8] = []

    mutating func byte(_ value: UInt8) { bytes.append(value) }

    /// LEB128.
    mutating func whole(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func whole(_ value: Int) { whole(UInt64(max(0, value))) }

    /// Zigzag, so that small negative numbers are short.
    mutating func signed(_ value: Int64) { whole(UInt64(bitPattern: value &<< 1 ^ value &>> 63)) }

    mutating func blob(_ value: [UInt8]) {
        whole(value.count)
        bytes += value
    }

    mutating func text(_ value: String) { blob(Array(value.utf8)) }

    /// As the difference from an earlier moment. Bench and wall clock go nearly as the wire's does.
    mutating func moment(_ now: Moment, after last: Moment) {
        let wire = now.wire.nanoseconds &- last.wire.nanoseconds
        signed(wire)
        signed(now.bench.nanoseconds &- last.bench.nanoseconds &- wire)
        signed(now.wall.nanoseconds &- last.wall.nanoseconds &- wire)
    }
}

/// Reads them back; each is nil when the bytes do not hold it.
struct RecordReader {
    private let bytes: ArraySlice<UInt8>
    private var position: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    var isAtEnd: Bool { position == bytes.endIndex }

    mutating func byte() -> UInt8? {
        guard position < bytes.endIndex else { return nil }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func whole() -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: 0 as UInt64, to: 64, by: 7) {
            guard let byte = byte() else { return nil }
            // The tenth byte has one bit left.
            guard shift < 63 || byte <= 1 else { return nil }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        return nil
    }

    mutating func whole<Number: FixedWidthInteger>(_ type: Number.Type) -> Number? {
        whole().flatMap { Number(exactly: $0) }
    }

    mutating func signed() -> Int64? {
        whole().map { Int64(bitPattern: $0 >> 1) ^ -Int64(bitPattern: $0 & 1) }
    }

    mutating func blob() -> [UInt8]? {
        guard let count = whole(Int.self), count <= bytes.endIndex - position else { return nil }
        defer { position += count }
        return Array(bytes[position..<position + count])
    }

    mutating func text() -> String? { blob().map { String(decoding: $0, as: UTF8.self) } }

    mutating func moment(after last: Moment) -> Moment? {
        guard let wire = signed(), let bench = signed(), let wall = signed() else { return nil }
        let moment = Moment(
            wire: WireInstant(nanoseconds: last.wire.nanoseconds &+ wire),
            bench: BenchInstant(nanoseconds: last.bench.nanoseconds &+ wire &+ bench),
            wall: WallInstant(nanoseconds: last.wall.nanoseconds &+ wire &+ wall))
        return moment.isOnRecord ? moment : nil
    }
}

extension Moment {
    /// Whether a daemon can have written it: from 1970 to 2116, no clock before its zero. Sums and differences of such
    /// moments never overflow.
    var isOnRecord: Bool {
        [wire.nanoseconds, bench.nanoseconds, wall.nanoseconds].allSatisfy { (0...(1 << 62)).contains($0) }
    }
}
