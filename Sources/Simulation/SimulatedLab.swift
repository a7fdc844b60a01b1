import ControlCore
import DeviceModel
import Drivers
import Experiments
import Interlocks
import Quantities
import VirtualBench
import Wire

/// The pure daemon and the virtual bench in one process, under a virtual clock: a day passes in seconds, and the same
/// seed gives the same bytes, events and results in every process.
///
/// What `flowlabd` does with threads is done here with delays: a commit, an analysis and a Modbus transaction each take
/// their named time.
public struct SimulatedLab: Sendable {
    public static let commitTime = WireDuration.milliseconds(2)
    public static let analysisTime = WireDuration.milliseconds(5)
    public static let openTime = WireDuration.milliseconds(1)
    /// libmodbus's response time-out in the daemon.
    public static let modbusTimeout = WireDuration.milliseconds(250)
    /// The unit that is the I/O module, on whichever bus the bench file has it.
    public static let moduleUnit: UInt8 = 2
    /// 2026-01-01T00:00:00Z: the wall clock of every simulation starts here.
    public static let wallStart = WallInstant(nanoseconds: 1_767_225_600_000_000_000)

    /// More steps than this at one instant mean that something asks for a deadline which it then does not act on.
    static let livelockLimit = 10_000

    public internal(set) var now: Moment
    public var bench: VirtualBench
    public internal(set) var archive = MemoryArchive()
    /// Every event, in order; and the digest over all of them.
    public private(set) var events: [BenchEvent] = []
    /// Alarms that somebody was called for.
    public private(set) var notified: [AlarmChange] = []
    public private(set) var digest = EventDigest()
    /// What of all that was published broke a promise.
    public internal(set) var watch = PublicationWatch()
    public private(set) var replies: [RequestToken: ControlReply] = [:]
    public private(set) var truth: [TruthRecord] = []
    /// What the daemon wanted kept of its flight recorder.
    public private(set) var keptRecordings: [RecordingWish] = []
    /// Told of every step of the daemon, as a flight recorder is.
    let watchSteps: @Sendable (LabStep) -> Void
    /// The daemon was asked to end and has ended.
    public internal(set) var isShutDown = false

    var definition: BenchDefinition
    /// nil while no daemon runs; the bench goes on without it.
    var controller: BenchController?
    /// A pass to the safe state that is under way, in the place of a daemon.
    var safeStatePass: SafeStatePass?
    /// Nothing can be written; what comes is kept back, as `flowlabd` does.
    var isDiskFull = false
    /// Batches that are on their way to the disk.
    var uncommitted: [ArchiveBatch] = []
    var agenda = Agenda()
    /// How far the host's wall clock was set away from where it started; nothing else is moved by that.
    var wallOffset = WireDuration.zero
    /// Until then the daemon's thread does nothing, as where the host gives it no time.
    private var heldUntil = WireInstant.zero
    var openLinks: Set<String> = []
    /// Whether the daemon hears of plugs that are put in, as from a host with udev.
    public var tellsOfPlugs = false
    /// Links whose plug was out when the daemon last looked.
    private var pulled: Set<String> = []
    var busFreeAt: [String: WireInstant] = [:]
    private var nextToken: UInt64 = 1

    public init(
        _ definition: BenchDefinition, seed: UInt64, options: VirtualBench.Options = .init(),
        restored: RestoredState = .init(), watchSteps: @escaping @Sendable (LabStep) -> Void = { _ in }
    ) {
        self.watchSteps = watchSteps
        now = Moment(wire: .zero, bench: .zero, wall: Self.wallStart)
        bench = VirtualBench(seed: seed, options: options, start: now)
        self.definition = definition
        startDaemon(restored)
    }

    // MARK: Clients

    /// Asks as a client would; the reply is in `replies` once it is given. Nobody answers while no daemon runs.
    @discardableResult
    public mutating func request(
        _ request: ControlRequest, as caller: Caller = Caller(uid: 1000, pid: 1, role: .technician)
    ) -> RequestToken {
        let token = RequestToken(number: nextToken)
        nextToken += 1
        feed(.request(token, request, caller))
        return token
    }

    /// A connection ends, by the number that its calls carried.
    public mutating func hangUp(_ client: UInt64) {
        feed(.clientGone(client))
    }

    /// Somebody waits for an experiment, as `experiments.wait` does.
    public mutating func attend(_ experiment: String, as caller: Caller) {
        feed(.attends(experiment: experiment, caller))
    }

    public mutating func shutDown() {
        feed(.shutdown(reason: "asked to end"))
    }

    // MARK: Time

    /// The daemon's thread stands still for so long; what comes waits for it.
    public mutating func holdUp(for span: WireDuration) { heldUntil = now.wire + span }

    /// Runs until bench time `end`, or until `condition` holds after an event.
    public mutating func run(until end: BenchInstant, or condition: (SimulatedLab) -> Bool = { _ in false }) {
        var stepsAtOneInstant = 0
        while let next = nextInstant, next.nanoseconds <= end.nanoseconds {
            stepsAtOneInstant = next == now.wire ? stepsAtOneInstant + 1 : 0
            precondition(stepsAtOneInstant < Self.livelockLimit, "time stands still at \(now)")
            moveClock(to: next)
            let known = events.count
            step()
            if events.count > known, condition(self) { return }
        }
        moveClock(to: WireInstant(nanoseconds: end.nanoseconds))
        bench.advance(to: now)
        truth += bench.drainTruth()
    }

