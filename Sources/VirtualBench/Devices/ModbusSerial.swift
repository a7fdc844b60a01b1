import Quantities

/// CRC-16 of Modbus RTU: polynomial 8005h reflected, begun with FFFFh; on the wire the low byte comes first.
/// Source: MODBUS over serial line, appendix B.
public func modbusCheckSum(_ bytes: some Sequence<UInt8>) -> UInt16 {
    var register: UInt16 = 0xffff
    for byte in bytes {
        register ^= UInt16(byte)
        for _ in 0..<8 { register = register & 1 == 1 ? register >> 1 ^ 0xa001 : register >> 1 }
    }
    return register
}

/// The server's side of Modbus RTU on one serial line: cuts requests for one unit out of the bytes, frames answers.
///
/// What is for another unit or for all of them (unit 0) is let pass. A frame with a wrong check sum gets no answer, and
/// neither does anything that follows without a pause: only silence begins a frame.
public struct ModbusRTUServer: Sendable {
    /// Silence that ends a frame. The standard has 3.5 characters; a pseudo-terminal keeps no time, so this one is patient
    /// with a host that is late.
    static let silence = WireDuration.milliseconds(50)
    /// Of the standard, with unit and check sum.
    static let longestFrame = 256
    private static let shortestFrame = 4
    private static let checkSumLength = 2

    public let unit: UInt8
    private var buffer: [UInt8] = []
    private var lastByteAt = WireInstant.zero
    /// The frame was bad; what comes before the next silence is dropped.
    private var isDeaf = false

    public init(unit: UInt8 = 1) { self.unit = unit }

    /// The requests (function and data) that `bytes` complete.
    public mutating func receive(_ bytes: [UInt8], at now: WireInstant) -> [[UInt8]] {
        if now - lastByteAt >= Self.silence {
            buffer = []
            isDeaf = false
        }
        lastByteAt = now
        guard !isDeaf else { return [] }
        buffer += bytes
        var requests: [[UInt8]] = []
        while let length = frameLength, buffer.count >= length {
            let frame = buffer[..<length]
            guard Self.isWhole(frame) else {
                isDeaf = true
                buffer = []
                return requests
            }
            buffer.removeFirst(length)
            if frame[0] == unit { requests.append(Array(frame[1..<length - Self.checkSumLength])) }
        }
        if buffer.count > Self.longestFrame { buffer.removeAll() }
        return requests
    }

    public func frame(_ pdu: [UInt8]) -> [UInt8] { Self.frame(unit, pdu) }

    public static func frame(_ unit: UInt8, _ pdu: [UInt8]) -> [UInt8] {
        let body = [unit] + pdu
        let sum = modbusCheckSum(body)
        return body + [UInt8(truncatingIfNeeded: sum), UInt8(sum >> 8)]
    }

    private static func isWhole(_ frame: ArraySlice<UInt8>) -> Bool { modbusCheckSum(frame) == 0 }

    /// Of the frame that the buffer begins with; nil where that cannot be known yet. A function that nobody knows is as
    /// long as what has come, once that has a right check sum.
    private var frameLength: Int? {
        guard buffer.count >= Self.shortestFrame else { return nil }
        switch buffer[1] {
        case 1...6: return 8
        case 15, 16: return buffer.count < 7 ? nil : 9 + Int(buffer[6])
        default: return Self.isWhole(buffer[...]) ? buffer.count : nil
        }
    }
}
