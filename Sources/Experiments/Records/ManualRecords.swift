import DeviceModel
import Quantities

/// A claim of one client on devices that it moves by hand. It lapses unless it is renewed, and ends with its connection;
/// then what was moved under it is stopped.
public struct Lease: Hashable, Sendable {
    /// `l-000001`; numbers begin anew with each daemon.
    public let lease: String
    /// As asked, and what they cannot do without: a heater brings its contactor's module.
    public let devices: [DeviceName]
    public let person: String
    public let reason: String
    public let holder: Caller
    public let since: Moment
    let span: WireDuration
    /// When it lapses; the wall time is for people.
    public internal(set) var ends: WireInstant
    public internal(set) var until: WallInstant

    /// For the audit.
    var what: String { "\(lease): \(devices.map(\.text).joined(separator: ", ")) of \(person), uid \(holder.uid)" }

    /// The devices in such a line.
    static func devices(in what: String) -> [String] {
        let list = what.drop { $0 != ":" }.dropFirst(2)
        guard let end = list.firstRange(of: " of ")?.lowerBound else { return [] }
        return list[..<end].split(separator: ", ").map(String.init)
    }

    /// For errors and for the reason why the queue waits.
    var text: String {
        "\(devices.map(\.text).joined(separator: ", ")) leased by \(person) (uid \(holder.uid), \(lease)) until \(until.rfc3339)"
    }
}

/// What a lease is asked for.
public struct LeaseWish: Hashable, Sendable, Codable {
    public var devices: [String]
    public var person: String
    public var reason: String
    public var span: WireDuration

    public init(devices: [String], person: String, reason: String, span: WireDuration) {
        self.devices = devices
        self.person = person
        self.reason = reason
        self.span = span
    }
}

/// The bench belongs to a person for a while: the queue waits, also over a restart of the daemon.
public struct MaintenanceRecord: Hashable, Sendable, Codable {
    public let person: String
    public let reason: String
    public let uid: UInt32
    public let since: WallInstant
    public let until: WallInstant

    public init(person: String, reason: String, uid: UInt32, since: WallInstant, until: WallInstant) {
        self.person = person
        self.reason = reason
        self.uid = uid
        self.since = since
        self.until = until
    }
}

public struct MaintenanceView: Hashable, Sendable {
    public enum State: String, Hashable, Sendable, CaseIterable {
        /// What runs is finished first.
        case waiting
        case on
        /// Its time has run out, and nobody has ended it.
        case over
    }

    public let state: State
    public let record: MaintenanceRecord
    /// The experiment that is finished first.
    public let running: String?
}

/// `[maintenance]` of the bench file.
public struct MaintenanceRules: Hashable, Sendable {
    /// What a line is primed with if nothing else is said.
    public var primeVolume: Volume
    public var primeFlow: FlowRate
    public var onExpiry: ExpiryPolicy

    public init(
        primeVolume: Volume = Volume(microliters: 200), primeFlow: FlowRate = FlowRate(microlitersPerMinute: 200),
        onExpiry: ExpiryPolicy = .hold
    ) {
        self.primeVolume = primeVolume
        self.primeFlow = primeFlow
        self.onExpiry = onExpiry
    }
}

/// What happens when nobody has ended a maintenance in time.
public enum ExpiryPolicy: String, Hashable, Sendable, CaseIterable {
    /// The queue goes on waiting, and somebody is called: hands may still be on the bench.
    case hold
    /// The queue goes on.
    case resume
}

/// What becomes of an experiment whose client has gone.
public enum ClientGonePolicy: String, Hashable, Sendable, Codable, CaseIterable {
    /// It runs all the same.
    case finish
    /// One that waits is held; one that runs is finished.
    case hold
    /// One that waits is held; for one that runs the bench goes to its safe state.
    case safe
}

/// One motion of a pump by hand.
public struct PumpMove: Hashable, Sendable, Codable {
    /// nil: as the bench file says for priming.
    public var flow: FlowRate?
    /// nil: as the bench file says for priming; of a withdrawal: until the syringe is full.
    public var volume: Volume?
    public var withdraws: Bool
    /// As the audit calls it.
    public var primes: Bool

