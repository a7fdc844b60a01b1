import Archive
import ControlCore
import ControlServer
import DeviceModel
import Drivers
import Experiments
import Interlocks
import Quantities
import Simulation
import VirtualBench

/// One bench with its daemon, its archive and its clients under a virtual clock, for half an hour to an hour, with all that
/// can go wrong. One number decides everything: the same seed gives the same bytes in every process.
///
/// What `flowlabd` does with threads is done here by events that are due some time later.
public final class Trial {
    /// Between two looks of the judge, and of the loop at its archive.
    static let tick = WireDuration.seconds(1)
    /// A daemon that cannot start is tried again, as systemd does.
    static let restartAfter = WireDuration.seconds(2)
    /// Before the end nothing goes wrong any more, and all must come to rest.
    static let calm = 900.0
    /// Until a client's bytes that nobody took are offered again.
    static let socketPatience = WireDuration.milliseconds(500)
    static let livelockLimit = 100_000

    indirect enum Happening {
        case link(LinkName, LinkEvent)
        case write(LinkName, [UInt8], WriteAuthority)
        case modbusAnswer(LinkName, ModbusReply)
        case toLoop(ControllerInput)
        case archiveTurn
        case apiTurn
        case analysed(AnalysisReply)
        case read(ReadRequest)
        /// The next of what a client has written on this connection.
        case fromClient(UInt64)
    }

    indirect enum Due {
        /// Of a daemon's life.
        case daemon(life: Int, Happening)
        case startDaemon
        case adversity(Int)
        case clientTurn(Int)
        case tick
    }

    let definition: BenchDefinition
    let seed: UInt64
    let end: WireInstant
    let adversities: [Adversity]
    let isActive: [Bool]

    var now: Moment
    var bench: VirtualBench
    let disk: SimulatedDisk
    var wire = SimulatedWire()
    var daemon: SimulatedDaemon?
    var lives = 0
    var queue = EventQueue<Due>()
    var clients: [SimulatedClient] = []
    let judge: Judge
    let log = TrialLog()
    public private(set) var digest = EventDigest()

    var wallOffset = WireDuration.zero
    var heldUntil = WireInstant.zero
    var diskHangsUntil = WireInstant.zero
    var analysisSlower: (by: WireDuration, until: WireInstant) = (.zero, .zero)
    var isOver = false
    /// How long the daemon that is just ending stays away.
    var stoppedFor: WireDuration?
    /// Whether the host tells of plugs that are put in; and the links whose plug was out at the last look.
    let hearsOfPlugs: Bool
    var pulled: Set<LinkName> = []
    var diskTrouble: [(end: WireInstant, what: ReferenceWritableKeyPath<SimulatedDisk, Bool>)] = []
    /// How long things take in this trial.
    let commitTime: WireDuration
    let apiTime: WireDuration
    let writeTime: WireDuration
    let analysisTime: WireDuration

    /// How long a trial is, and how often something goes wrong in it.
    public enum Length: Sendable {
        /// Half an hour to an hour, mostly the former; the gaps are drawn.
        case drawn
        /// A day of the bench, with a mean gap in seconds.
        case day(meanGap: Double)

        public static let referenceDay = Length.day(meanGap: 900)
    }

    /// All that goes wrong, in words, one after the other.
    public var schedule: [String] { adversities.map { "\($0)" } }

