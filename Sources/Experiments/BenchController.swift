import ControlCore
import DeviceModel
import Drivers
import Interlocks
import Quantities
import Spectra

/// What happens to the controller.
public enum ControllerInput: Sendable {
    case link(LinkName, LinkEvent)
    case request(RequestToken, ControlRequest, Caller)
    /// A connection is gone, by the number that its calls carried.
    case clientGone(UInt64)
    /// A caller waits for an experiment: somebody looks after it.
    case attends(experiment: String, Caller)
    /// Every batch up to this id is committed.
    case archived(batch: UInt64)
    /// The archive cannot write; it keeps the batch and tries again.
    case archiveFailed(String)
    /// The flight recorder cannot write; nil: it writes again.
    case recorder(trouble: String?)
    case analysed(AnalysisReply)
    /// Nothing but time has passed.
    case time
    /// The daemon is asked to end: stop at a safe point.
    case shutdown(reason: String)
}

/// What the controller wants done.
public enum ControllerEffect: Sendable {
    case link(LinkName, LinkAction)
    case archive(ArchiveBatch)
    case analyse(AnalysisRequest)
    case reply(RequestToken, ControlReply)
    case event(BenchEvent)
    /// New readings with consecutive sequence numbers, for the `signals:` topics.
    case readings(firstSequence: UInt64, [Reading])
    /// Somebody is to be told of an alarm, now.
    case notify(AlarmChange)
    /// The last minutes of the flight recorder are to be kept.
    case keepRecording(RecordingWish)
    /// The bench file is to be read anew, and the caller told what came of it.
    case reload(RequestToken)
    /// The bench is safe, or as safe as it could be made in time; the daemon may end.
    case shutDown
}

/// The whole pure part of the daemon: devices, interlocks, queue and the running experiment of one bench.
///
/// One thread feeds it events with the time; each call runs to completion and returns effects. The same value runs in
/// `flowlabd` against real links and in `flowlab-simulate` under a virtual clock.
public struct BenchController: Sendable {
    /// The ledger is kept at most this often while pumps run; what was reserved stands for the time between.
    static let ledgerInterval = BenchDuration.seconds(10)
    /// A signal is kept in the history at most this often.
    static let historyInterval = BenchDuration.seconds(1)
    /// The longest that a shutdown waits for the devices to show that they are safe.
    static let shutdownPatience = WireDuration.seconds(4)

    let definition: BenchDefinition
    let planner: Planner
    var core: ControlCore
    var outbox = Outbox()
    var effects: [ControllerEffect] = []

    var queue: [ExperimentRecord] = []
    var active: ActiveExperiment?
    /// Stop commands of ended experiments that have no outcome yet.
    var winding: Set<CommandID> = []
    var keys: [String: RestoredState.KeyUse]
    var lastNumber: Int
    /// The number of the last end of an experiment.
    var lastSequence: Int
    var campaigns: [String: CampaignRecord]
    /// Withdrawn by this daemon: whoever asks again may still hold the record of before.
    var abandoned: Set<String> = []
    var ledger: Ledger
    var ledgerKeptAt: BenchInstant
    var shelf: ReferenceShelf
    var stations: StationBook
    /// Pumps that flush the idle line, until then.
    var flush: (pumps: [DeviceName], until: BenchInstant)?
    /// Something has flowed since the line was last flushed.
    var needsFlush = false
    var alarms: AlarmBook
    /// The alarm of experiments that fail one after the other.
    static let failures = "failures"
    var failuresInARow = 0
    /// Why the archive cannot write; nil when it can.
    var archiveTrouble: String?
    var kept: [SignalName: Reading] = [:]
    /// What a reading means to the running experiment, by signal.
    let pumpSignals: [SignalName: PumpSignal]
    let valveSignals: [SignalName: (valve: String, limits: ValveLimits)]
    let contactorSignal: SignalName?
    var newReadings: [Reading] = []
    var nextAnalysis: UInt64 = 1
    var idleSince: BenchInstant?
    var own: OwnSignals
    /// When `.time` is next needed, on each clock.
    public private(set) var deadlines: (bench: BenchInstant?, wire: WireInstant?)
    var shutdown: (reason: String, deadline: WireInstant)?
    var manual = ManualControl()
    var maintenance: Maintenance?
    var attendance = Attendance()
    /// A trip whose recording is kept then.
    var keeping: (wish: RecordingWish, due: WireInstant)?
    /// When somebody had one kept last.
    var dumpedAt: WireInstant?
    /// Audit records written so far.
    var audits = 0
    var visible: QueueView

