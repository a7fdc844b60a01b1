import DeviceModel
import Quantities

/// What an answer means: readings, identity, and the next step of what is under way.
extension ModbusIO {
    /// The data of an answer, as many as were asked for.
    enum Data: Sendable {
        case bits([Bool])
        case registers([UInt16])
    }

    mutating func answered(_ exchange: Exchange, _ data: Data, at now: Moment) -> [DriverEffect] {
        if job == nil, case .identifying(let step) = phase { return identified(step, data, at: now) }
        switch exchange.question {
        case .block(let block):
            let readings = learn(block, data, askedAt: exchange.askedAt, at: now)
            return exchange.isOfJob ? readings + progress(at: now) : readings
        case .watchdog: return watchdogShown(data, at: now)
        case .writeWatchdog, .writeCoil: return []
        }
    }

    private mutating func learn(
        _ block: IOBlock, _ data: Data, askedAt: WireInstant, at now: Moment
    ) -> [DriverEffect] {
        var effects: [DriverEffect] = []
        for input in configuration.inputs {
            guard let index = block.index(of: input.point) else { continue }
            effects.append(.reading(reading(of: input, data, index, at: now)))
        }
        guard case .bits(let bits) = data else { return effects + readBackWithoutOutputs(askedAt) }
        for output in configuration.outputs {
            for point in output.points {
                guard let index = block.index(of: point) else { continue }
                levels[point] = Level(isOn: bits[index], askedAt: askedAt)
                guard point == output.shown else { continue }
                effects.append(.reading(Reading(signal(output.name), bits[index] ? 1 : 0, .code, at: now)))
            }
        }
        guard !configuration.outputs.isEmpty else { return effects + readBackWithoutOutputs(askedAt) }
        return block == configuration.outputBlocks.last ? effects + readBack() : effects
    }

    /// A broken loop says nothing of the quantity: the last value stays, as bad.
    private mutating func reading(of input: IOInput, _ data: Data, _ index: Int, at now: Moment) -> Reading {
        switch data {
        case .bits(let bits): return Reading(signal(input.name), bits[index] ? 1 : 0, .code, at: now)
        case .registers(let registers):
            let value = input.scale?.value(of: registers[index])
            lastValues[input.name] = value ?? lastValues[input.name] ?? 0
            return Reading(
                signal(input.name), lastValues[input.name] ?? 0, input.unit, quality: value == nil ? .bad : .good,
                at: now)
        }
    }

    // MARK: Outputs

    /// Whether all that shows an output shows this level.
    func isAt(_ output: IOOutput, _ isOn: Bool) -> Bool { output.points.allSatisfy { levels[$0]?.isOn == isOn } }

    /// `heater_contactor off`, or what coil and contact say where they differ.
    func describe(_ output: IOOutput) -> String {
        let word = { (point: IOPoint) in levels[point].map { $0.isOn ? "on" : "off" } ?? "unknown" }
        guard let feedback = output.feedback, word(feedback) != word(output.coil) else {
            return "\(output.name) \(word(output.coil))"
        }
        return "\(output.name) coil \(word(output.coil)), contact \(word(feedback))"
    }

    /// As old as the oldest of what it rests on.
    private func readBack() -> [DriverEffect] {
        let points = configuration.outputs.flatMap(\.points)
        let asked = points.compactMap { levels[$0]?.askedAt }
        guard asked.count == points.count, let oldest = asked.min() else { return [] }
        let isSafe = configuration.outputs.allSatisfy { isAt($0, $0.isOnWhenSafe) }
        let detail = configuration.outputs.map(describe).joined(separator: ", ")
        return [.readBack(SafeStateReadBack(isSafe: isSafe, detail: detail, askedAt: oldest))]
    }

    private func readBackWithoutOutputs(_ askedAt: WireInstant) -> [DriverEffect] {
        guard configuration.outputs.isEmpty else { return [] }
        return [.readBack(SafeStateReadBack(isSafe: true, detail: "no outputs", askedAt: askedAt))]
    }

    // MARK: Identity

    mutating func identify(at now: Moment) -> [DriverEffect] {
        phase = .identifying(.block(0))
        (levels, round) = ([:], [])
        return [.state(.identifying)] + advance(at: now)
    }

    func question(of step: IOIdentification) -> IOQuestion? {
        switch step {
        case .block(let index):
            return configuration.blocks.indices.contains(index) ? .block(configuration.blocks[index]) : nil
        case .watchdog, .checkWatchdog: return configuration.watchdog.map { .watchdog(register: $0.register) }
        case .writeWatchdog:
            return configuration.watchdog.map { .writeWatchdog(register: $0.register, count: $0.count) }
        }
    }

    private mutating func identified(_ step: IOIdentification, _ data: Data, at now: Moment) -> [DriverEffect] {
        switch step {
        case .block(let index) where index + 1 < configuration.blocks.count: phase = .identifying(.block(index + 1))
        case .block:
            guard configuration.watchdog != nil else { return becomeReady(at: now) }
            phase = .identifying(.watchdog)
        case .watchdog:
            if isWatchdogSet(data) { return becomeReady(at: now) }
            phase = .identifying(.writeWatchdog)
        case .checkWatchdog:
            if isWatchdogSet(data) { return becomeReady(at: now) }
            return foreign("was told a \(words(of: configuration.watchdog)) and keeps \(words(data))", at: now)
        case .writeWatchdog: break
        }
        return []
    }

    private mutating func becomeReady(at now: Moment) -> [DriverEffect] {
        phase = .ready
        nextRound = now.wire
        round = []
        return [.state(.ready)]
    }

    /// A module that lost its watchdog (its power was off) is set up anew before anything is switched.
    private mutating func watchdogShown(_ data: Data, at now: Moment) -> [DriverEffect] {
        // A command that waits for its contact goes first; the next look shows it again.
        isWatchdogSet(data) || job != nil
            ? [] : endCommands(.failed("I/O module \(device) lost its watchdog")) + identify(at: now)
    }

    private func isWatchdogSet(_ data: Data) -> Bool {
        guard case .registers(let registers) = data else { return false }
        return registers.first == configuration.watchdog?.count
    }

    private func words(of watchdog: IOWatchdog?) -> String {
        watchdog.map { "watchdog of \($0.seconds) s (\($0.count)) in holding register \($0.register)" } ?? "watchdog"
    }

    private func words(_ data: Data) -> String {
        if case .registers(let registers) = data { "\(registers.first ?? 0)" } else { "no register" }
    }
}
