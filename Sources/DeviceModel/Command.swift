import Quantities

/// What a device may be told, whatever its make. Idempotent: "be so", never "toggle".
public enum DeviceCommand: Hashable, Sendable {
    case pump(PumpCommand)
    case heater(HeaterCommand)
    case spectrometer(SpectrometerCommand)
    case io(IOCommand)
    case valve(ValveCommand)
    case robot(RobotCommand)
    case flowController(FlowControllerCommand)
    case light(LightCommand)
    case analyzer(AnalyzerCommand)
    case board(BoardCommand)
    case stepper(StepperCommand)
    /// To a device on a board: done at that time by the board's own clock, and then only.
    indirect case timed(at: WireInstant, DeviceCommand)

    /// What an interlock must know of a command.
    public enum Consequence: Sendable {
        /// Puts energy or matter into the bench: needs a permit.
        case actuates
        /// Takes energy or matter out: always allowed, also while tripped.
        case makesSafe
        /// Changes nothing that could hurt.
        case observes
    }

    public var consequence: Consequence {
        switch self {
        case .pump(.run), .pump(.withdraw), .heater(.hold), .heater(.ramp), .spectrometer(.lamp(on: true)), .io(.set),
            .valve(.select), .flowController(.set), .light(.set), .stepper(.move), .stepper(.home):
            .actuates
        case .robot(let command): command.consequence
        // It may make safe, and not before its time: a trip takes it back like all that waits.
        case .timed: .actuates
        case .pump(.stop), .heater(.off), .spectrometer(.lamp(on: false)), .spectrometer(.abort), .io(.safe),
            .valve(.safe), .flowController(.close), .light(.off), .analyzer(.withdraw),
            .board(.stop), .stepper(.stop):
            .makesSafe
        case .spectrometer(.acquire), .analyzer(.measure), .board(.clear): .observes
        }
    }

    /// The class of device that understands this command.
    public var deviceClass: DeviceClass {
        switch self {
        case .pump: .pump
        case .heater: .heater
        case .spectrometer: .spectrometer
        case .io: .io
        case .valve: .valve
        case .robot: .robot
        case .flowController: .flowController
        case .light: .light
        case .analyzer: .analyzer
        case .board: .board
        case .stepper: .stepper
        case .timed(_, let command): command.deviceClass
        }
    }
}

public enum PumpCommand: Hashable, Sendable {
    /// Infuse `volume` at `flow`, then stop by itself. There is no endless run: the host may die.
    case run(flow: FlowRate, volume: Volume)
    /// Draw `volume` back into the syringe at `flow`, both positive, then stop by itself.
    case withdraw(flow: FlowRate, volume: Volume)
    case stop
}

public enum HeaterCommand: Hashable, Sendable {
    /// Control to this temperature.
    case hold(Temperature)
    /// Move the set point to this temperature at this rate of bench time, and stay there. It begins at the present
    /// temperature; when it ends before its time (another command, a trip, a lost link) the set point stays where it is.
    case ramp(to: Temperature, kelvinPerMinute: Double)
    case off
}

public enum SpectrometerCommand: Hashable, Sendable {
    case acquire(BurstRequest)
    case lamp(on: Bool)
    case abort
}

public enum IOCommand: Hashable, Sendable {
    /// Switch one output, by its name in the bench file. It actuates whatever the level: which one is harmless only the
    /// wiring knows.
    case set(output: String, on: Bool)
    /// Every output to the level that the bench file declares safe.
    case safe
}

/// A burst: `frames` spectra in a row at one integration time.
public struct BurstRequest: Hashable, Sendable, Codable {
    public let frames: Int
    public let integration: BenchDuration

    public init(frames: Int, integration: BenchDuration) {
        self.frames = frames
        self.integration = integration
    }
}

/// One spectrum as the detector counted it.
public struct SpectrumFrame: Hashable, Sendable {
    public let counts: [UInt16]
    public let at: Moment

    public init(counts: [UInt16], at: Moment) {
        self.counts = counts
        self.at = at
    }
}

/// The frames of one burst, with what is needed to read them.
public struct SpectrumBurst: Hashable, Sendable {
    public let device: DeviceName
    public let command: CommandID
    public let integration: BenchDuration
    /// Wavelength in nm of pixel i: c0 + c1 i + c2 i^2 + c3 i^3.
    public let wavelengthCoefficients: [Double]
    public let frames: [SpectrumFrame]

    public init(
        device: DeviceName, command: CommandID, integration: BenchDuration, wavelengthCoefficients: [Double],
        frames: [SpectrumFrame]
    ) {
        self.device = device
        self.command = command
        self.integration = integration
        self.wavelengthCoefficients = wavelengthCoefficients
        self.frames = frames
    }
}

/// Names one issued command until its outcome is known. Every command ends with an outcome.
public struct CommandID: Hashable, Comparable, Sendable {
    public let number: UInt64
    public init(number: UInt64) { self.number = number }
    public static func < (a: Self, b: Self) -> Bool { a.number < b.number }
}

public enum CommandOutcome: Hashable, Sendable {
    /// The device confirmed it, by read-back where it has one.
    case done
    /// The device answered with something else than asked (a silent clamp, a NACK).
    case refused(String)
    /// The link or the device failed before it could confirm; its state is unknown until read back.
    case failed(String)
    /// A trip came first; it was not sent, or not finished.
    case droppedByTrip

    /// In words, for records and people.
    public var text: String {
        switch self {
        case .done: "done"
        case .refused(let why): "refused, \(why)"
        case .failed(let why): "failed, \(why)"
        case .droppedByTrip: "withdrawn by a trip"
        }
    }
}