    public init(_ definition: BenchDefinition, restored: RestoredState, at now: Moment) {
        self.definition = definition
        planner = Planner(definition)
        alarms = AlarmBook(definition.alarms)
        pumpSignals = Self.pumpSignals(of: planner)
        valveSignals = Self.valveSignals(of: definition)
        contactorSignal = definition.procedure.contactor?.signal
        core = ControlCore(
            devices: definition.devices, rules: definition.interlocks, limits: definition.limits,
            restored: restored.latches, bypasses: restored.bypasses, at: now)
        keys = restored.keys
        lastNumber = restored.lastExperimentNumber
        lastSequence = restored.lastSequence
        campaigns = restored.campaigns
        ledger = Ledger(rules: definition.ledger, pumps: planner.pumps, restored: restored.ledger)
        ledgerKeptAt = now.bench
        shelf = ReferenceShelf(definition.procedure, restored: restored.references, at: now)
        stations = StationBook(
            definition.stations, robots: Self.carriers(definition), restored: restored.stations, at: now)
        visible = QueueView(running: nil, queued: [], held: [], heldBecause: nil)
        idleSince = now.bench
        own = OwnSignals(
            pumps: planner.pumps.keys,
            punctuality: LoopPunctuality(scanPeriod: definition.scanPeriod, from: now.wire))
        deadlines = (now.bench, now.wire)
    }

    /// The first step: opens the links, ends what an earlier daemon left running, takes its queue over.
    public mutating func start(_ restored: RestoredState, at now: Moment) -> [ControllerEffect] {
        takeOver(restored.alarms, restored.shelves, at: now)
        take(core.start(at: now), at: now)
        maintenance = restored.maintenance.map { Maintenance($0, at: now) }
        take(core.record(Reading(InputTest.clientsGone, 0, .code, at: now), ages: false, at: now), at: now)
        takeOverLedger(isNew: restored.ledger == nil, at: now)
        takeOver(restored.bypasses, at: now)
        takeOverStations(restored.unfinished, hands: restored.hands, at: now)
        let since = Self.nobodySince(restored.lastKept, now)
        takeOver(restored.unfinished, since: since, at: now)
        tellClientsGone(at: now)
        takeOver(restored.hands, since: since, at: now)
        return finishStep(at: now)
    }

    public mutating func handle(_ input: ControllerInput, at now: Moment) -> [ControllerEffect] {
        noteLateness(at: now)
        switch input {
        case .link(let link, let event): take(core.handle(event, on: link, at: now), at: now)
        case .request(let token, let request, let caller): serve(request, from: caller, token, at: now)
        case .clientGone(let client): clientGone(client, at: now)
        case .attends(let experiment, let caller): attend(experiment, caller, at: now)
        case .archived(let batch):
            committed(upTo: batch)
            archiveTrouble = nil
            clearAlarm("archive", at: now)
        case .archiveFailed(let reason):
            let trouble = "the archive cannot write: \(reason); nothing new is started until it can"
            archiveTrouble = trouble
            raiseAlarm("archive", trouble, at: now)
        case .analysed(let reply):
            publishFeatures(of: reply, at: now)
            perform(active?.run.analysed(reply, at: now) ?? [], at: now)
        case .recorder(let trouble): recorderTold(trouble, at: now)
        case .time: break
        case .shutdown(let reason): beginShutdown(reason, at: now)
        }
        return finishStep(at: now)
    }

