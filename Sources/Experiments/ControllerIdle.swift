import ControlCore
import DeviceModel
import Interlocks
import Quantities

/// Nothing to do: the bench goes to its idle state.
extension BenchController {
    /// A bench that works is not idle, whatever ended meanwhile.
    var idleDeadline: BenchInstant? {
        active == nil && winding.isEmpty ? idleSince.map { $0 + definition.procedure.idleAfter } : nil
    }

    /// Nothing to do for long enough: no reason to keep the plate hot, or reagents in the line.
    mutating func goIdle(at now: Moment) {
        guard active == nil, winding.isEmpty, let deadline = idleDeadline, now.bench >= deadline else { return }
        idleSince = nil
        // What a person has in hand is theirs; a plate that only stayed hot is not.
        if manual.moved[definition.procedure.heater] == nil, core.state(of: definition.procedure.heater) == .ready {
            stop(definition.procedure.heater, .heater(.off), at: now)
        }
        if let module = definition.procedure.contactor?.device, manual.moved[module] == nil,
            core.state(of: module) == .ready
        {
            stop(module, .io(.safe), at: now)
        }
        if needsFlush, core.latches.isEmpty, manual.leases.isEmpty, maintenance == nil { startFlush(at: now) }
        // What could not be flushed is tried again: somebody may have refilled, or reset a latch.
        if needsFlush { idleSince = now.bench }
    }

    /// Solvent through the line, for a finite time; every pump would end it by itself as well.
    private mutating func startFlush(at now: Moment) {
        guard let procedure = definition.procedure.flush else { return }
        var volumes: [String: Volume] = [:]
        for (pump, flow) in procedure.flows { volumes[pump] = flow * procedure.duration }
        let short = volumes.keys.sorted().filter { pump in ledger.remaining(pump) < volumes[pump] ?? .zero }
        guard short.isEmpty else {
            raiseAlarm(
                "flush", "the line was not flushed: too little left for \(short.joined(separator: ", ")); refill",
                at: now)
            return
        }
        let waste = volumes.sorted { $0.key < $1.key }.reduce(Volume.zero) { $0 + $1.value }
        if let room = ledger.wasteRoom, waste > room {
            return raiseAlarm("flush", "the line was not flushed: the waste has no room for it; empty it", at: now)
        }
        if archiveTrouble != nil {
            return raiseAlarm("flush", "the line was not flushed: what flows could not be kept", at: now)
        }
        let pumps = procedure.flows.keys.sorted().map { DeviceName($0) }
        if let missing = pumps.first(where: { core.state(of: $0) != .ready }) {
            return raiseAlarm("flush", "the line was not flushed: \(missing) is not ready", at: now)
        }
        if !areValvesHome(at: now) { return turnValvesHome(at: now) }
        reserve(volumes, at: now)
        flush = (pumps, now.bench + procedure.duration)
        needsFlush = false
        clearAlarm("flush", at: now)
        for pump in pumps {
            guard let flow = procedure.flows[pump.text], let volume = volumes[pump.text] else { continue }
            do throws(PermitRefusal) {
                // It need not be proven: a pump that does not run leaves the line as it was, and the end stops all.
                let (_, coreEffects) = try issue(.pump(.run(flow: flow, volume: volume)), to: pump, at: now)
                take(coreEffects, at: now)
            } catch {
                raiseAlarm("flush", "the line is not flushed: \(pump): \(error.text)", at: now)
            }
        }
        outbox.publish("devices", EventData.flush(pumps, isRunning: true), at: now)
    }

    /// Whether every valve of the network shows the position for which the flush's flows are meant.
    private func areValvesHome(at now: Moment) -> Bool {
        valveSignals.allSatisfy { signal, valve in
            let shown = core.reading(signal, at: now).flatMap { $0.quality == .good ? $0.value : nil }
            return shown.flatMap { valve.limits.name(of: Int($0)) } == definition.network.positions[valve.valve]
        }
    }

    /// The flush is tried again when they may have turned.
    private mutating func turnValvesHome(at now: Moment) {
        for (valve, position) in definition.network.positions.sorted(by: { $0.key < $1.key }) {
            do throws(PermitRefusal) {
                let command = DeviceCommand.valve(.select(position: position))
                take(try issue(command, to: DeviceName(valve), at: now).1, at: now)
            } catch {
                return raiseAlarm("flush", "the line is not flushed: \(valve): \(error.text)", at: now)
            }
        }
    }

    /// At its end, when something is to be run, or when the bench has tripped.
    mutating func endFlush(at now: Moment) {
        guard let (pumps, until) = flush else { return }
        let isWanted = queue.contains { $0.state == .queued } && holdReason(at: now) == nil
        guard now.bench >= until || isWanted || !core.latches.isEmpty || shutdown != nil else { return }
        flush = nil
        outbox.publish("devices", EventData.flush(pumps, isRunning: false), at: now)
        let unproven = core.unproven
        for pump in pumps where isReachable(pump) && !unproven.contains(pump) { stop(pump, .pump(.stop), at: now) }
    }
}
