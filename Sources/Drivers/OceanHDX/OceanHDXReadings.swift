import DeviceModel
import Quantities

/// What an answer means: readings, identity, and the next step of what is under way.
extension OceanHDX {
    /// nil: the data have not the shape of an answer.
    mutating func answered(_ exchange: Exchange, _ data: [UInt8], at now: Moment) -> [DriverEffect]? {
        guard let learnt = learn(exchange, data, at: now) else { return nil }
        self.exchange = nil
        if !safe.isEmpty || job != nil { return learnt + progress(exchange.request, data, at: now) }
        if case .identifying = phase { return learnt + identified(exchange.request, at: now) }
        return learnt
    }

    private mutating func learn(_ exchange: Exchange, _ data: [UInt8], at now: Moment) -> [DriverEffect]? {
        switch exchange.request {
        case .serialNumber: return OceanCodec.serial(data).map { learn(serial: $0, at: now) }
        case .pixelCount:
            guard let count = OceanCodec.number(data), (1...Self.maximumPixels).contains(Int(count)) else { return nil }
            pixels = Int(count)
        case .coefficientCount:
            guard let count = OceanCodec.byte(data), (1...Self.usualCoefficients).contains(Int(count)) else {
                return nil
            }
            coefficientCount = Int(count)
        case .coefficient:
            guard let value = OceanCodec.coefficient(data) else { return nil }
            coefficients.append(value)
        case .integration:
            // One that no device has is a torn reply; time-outs are made of it.
            guard let microseconds = OceanCodec.number(data),
                (Self.shortestIntegrationMicroseconds...Self.longestIntegrationMicroseconds).contains(microseconds)
            else { return nil }
            return learn(integration: microseconds, at: now)
        case .lamp:
            guard let byte = OceanCodec.byte(data) else { return nil }
            let detail = byte == 0 ? "lamp off" : "lamp on (\(byte))"
            return [.readBack(SafeStateReadBack(isSafe: byte == 0, detail: detail, askedAt: exchange.askedAt))]
        case .pinOutputs:
            guard let pins = OceanCodec.pins(data) else { return nil }
            pinIsOutput = lamp.shutter.map { pins & $0.mask != 0 } ?? false
        case .pinLevels:
            guard let levels = OceanCodec.pins(data) else { return nil }
            return learn(levels: levels, exchange)
        case .setIntegration(let microseconds): return learn(integration: microseconds, at: now)
        case .spectrum, .setLamp, .setPinOutputs, .setPinLevels, .abort: break
        }
        return []
    }

    /// A pin that is no output says nothing of the shutter.
    private func learn(levels: UInt32, _ exchange: Exchange) -> [DriverEffect] {
        guard let shutter = lamp.shutter else { return [] }
        let isShut = pinIsOutput && !shutter.isOpen(levels)
        let level = levels & shutter.mask != 0 ? "high" : "low"
        let detail =
            pinIsOutput
            ? "shutter \(isShut ? "shut" : "open") (pin \(shutter.pin) \(level))"
            : "pin \(shutter.pin) of the shutter is no output"
        return [.readBack(SafeStateReadBack(isSafe: isShut, detail: detail, askedAt: exchange.askedAt))]
    }

    private mutating func learn(integration microseconds: UInt32, at now: Moment) -> [DriverEffect] {
        integrationMicroseconds = microseconds
        return [.reading(Reading(signal("integration"), Double(microseconds) / 1e6, .seconds, at: now))]
    }

    /// A bench keeps its spectrometers: their dark and reference spectra belong to the one that took them.
    private mutating func learn(serial shown: String, at now: Moment) -> [DriverEffect] {
        let expected = wantedSerial.isEmpty ? serial ?? shown : wantedSerial
        guard shown == expected else {
            exchange = nil
            let advice = "check the address, or restart the daemon after a change of spectrometer"
            return foreign("has the serial number \(shown), expected \(expected): \(advice)", at: now)
        }
        serial = shown
        return []
    }

    private mutating func identified(_ request: OceanRequest, at now: Moment) -> [DriverEffect] {
        switch request {
        case .serialNumber: phase = .identifying(.pixelCount)
        case .pixelCount: phase = .identifying(.coefficientCount)
        case .coefficientCount: phase = .identifying(.coefficient(0))
        case .coefficient(let index):
            let isLast = Int(index) + 1 >= coefficientCount
            phase = .identifying(isLast ? .integration : .coefficient(index + 1))
        case .integration: phase = .identifying(lamp.questions[0])
        case .pinOutputs: phase = .identifying(.pinLevels)
        case .lamp, .pinLevels: return identificationDone(at: now)
        case .spectrum, .setIntegration, .setLamp, .setPinOutputs, .setPinLevels, .abort: break
        }
        return []
    }

    private mutating func identificationDone(at now: Moment) -> [DriverEffect] {
        phase = .ready
        round = []
        nextRound = now.wire + poll
        return [.state(.ready)]
    }

    /// The device understood, and declined.
    mutating func refused(_ exchange: Exchange, _ why: String, at now: Moment) -> [DriverEffect] {
        if !safe.isEmpty || job != nil { return jobRefused(exchange.request, why, at: now) }
        guard case .identifying = phase else { return [] }
        switch exchange.request {
        case .pixelCount, .coefficientCount, .lamp: return identified(exchange.request, at: now)
        case .serialNumber, .coefficient, .integration, .pinOutputs, .pinLevels, .spectrum, .setIntegration, .setLamp,
            .setPinOutputs, .setPinLevels, .abort:
            return foreign("answers the question for its \(exchange.request.words) with \(why)", at: now)
        }
    }
}
