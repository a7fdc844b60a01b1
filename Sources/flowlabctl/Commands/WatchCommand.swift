import ControlAPI
import ControlClient
import Experiments
import Quantities
import Wire

extension Command {
    static let watch = Command(
        "watch", "A live screen: what is wrong and what to do first, then experiment, queue, pumps, spectra, events.",
        options: [
            .flag("--once", "Print one frame and end."),
            .value("--width", "N", "Of --once: columns; 100 if left out."),
        ], examples: ["watch", "watch --once"],
        notes: "q leaves. A restart of the daemon is survived, and shown. NO_COLOR=1 shows no colours."
    ) { (context) throws(Failure) in
        guard !context.isJSON else { throw context.usage("watch has no JSON; flowlabctl status --json has") }
        var feed = try WatchFeed(context)
        try feed.open()
        if context.arguments.has("--once") {
            let width = try context.integer("--width", in: WatchFrame.leastWidth...1000) ?? 100
            try feed.look(isWhole: true)
            let lines = WatchFrame.lines(
                of: feed.watch, at: Clock.wall, width: width, height: 0, isUnicode: Terminal.isUnicode)
            for line in lines { Terminal.line(line.text) }
            return ExitCode.done
        }
        guard let screen = Screen() else {
            throw context.usage("watch needs a terminal; --once prints one frame")
        }
        feed.keepKeys()
        run(&feed, screen)
        return ExitCode.done
    }

    private static func run(_ feed: inout WatchFeed, _ screen: consuming Screen) {
        var nextLook = WireInstant.zero
        while true {
            if Clock.monotonic >= nextLook {
                feed.lookOrReconnect()
                nextLook = Clock.monotonic + WatchFeed.interval
            }
            let (width, height) = screen.extent
            screen.show(
                WatchFrame.lines(
                    of: feed.watch, at: Clock.wall, width: width, height: height, isUnicode: Terminal.isUnicode))
            let left = max(.zero, nextLook - Clock.monotonic)
            switch screen.wait(for: feed.descriptor, milliseconds: Int(left.nanoseconds / 1_000_000) + 1) {
            case .leave?: return
            case .redraw?: continue
            case nil: if feed.takeEvents() { nextLook = min(nextLook, Clock.monotonic + WatchFeed.eventDelay) }
            }
        }
    }
}

/// Keeps a `BenchWatch` up to date: looks once a second and after events, also at a daemon that was gone.
private struct WatchFeed {
    static let interval = WireDuration.seconds(1)
    /// What follows an event within this is looked at together.
    static let eventDelay = WireDuration.milliseconds(100)
    /// A daemon that takes longer is as good as gone.
    static let patience = WireDuration.seconds(3)
    /// One that is away must not keep the screen from its keys.
    static let greeting = WireDuration.milliseconds(250)
    static let backlogPatience = WireDuration.milliseconds(100)
    private static let reagentLooks = 5
    /// How far back the traces begin.
    private static let traceSpan = WallDuration.seconds(120)

    private let context: Context
    private let daemon: LastingConnection
    private var isSubscribed = false
    private var looks = 0
    private(set) var watch = BenchWatch()

    init(_ context: Context) throws(Failure) {
        self.context = context
        let socket = try context.client { () throws(ClientError) in
            try SocketPath.find(context.arguments.value("--socket"))
        }
        // One attempt a look: the absence is on the screen meanwhile.
        daemon = context.lasting(socket, ClientPatience(absence: .zero, greeting: Self.patience))
    }

    /// From now on a person looks, who may want to leave while the daemon is away.
    func keepKeys() { daemon.patience.greeting = Self.greeting }

    /// -1 while there is no daemon.
    var descriptor: Int32 { daemon.descriptor }

    mutating func open() throws(Failure) {
        guard !isSubscribed else { return }
        try context.client { () throws(ClientError) in try daemon.subscribe(EventsSubscribe.topics, from: 1) }
        isSubscribed = true
    }

    mutating func lookOrReconnect() {
        do throws(Failure) {
            try open()
            try look(isWhole: false)
            if let absence = watch.absence {
                let span = Show.duration((Clock.wall - absence.since).seconds)
                watch.notice("the daemon answers again, after \(span)", isBad: false, at: Clock.wall)
            }
            watch.absence = nil
        } catch {
            lose(error)
        }
    }

    private mutating func lose(_ failure: Failure) {
        looks = 0
        guard watch.absence == nil else { return }
        let why = if case .client(let error) = failure { error.description } else { "\(failure)" }
        watch.absence = .init(since: Clock.wall, why: why)
    }

    /// - Parameter isWhole: also all events that the daemon keeps, however long that takes.
    mutating func look(isWhole: Bool) throws(Failure) {
        let status = try ask(SystemStatus.self, Empty())
        watch.status = status
        watch.take(try ask(SignalsRead.self, SignalsRead.Params(names: ["*"])).readings)
        if looks == 0 { try readTraces() }
        if looks % Self.reagentLooks == 0 { watch.reagents = try ask(ReagentsList.self, Empty()) }
        looks += 1
        let isTroubled = status.devices.contains { $0.key != "ready" && $0.value > 0 }
        watch.troubledDevices =
            isTroubled ? try ask(DevicesList.self, Empty()).devices.filter { $0.state != "ready" } : []
        if let running = status.running?.experiment {
            if watch.experiment?.experiment != running || watch.experiment?.state != status.running?.state {
                watch.experiment = try ask(ExperimentsGet.self, ExperimentReference(experiment: running))
            }
        } else {
            watch.experiment = nil
        }
        _ = try readEvents(patience: isWhole ? Self.backlogPatience : .zero)
    }

    private mutating func readTraces() throws(Failure) {
        for signal in watch.tracedSignals {
            let from = (Clock.wall - Self.traceSpan).rfc3339
            let page = try ask(SignalsHistory.self, SignalsHistory.Params(signal: signal, from: from))
            watch.take(history: page.points.map(\.value), of: signal)
        }
    }

    /// Whether something has happened.
    mutating func takeEvents() -> Bool {
        guard daemon.descriptor >= 0 else { return false }
        do throws(Failure) {
            return try readEvents(patience: .zero)
        } catch {
            lose(error)
            return true
        }
    }

    private mutating func readEvents(patience: WireDuration) throws(Failure) -> Bool {
        var isNews = false
        while let item = try context.client({ () throws(ClientError) in try daemon.next(patience: patience) }) {
            isNews = true
            switch item {
            case .event(let event): watch.take(event)
            case .resumed(let resumption):
                looks = 0
                if resumption.isNewStream {
                    watch.notice("the daemon was started anew", isBad: true, at: Clock.wall)
                }
            }
        }
        return isNews
    }

    private func ask<Method: APIMethod>(_ method: Method.Type, _ params: Method.Params) throws(Failure) -> Method.Result
    {
        try context.decoded(Method.Result.self, try context.answer(daemon, method, params, patience: Self.patience))
    }
}
