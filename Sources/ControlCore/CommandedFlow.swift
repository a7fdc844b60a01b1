import DeviceModel
import Interlocks
import Quantities

/// What each pump was told, beside what it reports: the signal `flow.commanded`, which an interlock holds the pump's own
/// report against. It is good once the pump has confirmed it, and uncertain while a command, or the proof of a trip, is
/// under way.
struct CommandedFlow: Sendable {
    /// The end of a run may be seen a little before its time: its start was seen late, and clocks differ.
    static let earlyShare = 0.05
    static let earlyBy = BenchDuration.seconds(2)

    /// uL/min; negative to withdraw, zero to stand.
    let microlitersPerMinute: Double
    /// When a run has moved its volume, from its start on; nil for what stands.
    let lasts: BenchDuration?
    var since: BenchInstant

    static func standing(at now: Moment) -> CommandedFlow {
        CommandedFlow(microlitersPerMinute: 0, lasts: nil, since: now.bench)
    }

    /// nil for what is no command to a pump.
    init?(_ command: DeviceCommand, at now: Moment) {
        switch command {
        case .pump(.run(let flow, let volume)):
            self.init(microlitersPerMinute: flow.microlitersPerMinute, lasts: volume / flow, since: now.bench)
        case .pump(.withdraw(let flow, let volume)):
            self.init(microlitersPerMinute: -flow.microlitersPerMinute, lasts: volume / flow, since: now.bench)
        case .pump(.stop): self = .standing(at: now)
        // What has a set time is not wanted before.
        case .heater, .spectrometer, .io, .valve, .robot, .flowController, .light, .analyzer, .board, .stepper, .timed:
            return nil
        }
    }

    private init(microlitersPerMinute: Double, lasts: BenchDuration?, since: BenchInstant) {
        self.microlitersPerMinute = microlitersPerMinute
        self.lasts = lasts
        self.since = since
    }

    /// Whether a run that stands now may have moved all of its volume.
    func mayBeOver(at now: Moment) -> Bool {
        guard let lasts else { return true }
        return now.bench - since >= lasts * (1 - Self.earlyShare) - Self.earlyBy
    }
}

extension ControlCore {
    /// Told before anything moves: a pump that nobody has told anything stands.
    mutating func tellCommanded(at now: Moment, _ out: inout [CoreEffect]) {
        for index in slots.indices { settle(index, .standing(at: now), at: now, &out) }
    }

    /// Somebody above wants this of a pump, and it has not answered yet. Told after the driver has it: what a reading makes
    /// trip must not come between a permit and its command.
    mutating func tellWanted(_ id: CommandID, of index: Int, at now: Moment, _ out: inout [CoreEffect]) {
        guard let wanted = slots[index].wanted[id] else { return }
        tell(wanted, .uncertain, of: index, at: now, &out)
    }

    /// A command has its outcome. What failed left the pump in a state that only its reports show.
    mutating func commandEnded(
        _ id: CommandID, isDone: Bool, on index: Int, at now: Moment, _ out: inout [CoreEffect]
    ) {
        if let command = slots[index].timed.removeValue(forKey: id) {
            guard isDone, proofs[index] == nil, let flow = CommandedFlow(command, at: now) else { return }
            return settle(index, flow, at: now, &out)
        }
        guard var wanted = slots[index].wanted.removeValue(forKey: id) else { return }
        guard slots[index].wanted.isEmpty, proofs[index] == nil else { return }
        wanted.since = now.bench
        if isDone { return settle(index, wanted, at: now, &out) }
        // One that was refused before it touched anything leaves an earlier run as it was.
        let runsOn = slots[index].readBack?.isSafe == false
        settle(index, runsOn ? slots[index].commanded ?? .standing(at: now) : .standing(at: now), at: now, &out)
    }

    /// A trip, or the core's own doubt, wants it to stand; nothing is held against it until that is proven.
    mutating func commandStandstill(_ index: Int, at now: Moment, _ out: inout [CoreEffect]) {
        slots[index].commanded = .standing(at: now)
        tell(.standing(at: now), .uncertain, of: index, at: now, &out)
    }

    /// It was seen to stand. Before its volume was out that is not what it was told.
    mutating func commandedPumpStands(_ index: Int, at now: Moment, _ out: inout [CoreEffect]) {
        guard slots[index].commanded?.mayBeOver(at: now) ?? true else { return }
        settle(index, .standing(at: now), at: now, &out)
    }

    mutating func settle(_ index: Int, _ commanded: CommandedFlow, at now: Moment, _ out: inout [CoreEffect]) {
        slots[index].commanded = commanded
        tell(commanded, .good, of: index, at: now, &out)
    }

    private mutating func tell(
        _ commanded: CommandedFlow, _ quality: Quality, of index: Int, at now: Moment, _ out: inout [CoreEffect]
    ) {
        guard slots[index].definition.deviceClass == .pump else { return }
        let signal = SignalName(.pump, slots[index].definition.name, "flow.commanded")
        let value = commanded.microlitersPerMinute
        if let last = image[signal], last.value == value, last.quality == quality { return }
        toldOnChange.insert(signal)
        take(Reading(signal, value, .microlitersPerMinute, quality: quality, at: now), at: now, &out)
    }
}