    var nextInstant: WireInstant? {
        let (benchDeadline, wireDeadline) = controller?.deadlines ?? (nil, safeStatePass?.deadline)
        let bench = benchDeadline.map { WireInstant(nanoseconds: $0.nanoseconds) }
        return [agenda.next, self.bench.nextOutput, bench, wireDeadline].compactMap { $0 }.min().map {
            max($0, now.wire, heldUntil)
        }
    }

    /// The virtual clocks run at rate 1 and meet at zero.
    mutating func moveClock(to wire: WireInstant) {
        now = Moment(
            wire: wire, bench: BenchInstant(nanoseconds: wire.nanoseconds),
            wall: WallInstant(nanoseconds: Self.wallStart.nanoseconds + wallOffset.nanoseconds + wire.nanoseconds))
    }

    mutating func step() {
        dropUnplugged()
        var isIdle = true
        for output in bench.drainOutputs(upTo: now.wire) {
            guard openLinks.contains(output.link) else { continue }
            isIdle = false
            deliver(.link(LinkName(output.link), .received(output.bytes)))
        }
        while let input = agenda.take(at: now.wire) {
            isIdle = false
            if case .archived(let batch) = input { commit(upTo: batch) }
            deliver(input)
        }
        if isIdle { deliver(.time) }
        truth += bench.drainTruth()
    }

    private mutating func dropUnplugged() {
        guard bench.hasUnplugged || !pulled.isEmpty else { return }
        for link in openLinks.sorted() where !bench.isPlugged(link) {
            openLinks.remove(link)
            pulled.insert(link)
            deliver(.link(LinkName(link), .closed(reason: "hung up")))
        }
        for link in pulled.sorted() where bench.isPlugged(link) {
            pulled.remove(link)
            if tellsOfPlugs { agenda.add(.link(LinkName(link), .present), at: now.wire + Self.openTime) }
        }
    }

    /// To the daemon, or to what runs in its place.
    private mutating func deliver(_ input: ControllerInput) {
        if safeStatePass != nil { return deliverToPass(input) }
        feed(input)
    }

    private mutating func feed(_ input: ControllerInput) {
        guard let effects = controller?.handle(input, at: now) else { return }
        watchSteps(.step(input, effects, at: now))
        perform(effects)
    }

    // MARK: Effects

    mutating func perform(_ effects: [ControllerEffect]) {
        for effect in effects {
            switch effect {
            case .link(let link, let action): perform(action, on: link)
            case .archive(let batch):
                uncommitted.append(batch)
                agenda.add(isDiskFull ? Self.fullDisk : .archived(batch: batch.id), at: now.wire + Self.commitTime)
            case .analyse(let request):
                agenda.add(.analysed(Analyzer.analyse(request, at: now)), at: now.wire + Self.analysisTime)
            case .reply(let token, let reply): replies[token] = reply
            case .event(let event):
                watch.saw(event, in: archive)
                digest.add(event)
                events.append(event)
            case .readings(let first, let readings):
                watch.saw(first, count: readings.count)
                digest.add(first, readings)
            case .notify(let change): notified.append(change)
            case .keepRecording(let wish): keptRecordings.append(wish)
            case .reload: break
            case .shutDown: endOrderly()
            }
        }
    }

    mutating func perform(_ action: LinkAction, on link: LinkName) {
        switch action {
        case .open: open(link)
        case .close:
            openLinks.remove(link.text)
            bench.disconnect(link.text)
        case .send(let bytes, _): bench.send(bytes, to: link.text, at: now)
        case .modbus(let request, _, _): transact(request, on: link)
        case .flush: break
        }
    }

    private mutating func open(_ link: LinkName) {
        guard bench.isPlugged(link.text) else {
            pulled.insert(link.text)
            agenda.add(.link(link, .closed(reason: "no such port")), at: now.wire + Self.openTime)
            return
        }
        openLinks.insert(link.text)
        agenda.add(.link(link, .opened(identity: "virtual:\(link)")), at: now.wire + Self.openTime)
        bench.connect(link.text, at: now.wire + Self.openTime)
    }

    /// One transaction at a time, as on a bus.
    private mutating func transact(_ request: ModbusRequest, on link: LinkName) {
        let start = max(now.wire, busFreeAt[link.text] ?? now.wire)
        let wait = start - now.wire
        let unit = request.unit == Self.moduleUnit ? "io" : link.text
        // What comes later than that nobody waits for: it is of an old question.
        guard let answer = bench.handleModbus(request.operation.pdu, link: unit, at: now),
            answer.due <= now.wire + Self.modbusTimeout
        else {
            let due = start + Self.modbusTimeout
            busFreeAt[link.text] = due
            let reply = ModbusReply(id: request.id, outcome: .failed("Connection timed out"))
            agenda.add(.link(link, .modbus(reply)), at: due)
            return
        }
        let due = answer.due + wait
        busFreeAt[link.text] = due
        let outcome = ModbusPDU.decode(answer.pdu, answering: request.operation)
        agenda.add(.link(link, .modbus(ModbusReply(id: request.id, outcome: outcome))), at: due)
    }
}

/// What a daemon on the simulated bench went through.
public enum LabStep: Sendable {
    case started(RestoredState, [ControllerEffect], at: Moment)
    case step(ControllerInput, [ControllerEffect], at: Moment)
}
