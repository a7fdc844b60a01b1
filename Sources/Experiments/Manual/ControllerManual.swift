import ControlCore
import DeviceModel
import Interlocks
import Quantities

/// What people do with devices by hand. All of it goes through the interlocks, as what experiments do; to make safe needs no
/// lease.
extension BenchController {
    /// Beyond them it is no calibration but a fault.
    static let believableRatios = 0.5...2.0

    /// Frames by hand take no longer than a caller waits for its answer.
    static let longestLook = BenchDuration.seconds(20)

    mutating func act(
        _ act: ManualAct, on name: String?, _ caller: Caller, _ token: RequestToken, at now: Moment
    ) {
        let detail = manualDetail(act, name)
        do throws(ControlError) {
            try perform(act, on: name, caller, token, at: now)
            if case .calibrate = act {
                audit(act.method, detail, "recorded", caller, at: now)
            } else if !act.isProgram || manual.programs[token] != nil {
                audit(act.method, detail, "begun", caller, at: now)
            }
        } catch {
            audit(act.method, detail, error.kind, caller, at: now)
            answer(token, .refused(error))
        }
    }

    private func manualDetail(_ act: ManualAct, _ name: String?) -> String {
        let device = name.map { String($0.prefix(64)) } ?? ""
        switch act {
        case .move(let move):
            let (flow, volume) = resolved(move, of: device)
            return
                "\(device): \(Self.short(volume.microliters)) uL at \(flow.microlitersPerMinute) uL/min\(move.withdraws ? ", drawn in" : "")"
        case .heat(let temperature): return "\(device): \(temperature.celsius) degC"
        case .lamp(let isOn): return "\(device): \(isOn ? "on" : "off")"
        case .acquire(let burst): return "\(device): \(burst.frames) frames of \(burst.integration.seconds) s"
        case .calibrate(let displaced, let measured, let person):
            return "\(device) by \(person): \(measured.microliters) uL for \(displaced.microliters) uL"
        case .measure(let sample, _): return "\(device): \(sample.prefix(64))"
        case .operate(let operation): return "\(device): \(operation.text)"
        case .run(let steps): return TimedProgram.text(steps)
        case .stop, .purge, .heaterOff, .makeSafe: return device
        }
    }

    private mutating func perform(
        _ act: ManualAct, on name: String?, _ caller: Caller, _ token: RequestToken, at now: Moment
    ) throws(ControlError) {
        if case .purge = act { return try purge(caller, token, at: now) }
        if case .run(let steps) = act { return try run(steps, act, caller, token, at: now) }
        let device = try known(name ?? "", act)
        switch act {
        case .move(let move):
            let lease = try lease(of: caller, on: device)
            try begin([try start(of: device, move, at: now)], act, lease, token, at: now)
        case .heat(let temperature): try heat(device, temperature, act, caller, token, at: now)
        case .lamp(on: true):
            let lease = try lease(of: caller, on: device)
            let steps = [(DeviceCommand.spectrometer(.lamp(on: true)), device)]
            try send(steps, .init(token, lease, act, .lamp(device, on: true)), at: now)
        case .acquire(let burst): try acquire(burst, device, act, caller, token, at: now)
        case .measure(let sample, let within):
            try measure(sample, within: within, in: device, act, caller, token, at: now)
        case .lamp(on: false):
            makeSafe(device, [.spectrometer(.lamp(on: false))], act, .lamp(device, on: false), caller, token, at: now)
        case .stop: makeSafe(device, [.pump(.stop)], act, .stopped(device), caller, token, at: now)
        case .heaterOff: makeSafe(device, [.heater(.off)], act, .stopped(device), caller, token, at: now)
        case .calibrate(let displaced, let measured, let person):
            let ratio = measured.microliters / displaced.microliters
            guard Self.believableRatios.contains(ratio) else {
                throw ControlError(
                    kind: "out_of_range", device: device.text,
                    detail: "measured_ul is \(measured.microliters) for \(displaced.microliters) displaced, expected "
                        + "\(Self.believableRatios.lowerBound) to \(Self.believableRatios.upperBound) of it",
                    hint:
                        "weigh again; if it is so, the syringe is another one than the bench file says, or something leaks"
                )
            }
            outbox.publish("maintenance", EventData.calibration(device, ratio, by: person), at: now)
            outbox.reply(token, .manual(.calibrated(device, ratio: ratio)))
        case .operate(let operation): try operate(device, operation, act, caller, token, at: now)
        case .makeSafe:
            let commands = definition.devices.first { $0.name == device }?.driver.safeCommands ?? []
            makeSafe(device, commands, act, .stopped(device), caller, token, at: now)
        case .purge, .run: break
        }
    }

