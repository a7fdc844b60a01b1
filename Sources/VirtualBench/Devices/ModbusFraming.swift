/// The server's side of Modbus/TCP on one connection: cuts requests out of the stream, wraps answers.
///
/// A header that cannot be one (protocol not 0, length out of 2...254) ends the connection, as the stream cannot be
/// trusted any more.
public struct ModbusTCPServer: Sendable {
    public struct Request: Sendable, Equatable {
        public var transaction: UInt16
        public var unit: UInt8
        public var pdu: [UInt8]
    }

    private var buffer: [UInt8] = []
    /// Whether the peer broke the framing; the connection is to be closed.
    public private(set) var isBroken = false

    static let headerLength = 7

    public init() {}

    public mutating func receive(_ bytes: [UInt8]) -> [Request] {
        guard !isBroken else { return [] }
        buffer += bytes
        var requests: [Request] = []
        while buffer.count >= Self.headerLength {
            let protocolNumber = UInt16(buffer[2]) << 8 | UInt16(buffer[3])
            let length = Int(buffer[4]) << 8 | Int(buffer[5])
            guard protocolNumber == 0, (2...254).contains(length) else {
                isBroken = true
                buffer = []
                return requests
            }
            guard buffer.count >= 6 + length else { break }
            requests.append(
                Request(
                    transaction: UInt16(buffer[0]) << 8 | UInt16(buffer[1]), unit: buffer[6],
                    pdu: Array(buffer[Self.headerLength..<6 + length])))
            buffer.removeFirst(6 + length)
        }
        return requests
    }

    public static func frame(_ pdu: [UInt8], answering request: Request) -> [UInt8] {
        let length = pdu.count + 1
        return [
            UInt8(request.transaction >> 8), UInt8(request.transaction & 0xff), 0, 0, UInt8(length >> 8),
            UInt8(length & 0xff), request.unit,
        ] + pdu
    }
}