    public init(flow: FlowRate?, volume: Volume?, withdraws: Bool = false, primes: Bool = false) {
        self.primes = primes
        self.flow = flow
        self.volume = volume
        self.withdraws = withdraws
    }
}

/// What a person, or a program for one, does with a device by hand.
public enum ManualAct: Hashable, Sendable, Codable {
    case move(PumpMove)
    case stop
    /// The idle line's flush, now.
    case purge
    case heat(Temperature)
    case heaterOff
    case lamp(on: Bool)
    case acquire(BurstRequest)
    /// What stands in an analyzer, by the name that its result shall have.
    /// - Parameter within: nil: as long as a sample of an experiment may take.
    case measure(sample: String, within: BenchDuration?)
    /// A valve, a robot, gas or light, under a lease.
    case operate(DeviceOperation)
    /// Steps at set times, of devices on boards.
    case run([TimedStep])
    /// A device of this class to its safe state.
    case makeSafe(DeviceClass)
    /// What a balance or a cylinder showed for what the pump displaced.
    case calibrate(displaced: Volume, measured: Volume, person: String)

    /// The API method that asks for it.
    var method: String {
        switch self {
        case .move(let move): move.withdraws ? "pumps.refill" : move.primes ? "pumps.prime" : "pumps.start"
        case .stop: "pumps.stop"
        case .purge: "pumps.purge"
        case .heat: "heaters.set"
        case .heaterOff: "heaters.off"
        case .lamp: "spectrometers.lamp"
        case .acquire: "spectrometers.acquire"
        case .measure: "analyzers.measure"
        case .calibrate: "pumps.calibrate"
        case .operate(let operation): operation.method
        case .run: "boards.run"
        case .makeSafe(let kind): kind.safeMethod
        }
    }

    /// One that is declined while it is sent has its outcome already.
    var isProgram: Bool { if case .run = self { true } else { false } }

    var deviceClass: DeviceClass {
        switch self {
        case .move, .stop, .purge, .calibrate: .pump
        case .heat, .heaterOff: .heater
        case .lamp, .acquire: .spectrometer
        case .measure: .analyzer
        case .operate(let operation): operation.deviceClass
        case .run: .board
        case .makeSafe(let kind): kind
        }
    }
}

extension DeviceOperation {
    var method: String {
        switch self {
        case .select: "valves.select"
        case .transfer, .place: "robots.transfer"
        case .park: "robots.park"
        case .control: "robots.control"
        case .gas: "flow_controllers.set"
        case .light: "lights.set"
        case .move: "steppers.move"
        case .home: "steppers.home"
        case .clear: "boards.clear"
        }
    }
}

extension DeviceClass {
    /// The API method that brings one device of the class to its safe state.
    fileprivate var safeMethod: String {
        switch self {
        case .robot: "robots.halt"
        case .flowController: "flow_controllers.close"
        case .light: "lights.off"
        case .stepper: "steppers.stop"
        case .pump: "pumps.stop"
        case .heater: "heaters.off"
        case .spectrometer: "spectrometers.lamp"
        case .analyzer: "analyzers.withdraw"
        case .valve, .board, .io: "safe_state.trigger"
        }
    }
}

/// A pump that was started by hand, and when it will stand again.
public struct PumpStart: Hashable, Sendable {
    public let device: DeviceName
    /// Rounded to the pump's grid; negative while it withdraws.
    public let flow: FlowRate
    public let volume: Volume
    public var duration: BenchDuration {
        .seconds(volume.microliters / abs(flow.microlitersPerMinute) * 60)
    }

    var command: DeviceCommand {
        let rate = FlowRate(microlitersPerMinute: abs(flow.microlitersPerMinute))
        return .pump(
            flow < .zero ? .withdraw(flow: rate, volume: volume) : .run(flow: rate, volume: volume))
    }
}

public enum ManualOutcome: Sendable {
    case moving([PumpStart])
    case stopped(DeviceName)
    case heating(DeviceName, Temperature)
    case lamp(DeviceName, on: Bool)
    case spectrum(SpectrumBurst)
    case analysed(AnalyzerResult)
    case operated(DeviceName, DeviceOperation)
    case ran(TimedRun)
    /// Measured by displaced.
    case calibrated(DeviceName, ratio: Double)
}