    private func known(_ name: String, _ act: ManualAct) throws(ControlError) -> DeviceName {
        guard let device = definition.devices.first(where: { $0.name.text == name }) else { throw unknownDevice(name) }
        guard device.deviceClass == act.deviceClass else {
            let names = definition.devices.filter { $0.deviceClass == act.deviceClass }.map(\.name.text)
            throw ControlError(
                kind: "wrong_device_class", device: name,
                detail: "\(name) is of the class \(device.deviceClass.rawValue), and \(act.method) is for the class "
                    + "\(act.deviceClass.rawValue)",
                hint: "of that class are \(names.joined(separator: ", "))")
        }
        return device.name
    }

    /// - Parameter alsoFaulted: what is done may be the way out of the fault.
    func lease(
        of caller: Caller, on device: DeviceName, alsoFaulted: Bool = false
    ) throws(ControlError) -> Lease {
        guard let lease = manual.lease(on: device) else {
            throw ControlError(
                kind: "not_leased", device: device.text, detail: "\(device) is not leased to this connection",
                hint: "call lease.acquire for it on this connection first; flowlabctl does so by itself")
        }
        guard lease.holder.client == caller.client else {
            throw isTaken(device, by: lease, for: caller.client)
        }
        let state = core.state(of: device)
        var isUsable = state == .ready
        if alsoFaulted, case .faulted? = state { isUsable = true }
        guard isUsable else {
            throw ControlError(
                kind: "device_not_ready", device: device.text,
                detail: "\(device) is \(state?.word ?? "unknown")" + (state?.detail.map { ": \($0)" } ?? ""),
                hint: "see devices.get; it must be ready before it is moved")
        }
        return lease
    }

    // MARK: Heat and light

    private mutating func heat(
        _ heater: DeviceName, _ temperature: Temperature, _ act: ManualAct, _ caller: Caller, _ token: RequestToken,
        at now: Moment
    ) throws(ControlError) {
        guard case .heater(let limits)? = core.devices.first(where: { $0.definition.name == heater })?.limits else {
            throw unknownDevice(heater.text)
        }
        guard temperature >= limits.minimum, temperature <= limits.maximum else {
            throw ControlError(
                kind: "out_of_range", device: heater.text,
                detail: "temperature_c is \(temperature.celsius), expected \(limits.minimum.celsius) to "
                    + "\(limits.maximum.celsius)",
                hint: "give a value in this range; nothing was heated")
        }
        try checkArchive()
        let lease = try lease(of: caller, on: heater)
        var steps: [(DeviceCommand, DeviceName)] = [(.heater(.hold(temperature)), heater)]
        if heater == definition.procedure.heater, let contactor = definition.procedure.contactor {
            steps.insert((.io(.set(output: contactor.output, on: true)), contactor.device), at: 0)
        }
        try send(steps, .init(token, lease, act, .heating(heater, temperature)), at: now)
    }

    private mutating func acquire(
        _ burst: BurstRequest, _ device: DeviceName, _ act: ManualAct, _ caller: Caller, _ token: RequestToken,
        at now: Moment
    ) throws(ControlError) {
        guard case .spectrometer(let limits)? = core.devices.first(where: { $0.definition.name == device })?.limits
        else {
            throw unknownDevice(device.text)
        }
        guard burst.integration >= limits.shortestIntegration, burst.integration <= limits.longestIntegration else {
            throw ControlError(
                kind: "out_of_range", device: device.text,
                detail:
                    "integration_s is \(burst.integration.seconds), expected \(limits.shortestIntegration.seconds) to "
                    + "\(limits.longestIntegration.seconds)",
                hint: "give a value in this range")
        }
        guard burst.integration * Double(burst.frames) <= Self.longestLook else {
            throw ControlError(
                kind: "out_of_range", device: device.text,
                detail: "\(burst.frames) frames of \(burst.integration.seconds) s take longer than "
                    + "\(Self.longestLook.seconds) s",
                hint: "take fewer frames, or shorter ones")
        }
        let lease = try lease(of: caller, on: device)
        try send(
            [(.spectrometer(.acquire(burst)), device)], .init(token, lease, act, nil), at: now)
    }

    // MARK: Commands

    /// One after the other, each once the one before is confirmed; of a purge all pumps at once would be better, and some
    /// hundred milliseconds do not matter there.
    mutating func send(
        _ steps: [(DeviceCommand, DeviceName)], _ manualCommand: ManualControl.Command, at now: Moment
    ) throws(ControlError) {
        guard let (command, device) = steps.first else { return }
        var pending = manualCommand
        pending.rest = Array(steps.dropFirst())
        do throws(PermitRefusal) {
            let (id, coreEffects) = try issue(command, to: device, at: now)
            if let lease = manual.lease(on: device), command.goesOn { manual.moved[device] = lease.lease }
            manual.commands[id] = pending
            take(coreEffects, at: now)
        } catch {
            throw ControlError(kind: error.kind, device: device.text, detail: error.text, hint: error.hint)
        }
    }