    /// - Parameter only: indices of the adversities that happen; nil: all of them.
    public init(_ definition: BenchDefinition, seed: UInt64, only: Set<Int>? = nil, length: Length = .drawn) {
        self.definition = definition
        self.seed = seed
        var shape = Generator(seed: seed, part: 300)
        var options = VirtualBench.Options()
        options.accessories = VirtualBench.accessories(on: Set(definition.devices.map(\.link.text)))
        let devices = VirtualBench.deviceNames(with: options.accessories)
        let seconds: Double
        switch length {
        case .drawn:
            let share = shape.uniform()
            seconds = 1800 + 1800 * share * share * share
            adversities = Adversity.schedule(&shape, of: devices, from: 20, to: seconds - Self.calm)
        case .day(let meanGap):
            seconds = 86_400
            adversities = Adversity.schedule(
                &shape, of: devices, from: 20, to: seconds - Self.calm, meanGap: meanGap)
        }
        end = .zero + .seconds(seconds)
        isActive = adversities.indices.map { only?.contains($0) ?? true }
        commitTime = shape.span(0.001, shape.isLucky(0.3) ? 0.2 : 0.01)
        apiTime = shape.span(0.00005, shape.isLucky(0.2) ? 0.05 : 0.001)
        writeTime = shape.isLucky(0.5) ? .zero : shape.span(0, 0.003)
        analysisTime = shape.span(0.001, 0.05)
        now = Moment(wire: .zero, bench: .zero, wall: SimulatedLab.wallStart)
        options.plateTemperature = shape.uniform(25, 150)
        options.echoStyle = shape.isLucky(0.5) ? .cr : options.echoStyle
        bench = VirtualBench(seed: seed, options: options, start: now)
        disk = SimulatedDisk(name: "trial-\(seed)")
        judge = Judge(definition)
        clients = SimulatedClient.crowd(&shape, definition)
        hearsOfPlugs = shape.isLucky(0.7)
        for index in adversities.indices where isActive[index] {
            queue.add(.adversity(index), at: adversities[index].at)
        }
        for index in clients.indices { queue.add(.clientTurn(index), at: .zero + .seconds(1 + Double(index))) }
        queue.add(.startDaemon, at: .zero)
        queue.add(.tick, at: .zero + Self.tick)
    }

    // MARK: Time

    /// Runs to the end, or to the first thing that must not be.
    public func run() -> Outcome {
        var atOneInstant = 0
        while !isOver, judge.violations.isEmpty, let next = nextInstant, next <= end {
            atOneInstant = next == now.wire ? atOneInstant + 1 : 0
            if atOneInstant > Self.livelockLimit {
                judge.violated("time stands still: \(whoIsDue)", at: now)
                break
            }
            moveClock(to: next)
            step()
        }
        if judge.violations.isEmpty { finish() }
        isOver = true
        disk.whileFrozen { daemon = nil }
        return outcome
    }

    private var whoIsDue: String {
        let dues = [
            ("the daemon", daemon?.deadline), ("the bench", bench.nextDue()), ("what is under way", queue.next),
        ]
        let words = dues.map { name, due in "\(name) at \(due.map { "\(Double($0.nanoseconds) / 1e9) s" } ?? "no time")"
        }
        return words.joined(separator: ", ")
    }

    var nextInstant: WireInstant? {
        let daemonDue = daemon?.deadline.map { max($0, heldUntil) }
        var next = queue.next
        for due in [bench.nextDue().map { max($0, heldUntil) }, daemonDue] {
            if let due { next = min(next ?? due, due) }
        }
        return next.map { max($0, now.wire) }
    }

    func moveClock(to instant: WireInstant) {
        now = Moment(
            wire: instant, bench: BenchInstant(nanoseconds: instant.nanoseconds),
            wall: WallInstant(
                nanoseconds: SimulatedLab.wallStart.nanoseconds + wallOffset.nanoseconds + instant.nanoseconds))
        daemon?.isNow(now)
    }

    func step() {
        while let due = queue.take(at: now.wire) { happen(due) }
        if now.wire >= heldUntil {
            dropUnplugged()
            for output in bench.drainOutputs(upTo: now.wire) where wire.open.contains(LinkName(output.link)) {
                deliver(.link(LinkName(output.link), .received(output.bytes)))
            }
            if let deadline = daemon?.deadline, deadline <= now.wire { deliver(.time) }
        }
        let truth = bench.drainTruth()
        if !truth.isEmpty { judge.saw(truth, at: now) }
    }

