import DeviceModel
import Interlocks
import Quantities
import Wire

/// A look at the loop before a ramp is planned: where it is, where it is told to be, and whether it is told so.
struct WatlowSurvey: Sendable {
    enum Step: Sendable { case processValue, setPoint, mode }

    let order: WatlowOrder
    let kelvinPerMinute: Double
    var processValue: Double?
    var setPoint: Double?
    var step = Step.processValue

    var question: WatlowQuestion {
        switch step {
        case .processValue: .processValue
        case .setPoint: .setPoint
        case .mode: .mode
        }
    }
}

/// A ramp under way: the set point is moved step by step and is never ahead of the line that it follows.
struct WatlowRamp: Sendable {
    let order: WatlowOrder
    /// On the grid of set points, in degC.
    let start: Double
    let steps: RampSteps
    /// When the controller had confirmed the start.
    var beganAt: BenchInstant?
    /// The last step that the controller has confirmed; nil before the start is.
    var confirmed: Int?
    /// A step was begun since the last look at the loop: a look that is due goes before the next one.
    var owesLook = false

    /// The set point at the end of step `index`; 0 is the start.
    func setPoint(atStep index: Int) -> Double {
        index >= steps.count ? Double(order.target) : start + steps.change(atStep: index)
    }

    /// The step that the set point should have made by now and has not; one that came late is left out.
    func due(at now: BenchInstant) -> Int? {
        guard let beganAt, let confirmed, confirmed < steps.count else { return nil }
        var step = confirmed
        while step < steps.count, now - beganAt >= steps.time(ofStep: step + 1) { step += 1 }
        return step > confirmed ? step : nil
    }
}

extension WatlowF4T {
    /// Steps beyond this are no ramp.
    static let largestRampStepKelvin = 5.0
    /// What ramps may take of the set point writes of an hour; the rest is for holds.
    static let rampShare = 0.5

    // MARK: Planning

    mutating func progress(_ survey: WatlowSurvey, _ registers: [UInt16], at now: Moment) -> [DriverEffect] {
        var survey = survey
        switch survey.step {
        case .processValue:
            survey.processValue = number(registers).flatMap { configuration.sensorRange.contains($0) ? $0 : nil }
            survey.step = .setPoint
        case .setPoint:
            survey.setPoint = number(registers)
            survey.step = .mode
        case .mode: return plan(survey, mode: registers.first ?? 0, at: now)
        }
        job = .survey(survey)
        return []
    }

    private mutating func plan(_ survey: WatlowSurvey, mode: UInt16, at now: Moment) -> [DriverEffect] {
        guard let processValue = survey.processValue else {
            return finishJob(.refused("heater \(device) shows no temperature that a ramp could start from"))
        }
        guard let limits = configuration.limits.ramp else {
            return finishJob(.refused("heater \(device) cannot ramp: see ramp_max_k_min and set_point_writes_per_hour"))
        }
        let target = Double(survey.order.target)
        let told = mode == WatlowMode.automatic.rawValue ? survey.setPoint : nil
        let start = Double(configuration.onGrid(begin(processValue, told, target)))
        do throws(RampRefusal) {
            let finest = try limits.steps(over: target - start, kelvinPerMinute: survey.kelvinPerMinute)
            guard let steps = affordable(finest, limits, at: now) else {
                let text =
                    "heater \(device) has had \(budget.spent(at: now.bench)) of its \(budget.perHour) set point "
                    + "writes of this hour; the ramp's \(finest.count + 1) are too many"
                return finishJob(.refused(text))
            }
            ramp = WatlowRamp(order: survey.order, start: start, steps: steps)
            job = .hold(WatlowHold(survey.order, rampStep: 0, setPoint: start))
            return []
        } catch {
            return finishJob(.refused("heater \(device): \(error)"))
        }
    }

    /// The process value, or the set point of a loop that is on its way to the target already.
    private func begin(_ processValue: Double, _ setPoint: Double?, _ target: Double) -> Double {
        let way = min(processValue, target)...max(processValue, target)
        return setPoint.flatMap { way.contains($0) ? $0 : nil } ?? processValue
    }

    /// The finest steps whose writes fit between those of the past hour.
    private func affordable(_ finest: RampSteps, _ limits: RampLimits, at now: Moment) -> RampSteps? {
        var candidate: RampSteps? = finest
        while let steps = candidate {
            let writes = (0...steps.count).map { now.bench + steps.time(ofStep: $0) }
            if budget.admits(writes) { return steps }
            candidate = limits.coarser(than: steps)
        }
        return nil
    }

    // MARK: Under way

    /// The next step, when it is time for it. Steps may be due faster than the bus carries them; they must not keep the
    /// temperature from being read, without which the interlocks turn the heater off.
    mutating func rampJob(at now: Moment) -> WatlowJob? {
        guard let ramp else { return nil }
        if ramp.confirmed != nil, ramp.beganAt == nil { self.ramp?.beganAt = now.bench }
        guard let step = ramp.due(at: now.bench), !(ramp.owesLook && isLookDue(at: now)) else { return nil }
        self.ramp?.owesLook = true
        return .hold(WatlowHold(ramp.order, rampStep: step, setPoint: ramp.setPoint(atStep: step)))
    }

    mutating func rampStepEnded(_ step: Int, _ outcome: CommandOutcome) -> [DriverEffect] {
        guard let ramp else { return [] }
        guard outcome == .done else { return endRamp(outcome) }
        self.ramp?.confirmed = step
        guard step < ramp.steps.count else { return endRamp(.done) }
        return step == 0 ? [.confirmed(ramp.order.id)] : []
    }

    mutating func endRamp(_ outcome: CommandOutcome) -> [DriverEffect] {
        defer { ramp = nil }
        return ramp.map { [.finished($0.order.id, outcome)] } ?? []
    }

    /// Between two steps: somebody at the controller's own panel may have other plans.
    mutating func watchRamp(_ question: WatlowQuestion, _ registers: [UInt16]) -> [DriverEffect] {
        guard let ramp, let confirmed = ramp.confirmed else { return [] }
        let expected = ramp.setPoint(atStep: confirmed)
        switch question {
        case .setPoint:
            guard let shown = number(registers), !isSame(shown, expected) else { return [] }
            return endRamp(.failed(changed(shown, expected)))
        case .mode:
            // The last question of a look.
            self.ramp?.owesLook = false
            let mode = registers.first ?? 0
            return mode == WatlowMode.automatic.rawValue ? [] : endRamp(.failed(leftAutomatic(mode)))
        case .partNumber, .temperatureUnit, .setPointLimits, .processValue, .power, .writeSetPoint, .writeMode:
            return []
        }
    }

    func changed(_ shown: Double, _ expected: Double) -> String {
        "the set point of heater \(device) was changed at the controller: it shows \(shortDecimal(shown, 3)) degC, "
            + "expected \(shortDecimal(expected, 3)) degC"
    }

    func leftAutomatic(_ mode: UInt16) -> String {
        "heater \(device) was taken out of auto at the controller: it shows \(WatlowMode.text(mode))"
    }
}
