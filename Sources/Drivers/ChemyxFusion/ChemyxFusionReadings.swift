import DeviceModel
import Quantities

/// What an answer means: readings, state, and the next step of what is under way.
extension ChemyxFusion {
    mutating func answered(_ exchange: Exchange, _ answer: ChemyxAnswer, at now: Moment) -> [DriverEffect] {
        if answer == .invalidCommand, case .status = exchange.question { return otherStatusWord(exchange, at: now) }
        let learnt = learn(exchange, answer, at: now)
        if job != nil { return learnt + progress(exchange.question, answer, at: now) }
        switch phase {
        case .identifying(let step): return learnt + identified(step, answer, at: now)
        case .ready: return learnt + checkSettings(answer, at: now)
        case .closed, .foreign: return learnt
        }
    }

    /// Captured two-channel units know `status`, single-channel clients send `pump status`: one of them is taken.
    private mutating func otherStatusWord(_ exchange: Exchange, at now: Moment) -> [DriverEffect] {
        usesShortStatus.toggle()
        silences += 1
        if silences >= Self.maximumSilences { return reopen("pump \(device) takes neither `pump status` nor `status`") }
        return []
    }

    private mutating func learn(_ exchange: Exchange, _ answer: ChemyxAnswer, at now: Moment) -> [DriverEffect] {
        switch answer {
        case .parameters(let parameters): return learn(parameters)
        case .status(let status): return learn(status, askedAt: exchange.askedAt, at: now)
        case .dispensedVolume(let shown): return volumeReadings(shown, at: now)
        case .kept(let kept):
            if case .set(let setting, let asked) = exchange.question { learn(setting, asked: asked, kept: kept) }
            return []
        case .invalidCommand:
            guard exchange.question == .dispensedVolume else { return [] }
            return [Reading(signal("volume"), counter.totalMicroliters, .microliters, quality: .bad, at: now)].map {
                .reading($0)
            }
        case .limits, .text: return []
        }
    }

    private mutating func learn(_ parameters: ChemyxParameters) -> [DriverEffect] {
        units = parameters.units
        delayMinutes = parameters.delayMinutes
        if let volume = parameters.volume { withdraws = volume < 0 }
        if let units, let rate = parameters.rate { rateMicrolitersPerMinute = rate * units.microlitersPerMinuteOfOne }
        return []
    }

    private mutating func learn(_ setting: ChemyxSetting, asked: Double, kept: Double) {
        switch setting {
        case .units: units = Int(exactly: kept.rounded()).flatMap { ChemyxUnits(rawValue: $0) }
        case .rate: rateMicrolitersPerMinute = units.map { kept * $0.microlitersPerMinuteOfOne }
        case .delay: delayMinutes = kept
        case .volume: withdraws = kept < 0
        case .diameter: break
        }
    }

    private mutating func volumeReadings(_ shown: Double, at now: Moment) -> [DriverEffect] {
        let believable = shown >= 0 && units != nil
        let before = counter.withdrawnMicroliters
        if believable, let units { counter.count(shown * units.microlitersOfOne, isWithdrawn: withdraws) }
        let quality = believable ? Quality.good : .bad
        var readings = [Reading(signal("volume"), counter.totalMicroliters, .microliters, quality: quality, at: now)]
        if counter.withdrawnMicroliters != before {
            readings.append(Reading(signal("volume.withdrawn"), counter.withdrawnMicroliters, .microliters, at: now))
        }
        return readings.map { .reading($0) }
    }

    private mutating func learn(_ status: ChemyxStatus, askedAt: WireInstant, at now: Moment) -> [DriverEffect] {
        let before = self.status
        self.status = status
        pollsStatusNext = false
        // What flows back is negative; the pump itself counts and shows without a sign.
        let rate = rateMicrolitersPerMinute.map { withdraws ? -$0 : $0 }
        let delivered = status == .running ? rate : 0
        let setPoint = status == .stopped ? 0 : rate
        let quality: Quality = status == .stalled ? .bad : .good
        let readings = [
            Reading(
                signal("flow"), delivered ?? 0, .microlitersPerMinute, quality: delivered == nil ? .bad : quality,
                at: now),
            Reading(
                signal("flow.set_point"), setPoint ?? 0, .microlitersPerMinute, quality: setPoint == nil ? .bad : .good,
                at: now),
            Reading(signal("status"), Double(status.rawValue), .code, at: now),
        ]
        let readBack = SafeStateReadBack(isSafe: status == .stopped, detail: status.text, askedAt: askedAt)
        return readings.map { .reading($0) } + [.readBack(readBack)] + stateChange(from: before, to: status)
    }

    private func stateChange(from before: ChemyxStatus?, to status: ChemyxStatus) -> [DriverEffect] {
        guard case .ready = phase, (before == .stalled) != (status == .stalled) else { return [] }
        return [.state(readyState)]
    }

    private var readyState: DeviceState {
        status == .stalled ? .faulted("pump \(device) stalled: clear the line, then stop it") : .ready
    }

    private mutating func identified(_ step: IdentityStep, _ answer: ChemyxAnswer, at now: Moment) -> [DriverEffect] {
        switch (step, answer) {
        case (.parameters, .invalidCommand): phase = .identifying(.help)
        case (.help, .invalidCommand): return foreign("\(device) knows neither `view parameter` nor `help`", at: now)
        case (.parameters, _), (.help, _): phase = .identifying(.limits)
        case (.limits, .limits(let limits)) where !limits.isPlausible:
            return foreign("\(device) shows limits whose least is above their most: \(limits)", at: now)
        case (.limits, _): phase = .identifying(.status)
        case (.status, _):
            phase = .ready
            nextPoll = now.wire
            nextSettingsLook = now.wire + Self.settingsInterval
            return [.state(readyState)]
        }
        return []
    }

    /// A pump that shows another unit or bore than it was given lost its power in between: its counter and a run with it.
    private mutating func checkSettings(_ answer: ChemyxAnswer, at now: Moment) -> [DriverEffect] {
        guard settingsAreOurs, case .parameters(let shown) = answer, let diameter = shown.diameterMillimeters else {
            return []
        }
        let ours = configuration.diameterMillimeters
        let kept = shown.units == .microlitersPerMinute && ChemyxSetting.diameter.isKept(diameter, asked: ours)
        guard !kept else { return [] }
        settingsAreOurs = false
        phase = .identifying(.parameters)
        let text =
            "pump \(device) forgot its settings (diameter \(diameter) mm, expected \(ours) mm in uL/min): "
            + "its power was cut; they are set anew before the next run"
        return [.state(.faulted(text)), .state(.identifying)]
    }
}
