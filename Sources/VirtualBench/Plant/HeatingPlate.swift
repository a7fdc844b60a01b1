/// The aluminium plate: cartridge elements, plate, sensor (three states), under the controller's PID.
/// Temperatures degC, powers W, heat capacities J/K, output 0...100 %.
public struct HeatingPlate: Sendable {
    public enum Mode: Sendable, Equatable { case off, automatic, manual }
    public enum Sensor: Sendable, Equatable { case good, open, frozen }
    public enum Relay: Sendable, Equatable { case good, stuckOn, stuckOff }

    public var mode = Mode.off
    public var sensor = Sensor.good
    public var relay = Relay.good
    public var setPoint: Double
    public var manualOutput = 0.0
    /// Whether the limit module's contactor carries current; it opens on over-temperature, whatever the relay does.
    public var contactorClosed = true
    /// Whether the bench's own contactor, on a relay of the I/O module, carries current; in series with the other one.
    public var supplyClosed = true
    public private(set) var elements: Double
    public private(set) var plate: Double
    public private(set) var sensorBody: Double
    /// What the controller shows.
    public private(set) var processValue: Double
    public private(set) var output = 0.0
    /// Standard deviation of the sensor's noise; 0 for golden vectors.
    public var sensorNoise = 0.03
    /// What a sensor that is loose, or of another type, shows beside the truth, K.
    public var sensorOffset = 0.0

    private var integral = 0.0
    private var previousValue: Double
    private var derivative = 0.0

    static let openSensorValue = 850.0
    static let maximumPower = 300.0
    static let ambient = 24.0

    public init(temperature: Double) {
        elements = temperature
        plate = temperature
        sensorBody = temperature
        processValue = temperature
        previousValue = temperature
        setPoint = temperature
    }

    /// Everything at one temperature at once: for tests and for the fault of that name.
    public mutating func jump(to temperature: Double) {
        elements = temperature
        plate = temperature
        sensorBody = temperature
    }

    /// Forgets what the loop had integrated, as a change of mode does.
    public mutating func restartLoop() {
        integral = 0
        derivative = 0
        previousValue = processValue
    }

    /// One controller cycle and one step of the metal, with `flow` uL/s carrying heat away.
    public mutating func step(_ dt: Double, flow: Double, using generator: inout Generator) {
        readSensor(using: &generator)
        switch mode {
        case .off: output = 0
        case .manual: output = max(0, min(100, manualOutput))
        case .automatic: output = controlled(dt)
        }
        moveHeat(dt, flow: flow)
    }

    private mutating func readSensor(using generator: inout Generator) {
        switch sensor {
        case .good:
            processValue = sensorBody + sensorOffset + (sensorNoise > 0 ? sensorNoise * generator.normal() : 0)
        case .open: processValue = Self.openSensorValue
        case .frozen: break
        }
    }

    /// PID: 8 %/K, 260 s, 9 s; a filtered derivative of the value; integration only where it can act.
    private mutating func controlled(_ dt: Double) -> Double {
        let gain = 8.0
        let integralTime = 260.0
        let error = setPoint - processValue
        let slope = -(processValue - previousValue) / dt
        previousValue = processValue
        derivative = derivative * 0.9 + 0.1 * slope
        let wanted = gain * (error + integral / integralTime + 9 * derivative)
        if 0 < wanted && wanted < 100 || wanted >= 100 && error < 0 || wanted <= 0 && error > 0 {
            integral += error * dt
        }
        integral = max(-50 * integralTime / gain, min(60 * integralTime / gain, integral))
        return max(0, min(100, wanted))
    }

    private mutating func moveHeat(_ dt: Double, flow: Double) {
        var power = Self.maximumPower * output / 100
        switch relay {
        case .good: break
        case .stuckOn: power = Self.maximumPower
        case .stuckOff: power = 0
        }
        if !contactorClosed || !supplyClosed { power = 0 }
        let carriedByFlow = flow * 1.25e-3 * 1.5
        let intoPlate = 4.5
        elements += dt * (power - intoPlate * (elements - plate)) / 45
        let loss = 0.5 * (plate - Self.ambient) + carriedByFlow * (plate - Self.ambient)
        plate += dt * (intoPlate * (elements - plate) - loss) / 730
        sensorBody += dt * (plate - sensorBody) / 3
    }
}
