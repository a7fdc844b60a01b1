import Archive
import ControlCore
import DeviceModel
import Drivers
import Experiments
import Interlocks
import Quantities
import VirtualBench
import Wire

/// Holds a trial against what the daemon promises, at every step. It goes by the bench's truth and by what clients were
/// told, never by what the daemon sent.
final class Judge {
    /// More than this many broken promises add nothing.
    static let limit = 5
    /// No command of any driver takes longer to come to its end, faults of its link included.
    static let commandPatience = WireDuration.seconds(180)
    /// Longer than any experiment may take by its deadlines.
    static let experimentPatience = BenchDuration.seconds(5400)
    /// No trial needs more.
    static let agendaLimit = 20_000
    /// Characters that tell what is under way.
    static let kindLength = 60

    private(set) var violations: [String] = []
    /// How often what was looked at came up: a judge that saw nothing has judged nothing.
    private(set) var figures: [String: Int] = [:]

    let definition: BenchDefinition
    private var truth: TruthWatch
    private var accessories: AccessoryWatch
    private(set) var gas: GasWatch
    /// Numbers of all events of a stream, in order.
    private var published: [String: [UInt64]] = [:]
    private var stream = ""
    private var keys: [String: String] = [:]
    /// What clients were told of ended experiments.
    private var results: [String: JSONValue] = [:]
    private var openSince: [CommandID: WireInstant] = [:]
    private var activeSince: [String: BenchInstant] = [:]

    init(_ definition: BenchDefinition) {
        self.definition = definition
        truth = TruthWatch(definition)
        accessories = AccessoryWatch(definition)
        gas = GasWatch(definition)
    }

    func violated(_ text: String, at now: Moment) {
        guard violations.count < Self.limit else { return }
        violations.append("\(now.wire.seconds) s: \(text)")
    }

    func count(_ figure: String) { figures[figure, default: 0] += 1 }

    // MARK: The daemon

    func daemonStarted(_ watched: WatchedBench, at now: Moment) {
        count("daemons")
        stream = "stream-\(figures["daemons", default: 0])"
        openSince = [:]
        truth.daemonStarted(watched, at: now)
        accessories.daemonStarted(watched, at: now)
        gas.daemonStarted(at: now)
    }

    /// In order: it had the time to make all safe.
    func daemonEnded(_ end: GasWatch.End, at now: Moment) {
        truth.daemonEnded(at: now)
        accessories.daemonEnded(inOrder: end == .order, at: now)
        gas.ended(end, at: now)
    }

    func heldUp(for span: Double, at now: Moment) { gas.ended(.hang, lasting: span, at: now) }

    func couldNotStart(_ why: String, isTroubled: Bool, at now: Moment) {
        count("failed starts")
        if !isTroubled { violated("the daemon could not start on a sound disk: \(why)", at: now) }
    }

    /// After each step of the loop.
    func stepped(_ watched: WatchedBench, at now: Moment) {
        truth.stepped(watched, at: now)
        accessories.stepped(watched, at: now)
    }

    func tick(_ daemon: SimulatedDaemon, _ queue: EventQueue<Trial.Due>, at now: Moment) {
        if queue.count > Self.agendaLimit {
            let kinds = Dictionary(grouping: queue.all) { "\($0)".prefix(Self.kindLength) }.mapValues(\.count)
            let most = kinds.max { ($0.value, $1.key) < ($1.value, $0.key) }
            let words = most.map { ", \($0.value) of them \($0.key)" } ?? ""
            violated("\(queue.count) things are under way\(words)", at: now)
        }
        if daemon.apiMail.count > 16_384 { violated("to-api holds \(daemon.apiMail.count)", at: now) }
        judgeCommands(daemon.controller.openCommands, at: now)
        judgeActivity(daemon.controller.watched().activity, at: now)
    }

    private func judgeCommands(_ open: Set<CommandID>, at now: Moment) {
        openSince = openSince.filter { open.contains($0.key) }
        for command in open {
            let since = openSince[command] ?? now.wire
            openSince[command] = since
            guard now.wire - since > Self.commandPatience else { continue }
            violated("\(command) has had no outcome for \((now.wire - since).seconds) s", at: now)
        }
    }

    private func judgeActivity(_ activity: BenchActivity, at now: Moment) {
        guard case .experiment(let name, let state) = activity else { return activeSince = [:] }
        let since = activeSince[name] ?? now.bench
        activeSince = [name: since]
        guard now.bench - since > Self.experimentPatience else { return }
        violated("\(name) is \(state.rawValue) after \((now.bench - since).seconds) s", at: now)
    }

    // MARK: Events

    func saw(_ event: BenchEvent, _ reader: ArchiveReader, at now: Moment) {
        count("\(event.topic) events")
        if let last = published[stream]?.last, event.sequence <= last {
            violated("event \(event.sequence) follows \(last)", at: now)
        }
        published[stream, default: []].append(event.sequence)
        if event.topic == "experiments" { judgeKept(event, reader, at: now) }
    }

