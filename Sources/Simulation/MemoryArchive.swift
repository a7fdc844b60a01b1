import Experiments
import Interlocks
import Quantities

/// What the daemon asked to keep, in memory.
public struct MemoryArchive: Sendable {
    public private(set) var experiments: [String: ExperimentRecord] = [:]
    public private(set) var spectra: [SpectrumRecord] = []
    public private(set) var latches: [Latch] = []
    public private(set) var bypasses: [Bypass] = []
    public private(set) var maintenance: MaintenanceRecord?
    public private(set) var hands: [String: String] = [:]
    /// Those that stand or that nobody acknowledged.
    public private(set) var alarms: [String: Alarm] = [:]
    public private(set) var shelves: [String: Alarm.Shelf] = [:]
    public private(set) var audit: [AuditRecord] = []
    public private(set) var campaigns: [String: CampaignRecord] = [:]
    public private(set) var ledger: LedgerRecord?
    public private(set) var reagentActs: [ReagentAct] = []
    public private(set) var stations: [String: StationRecord] = [:]
    public private(set) var readings = 0
    /// What was kept of the daemon's own signals, `ledger.` and `loop.`, by name, oldest first.
    public private(set) var ownSignals: [String: [Double]] = [:]
    /// The sequence number of the last event that is kept; numbers begin anew with each daemon.
    public private(set) var lastEvent: UInt64 = 0
    /// Events that are kept, of all daemons.
    public private(set) var events = 0
    private var lastKept: WallInstant?

    /// In the order of their numbers.
    public var records: [ExperimentRecord] { experiments.values.sorted { $0.experiment < $1.experiment } }

    /// Event numbers begin anew.
    mutating func startDaemon() { lastEvent = 0 }

    mutating func commit(_ batch: ArchiveBatch) {
        for write in batch.writes {
            switch write {
            case .experiment(let record): experiments[record.experiment] = record
            case .spectrum(let spectrum): spectra.append(spectrum)
            case .latchSet(let latch): latches.append(latch)
            case .latchCleared(let name, _): latches.removeAll { $0.interlock == name }
            case .bypassSet(let bypass): bypasses.append(bypass)
            case .bypassEnded(let name): bypasses.removeAll { $0.interlock == name }
            case .maintenance(let record): maintenance = record
            case .leaseSet(let name, let what): hands[name] = what
            case .leaseEnded(let name): hands[name] = nil
            case .audit(let record): audit.append(record)
            case .event(let event):
                lastEvent = event.sequence
                events += 1
                lastKept = event.at.wall
            case .reading(let signal, let value, _, _, let at):
                readings += 1
                lastKept = at.wall
                guard signal.hasPrefix("ledger.") || signal.hasPrefix("loop."), let value else { continue }
                ownSignals[signal, default: []].append(value)
            case .campaign(let record): campaigns[record.campaign] = record
            case .ledger(let record): ledger = record
            case .station(let record): stations[record.station] = record
            case .reagentAct(let act): reagentActs.append(act)
            case .alarm(let alarm, at: _): keep(alarm)
            case .shelfSet(let shelf): shelves[shelf.alarm] = shelf
            case .shelfEnded(let alarm): shelves[alarm] = nil
            }
        }
    }

    private mutating func keep(_ alarm: Alarm) {
        let isAsked = alarm.acknowledgement == nil && alarm.shelf == nil && alarm.priority >= .high
        alarms[alarm.id] = alarm.isActive || isAsked ? alarm : nil
    }

    /// What a daemon that starts now would be given.
    public var restored: RestoredState {
        var keys: [String: RestoredState.KeyUse] = [:]
        for record in records {
            guard let key = record.key else { continue }
            keys[RestoredState.KeyUse.index(uid: record.submittedBy, key: key)] = .init(
                experiment: record.experiment, uid: record.submittedBy, recipe: record.recipe, state: record.state)
        }
        return RestoredState(
            lastExperimentNumber: experiments.count, unfinished: records.filter { !$0.state.isFinal }, latches: latches,
            bypasses: bypasses, maintenance: maintenance, hands: hands, alarms: alarms.values.sorted { $0.id < $1.id },
            shelves: shelves.values.sorted { $0.alarm < $1.alarm }, keys: keys,
            lastSequence: experiments.values.compactMap(\.sequence).max() ?? 0,
            campaigns: campaigns,
            ledger: ledger, references: lastReferences,
            stations: stations.values.sorted { $0.station < $1.station }, lastKept: lastKept)
    }

    private var lastReferences: [SpectrumRecord] {
        ["dark", "reference"].compactMap { kind in spectra.last { $0.kind == kind } }
    }
}
