import ControlCore
import DeviceModel
import Interlocks
import Quantities

/// Timed programs: steps of several devices, each with a permit of its own, all sent ahead to the boards that do them
/// by their own clocks. One that cannot be done takes the others back.
extension BenchController {
    /// From the request to the start of the program, so that the first step still reaches its board in time.
    static let programLead = WireDuration.milliseconds(500)
    /// The outcome of the last step is told a little after it.
    private static let programTail = WireDuration.seconds(5)

    mutating func run(
        _ steps: [TimedStep], _ act: ManualAct, _ caller: Caller, _ token: RequestToken, at now: Moment
    ) throws(ControlError) {
        let commands = try commands(of: steps, caller, at: now)
        try checkPlaces(steps)
        let volumes = try pumped(commands, at: now)
        try checkArchive()
        if !volumes.isEmpty {
            needsFlush = true
            reserve(volumes, at: now)
        }
        let last = steps.map(\.at).max() ?? .zero
        for (device, _) in commands {
            guard let lease = manual.lease(on: device) else { continue }
            manual.keep(lease.lease, for: Self.programLead + last + Self.programTail, at: now)
        }
        let start = WallInstant(nanoseconds: now.wall.nanoseconds + Self.programLead.nanoseconds)
        manual.programs[token] = TimedProgram(token: token, caller: caller, act: act, start: start, steps: steps)
        try send(commands, of: token, at: now)
    }

    private mutating func send(
        _ commands: [(device: DeviceName, command: DeviceCommand)], of token: RequestToken, at now: Moment
    ) throws(ControlError) {
        let steps = manual.programs[token]?.steps ?? []
        for index in steps.indices.sorted(by: { (steps[$0].at, $0) < (steps[$1].at, $1) }) {
            let (device, command) = commands[index]
            let instant = now.wire + Self.programLead + steps[index].at
            do throws(PermitRefusal) {
                let (id, coreEffects) = try issue(.timed(at: instant, command), to: device, at: now)
                manual.programs[token]?.pending[id] = index
                manual.moved[device] = manual.lease(on: device)?.lease
                take(coreEffects, at: now)
            } catch {
                let program = manual.programs.removeValue(forKey: token)
                stopMoved(program?.devices ?? [], at: now)
                throw ControlError(
                    kind: error.kind, device: device.text, detail: "steps[\(index)]: \(error.text)", hint: error.hint)
            }
            // A device has declined, and its caller has been told.
            guard manual.programs[token] != nil else { return }
        }
    }

    // MARK: Checks

    /// Nothing is sent before all of it is known to be possible.
    private func commands(
        of steps: [TimedStep], _ caller: Caller, at now: Moment
    ) throws(ControlError) -> [(device: DeviceName, command: DeviceCommand)] {
        var commands: [(device: DeviceName, command: DeviceCommand)] = []
        for (index, step) in steps.enumerated() {
            do throws(ControlError) {
                let device = try timedDevice(step)
                _ = try lease(of: caller, on: device)
                try checkOrder(of: step, at: index, in: steps)
                commands.append((device, try command(step, of: device, given: given(before: step, in: steps), at: now)))
            } catch {
                throw ControlError(
                    kind: error.kind, device: error.device, detail: "steps[\(index)]: \(error.detail)",
                    hint: error.hint)
            }
        }
        return commands
    }

    /// A stop takes back all that its device has still to do, and another program is not disturbed.
    private func checkOrder(of step: TimedStep, at index: Int, in steps: [TimedStep]) throws(ControlError) {
        if let other = manual.programs.values.first(where: { $0.devices.contains(DeviceName(step.device)) }) {
            throw ControlError(
                kind: "device_not_ready", device: step.device,
                detail: "\(step.device) has steps of another program to do, of uid \(other.caller.uid)",
                hint: "wait until that has ended, or stop \(step.device); nothing was moved")
        }
        guard case .stop = step.action,
            let later = steps.indices.first(where: {
                $0 != index && steps[$0].device == step.device && (steps[$0].at, $0) > (step.at, index)
            })
        else { return }
        throw ControlError(
            kind: "out_of_range", device: step.device,
            detail: "\(step.device) is stopped at \(step.at.seconds) s and has steps[\(later)] at "
                + "\(steps[later].at.seconds) s, expected stop to be the last step of a device",
            hint: "a stop takes back all that its device has still to do; nothing was moved")
    }

    private func timedDevice(_ step: TimedStep) throws(ControlError) -> DeviceName {
        guard let device = definition.devices.first(where: { $0.name.text == step.device }) else {
            throw unknownDevice(step.device)
        }
        let able: [DeviceClass] = step.deviceClass.map { [$0] } ?? [.pump, .stepper]
        guard able.contains(device.deviceClass), core.isOnBoard(device.name) else {
            let names = definition.devices.filter { able.contains($0.deviceClass) && core.isOnBoard($0.name) }
            let classes = able.map(\.rawValue).joined(separator: " or a ")
            throw ControlError(
                kind: "wrong_device_class", device: step.device,
                detail: "\(step.device) is of the class \(device.deviceClass.rawValue)"
                    + "\(core.isOnBoard(device.name) ? "" : ", on no board"), expected a "
                    + "\(classes) on a board",
                hint: names.isEmpty
                    ? "this bench has none" : "these are: \(names.map(\.name.text).joined(separator: ", "))")
        }
        return device.name
    }

