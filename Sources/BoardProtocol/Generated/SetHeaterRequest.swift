// Made from firmware-protocol/dictionary.json by `make dictionary`; do not edit.

/// A heater's set point for a finite time.
public struct SetHeaterRequest: BoardRequest {
    public static let name = "set_heater"
    public static let type: UInt8 = 0x14

    public var channel: UInt8
    /// Millidegrees Celsius.
    public var target: Int32
    /// Millikelvin a second; 0: at once.
    public var ramp: UInt16
    /// 1 to max_on_ms.
    public var durationMilliseconds: UInt32

    public init(channel: UInt8, target: Int32, ramp: UInt16, durationMilliseconds: UInt32) {
        self.channel = channel
        self.target = target
        self.ramp = ramp
        self.durationMilliseconds = durationMilliseconds
    }

    public init?(payload: ArraySlice<UInt8>) {
        guard payload.count == 11 else { return nil }
        var reader = PayloadReader(payload)
        channel = reader.number()
        target = reader.number()
        ramp = reader.number()
        durationMilliseconds = reader.number()
    }

    public var payload: [UInt8] {
        var writer = PayloadWriter()
        writer.append(channel)
        writer.append(target)
        writer.append(ramp)
        writer.append(durationMilliseconds)
        return writer.bytes
    }

    /// Says nothing but ok.
    public typealias Answer = EmptyAnswer
}
