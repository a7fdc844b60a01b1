import Archive
import Configuration
import ControlCore
import DeviceModel
import Drivers
import Experiments
import Glibc
import Interlocks
import Journal
import ModbusLink
import Platform
import Quantities
import Recording
import Synchronization

/// The control loop: the one thread that owns the links and the controller. It never blocks, parses JSON, fits spectra
/// or touches the database.
final class ControlLoop {
    /// How often the snapshot is refreshed, and what else need not be done in every scan of a fast loop.
    static let upkeepPeriod = WireDuration.milliseconds(20)
    /// How often what is counted is put where people may look at it.
    static let figuresPeriod = WireDuration.milliseconds(500)

    private let loop: EventLoop
    private let clock: BenchClockSource
    private let posts: Posts
    private let epoch: SharedTripEpoch
    private let log: Log
    private let settings: Settings
    private let recorder: LoopRecorder?
    private var controller: BenchController
    private var links: Links?
    private var hotplug: HotplugWatch?
    private var inbox: [ControllerInput] = []
    private var isStepping = false
    private var toArchive = ArchiveQueue()
    private var exitCode: Int32 = 0
    private var deadline: DeadlineSource?
    private var scan: Cadence
    private var upkeep: Cadence
    private var counting: Cadence
    private var lastStep: Moment
    /// What is late before the loop runs is the start of the daemon.
    private var isRunning = false
    private var lastFed = WireInstant.zero
    private var toldStatus = ""

    init(
        _ bench: BenchFile, restored: RestoredState, clock: BenchClockSource, posts: Posts, loop: EventLoop,
        settings: Settings, recorder: LoopRecorder?, log: Log
    ) throws(PlatformError) {
        self.loop = loop
        self.clock = clock
        self.posts = posts
        self.settings = settings
        self.recorder = recorder
        self.log = log
        let start = wireNow()
        let period = bench.definition.scanPeriod
        scan = Cadence(every: period, from: start)
        upkeep = Cadence(every: max(period, Self.upkeepPeriod), from: start)
        counting = Cadence(every: max(period, Self.figuresPeriod), from: start)
        epoch = SharedTripEpoch(TripEpoch(count: 1))
        lastStep = clock.now()
        controller = BenchController(bench.definition, restored: restored, at: lastStep)
        let figures = posts.figures
        links = try Links(
            bench, loop: loop, epoch: epoch, busEvents: posts.busEvents, onBus: { figures.add($0.mailboxes) }
        ) { [weak self] link, event in self?.step(.link(link, event)) }
        if bench.links.values.contains(where: { $0.serialPath != nil }) {
            hotplug = HotplugWatch(loop, log: log) { [weak self] in self?.links?.take($0) }
        }
        deadline = try loop.addDeadline { [weak self] _ in self?.timePassed() }
        try loop.addIO(posts.toLoop.wakeDescriptor, .readable) { [weak self] _ in
            self?.posts.toLoop.drain(max: 64) { self?.take($0) }
        }
        let started = clock.now()
        let effects = controller.start(restored, at: started)
        recorder?.began(RunStart(bench, restored, made: lastStep, started: started), effects)
        perform(effects)
        drainInbox()
        // Before the first client is served: a bench without devices is none.
        publishSnapshot()
        arm()
    }

    // MARK: Inputs

    /// From another thread.
    private func take(_ input: ControllerInput) {
        switch input {
        case .archived(let batch): toArchive.committed(batch, at: wireNow())
        case .archiveFailed: toArchive.failed(at: wireNow())
        // A thread that cannot go on: not an end that somebody asked for.
        case .shutdown: exitCode = 1
        case .link, .request, .clientGone, .attends, .analysed, .recorder, .time: break
        }
        step(input)
    }

    /// One event, to completion. An event that an effect gives rise to waits until the step is over.
    func step(_ input: ControllerInput) {
        inbox.append(input)
        guard !isStepping else { return }
        drainInbox()
        arm()
    }

    private func drainInbox() {
        isStepping = true
        while !inbox.isEmpty {
            let input = inbox.removeFirst()
            lastStep = clock.now()
            let effects = controller.handle(input, at: lastStep)
            perform(effects)
            // What is to move or to stop does not wait for the recorder.
            recorder?.step(input, effects, at: lastStep)
        }
        isStepping = false
    }

    private func timePassed() {
        let now = wireNow()
        isRunning = true
        _ = scan.meets(now)
        let isUpkeepDue = upkeep.meets(now)
        lastStep = clock.now()
        guard controller.scan(at: lastStep) || isUpkeepDue else { return arm() }
        step(.time)
        guard isUpkeepDue else { return }
        sendBatches()
        lookAfterArchive(now)
        publishSnapshot()
        if counting.meets(now) {
            posts.figures.publish(controller.figures(at: clock.now()))
            tellStatus()
        }
        feedWatchdog(now)
    }

