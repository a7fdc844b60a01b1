import DeviceModel
import Interlocks
import Quantities
import Wire

/// What the engine wants kept. A batch is one transaction; its effects become visible to clients once it is committed.
public struct ArchiveBatch: Sendable {
    public let id: UInt64
    public let writes: [ArchiveWrite]

    public init(id: UInt64, writes: [ArchiveWrite]) {
        self.id = id
        self.writes = writes
    }

    /// Nothing in it changes what the bench does or waits for.
    public var isOfReadingsOnly: Bool { writes.areReadingsOnly }

    /// Batches that carry a transition, a result or a latch are synced to the disk before they are acknowledged.
    public var isDurable: Bool {
        writes.contains { write in
            switch write {
            case .experiment, .spectrum, .latchSet, .latchCleared, .bypassSet, .bypassEnded, .maintenance, .leaseSet,
                .leaseEnded, .shelfSet,
                .shelfEnded, .station, .audit, .campaign, .reagentAct:
                true
            case .event, .reading, .ledger, .alarm: false
            }
        }
    }
}

extension [ArchiveWrite] {
    var areReadingsOnly: Bool { allSatisfy { if case .reading = $0 { true } else { false } } }
}

public enum ArchiveWrite: Sendable {
    /// Inserts or replaces the record as a whole: experiment, transitions, measurement.
    case experiment(ExperimentRecord)
    case spectrum(SpectrumRecord)
    case latchSet(Latch)
    case latchCleared(InterlockName, at: Moment)
    case bypassSet(Bypass)
    case bypassEnded(InterlockName)
    /// nil: it is over.
    case maintenance(MaintenanceRecord?)
    /// Devices are in somebody's hand, in words; until it ends.
    case leaseSet(String, String)
    case leaseEnded(String)
    case audit(AuditRecord)
    case campaign(CampaignRecord)
    /// Replaces the whole state of the ledger.
    case ledger(LedgerRecord)
    case reagentAct(ReagentAct)
    /// An alarm as it is now: raised, told anew with another text, acknowledged, or over.
    case alarm(Alarm, at: Moment)
    case shelfSet(Alarm.Shelf)
    /// Of the alarm of this name.
    case shelfEnded(String)
    /// A station as it is now.
    case station(StationRecord)
    case event(BenchEvent)
    /// A sample for the signal history.
    case reading(signal: String, value: Double?, unit: String, quality: String, at: Moment)
}

public struct AuditRecord: Hashable, Sendable {
    public let at: Moment
    public let uid: UInt32
    public let pid: Int32
    public let method: String
    public let detail: String
    public let outcome: String

    public init(at: Moment, uid: UInt32, pid: Int32, method: String, detail: String, outcome: String) {
        self.at = at
        self.uid = uid
        self.pid = pid
        self.method = method
        self.detail = detail
        self.outcome = outcome
    }
}

/// Something that happened, as subscribers get it. Sequence numbers are daemon-wide and have no holes.
public struct BenchEvent: Hashable, Sendable {
    public let sequence: UInt64
    /// `experiments`, `devices`, `interlocks`, `alarms`, `signals:<name>`.
    public let topic: String
    public let at: Moment
    public let data: JSONValue

    public init(sequence: UInt64, topic: String, at: Moment, data: JSONValue) {
        self.sequence = sequence
        self.topic = topic
        self.at = at
        self.data = data
    }
}

/// What the archive gives back when the daemon starts.
public struct RestoredState: Sendable, Codable {
    /// The number of the last experiment ever queued.
    public var lastExperimentNumber: Int
    /// Experiments that were not in a final state: queued ones go on, running ones become `interrupted`.
    public var unfinished: [ExperimentRecord]
    public var latches: [Latch]
    /// What was out of service; those whose time is over are forgotten by the engine.
    public var bypasses: [Bypass]
    public var maintenance: MaintenanceRecord?
    /// What was in somebody's hand when the daemon ended, by lease.
    public var hands: [String: String]
    /// Alarms that stood when the daemon ended, or that nobody had acknowledged.
    public var alarms: [Alarm]
    public var shelves: [Alarm.Shelf]
    /// Idempotency keys of all experiments, by `KeyUse.index`, with the recipe each was used for.
    public var keys: [String: KeyUse]
    /// The number of the last end of an experiment.
    public var lastSequence: Int
    /// All campaigns, by name.
    public var campaigns: [String: CampaignRecord]
    /// nil in a new archive.
    public var ledger: LedgerRecord?
    /// The last dark and the last reference spectrum of each spectrometer.
    public var references: [SpectrumRecord]
    /// Where cuvettes stood.
    public var stations: [StationRecord]
    /// Of the last reading or event that was kept: until then at least somebody controlled the bench. nil in a new archive.
    public var lastKept: WallInstant?

    public struct KeyUse: Hashable, Sendable, Codable {
        public let experiment: String
        public let uid: UInt32
        public let recipe: Recipe
        public var state: ExperimentState

        /// A key is unique per client, and a client is a user.
        public static func index(uid: UInt32, key: String) -> String { "\(uid)/\(key)" }

        public init(experiment: String, uid: UInt32, recipe: Recipe, state: ExperimentState) {
            self.experiment = experiment
            self.uid = uid
            self.recipe = recipe
            self.state = state
        }
    }

    public init(
        lastExperimentNumber: Int = 0, unfinished: [ExperimentRecord] = [], latches: [Latch] = [],
        bypasses: [Bypass] = [], maintenance: MaintenanceRecord? = nil,
        hands: [String: String] = [:], alarms: [Alarm] = [],
        shelves: [Alarm.Shelf] = [], keys: [String: KeyUse] = [:],
        lastSequence: Int = 0,
        campaigns: [String: CampaignRecord] = [:],
        ledger: LedgerRecord? = nil, references: [SpectrumRecord] = [], stations: [StationRecord] = [],
        lastKept: WallInstant? = nil
    ) {
        self.lastExperimentNumber = lastExperimentNumber
        self.unfinished = unfinished
        self.latches = latches
        self.bypasses = bypasses
        self.maintenance = maintenance
        self.hands = hands
        self.alarms = alarms
        self.shelves = shelves
        self.keys = keys
        self.lastSequence = lastSequence
        self.campaigns = campaigns
        self.ledger = ledger
        self.references = references
        self.stations = stations
        self.lastKept = lastKept
    }
}
