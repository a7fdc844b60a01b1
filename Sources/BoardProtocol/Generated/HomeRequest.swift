// Made from firmware-protocol/dictionary.json by `make dictionary`; do not edit.

/// A stepper to its limit switch, which becomes position 0.
public struct HomeRequest: BoardRequest {
    public static let name = "home"
    public static let type: UInt8 = 0x12

    public var channel: UInt8
    /// Millisteps a second.
    public var rate: UInt32
    /// Without the switch after so many, it ends.
    public var maxSteps: UInt32

    public init(channel: UInt8, rate: UInt32, maxSteps: UInt32) {
        self.channel = channel
        self.rate = rate
        self.maxSteps = maxSteps
    }

    public init?(payload: ArraySlice<UInt8>) {
        guard payload.count == 9 else { return nil }
        var reader = PayloadReader(payload)
        channel = reader.number()
        rate = reader.number()
        maxSteps = reader.number()
    }

    public var payload: [UInt8] {
        var writer = PayloadWriter()
        writer.append(channel)
        writer.append(rate)
        writer.append(maxSteps)
        return writer.bytes
    }

    /// Says nothing but ok.
    public typealias Answer = EmptyAnswer
}
