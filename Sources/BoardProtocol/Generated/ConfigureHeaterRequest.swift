// Made from firmware-protocol/dictionary.json by `make dictionary`; do not edit.

/// Of a heater.
public struct ConfigureHeaterRequest: BoardRequest {
    public static let name = "configure_heater"
    public static let type: UInt8 = 0x0a

    public var channel: UInt8
    /// Its analog_input, configured before it.
    public var sensorChannel: UInt8
    /// Millidegrees Celsius at count 0.
    public var sensorZero: Int32
    /// Microkelvin a count.
    public var sensorScale: Int32
    /// Counts below it are a broken sensor.
    public var sensorLow: UInt16
    /// Counts above it are a broken sensor.
    public var sensorHigh: UInt16
    /// Per mille of output a kelvin.
    public var kp: UInt16
    /// Per mille of output a kelvin and 100 s.
    public var ki: UInt16
    /// Per mille of output a kelvin a second.
    public var kd: UInt16
    /// Of the time-proportioned output, 100 to 60000.
    public var windowMilliseconds: UInt16
    /// Per mille, 1 to 1000.
    public var maxOutput: UInt16
    /// Millidegrees Celsius; above it is the fault over_temperature.
    public var maxTemperature: Int32
    /// After so long at 9/10 of max_output or more.
    public var checkSeconds: UInt16
    /// It must be warmer by so many millikelvin, else it is the fault not_heating.
    public var checkRise: UInt16
    /// 1 to max_on_limit_ms.
    public var maxOnMilliseconds: UInt32

    public init(
        channel: UInt8, sensorChannel: UInt8, sensorZero: Int32, sensorScale: Int32, sensorLow: UInt16,
        sensorHigh: UInt16, kp: UInt16, ki: UInt16, kd: UInt16, windowMilliseconds: UInt16, maxOutput: UInt16,
        maxTemperature: Int32, checkSeconds: UInt16, checkRise: UInt16, maxOnMilliseconds: UInt32
    ) {
        self.channel = channel
        self.sensorChannel = sensorChannel
        self.sensorZero = sensorZero
        self.sensorScale = sensorScale
        self.sensorLow = sensorLow
        self.sensorHigh = sensorHigh
        self.kp = kp
        self.ki = ki
        self.kd = kd
        self.windowMilliseconds = windowMilliseconds
        self.maxOutput = maxOutput
        self.maxTemperature = maxTemperature
        self.checkSeconds = checkSeconds
        self.checkRise = checkRise
        self.maxOnMilliseconds = maxOnMilliseconds
    }

    public init?(payload: ArraySlice<UInt8>) {
        guard payload.count == 36 else { return nil }
        var reader = PayloadReader(payload)
        channel = reader.number()
        sensorChannel = reader.number()
        sensorZero = reader.number()
        sensorScale = reader.number()
        sensorLow = reader.number()
        sensorHigh = reader.number()
        kp = reader.number()
        ki = reader.number()
        kd = reader.number()
        windowMilliseconds = reader.number()
        maxOutput = reader.number()
        maxTemperature = reader.number()
        checkSeconds = reader.number()
        checkRise = reader.number()
        maxOnMilliseconds = reader.number()
    }

    public var payload: [UInt8] {
        var writer = PayloadWriter()
        writer.append(channel)
        writer.append(sensorChannel)
        writer.append(sensorZero)
        writer.append(sensorScale)
        writer.append(sensorLow)
        writer.append(sensorHigh)
        writer.append(kp)
        writer.append(ki)
        writer.append(kd)
        writer.append(windowMilliseconds)
        writer.append(maxOutput)
        writer.append(maxTemperature)
        writer.append(checkSeconds)
        writer.append(checkRise)
        writer.append(maxOnMilliseconds)
        return writer.bytes
    }

    /// Says nothing but ok.
    public typealias Answer = EmptyAnswer
}