    func happen(_ due: Due) {
        switch due {
        case .daemon(let life, let happening):
            guard life == daemon?.life else { return }
            happen(happening)
        case .startDaemon: startDaemon()
        case .adversity(let index):
            if waits(adversities[index]) { return queue.add(due, at: now.wire + Self.tick) }
            befall(adversities[index])
        case .clientTurn(let index):
            clients[index].turn(self)
            queue.add(.clientTurn(index), at: now.wire + clients[index].pause())
        case .tick:
            lookAround()
            queue.add(.tick, at: now.wire + Self.tick)
        }
    }

    func happen(_ happening: Happening) {
        switch happening {
        case .link(let link, let event):
            if case .opened = event {
                wire.opened(link)
                bench.connect(link.text, at: now.wire)
            }
            deliver(.link(link, event))
        case .write(let link, let bytes, let authority): write(bytes, authority, to: link)
        case .modbusAnswer(let link, let reply):
            wire.end(on: link)
            deliver(.link(link, .modbus(reply)))
            runBus(link)
        case .toLoop(let input): deliver(input)
        case .archiveTurn: turnArchive()
        case .apiTurn: turnAPI()
        case .analysed(let reply):
            daemon?.analysing -= 1
            deliver(.analysed(reply))
        case .read(let request):
            guard let reader = daemon?.reader else { return }
            tellAPI(.read(request.answered(by: reader)))
        case .fromClient(let connection): hear(connection)
        }
    }

    /// Something that is due in this life of the daemon.
    func later(_ happening: Happening, after span: WireDuration) {
        guard let life = daemon?.life else { return }
        queue.add(.daemon(life: life, happening), at: now.wire + span)
    }

    // MARK: The loop

    /// One event for the control loop; it waits while the host gives the loop no time.
    func deliver(_ input: ControllerInput) {
        guard let daemon else { return }
        if now.wire < heldUntil { return later(.toLoop(input), after: heldUntil - now.wire) }
        switch input {
        case .archived(let batch): daemon.toArchive.committed(batch, at: now.wire)
        case .archiveFailed: daemon.toArchive.failed(at: now.wire)
        case .link, .request, .clientGone, .attends, .analysed, .recorder, .time, .shutdown: break
        }
        perform(daemon.controller.handle(input, at: now))
    }

    func perform(_ effects: [ControllerEffect]) {
        guard let daemon else { return }
        let watched = daemon.controller.watched()
        daemon.epoch = watched.epoch
        judge.stepped(watched, at: now)
        for effect in effects {
            switch effect {
            case .link(let link, let action): perform(action, on: link)
            case .archive(let batch):
                daemon.toArchive.add(batch, at: now.wire)
                daemon.sendBatches()
                wakeArchive(after: commitTime)
            case .analyse(let request): analyse(request)
            case .reply(let token, let reply): tellAPI(.reply(token, reply))
            case .event(let event):
                digest.add(event)
                judge.saw(event, daemon.reader, at: now)
                log.saw(event, at: now)
                tellAPI(.event(event))
            case .readings(let first, let readings):
                digest.add(first, readings)
                tellAPI(.readings(first, readings))
            case .notify, .keepRecording, .reload: break
            case .shutDown: daemon.isShutDown = true
            }
        }
        if daemon.isShutDown { endOrderly() }
    }

    func analyse(_ request: AnalysisRequest) {
        guard let daemon else { return }
        guard daemon.analysing < SimulatedDaemon.analysisMailbox else {
            return deliver(.analysed(AnalysisReply(request, unanswered: "the analysis thread is behind", at: now)))
        }
        daemon.analysing += 1
        let slower = now.wire < analysisSlower.until ? analysisSlower.by : .zero
        later(.analysed(Analyzer.analyse(request, at: now)), after: analysisTime + slower)
    }
}
