import DeviceModel
import Quantities
import Wire

/// What an answer means: readings, identity, and the next step of what is under way.
extension WatlowF4T {
    mutating func answered(_ exchange: Exchange, _ registers: [UInt16], at now: Moment) -> [DriverEffect] {
        let readings = learn(exchange, registers, at: now)
        if job != nil { return readings + progress(exchange.question, registers, at: now) }
        if case .identifying = phase { return readings + identified(exchange.question, registers, at: now) }
        return readings + watchRamp(exchange.question, registers)
    }

    private mutating func learn(_ exchange: Exchange, _ registers: [UInt16], at now: Moment) -> [DriverEffect] {
        if case .identifying = phase, job == nil { return [] }
        switch exchange.question {
        case .processValue: return [.reading(temperature(registers, at: now))]
        case .setPoint:
            let value = number(registers)
            return [
                .reading(Reading(signal("temperature.set_point"), value ?? 0, .celsius, quality: good(value), at: now))
            ]
        case .power:
            let value = number(registers)
            power = value.map { ($0, exchange.askedAt) }
            return [.reading(Reading(signal("output"), value ?? 0, .percent, quality: good(value), at: now))]
        case .mode: return mode(registers.first ?? 0, at: now)
        case .partNumber, .temperatureUnit, .setPointLimits, .writeSetPoint, .writeMode: return []
        }
    }

    /// nil for what cannot be a temperature or a power: not finite, or halves in the wrong order.
    func number(_ registers: [UInt16]) -> Double? {
        configuration.wordOrder.float(registers, at: 0).flatMap {
            WatlowCodec.setPointRange.contains($0) ? Double($0) : nil
        }
    }

    private func good(_ value: Double?) -> Quality { value == nil ? .bad : .good }

    /// An open sensor shows no number or one out of its range; then the last one stays, as bad.
    private mutating func temperature(_ registers: [UInt16], at now: Moment) -> Reading {
        let value = number(registers)
        let believable = value.map { configuration.sensorRange.contains($0) } ?? false
        lastTemperature = value ?? lastTemperature
        return Reading(signal("temperature"), lastTemperature, .celsius, quality: believable ? .good : .bad, at: now)
    }

    private func mode(_ code: UInt16, at now: Moment) -> [DriverEffect] {
        let quality = WatlowMode(rawValue: code) == nil ? Quality.bad : .good
        let reading = DriverEffect.reading(Reading(signal("mode"), Double(code), .code, quality: quality, at: now))
        guard let power else { return [reading] }
        let detail = "\(WatlowMode.text(code)), power \(shortDecimal(power.percent, 1)) %"
        let isSafe = code == WatlowMode.off.rawValue && power.percent == 0
        return [reading, .readBack(SafeStateReadBack(isSafe: isSafe, detail: detail, askedAt: power.askedAt))]
    }

    // MARK: Identity

    private mutating func identified(
        _ question: WatlowQuestion, _ registers: [UInt16], at now: Moment
    ) -> [DriverEffect] {
        switch question {
        case .partNumber: return identified(partNumber: WatlowCodec.text(registers), at: now)
        case .temperatureUnit(let overSerial): return identified(unit: registers.first ?? 0, overSerial, at: now)
        case .setPointLimits:
            shownLimits = registers
            phase = .identifying(.processValue)
        case .processValue: return judgeWordOrder(processValue: registers, at: now)
        case .setPoint:
            // An EZ-ZONE has no limits to be asked for; its set point stands for them.
            shownLimits = registers
            phase = .identifying(.mode)
        case .mode: return identified(mode: registers.first ?? 0, at: now)
        case .power, .writeSetPoint, .writeMode: break
        }
        return []
    }

    private mutating func identified(partNumber: String?, at now: Moment) -> [DriverEffect] {
        guard let partNumber, partNumber.hasPrefix(WatlowCodec.partNumberPrefix) else {
            let shown = partNumber.map { "\"\($0)\"" } ?? "no text"
            return foreign(
                "shows the part number \(shown), expected one that begins with F4T: check the address", at: now)
        }
        phase = .identifying(.temperatureUnit(overSerial: false))
        return []
    }

    /// An EZ-ZONE has no name in the registers that we know: its control mode is all that tells it from another device.
    private mutating func identified(mode code: UInt16, at now: Moment) -> [DriverEffect] {
        guard WatlowMode(rawValue: code) != nil else {
            return foreign(
                "shows \(WatlowMode.text(code)), expected 10 (auto), 54 (manual) or 62 (off): check the address and the zone",
                at: now)
        }
        phase = .identifying(.processValue)
        return []
    }

    /// Each port of the controller has a unit of its own, and the driver does not know on which it is: both must be Celsius.
    private mutating func identified(unit code: UInt16, _ overSerial: Bool, at now: Moment) -> [DriverEffect] {
        guard code == WatlowUnitCode.celsius else {
            let (found, port) = (WatlowUnitCode.text(code), overSerial ? "its serial port" : "Ethernet")
            return foreign(
                "talks in \(found) over \(port), expected degC (15): set Celsius in Setup, Communications", at: now)
        }
        knowsUnit = true
        phase = .identifying(overSerial ? .setPointLimits : .temperatureUnit(overSerial: true))
        return []
    }

    /// The set point limits tell the order of words; the process value only where it says the contrary, because an open sensor
    /// may show anything.
    private mutating func judgeWordOrder(processValue: [UInt16], at now: Moment) -> [DriverEffect] {
        let (order, limits) = (configuration.wordOrder, shownLimits)
        func fits(_ order: WatlowWordOrder) -> Bool {
            WatlowCodec.arePlausible(limits, order, WatlowCodec.setPointRange)
        }
        func shows(_ order: WatlowWordOrder) -> Bool {
            WatlowCodec.arePlausible(processValue, order, WatlowCodec.sensorRange)
        }
        guard fits(order), shows(order) || !shows(order.other) else {
            let other = order.other.rawValue
            let isSwapped = fits(order.other) && shows(order.other)
            let advice =
                isSwapped
                ? "\(other) gives plausible ones: set word_order = \"\(other)\"" : "\(other) gives none either"
            return foreign("shows no temperatures with word_order = \"\(order.rawValue)\"; \(advice)", at: now)
        }
        phase = .ready
        nextRound = now.wire
        round = []
        return [.state(.ready)]
    }
}
