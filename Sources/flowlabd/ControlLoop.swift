import Archive
import Configuration
import ControlCore
import DeviceModel
import Drivers
import Experiments
import Glibc
import Interlocks
import ModbusLink
import Platform
import Quantities
import Synchronization

/// The control loop: the one thread that owns the links and the controller. It never blocks, parses JSON, fits spectra
/// or touches the database.
final class ControlLoop {
    /// How often the snapshot is refreshed at least, and the longest between two looks at the time.
    static let tick = WireDuration.milliseconds(20)

    private let loop: EventLoop
    private let clock: BenchClockSource
    private let posts: Posts
    private let epoch: SharedTripEpoch
    private let log: Log
    private let isNotifying: Bool
    private var controller: BenchController
    private var links: Links?
    private var inbox: [ControllerInput] = []
    private var isStepping = false
    private var toArchive = ArchiveQueue()
    private var exitCode: Int32 = 0
    private var deadline: DeadlineSource?
    private var lastTick = WireInstant.zero
    private var lastFed = WireInstant.zero

    init(
        _ bench: BenchFile, restored: RestoredState, clock: BenchClockSource, posts: Posts, loop: EventLoop, log: Log
    ) throws(PlatformError) {
        self.loop = loop
        self.clock = clock
        self.posts = posts
        self.log = log
        isNotifying = !bench.definition.alarms.notify.isEmpty
        epoch = SharedTripEpoch(TripEpoch(count: 1))
        controller = BenchController(bench.definition, restored: restored, at: clock.now())
        links = try Links(bench, loop: loop, epoch: epoch, busEvents: posts.busEvents) { [weak self] link, event in
            self?.step(.link(link, event))
        }
        deadline = try loop.addDeadline { [weak self] _ in self?.timePassed() }
        try loop.addIO(posts.toLoop.wakeDescriptor, .readable) { [weak self] _ in
            self?.posts.toLoop.drain(max: 64) { self?.take($0) }
        }
        perform(controller.start(restored, at: clock.now()))
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
        case .link, .request, .analysed, .time: break
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
            perform(controller.handle(input, at: clock.now()))
        }
        isStepping = false
    }

    private func timePassed() {
        let now = wireNow()
        step(.time)
        guard now - lastTick >= Self.tick else { return }
        lastTick = now
        sendBatches()
        lookAfterArchive(now)
        publishSnapshot()
        feedWatchdog(now)
    }

    private func arm() {
        let (bench, wire) = controller.deadlines
        var next = lastTick + Self.tick
        if let wire { next = min(next, wire) }
        if let bench { next = min(next, clock.wire(for: bench)) }
        deadline?.arm(at: next)
    }

    private func feedWatchdog(_ now: WireInstant) {
        guard let timeout = ServiceNotifier.watchdogTimeout, now - lastFed >= timeout * 0.33 else { return }
        lastFed = now
        ServiceNotifier.notify(.watchdog)
    }

    // MARK: Effects

    private func perform(_ effects: [ControllerEffect]) {
        epoch.publish(controller.tripEpoch)
        var isNews = false
        for effect in effects {
            switch effect {
            case .link(let link, let action): links?.perform(action, on: link)
            case .archive(let batch):
                toArchive.add(batch, at: wireNow())
                sendBatches()
            case .analyse(let request): send(request)
            case .reply(let token, let reply):
                isNews = true
                publishSnapshot()
                _ = posts.toAPI.post(.reply(token, reply))
            case .event(let event):
                isNews = true
                report(event)
                _ = posts.toAPI.post(.event(event))
            case .readings(let first, let readings): _ = posts.toAPI.post(.readings(first, readings))
            case .notify(let change): notify(change)
            case .shutDown: loop.exit(code: exitCode)
            }
        }
        if isNews { publishSnapshot() }
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
            log.write(.error, "archive", text)
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
        guard isNotifying, posts.toNotifier.post(change) == .full else { return }
        log.write(.error, "notify", "alarm \(change.alarm.id) has called nobody: too many wait for the program")
    }

    /// What a person reading the journal wants to know.
    private func report(_ event: BenchEvent) {
        guard event.topic == "alarms" || event.topic == "interlocks" || event.topic == "experiments" else { return }
        let isGoodNews = event.data["active"] == .bool(false) || event.data["safe"] == .bool(true)
        let level: LogLevel = event.topic == "experiments" || isGoodNews ? .info : .warning
        let words = [
            "experiment", "interlock", "alarm", "device", "state", "active", "safe", "cause", "text", "read_back",
        ]
        let text = words.compactMap { word -> String? in
            switch event.data[word] {
            case .string(let value): "\(word) \(value)"
            case .bool(let value): "\(word) \(value)"
            case .null, .integer, .number, .array, .object, nil: nil
            }
        }
        log.write(level, event.topic, text.joined(separator: ", "))
    }
}