    /// A look at the clock between two steps: whether a step is due. Else its lateness alone is counted, which costs next to
    /// nothing, so that a fast scan does as well.
    public mutating func scan(at now: Moment) -> Bool {
        if let bench = deadlines.bench, bench <= now.bench { return true }
        if let wire = deadlines.wire, wire <= now.wire { return true }
        own.punctuality.stepBegins(at: now.wire)
        return false
    }

    private var nextDeadlines: (bench: BenchInstant?, wire: WireInstant?) {
        let core = core.deadlines
        let own = [core.bench, active?.run.wake, idleDeadline, flush?.until].compactMap { $0 }.min()
        let maintenanceEnd = maintenance.flatMap { $0.isOver || !$0.hasBegun ? nil : $0.ends }
        let clients = attendance.deadline(definition.procedure.clientGoneAfter)
        let people = [manual.deadline, maintenanceEnd, clients].compactMap { $0 }.min()
        return (own, [core.wire, shutdown?.deadline, alarms.deadline, people, keeping?.due].compactMap { $0 }.min())
    }

    /// What every step ends with: time moves the devices, the experiment and the queue; then the step is published.
    private mutating func finishStep(at now: Moment) -> [ControllerEffect] {
        endBypasses(at: now)
        tell(alarms.advance(to: now), at: now)
        lapseLeases(at: now)
        expireMaintenance(at: now)
        lookAfterClients(at: now)
        take(core.advance(to: now), at: now)
        if active != nil { perform(active?.run.advance(to: now) ?? [], at: now) }
        tellLevels(at: now)
        endFlush(at: now)
        beginMaintenance(at: now)
        startNext(at: now)
        goIdle(at: now)
        keepLedger(at: now)
        keepDueRecording(at: now)
        if !newReadings.isEmpty {
            outbox.publish(newReadings)
            newReadings = []
        }
        let (batch, publications) = outbox.close(outbox.mustBeKept ? queueView(at: now) : nil)
        if let batch { effects.append(.archive(batch)) }
        show(publications)
        endShutdown(at: now)
        deadlines = nextDeadlines
        own.punctuality.wakeAt = deadlines.wire.map { max($0, now.wire) }
        defer { effects = [] }
        return effects
    }

    private mutating func committed(upTo batch: UInt64) {
        let (publications, queue) = outbox.committed(upTo: batch)
        if let queue { visible = queue }
        show(publications)
    }

    private mutating func show(_ publications: [Publication]) {
        for publication in publications {
            switch publication {
            case .event(let event): effects.append(.event(event))
            case .readings(let first, let readings): effects.append(.readings(firstSequence: first, readings))
            case .reply(let token, let reply): effects.append(.reply(token, reply))
            }
        }
    }
}

/// The experiment that runs, with the record it writes.
struct ActiveExperiment: Sendable {
    var record: ExperimentRecord
    var run: ExperimentRun
    /// What its absorbance is computed with, from the start of the flows on: they must not grow too old in between.
    var references: AbsorptionReferences?
    /// A dark that is believed only once the reference has shown light above it.
    var pendingDark: PendingDark?

    struct PendingDark: Sendable {
        let spectrum: Spectrum
        let frames: Int
        let at: Moment
    }
    var commands: [CommandID: RunCommand] = [:]
}

/// A pump's signal that the volume clock and the flow check need.
enum PumpSignal: Hashable, Sendable {
    case flow(pump: String)
    case volume(pump: String)
    case withdrawn(pump: String)
}

/// The queue as clients may see it: as of the last committed step.
struct QueueView: Sendable {
    var running: ExperimentProgress?
    var queued: [String]
    /// Those of them that a person holds.
    var held: [String]
    var heldBecause: String?
}