    private func command(
        _ step: TimedStep, of device: DeviceName, given: Volume, at now: Moment
    ) throws(ControlError) -> DeviceCommand {
        switch step.action {
        case .select(let position):
            try check(.select(position: position), of: device, at: now)
            return .valve(.select(position: position))
        case .move(let position):
            try check(.move(position: position), of: device, at: now)
            return .stepper(.move(to: position))
        case .pump(let move): return try start(of: device, move, given: given, at: now).command
        case .stop:
            let isPump = definition.devices.first { $0.name == device }?.deviceClass == .pump
            return isPump ? .pump(.stop) : .stepper(.stop)
        }
    }

    /// No board is given more at once than it can take.
    private func checkPlaces(_ steps: [TimedStep]) throws(ControlError) {
        for status in core.devices {
            guard case .board(let limits) = status.limits else { continue }
            let board = status.definition.name
            let indices = steps.indices.filter { core.board(of: DeviceName(steps[$0].device)) == board }
            let order = indices.sorted { (steps[$0].at, $0) < (steps[$1].at, $1) }
            for (first, late) in zip(order, order.dropFirst(limits.timedAtOnce))
            where steps[late].at - steps[first].at < limits.timedSpan {
                throw ControlError(
                    kind: "out_of_range", device: steps[late].device,
                    detail:
                        "steps[\(late)] at \(steps[late].at.seconds) s is one of more than \(limits.timedAtOnce) on board "
                        + "\(board) within \(limits.timedSpan.seconds) s, expected \(limits.timedAtOnce) at most",
                    hint: "a board takes no more at once: give some of them other times; nothing was moved")
            }
        }
    }

    /// By the same pump, less what it has drawn back.
    private func given(before step: TimedStep, in steps: [TimedStep]) -> Volume {
        steps.filter { $0.device == step.device && $0.at < step.at }.reduce(Volume.zero) { sum, earlier in
            guard case .pump(let move) = earlier.action, let volume = move.volume else { return sum }
            return move.withdraws ? sum - volume : sum + volume
        }
    }

    /// What each pump gives in all must be there, and have room in the waste.
    private func pumped(
        _ commands: [(device: DeviceName, command: DeviceCommand)], at now: Moment
    ) throws(ControlError) -> [String: Volume] {
        var volumes: [String: Volume] = [:]
        for case (let device, .pump(.run(_, let volume))) in commands {
            volumes[device.text, default: .zero] = volumes[device.text, default: .zero] + volume
        }
        for (pump, volume) in volumes.sorted(by: { $0.key < $1.key }) { try checkLedger(DeviceName(pump), volume) }
        let all = volumes.values.reduce(Volume.zero) { $0 + $1 }
        if !volumes.isEmpty { try checkWaste(all, besides: volumes.keys.map { DeviceName($0) }) }
        return volumes
    }

    // MARK: Outcomes

    mutating func programStepDone(_ id: CommandID, _ punctuality: BoardPunctuality) {
        guard let (token, program) = program(of: id), let index = program.pending[id] else { return }
        manual.programs[token]?.punctuality[index] = punctuality
    }

    mutating func programStepEnded(_ id: CommandID, _ device: DeviceName, _ outcome: CommandOutcome, at now: Moment) {
        guard let (token, program) = program(of: id), let index = program.pending[id] else { return }
        guard outcome == .done else { return fail(program, at: index, device, outcome, at: now) }
        manual.programs[token]?.pending[id] = nil
        guard let left = manual.programs[token], left.pending.isEmpty, left.punctuality.count == left.steps.count
        else { return }
        manual.programs[token] = nil
        let punctuality = left.steps.indices.compactMap { left.punctuality[$0] }
        let worst = punctuality.map(\.late).max() ?? .zero
        audit(
            left.act.method, TimedProgram.text(left.steps), "done, \(worst.seconds * 1000) ms late at most",
            left.caller, at: now)
        outbox.reply(token, .manual(.ran(TimedRun(start: left.start, steps: left.steps, punctuality: punctuality))))
    }

    private func program(of id: CommandID) -> (RequestToken, TimedProgram)? {
        manual.programs.first { $0.value.pending[id] != nil }.map { ($0.key, $0.value) }
    }

    private mutating func fail(
        _ program: TimedProgram, at index: Int, _ device: DeviceName, _ outcome: CommandOutcome, at now: Moment
    ) {
        manual.programs[program.token] = nil
        let step = program.steps[index]
        let done = program.punctuality.count
        let detail = "steps[\(index)]: \(device) at \(step.at.seconds) s: \(outcome.text)"
        audit(program.act.method, TimedProgram.text(program.steps), "failed, \(detail)", program.caller, at: now)
        let error = ControlError(
            kind: outcome == .droppedByTrip ? "trip" : "command_failed", device: device.text, detail: detail,
            hint:
                "\(done) of \(program.steps.count) steps were done; the others were taken back, and all devices of the "
                + "program are stopped")
        outbox.reply(program.token, .refused(error))
        stopMoved(program.devices, at: now)
    }
}