    /// Always done, whoever holds it; an experiment that used it fails, and says by whom.
    private mutating func makeSafe(
        _ device: DeviceName, _ commands: [DeviceCommand], _ act: ManualAct, _ outcome: ManualOutcome,
        _ caller: Caller, _ token: RequestToken, at now: Moment
    ) {
        if let run = active?.run, run.devices.contains(device) {
            let experiment = active?.record.experiment ?? ""
            let why = "\(device) was stopped by hand (\(act.method), uid \(caller.uid))"
            let hint = "ask who did it (flowlabctl audit); the queue waits until the alarm failures is acknowledged"
            perform(active?.run.fail("stopped_by_hand", device, why, hint: hint, at: now) ?? [], at: now)
            // Whoever stops a device does not want it started by the next in the queue.
            raiseAlarm(Self.failures, "\(why) while \(experiment) used it", at: now)
        }
        manual.moved[device] = nil
        manual.cancel(device)
        for command in commands {
            guard let (id, coreEffects) = try? issue(command, to: device, at: now) else { continue }
            manual.commands[id] = .init(token, nil, act, outcome)
            take(coreEffects, at: now)
        }
        guard case .heaterOff = act, device == definition.procedure.heater,
            let module = definition.procedure.contactor?.device, isReachable(module)
        else { return }
        manual.moved[module] = nil
        stop(module, .io(.safe), at: now)
    }

    /// A valve and a robot that are done, or have declined, stand: they stay where they are when the lease ends. To halt a
    /// robot's controller then would stop the program that somebody has just started.
    private mutating func settle(_ device: DeviceName, _ outcome: CommandOutcome) {
        guard !runs(device) else { return }
        switch outcome {
        case .done, .refused: manual.moved[device] = nil
        case .failed, .droppedByTrip: break
        }
    }

    mutating func manualFinished(_ id: CommandID, _ device: DeviceName, _ outcome: CommandOutcome, at now: Moment) {
        guard let pending = manual.commands.removeValue(forKey: id) else { return }
        if let stopped = pending.stopped {
            return refuse(
                pending.token, "stopped_by_hand", "\(pending.act.method): \(stopped) was stopped before all was begun",
                "see who did: flowlabctl audit; releasing the lease stops the rest")
        }
        settle(device, outcome)
        guard outcome == .done else {
            let kind = outcome == .droppedByTrip ? "trip" : "command_failed"
            let error = ControlError(
                kind: kind, device: device.text, detail: "\(pending.act.method): \(device): \(outcome.text)",
                hint: "see devices.get for what \(device) does now; it gets its safe commands when its lease ends")
            return answer(pending.token, .refused(error))
        }
        guard !pending.rest.isEmpty else {
            if let outcome = pending.outcome { answer(pending.token, .manual(outcome)) }
            return
        }
        guard let next = pending.rest.first?.1, manual.lease(on: next)?.holder.client == pending.client else {
            return refuse(
                pending.token, "not_leased", "\(pending.act.method): the lease ended before all was begun",
                "acquire a lease and begin anew; what was begun under it is stopped")
        }
        do throws(ControlError) {
            try send(pending.rest, pending, at: now)
        } catch {
            answer(pending.token, .refused(error))
        }
    }

    /// The contactor is open under a plate that a hand heats: its controller must not wait at full power for the contact.
    mutating func manualContactor(_ reading: Reading, at now: Moment) {
        let heater = definition.procedure.heater
        let isPending = manual.commands.values.contains { $0.act.deviceClass == .heater }
        guard reading.quality == .good, reading.value == 0, manual.moved[heater] != nil, !isPending else { return }
        manual.moved[heater] = nil
        let detail = "its contactor has opened by itself; \(heater) is switched off"
        outbox.publish("devices", EventData.proof(heater, isSafe: false, detail: detail), at: now)
        stopMoved([heater], at: now)
    }

    /// A spectrum that somebody asked for by hand.
    mutating func manualBurst(_ burst: SpectrumBurst) {
        guard let pending = manual.commands[burst.command] else { return }
        outbox.reply(pending.token, .manual(.spectrum(burst)))
    }
}

extension DeviceCommand {
    /// What the end of its lease must end too.
    fileprivate var goesOn: Bool {
        if case .analyzer(.measure) = self { return true }
        return consequence == .actuates
    }
}

extension ManualControl.Command {
    init(_ token: RequestToken, _ lease: Lease?, _ act: ManualAct, _ outcome: ManualOutcome?) {
        self.init(token: token, client: lease?.holder.client, act: act, outcome: outcome, rest: [])
    }
}
