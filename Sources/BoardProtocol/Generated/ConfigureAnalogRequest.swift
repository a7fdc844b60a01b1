// Made from firmware-protocol/dictionary.json by `make dictionary`; do not edit.

/// Of an analog_input.
public struct ConfigureAnalogRequest: BoardRequest {
    public static let name = "configure_analog"
    public static let type: UInt8 = 0x08

    public var channel: UInt8
    /// Samples of the moving mean, 1 to 64.
    public var average: UInt8

    public init(channel: UInt8, average: UInt8) {
        self.channel = channel
        self.average = average
    }

    public init?(payload: ArraySlice<UInt8>) {
        guard payload.count == 2 else { return nil }
        var reader = PayloadReader(payload)
        channel = reader.number()
        average = reader.number()
    }

    public var payload: [UInt8] {
        var writer = PayloadWriter()
        writer.append(channel)
        writer.append(average)
        return writer.bytes
    }

    /// Says nothing but ok.
    public typealias Answer = EmptyAnswer
}
