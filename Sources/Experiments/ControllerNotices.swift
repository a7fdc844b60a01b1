import ControlCore
import DeviceModel
import Interlocks
import Quantities

/// What the core tells, and what follows from it.
extension BenchController {
    mutating func take(_ coreEffects: [CoreEffect], at now: Moment) {
        for effect in coreEffects where !effect.endsCommand {
            switch effect {
            case .link(let link, let action): effects.append(.link(link, action))
            case .notice(let notice): take(notice, at: now)
            }
        }
        // A trip or a lost link ends commands as well: why they ended is told first, and is what people read.
        for case .notice(let notice) in coreEffects.filter(\.endsCommand) { take(notice, at: now) }
    }

    private mutating func take(_ notice: CoreNotice, at now: Moment) {
        switch notice {
        case .reading(let reading): take(reading, at: now)
        case .device(let name, let state): deviceChanged(name, state, at: now)
        case .executed(let id, let punctuality): programStepDone(id, punctuality)
        case .finished(let id, let device, let outcome): commandFinished(id, device, outcome, at: now)
        case .burst(let burst): took(burst, at: now)
        case .result(let result): took(result, at: now)
        case .tripped(let latches): tripped(latches, at: now)
        case .proven(let device, let detail):
            outbox.publish("interlocks", EventData.proof(device, isSafe: true, detail: detail), at: now)
            for kind in ["unproven", "found-running"] { clearAlarm("\(kind):\(device)", at: now) }
            if core.unproven.isEmpty, active == nil { releaseReserved(at: now) }
        case .unproven(let device, let detail):
            raiseAlarm("unproven:\(device)", "\(device) does not show its safe state: \(detail)", at: now)
        case .foundStopped(let device, let detail): foundStopped(device, detail, at: now)
        case .foundRunning(let device, let detail):
            outbox.publish(
                "devices", EventData.proof(device, isSafe: false, detail: "found running: \(detail)"), at: now)
            raiseAlarm("found-running:\(device)", "\(device) runs and nobody asked for it: \(detail)", at: now)
        }
    }

    private mutating func take(_ reading: Reading, at now: Moment) {
        newReadings.append(reading)
        keep(reading)
        active?.run.read(reading)
        if reading.signal == contactorSignal {
            perform(active?.run.contactor(reading, at: now) ?? [], at: now)
            manualContactor(reading, at: now)
        }
        if let (valve, limits) = valveSignals[reading.signal], reading.quality == .good {
            let position = limits.name(of: Int(reading.value)) ?? "port \(Int(reading.value))"
            perform(active?.run.valve(valve, shows: position, at: now) ?? [], at: now)
        }
        switch pumpSignals[reading.signal] {
        case .flow(let pump) where hasRunOut(pump, reading): failEmpty(pump, at: now)
        case .flow(let pump): perform(active?.run.pump(pump, flow: reading, at: now) ?? [], at: now)
        case .volume(let pump) where reading.quality == .good:
            let volume = Volume(microliters: reading.value)
            active?.run.pump(pump, volume: volume, at: now)
            book(pump, volume, at: now)
        case .withdrawn(let pump): ledger.drewBack(pump, Volume(microliters: reading.value))
        case .volume, nil: break
        }
    }

    static func pumpSignals(of planner: Planner) -> [SignalName: PumpSignal] {
        var signals: [SignalName: PumpSignal] = [:]
        for pump in planner.pumps.keys {
            signals[SignalName(.pump, DeviceName(pump), "flow")] = .flow(pump: pump)
            signals[SignalName(.pump, DeviceName(pump), "volume")] = .volume(pump: pump)
            signals[SignalName(.pump, DeviceName(pump), "volume.withdrawn")] = .withdrawn(pump: pump)
        }
        return signals
    }

    /// Of the valves in the network, whose positions a plan counts on.
    static func valveSignals(
        of definition: BenchDefinition
    ) -> [SignalName: (valve: String, limits: ValveLimits)] {
        var signals: [SignalName: (valve: String, limits: ValveLimits)] = [:]
        for device in definition.devices {
            guard case .valve(let limits) = device.driver.limits,
                definition.network.valves.contains(where: { $0.name == device.name.text })
            else { continue }
            signals[SignalName(.valve, device.name, "position")] = (device.name.text, limits)
        }
        return signals
    }

    private mutating func keep(_ reading: Reading) {
        if let last = kept[reading.signal] {
            let isSame = last.value == reading.value && last.quality == reading.quality
            let isDue = core.isToldOnChange(reading.signal) || reading.at.bench - last.at.bench >= Self.historyInterval
            guard !isSame, isDue else { return }
        }
        kept[reading.signal] = reading
        outbox.write(
            .reading(
                signal: reading.signal.text, value: reading.value.isFinite ? reading.value : nil,
                unit: reading.unit.rawValue, quality: reading.quality.rawValue, at: reading.at))
    }