    private func arm() {
        let (bench, wire) = controller.deadlines
        var next = scan.due
        if let wire { next = min(next, wire) }
        if let bench { next = min(next, clock.wire(for: bench)) }
        controller.armed(for: isRunning ? next : nil, at: lastStep)
        deadline?.arm(at: next)
    }

    private func feedWatchdog(_ now: WireInstant) {
        guard let timeout = ServiceNotifier.watchdogTimeout, now - lastFed >= timeout * 0.33 else { return }
        // One that did not get through is said again in the next turn.
        if ServiceNotifier.tell(.watchdog) { lastFed = now }
    }

    // MARK: Effects

    private func perform(_ effects: [ControllerEffect]) {
        epoch.publish(controller.tripEpoch)
        // Who is told of something finds it in the snapshot.
        if effects.contains(where: \.isNews) { publishSnapshot() }
        for effect in effects {
            switch effect {
            case .link(let link, let action): links?.perform(action, on: link)
            case .archive(let batch):
                toArchive.add(batch, at: wireNow())
                sendBatches()
            case .analyse(let request): send(request)
            case .reply(let token, let reply): _ = posts.toAPI.post(.reply(token, reply))
            case .event(let event):
                report(event)
                _ = posts.toAPI.post(.event(event))
            case .readings(let first, let readings): _ = posts.toAPI.post(.readings(first, readings))
            case .notify(let change): notify(change)
            case .keepRecording: break
            case .reload(let token): reload(token)
            case .shutDown: loop.exit(code: exitCode)
            }
        }
    }

    private func publishSnapshot() { posts.board.publish(controller.snapshot(at: clock.now())) }

    /// Batches wait here while the archive's mailbox is full; none is dropped.
    private func sendBatches() {
        while let first = toArchive.first, posts.toArchive.post(first) == .accepted { toArchive.posted() }
    }

    private func lookAfterArchive(_ now: WireInstant) {
        switch toArchive.trouble(at: now) {
        case .stalled(let text): step(.archiveFailed(text))
        case .full(let text):
            write(JournalEntry(.error, "archive", text, .trouble))
            exitCode = 1
            step(.shutdown(reason: text))
        case nil: break
        }
    }

    private func send(_ request: AnalysisRequest) {
        guard posts.toAnalysis.post(request) == .full else { return }
        step(.analysed(AnalysisReply(request, unanswered: "the analysis thread is behind", at: clock.now())))
    }

    private func notify(_ change: AlarmChange) {
        guard !settings.notify.isEmpty, posts.toNotifier.post(change) == .full else { return }
        let text = "alarm \(change.alarm.id) has called nobody: too many wait for the program"
        write(JournalEntry(.error, "notify", text, .trouble, [.alarm: change.alarm.id]))
    }

    private func reload(_ token: RequestToken) {
        guard posts.toReloader.post(.client(token)) == .full else { return }
        let busy = ControlError(
            kind: "busy", detail: "the bench file is being read anew already", hint: "try again in a moment")
        _ = posts.toAPI.post(.reply(token, .refused(busy)))
    }

    /// What a person reading the journal wants to know.
    private func report(_ event: BenchEvent) {
        guard let entry = JournalEntry(event) else { return }
        write(entry)
    }

    /// Through the journal's thread: the journal may hang.
    private func write(_ entry: JournalEntry) {
        guard log.takes(entry) else { return }
        _ = posts.toJournal.post(entry)
    }

    /// The service manager shows it; told when it has changed.
    private func tellStatus() {
        guard let bench = posts.board.current?.bench else { return }
        let status = BenchStatusLine.text(bench)
        if status != toldStatus, ServiceNotifier.tell(.status(status)) { toldStatus = status }
    }
}

extension ControllerEffect {
    /// Somebody waits for it, and may look at the bench next.
    fileprivate var isNews: Bool {
        switch self {
        case .reply, .event: true
        case .link, .archive, .analyse, .readings, .notify, .keepRecording, .reload, .shutDown: false
        }
    }
}

extension RunStart {
    fileprivate init(_ bench: BenchFile, _ restored: RestoredState, made: Moment, started: Moment) {
        self.init(
            file: bench.source?.name ?? "", text: bench.source?.text ?? "", endpoints: bench.source?.endpoints,
            restored: restored, made: made, started: started)
    }
}