    /// Nobody is told of a transition that is not in the archive.
    private func judgeKept(_ event: BenchEvent, _ reader: ArchiveReader, at now: Moment) {
        guard let experiment = event.data["experiment"]?.text, let state = event.data["state"]?.text else { return }
        count("experiments \(state)")
        let record = try? reader.experiment(experiment)
        guard record?.transitions.contains(where: { $0.state.rawValue == state }) != true else { return }
        violated("\(experiment) was told to be \(state), and that is not in the archive", at: now)
    }

    /// The first event between two numbers; nil when there was none.
    func firstPublished(after last: UInt64, before sequence: UInt64, stream: String) -> UInt64? {
        guard let numbers = published[stream] else { return nil }
        var (low, high) = (0, numbers.count)
        while low < high {
            let middle = (low + high) / 2
            if numbers[middle] > last { high = middle } else { low = middle + 1 }
        }
        return low < numbers.count && numbers[low] < sequence ? numbers[low] : nil
    }

    // MARK: Clients

    /// A key stands for one experiment, for ever.
    func sawKey(_ key: String, is experiment: String, at now: Moment) {
        if let known = keys[key], known != experiment { violated("key \(key) was \(known), is \(experiment)", at: now) }
        keys[key] = experiment
    }

    func sawResult(_ experiment: String, _ result: JSONValue, at now: Moment) {
        let state = result["state"]?.text ?? "?"
        count("results \(state)")
        if state == "done", result["recipe"]?["kind"]?.text != "references" { judgeDone(experiment, result, at: now) }
        if let known = results[experiment] { compare(experiment, known, result, at: now) }
        results[experiment] = result
    }

    private func judgeDone(_ experiment: String, _ result: JSONValue, at now: Moment) {
        let certificate = result["certificate"]
        let swept = certificate?["swept_tau"]?.double ?? 0
        if certificate?["verdict"]?.text != "steady" || swept < definition.procedure.requiredTau {
            violated("\(experiment) is done without a certificate: \(result.jsonText.prefix(400))", at: now)
        }
        guard case .object(let features)? = result["features"], !features.isEmpty else {
            return violated("\(experiment) is done without features", at: now)
        }
    }

    /// What has ended stays as it was told; it may still be withdrawn.
    private func compare(_ experiment: String, _ old: JSONValue, _ new: JSONValue, at now: Moment) {
        for member in ["features", "certificate", "executed"] where old[member] != new[member] {
            violated(
                "\(experiment): \(member) was \(old[member]?.jsonText.prefix(200) ?? "-"), is "
                    + "\(new[member]?.jsonText.prefix(200) ?? "-")", at: now)
        }
        guard old["state"] != new["state"], new["state"]?.text != "abandoned" else { return }
        violated("\(experiment) was \(old["state"]?.text ?? "?"), is \(new["state"]?.text ?? "?")", at: now)
    }

    // MARK: The bench

    func faultBegins(_ command: FaultCommand, at now: Moment) {
        count("fault \(command.fault)")
        truth.faultBegins(command, at: now)
        accessories.faultBegins(command, at: now)
        guard let end = GasWatch.End(command.fault), let link = command.device else { return }
        gas.ended(end, link: link, lasting: command.forSeconds, at: now)
    }

    func refilled(_ device: String) { truth.refilled(device) }

    /// A client wants a gas valve open.
    func asked(toOpen device: String, at now: Moment) { gas.asked(device, at: now) }

    func saw(_ records: [TruthRecord], at now: Moment) {
        for record in records {
            for problem in truth.saw(record) + accessories.saw(record) + gas.saw(record) { violated(problem, at: now) }
        }
    }

    // MARK: The end

    func finish(_ daemon: SimulatedDaemon?, _ bench: VirtualBench, _ clients: [SimulatedClient], at now: Moment) {
        figures["looks at accessories"] = accessories.looks
        for (end, count) in gas.left { figures["gas valves open when \(end)"] = count }
        guard let daemon else { return violated("no daemon runs at the end of the calm", at: now) }
        let devices = daemon.controller.snapshot(at: now).devices
        for device in devices where device.state != .ready {
            violated("\(device.name) is \(device.state.word) after the calm: \(device.state.detail ?? "")", at: now)
        }
        judgeKept(daemon, at: now)
        for problem in truth.conservation(daemon.controller.snapshot(at: now).ledger, bench) {
            violated(problem, at: now)
        }
    }

    /// All that clients were told is in the archive, as it was told.
    private func judgeKept(_ daemon: SimulatedDaemon, at now: Moment) {
        for (experiment, told) in results.sorted(by: { $0.key < $1.key }) {
            guard let record = try? daemon.reader.experiment(experiment) else {
                violated(
                    "\(experiment) was told to be \(told["state"]?.text ?? "?") and is not in the archive", at: now)
                continue
            }
            count("results compared")
            guard record.state.rawValue != told["state"]?.text, record.state != .abandoned else { continue }
            violated("\(experiment) was told to be \(told["state"]?.text ?? "?"), is \(record.state.rawValue)", at: now)
        }
    }
}
