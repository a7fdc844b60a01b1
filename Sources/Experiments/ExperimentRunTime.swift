import DeviceModel
import Quantities

/// What time does to an experiment: phases that end by themselves, and those that have taken too long.
extension ExperimentRun {
    /// Moves on when what the phase waits for has come true, or fails when its deadline has passed.
    mutating func advance(to now: Moment) -> [RunEffect] {
        if let limit = deadline, now.bench >= limit { return overdue(at: now) }
        switch phase {
        case .referencing: return advanceReferences(at: now)
        case .heating(confirmed: true, let steady?) where now.bench - steady.since >= procedure.temperatureHold:
            return startFlows(at: now)
        case .flowing(var start):
            let isUp = start.isUp(reported: flows, at: now.bench)
            phase = .flowing(start)
            return isUp ? startSettling(at: now) : []
        case .settling: return settle(at: now)
        case .measuring:
            return (measuring?.begin(at: now.bench) ?? []).map {
                .command(.spectrometer(.acquire(procedure.burst)), $0, .measure($0))
            }
        case .sampling:
            let effects = sampling?.advance(displaced: volumes, at: now.bench) ?? []
            return effects + finishSampled()
        case .heating, .switching, .ended: return []
        }
    }

    /// When this phase counts as failed.
    var deadline: BenchInstant? {
        switch phase {
        case .referencing: references?.deadline
        case .heating: enteredAt + procedure.heatingDeadline + (plan.ramp?.duration ?? .zero)
        case .switching, .flowing: enteredAt + procedure.flowingDeadline
        case .settling: enteredAt + plan.settlingDeadline
        case .measuring: enteredAt + procedure.measuringDeadline
        case .sampling: sampling?.deadline
        case .ended: nil
        }
    }

    /// When `advance` could next change something without an event.
    var wake: BenchInstant? {
        switch phase {
        case .referencing: references?.wake
        case .heating(confirmed: true, let steady?):
            [steady.since + procedure.temperatureHold, deadline].compactMap { $0 }.min()
        case .settling: [settling?.nextWake(required: procedure.requiredTau), deadline].compactMap { $0 }.min()
        case .flowing(let start): [start.wake, deadline].compactMap { $0 }.min()
        case .measuring: [measuring?.wake, deadline].compactMap { $0 }.min()
        case .heating, .switching, .sampling: deadline
        case .ended: nil
        }
    }

    private mutating func advanceReferences(at now: Moment) -> [RunEffect] {
        let effects = references?.advance(flows: flows, volumes: volumes, at: now) ?? []
        guard let references, references.isEnded else { return effects }
        guard !plan.isReferencesOnly else {
            phase = .ended
            return effects + [.finish(.referenced)]
        }
        phase = .heating(confirmed: isHeatConfirmed, nil)
        enteredAt = now.bench
        return effects + [.enter(.heating, cause: "dark and reference are there; \(heatingWords)")]
    }

    private mutating func startFlows(at now: Moment) -> [RunEffect] {
        let cause = "the plate is steady at \(plan.temperature.celsius) degC"
        guard !plan.valves.isEmpty else { return [.enter(.flowing, cause: cause)] + startPumps(at: now) }
        phase = .switching(Set(plan.valves.keys.map { DeviceName($0) }))
        enteredAt = now.bench
        let words = plan.valves.sorted { $0.key < $1.key }.map { "\($0.key) to \($0.value)" }
        return [.enter(.flowing, cause: "\(cause); \(words.joined(separator: ", "))")] + RunEffect.selects(plan.valves)
    }

    mutating func startPumps(at now: Moment) -> [RunEffect] {
        phase = .flowing(FlowStart(flows: plan.flows, lamps: procedure.spectrometers, rise: procedure.flowRise))
        enteredAt = now.bench
        return RunEffect.starts(plan.flows, plan.volumes, lamps: procedure.spectrometers)
    }

    private mutating func startSettling(at now: Moment) -> [RunEffect] {
        enteredAt = now.bench
        volumesAtStart = volumes
        settling = Settling(plan: plan, procedure: procedure, at: now.bench)
        settling?.clock.record(displaced: volumes, at: now.bench)
        phase = .settling
        return [.enter(.settling, cause: "all \(plan.flows.count) pumps report their flow, the lamps are on")]
    }

    private mutating func settle(at now: Moment) -> [RunEffect] {
        if let certificate = settling?.certificate(plan, procedure, at: now.bench) {
            measuring = Measuring(certificate, procedure, at: now.bench)
            delivery = plan.sample?.delivery
            delivery?.record(displaced: volumes, at: now.bench)
            phase = .measuring
            enteredAt = now.bench
            let swept = (certificate.sweptTau * 1000).rounded() / 1000
            return [.enter(.measuring, cause: "swept \(swept) tau and steady")] + advance(to: now)
        }
        let due = settling?.probesDue(required: procedure.requiredTau, at: now.bench) ?? []
        return due.map { .command(.spectrometer(.acquire(procedure.probe)), $0, .probe($0)) }
    }

    private mutating func overdue(at now: Moment) -> [RunEffect] {
        let waited = "\((now.bench - enteredAt).seconds.rounded()) s"
        switch phase {
        case .referencing:
            let what = references?.waitingFor ?? ""
            return fail("deadline", references?.plan.spectrometer, "references: waited too long for \(what)", at: now)
        case .heating:
            let reading = temperature.map { "\($0) degC" } ?? "unknown"
            return fail("deadline", procedure.heater, "the plate is not steady after \(waited): \(reading)", at: now)
        case .switching(let rest):
            let silent = rest.sorted().map(\.text).joined(separator: ", ")
            return fail("deadline", rest.min(), "not turned after \(waited): \(silent)", at: now)
        case .flowing(let start):
            let silent = start.unconfirmed.sorted().map(\.text).joined(separator: ", ")
            return fail("deadline", start.unconfirmed.min(), "not started after \(waited): \(silent)", at: now)
        case .settling:
            let swept = (sweptTau * 1000).rounded() / 1000
            let isSwept = swept >= procedure.requiredTau
            if isSwept, let trouble = settling?.trouble {
                return fail(trouble.kind, trouble.device, trouble.detail, at: now)
            }
            let kind = isSwept ? "not_steady" : "deadline"
            return fail(kind, nil, "swept \(swept) of \(procedure.requiredTau) tau in \(waited), not steady", at: now)
        case .measuring: return fail("deadline", procedure.spectrometer, "no spectrum after \(waited)", at: now)
        case .sampling:
            let (device, text) = sampling?.waitingFor ?? (nil, "")
            return fail("deadline", device, "the sample: waited too long for \(text)", at: now)
        case .ended: return []
        }
    }
}
