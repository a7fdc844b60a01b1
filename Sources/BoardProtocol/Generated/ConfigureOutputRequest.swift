// Made from firmware-protocol/dictionary.json by `make dictionary`; do not edit.

/// Of a digital_output.
public struct ConfigureOutputRequest: BoardRequest {
    public static let name = "configure_output"
    public static let type: UInt8 = 0x06

    public var channel: UInt8
    /// 1: on is a low pin.
    public var activeLow: UInt8
    /// 1 to max_on_limit_ms.
    public var maxOnMilliseconds: UInt32

    public init(channel: UInt8, activeLow: UInt8, maxOnMilliseconds: UInt32) {
        self.channel = channel
        self.activeLow = activeLow
        self.maxOnMilliseconds = maxOnMilliseconds
    }

    public init?(payload: ArraySlice<UInt8>) {
        guard payload.count == 6 else { return nil }
        var reader = PayloadReader(payload)
        channel = reader.number()
        activeLow = reader.number()
        maxOnMilliseconds = reader.number()
    }

    public var payload: [UInt8] {
        var writer = PayloadWriter()
        writer.append(channel)
        writer.append(activeLow)
        writer.append(maxOnMilliseconds)
        return writer.bytes
    }

    /// Says nothing but ok.
    public typealias Answer = EmptyAnswer
}
