/// CRC-16/CCITT-FALSE, also known as IBM-3740: polynomial 1021, start FFFF, not reflected, nothing added at the end.
/// Its check value, that of `123456789`, is 29B1.
public struct CRC16: Hashable, Sendable {
    public private(set) var value: UInt16 = 0xffff

    public init() {}

    public init(_ bytes: some Sequence<UInt8>) { add(bytes) }

    public mutating func add(_ byte: UInt8) {
        value ^= UInt16(byte) << 8
        for _ in 0..<8 { value = value & 0x8000 == 0 ? value << 1 : value << 1 ^ 0x1021 }
    }

    public mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { add(byte) }
    }
}
