import DeviceModel
import Interlocks
import Quantities

/// A snapshot that many readers look at; as long as it is the same object, nothing has changed.
public final class PublishedSnapshot: Sendable {
    public let bench: BenchSnapshot
    public init(_ bench: BenchSnapshot) { self.bench = bench }
}

/// The bench at one moment, published by the control loop for every reader; reading it never disturbs the loop.
public struct BenchSnapshot: Sendable {
    public var at: Moment
    /// In the order of the bench file.
    public var devices: [DeviceView]
    /// Sorted by signal name. Quality is as of `at`: a reading that grew old is `stale`.
    public var readings: [Reading]
    public var interlocks: [InterlockStatus]
    /// The experiment that runs, if one does.
    public var running: ExperimentProgress?
    /// Experiments that wait, first to run first.
    public var queued: [String]
    /// Those of them that wait for a person to release them.
    public var held: [String]
    /// Why nothing is started although something waits; nil when all is well.
    public var heldBecause: String?
    /// Those that stand and those that nobody acknowledged, critical ones first.
    public var alarms: [Alarm]
    public var alarmRate: AlarmRate
    public var ledger: LedgerView
    /// Sorted by device and kind.
    public var references: [ReferenceView]
    public var leases: [Lease]
    /// In the order of the bench file, grippers last.
    public var stations: [StationRecord]
    /// nil: the bench is not in maintenance.
    public var maintenance: MaintenanceView?

    public init(
        at: Moment, devices: [DeviceView], readings: [Reading], interlocks: [InterlockStatus],
        running: ExperimentProgress?, queued: [String], held: [String], heldBecause: String?, alarms: [Alarm],
        alarmRate: AlarmRate = AlarmRate(), ledger: LedgerView, references: [ReferenceView],
        leases: [Lease] = [], stations: [StationRecord] = [], maintenance: MaintenanceView? = nil
    ) {
        self.at = at
        self.devices = devices
        self.readings = readings
        self.interlocks = interlocks
        self.running = running
        self.queued = queued
        self.held = held
        self.heldBecause = heldBecause
        self.alarms = alarms
        self.alarmRate = alarmRate
        self.ledger = ledger
        self.references = references
        self.leases = leases
        self.stations = stations
        self.maintenance = maintenance
    }
}

public struct DeviceView: Hashable, Sendable {
    public let name: DeviceName
    public let deviceClass: DeviceClass
    public let driver: String
    public let link: LinkName
    public let state: DeviceState
    public let since: Moment
    public let limits: DeviceLimits
    /// Last look at its safe state: what was read, and whether it is safe; nil before the first.
    public let readBack: String?
    public let isSafe: Bool?

    public init(
        name: DeviceName, deviceClass: DeviceClass, driver: String, link: LinkName, state: DeviceState, since: Moment,
        limits: DeviceLimits, readBack: String?, isSafe: Bool?
    ) {
        self.name = name
        self.deviceClass = deviceClass
        self.driver = driver
        self.link = link
        self.state = state
        self.since = since
        self.limits = limits
        self.readBack = readBack
        self.isSafe = isSafe
    }
}

/// How far the running experiment is.
public struct ExperimentProgress: Hashable, Sendable {
    public let experiment: String
    public let state: ExperimentState
    /// Bench time in this state, and the time after which the state counts as failed.
    public let inState: BenchDuration
    public let stateDeadline: BenchDuration
    /// Residence times swept so far, and the number to reach.
    public let sweptTau: Double
    public let requiredTau: Double
    public let residenceTime: BenchDuration
    /// Expected bench time to the end of the experiment.
    public let remaining: BenchDuration

    public init(
        experiment: String, state: ExperimentState, inState: BenchDuration, stateDeadline: BenchDuration,
        sweptTau: Double, requiredTau: Double, residenceTime: BenchDuration, remaining: BenchDuration
    ) {
        self.experiment = experiment
        self.state = state
        self.inState = inState
        self.stateDeadline = stateDeadline
        self.sweptTau = sweptTau
        self.requiredTau = requiredTau
        self.residenceTime = residenceTime
        self.remaining = remaining
    }
}

/// How many alarms there were lately.
public struct AlarmRate: Hashable, Sendable {
    public let perTenMinutes: Int
    public let isFlood: Bool
    /// Alarms that called nobody since the flood began.
    public let suppressed: Int

    public init(perTenMinutes: Int = 0, isFlood: Bool = false, suppressed: Int = 0) {
        self.perTenMinutes = perTenMinutes
        self.isFlood = isFlood
        self.suppressed = suppressed
    }
}
