/// Reads numbers from bytes in order. Each read is nil, and moves nothing, when too few bytes are left.
public struct ByteReader: Sendable {
    private let bytes: ArraySlice<UInt8>
    private var position: Int

    public init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    public init(_ bytes: [UInt8]) { self.init(bytes[...]) }

    public var remaining: Int { bytes.endIndex - position }

    public mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, count <= remaining else { return nil }
        defer { position += count }
        return bytes[position..<position + count]
    }

    public mutating func skip(_ count: Int) -> Bool { take(count) != nil }

    public mutating func littleEndian<Number: FixedWidthInteger>(_ type: Number.Type) -> Number? {
        take(type.bitWidth / 8).map {
            $0.reversed().reduce(0) { number, byte in number << 8 | Number(truncatingIfNeeded: byte) }
        }
    }

    public mutating func bigEndian<Number: FixedWidthInteger>(_ type: Number.Type) -> Number? {
        take(type.bitWidth / 8).map { $0.reduce(0) { number, byte in number << 8 | Number(truncatingIfNeeded: byte) } }
    }
}

extension Array where Element == UInt8 {
    public mutating func append<Number: FixedWidthInteger>(littleEndian number: Number) {
        for shift in stride(from: 0, to: Number.bitWidth, by: 8) { append(UInt8(truncatingIfNeeded: number >> shift)) }
    }

    public mutating func append<Number: FixedWidthInteger>(bigEndian number: Number) {
        for shift in stride(from: Number.bitWidth - 8, through: 0, by: -8) {
            append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }
}
