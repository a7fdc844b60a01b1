import Quantities

public enum DeviceClass: String, Hashable, Sendable, CaseIterable, Codable {
    case pump, heater, valve, spectrometer, robot, board
    /// Of a gas.
    case flowController = "flow_controller"
    /// A driver of LEDs, or another source without a spectrometer.
    case light
    /// An instrument with software of its own: it measures what is placed in it, and leaves its result as a file.
    case analyzer
    /// A motor that moves by steps, to a position and no further.
    case stepper
    /// A module of relays and of analog and digital inputs.
    case io

    /// Whether its outputs keep running while it does what it was told, so that one that is found in its safe state has
    /// stopped. A valve, a robot and a stepper are done when they stand, a board has no outputs of its own, an analyzer does no more
    /// than to measure.
    public var runs: Bool {
        switch self {
        case .pump, .heater, .spectrometer, .flowController, .light, .io: true
        case .valve, .robot, .analyzer, .stepper, .board: false
        }
    }
}

/// What the daemon knows of a device's presence.
public enum DeviceState: Hashable, Sendable {
    /// No link; the text says why and what is tried next.
    case offline(String)
    /// The link is open and the device is being asked who it is.
    case identifying
    case ready
    /// It answers, but must not be used: wrong identity, forgotten settings, a fault of its own.
    case faulted(String)

    public var word: String {
        switch self {
        case .offline: "offline"
        case .identifying: "identifying"
        case .ready: "ready"
        case .faulted: "faulted"
        }
    }

    public var detail: String? {
        switch self {
        case .offline(let why), .faulted(let why): why
        case .identifying, .ready: nil
        }
    }
}

/// What a device can do, as its driver declares it from its settings; the planner and the limits check use nothing else.
public enum DeviceLimits: Hashable, Sendable {
    case pump(PumpLimits)
    case heater(HeaterLimits)
    case spectrometer(SpectrometerLimits)
    case io(IOLimits)
    case valve(ValveLimits)
    case robot(RobotLimits)
    case flowController(FlowControllerLimits)
    case light(LightLimits)
    case analyzer(AnalyzerLimits)
    case board(BoardLimits)
    case stepper(StepperLimits)
}

public struct PumpLimits: Hashable, Sendable {
    /// The smallest flow the pump keeps; below it, it must stand still.
    public let minimum: FlowRate
    public let maximum: FlowRate
    /// The grid of flows that the pump takes without rounding.
    public let resolution: FlowRate
    /// The least volume that a run may have; a smaller target would be raised in silence.
    public let smallestVolume: Volume
    /// What its syringe holds.
    public let capacity: Volume
    /// The reagent in the syringe, as the bench file names it.
    public let reagent: String

    public init(
        minimum: FlowRate, maximum: FlowRate, resolution: FlowRate, smallestVolume: Volume, capacity: Volume,
        reagent: String
    ) {
        self.minimum = minimum
        self.maximum = maximum
        self.resolution = resolution
        self.smallestVolume = smallestVolume
        self.capacity = capacity
        self.reagent = reagent
    }
}

public struct HeaterLimits: Hashable, Sendable {
    public let minimum: Temperature
    public let maximum: Temperature
    /// The grid of set points, in kelvin.
    public let resolutionKelvin: Double
    /// nil: this heater cannot ramp.
    public let ramp: RampLimits?

    public init(minimum: Temperature, maximum: Temperature, resolutionKelvin: Double, ramp: RampLimits? = nil) {
        self.minimum = minimum
        self.maximum = maximum
        self.resolutionKelvin = resolutionKelvin
        self.ramp = ramp
    }
}

public struct SpectrometerLimits: Hashable, Sendable {
    public let shortestIntegration: BenchDuration
    public let longestIntegration: BenchDuration
    public let pixels: Int

    public init(shortestIntegration: BenchDuration, longestIntegration: BenchDuration, pixels: Int) {
        self.shortestIntegration = shortestIntegration
        self.longestIntegration = longestIntegration
        self.pixels = pixels
    }
}
