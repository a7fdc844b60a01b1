// Made from firmware-protocol/dictionary.json by `make dictionary`; do not edit.

/// Of a digital_input.
public struct ConfigureInputRequest: BoardRequest {
    public static let name = "configure_input"
    public static let type: UInt8 = 0x07

    public var channel: UInt8
    /// 1: on is a low pin.
    public var activeLow: UInt8
    /// A level must hold so long.
    public var debounceMilliseconds: UInt8
    /// 1: each change is an event.
    public var report: UInt8
    /// 1: on is the fault emergency_stop.
    public var emergencyStop: UInt8

    public init(channel: UInt8, activeLow: UInt8, debounceMilliseconds: UInt8, report: UInt8, emergencyStop: UInt8) {
        self.channel = channel
        self.activeLow = activeLow
        self.debounceMilliseconds = debounceMilliseconds
        self.report = report
        self.emergencyStop = emergencyStop
    }

    public init?(payload: ArraySlice<UInt8>) {
        guard payload.count == 5 else { return nil }
        var reader = PayloadReader(payload)
        channel = reader.number()
        activeLow = reader.number()
        debounceMilliseconds = reader.number()
        report = reader.number()
        emergencyStop = reader.number()
    }

    public var payload: [UInt8] {
        var writer = PayloadWriter()
        writer.append(channel)
        writer.append(activeLow)
        writer.append(debounceMilliseconds)
        writer.append(report)
        writer.append(emergencyStop)
        return writer.bytes
    }

    /// Says nothing but ok.
    public typealias Answer = EmptyAnswer
}
