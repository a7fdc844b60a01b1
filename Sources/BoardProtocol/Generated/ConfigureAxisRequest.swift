// Made from firmware-protocol/dictionary.json by `make dictionary`; do not edit.

/// Of a stepper or a peristaltic_pump.
public struct ConfigureAxisRequest: BoardRequest {
    public static let name = "configure_axis"
    public static let type: UInt8 = 0x09

    public var channel: UInt8
    /// 1: forward is a low direction pin.
    public var inverted: UInt8
    /// Millisteps a second.
    public var maxRate: UInt32
    /// Steps a second squared; at least 1.
    public var acceleration: UInt32
    /// 1 to max_on_limit_ms.
    public var maxRunMilliseconds: UInt32
    /// The digital_input of its switch at the end towards which it homes, or no_channel.
    public var limitChannel: UInt8
    /// 1: it homes towards smaller positions.
    public var homeBackward: UInt8
    /// Steps; of a stepper that was homed.
    public var minimum: Int32
    /// Steps.
    public var maximum: Int32

    public init(
        channel: UInt8, inverted: UInt8, maxRate: UInt32, acceleration: UInt32, maxRunMilliseconds: UInt32,
        limitChannel: UInt8, homeBackward: UInt8, minimum: Int32, maximum: Int32
    ) {
        self.channel = channel
        self.inverted = inverted
        self.maxRate = maxRate
        self.acceleration = acceleration
        self.maxRunMilliseconds = maxRunMilliseconds
        self.limitChannel = limitChannel
        self.homeBackward = homeBackward
        self.minimum = minimum
        self.maximum = maximum
    }

    public init?(payload: ArraySlice<UInt8>) {
        guard payload.count == 24 else { return nil }
        var reader = PayloadReader(payload)
        channel = reader.number()
        inverted = reader.number()
        maxRate = reader.number()
        acceleration = reader.number()
        maxRunMilliseconds = reader.number()
        limitChannel = reader.number()
        homeBackward = reader.number()
        minimum = reader.number()
        maximum = reader.number()
    }

    public var payload: [UInt8] {
        var writer = PayloadWriter()
        writer.append(channel)
        writer.append(inverted)
        writer.append(maxRate)
        writer.append(acceleration)
        writer.append(maxRunMilliseconds)
        writer.append(limitChannel)
        writer.append(homeBackward)
        writer.append(minimum)
        writer.append(maximum)
        return writer.bytes
    }

    /// Says nothing but ok.
    public typealias Answer = EmptyAnswer
}