    private mutating func deviceChanged(_ name: DeviceName, _ state: DeviceState, at now: Moment) {
        outbox.publish("devices", EventData.device(name, state), at: now)
        if state == .ready {
            clearAlarm("device:\(name)", at: now)
            return
        }
        if case .identifying = state { return }
        clearAlarm("found-running:\(name)", at: now)
        raiseAlarm("device:\(name)", "\(name) is \(state.word): \(state.detail ?? "no detail")", at: now)
        guard let active, active.run.devices.contains(name) else { return }
        let detail = "\(name) is \(state.word): \(state.detail ?? "no detail")"
        perform(self.active?.run.fail("device_lost", name, detail, at: now) ?? [], at: now)
    }

    private mutating func foundStopped(_ device: DeviceName, _ detail: String, at now: Moment) {
        // One that was moved by hand has reached its volume, or was stopped at its panel: the person sees to it.
        let how = manual.moved.removeValue(forKey: device) == nil ? "stopped unasked" : "has ended"
        outbox.publish("devices", EventData.proof(device, isSafe: true, detail: "\(how): \(detail)"), at: now)
        guard let active, active.run.devices.contains(device) else { return }
        let text = "\(device) does not do what it was told: \(detail)"
        perform(self.active?.run.fail("device_stopped", device, text, at: now) ?? [], at: now)
    }

    private mutating func commandFinished(
        _ id: CommandID, _ device: DeviceName, _ outcome: CommandOutcome, at now: Moment
    ) {
        if winding.remove(id) != nil {
            if outcome != .done, shutdown != nil { armDidNotHalt(device, at: now) }
            if outcome != .done, shutdown == nil {
                let why = "\(device) did not confirm its stop: \(outcome.text)"
                take(core.triggerSafeState(reason: why, at: now), at: now)
            } else if winding.isEmpty, active == nil, flush == nil {
                releaseReserved(at: now)
            }
        }
        stationMoveEnded(id, outcome, at: now)
        manualFinished(id, device, outcome, at: now)
        programStepEnded(id, device, outcome, at: now)
        guard let command = active?.commands.removeValue(forKey: id) else { return }
        perform(active?.run.finished(command, outcome, at: now) ?? [], at: now)
    }

    private mutating func took(_ burst: SpectrumBurst, at now: Moment) {
        manualBurst(burst)
        guard let command = active?.commands[burst.command] else { return }
        perform(active?.run.took(burst, for: command, at: now) ?? [], at: now)
    }

    /// Absorbance is computed with a dark and a reference that may be used, or not at all.
    mutating func analyse(
        _ device: DeviceName, _ purpose: AnalysisRequest.Purpose, _ bursts: [SpectrumBurst], at now: Moment
    ) {
        guard let method = method(for: device, purpose, at: now) else {
            let why = ReferenceShelf.Kind.allCases.compactMap { kind in
                shelf.invalidity(of: kind, at: now.bench).map { "\(kind.rawValue): \($0)" }
            }
            perform(
                active?.run.fail(
                    "no_reference", device, "absorbance needs both: \(why.joined(separator: "; "))", at: now) ?? [],
                at: now)
            return
        }
        effects.append(
            .analyse(
                AnalysisRequest(id: nextAnalysis, device: device, purpose: purpose, method: method, bursts: bursts)))
        nextAnalysis += 1
    }

    private func method(
        for device: DeviceName, _ purpose: AnalysisRequest.Purpose, at now: Moment
    ) -> AnalysisRequest.Method? {
        switch purpose {
        case .dark: return .average(other: active?.run.takesReference == true ? nil : shelf.spectrum(.reference))
        case .reference: return .average(other: active?.pendingDark?.spectrum ?? shelf.spectrum(.dark))
        case .probe, .measurement:
            guard device == definition.procedure.absorption?.spectrometer else { return .emission }
            return active?.references.map { .absorption($0) }
        }
    }

    /// What a burst showed, as a signal: a person can watch the front arrive and the plateau form.
    mutating func publishFeatures(of reply: AnalysisReply, at now: Moment) {
        let quality: Quality = reply.faults.isEmpty ? .good : .uncertain
        for name in ["pl_peak", "abs_300"] {
            guard let feature = reply.feature(name) else { continue }
            let signal = SignalName(.spectrometer, reply.device, name)
            let reading = Reading(signal, feature.mean, feature.unit, quality: quality, at: reply.at)
            take(core.record(reading, at: now), at: now)
        }
    }

    private mutating func tripped(_ latches: [Latch], at now: Moment) {
        for latch in latches {
            outbox.write(.latchSet(latch))
            outbox.publish("interlocks", EventData.latch(latch), at: now)
            raiseAlarm(of: latch, at: now)
        }
        keepRecording(of: latches, at: now)
        for device in core.unproven { manual.moved[device] = nil }
        guard active != nil else { return }
        let why = latches.map { "\($0.interlock): \($0.cause)" }.joined(separator: "; ")
        perform(active?.run.fail("trip", nil, why, at: now) ?? [], at: now)
    }
}

extension CoreEffect {
    fileprivate var endsCommand: Bool { if case .notice(.finished) = self { true } else { false } }
}
