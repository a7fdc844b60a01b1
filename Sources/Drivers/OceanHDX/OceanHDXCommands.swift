import DeviceModel
import Interlocks
import Quantities

/// One command under way.
struct OceanJob: Sendable {
    enum Step: Sendable {
        case setLamp(Bool)
        case checkLamp(Bool)
        /// Of a shutter: its level, then that the pin is an output, then both read back.
        case setPin(Bool)
        case setOutput(Bool)
        case checkOutput(Bool)
        case checkPin(Bool)
        case abort
        case setIntegration
        /// The frame that began before the integration time was changed.
        case discard
        case collect
    }

    let id: CommandID
    let authority: WriteAuthority
    var step: Step
    var shutter: OceanShutter?
    var burst: BurstRequest?
    var microseconds: UInt32 = 0
    var frames: [SpectrumFrame] = []

    var request: OceanRequest {
        switch step {
        case .setLamp(let on): .setLamp(on)
        case .checkLamp: .lamp
        case .setPin(let on): .setPinLevels(shutter?.levels(open: on) ?? 0, mask: shutter?.mask ?? 0)
        case .setOutput: .setPinOutputs(shutter?.mask ?? 0, mask: shutter?.mask ?? 0)
        case .checkOutput: .pinOutputs
        case .checkPin: .pinLevels
        case .abort: .abort
        case .setIntegration: .setIntegration(microseconds: microseconds)
        case .discard, .collect: .spectrum
        }
    }

    /// An acquisition that finds its integration time set begins at once.
    func started(integrationMicroseconds: UInt32?) -> OceanJob {
        guard burst != nil, microseconds == integrationMicroseconds else { return self }
        var copy = self
        copy.step = .collect
        return copy
    }

    var actuates: Bool {
        switch step {
        case .setLamp(let on), .checkLamp(let on), .setPin(let on), .setOutput(let on), .checkOutput(let on),
            .checkPin(let on):
            on
        case .abort, .setIntegration, .discard, .collect: false
        }
    }
}

extension OceanHDX {
    mutating func acquire(_ burst: BurstRequest, _ id: CommandID, at now: Moment) -> [DriverEffect] {
        guard (1...Self.maximumFrames).contains(burst.frames) else {
            let text = "frames of spectrometer \(device) are \(burst.frames), expected 1...\(Self.maximumFrames)"
            return [.finished(id, .refused(text))]
        }
        let range = Self.shortestIntegrationMicroseconds...Self.longestIntegrationMicroseconds
        guard let microseconds = UInt32(exactly: burst.integration.nanoseconds / 1000), range.contains(microseconds)
        else {
            let text = "integration of spectrometer \(device) is \(burst.integration.seconds) s, expected \(range) us"
            return [.finished(id, .refused(text))]
        }
        // It moves nothing: the setting goes by the right of a question, and outlives a trip.
        var job = OceanJob(id: id, authority: .query, step: .setIntegration)
        job.burst = burst
        job.microseconds = microseconds
        return enqueue(job, at: now)
    }

    mutating func enqueue(_ job: OceanJob, at now: Moment) -> [DriverEffect] {
        guard case .ready = phase else {
            return [.finished(job.id, .refused("spectrometer \(device) is not ready: wait until it is identified"))]
        }
        guard queue.count < Self.maximumQueued else {
            return [.finished(job.id, .refused("spectrometer \(device) has \(queue.count) commands waiting"))]
        }
        queue.append(job)
        return advance(at: now)
    }

    /// Goes before all but what makes safe, too; a spectrum that is out is not waited for.
    mutating func makeSafe(_ new: OceanJob, at now: Moment) -> [DriverEffect] {
        guard safe.count < Self.maximumQueued else {
            return [.finished(new.id, .refused("spectrometer \(device) has \(safe.count) safe-state commands waiting"))]
        }
        var ended = queue.map { DriverEffect.finished($0.id, .refused("a safe-state command came before it began")) }
        if let job { ended.append(.finished(job.id, .failed("ended by a safe-state command"))) }
        (job, queue) = (nil, [])
        if safe.isEmpty { exchange = nil }
        safe.append(new)
        return ended + advance(at: now)
    }

    mutating func finishCurrent(_ outcome: CommandOutcome) -> [DriverEffect] {
        if !safe.isEmpty { return [.finished(safe.removeFirst().id, outcome)] }
        defer { job = nil }
        return job.map { [.finished($0.id, outcome)] } ?? []
    }

    /// Takes the command on by one answer.
    mutating func progress(_ request: OceanRequest, _ data: [UInt8], at now: Moment) -> [DriverEffect] {
        guard var current = safe.first ?? job else { return [] }
        switch current.step {
        case .abort: return finishCurrent(.done)
        case .setLamp(let on): current.step = .checkLamp(on)
        case .checkLamp(let on):
            guard let byte = OceanCodec.byte(data), (byte != 0) == on else {
                return finishCurrent(
                    .refused("spectrometer \(device) shows its lamp \(on ? "off" : "on") after it was set"))
            }
            return finishCurrent(.done)
        case .setPin(let on): current.step = .setOutput(on)
        case .setOutput(let on): current.step = .checkOutput(on)
        case .checkOutput(let on):
            guard pinIsOutput else { return finishCurrent(.refused(untold("an input"))) }
            current.step = .checkPin(on)
        case .checkPin(let on):
            guard let levels = OceanCodec.pins(data), current.shutter?.isOpen(levels) == on else {
                return finishCurrent(.refused(untold(on ? "at the level that closes" : "at the level that opens")))
            }
            return finishCurrent(.done)
        case .setIntegration: current.step = .discard
        case .discard: current.step = .collect
        case .collect:
            guard let counts = OceanCodec.counts(data, pixels: pixels) else {
                let text =
                    "spectrometer \(device) sent \(data.count) bytes, expected \(2 * pixels) for \(pixels) pixels"
                return finishCurrent(.failed(text))
            }
            current.frames.append(SpectrumFrame(counts: counts, at: now))
            if let burst = current.burst, current.frames.count >= burst.frames { return deliver(current, burst) }
        }
        if safe.isEmpty { job = current } else { safe[0] = current }
        return []
    }

    private func untold(_ what: String) -> String {
        "spectrometer \(device) shows the pin of its shutter as \(what) after it was set: check `shutter_pin`"
    }

    private mutating func deliver(_ done: OceanJob, _ request: BurstRequest) -> [DriverEffect] {
        let burst = SpectrumBurst(
            device: device, command: done.id, integration: request.integration, wavelengthCoefficients: coefficients,
            frames: done.frames)
        return [.burst(burst)] + finishCurrent(.done)
    }

    mutating func jobRefused(_ request: OceanRequest, _ why: String, at now: Moment) -> [DriverEffect] {
        // A device without the question for its lamp has acknowledged all the same.
        if request == .lamp { return finishCurrent(.done) }
        return finishCurrent(.refused("spectrometer \(device) answered \(request.words) with \(why)"))
    }
}
