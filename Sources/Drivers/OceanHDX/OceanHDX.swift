import DeviceModel
import Interlocks
import Quantities

/// An Ocean HDX spectrometer on TCP, Ocean Binary Protocol version 1.
///
/// A burst is one spectrum after another at one integration time; the first one after a change of that time is thrown away,
/// because it began before. What makes safe (lamp off, abort) goes before all, in the order it was asked for. A trip leaves
/// an acquisition alone: it moves nothing.
public struct OceanHDX: Driver {
    /// Longest wait for anything but a spectrum.
    static let replyTimeout = WireDuration.milliseconds(2000)
    /// Beyond the integration time. Source: the default of the seabreeze clients. Integration is bench time, which never
    /// runs slower than the wire's, so that its length in wire time is an upper bound.
    static let spectrumMargin = WireDuration.milliseconds(10_000)
    /// Lost or broken replies in a row before the link is opened anew.
    static let maximumFailures = 3
    static let maximumQueued = 8
    /// A frame has 4 kB.
    static let maximumFrames = 1000
    static let identityRetry = WireDuration.milliseconds(5000)
    /// Source: limits that both seabreeze back ends use for the HDX.
    static let shortestIntegrationMicroseconds: UInt32 = 6000
    static let longestIntegrationMicroseconds: UInt32 = 10_000_000
    /// What an HDX has, where it does not say. Source: pyseabreeze `devices.py`.
    static let usualPixels = 2068
    static let maximumPixels = 8192
    static let usualCoefficients = 4

    enum Phase: Sendable {
        case closed
        case identifying(OceanRequest)
        case ready
        case foreign(retryAt: WireInstant)
    }

    struct Exchange: Sendable {
        let request: OceanRequest
        let regarding: UInt32
        let askedAt: WireInstant
        let expires: WireInstant
    }

    let device: DeviceName
    let poll: WireDuration
    let wantedSerial: String
    let lamp: OceanLamp

    var phase = Phase.closed
    var exchange: Exchange?
    var decoder = OceanFrameDecoder()
    var lastRegarding: UInt32 = 0
    /// Whether this device sends back our numbers; learnt from the first reply.
    var echoesNumbers = false
    var failures = 0

    /// What makes safe, in order; the first one is under way.
    var safe: [OceanJob] = []
    var job: OceanJob?
    var queue: [OceanJob] = []

    var serial: String?
    var pixels = usualPixels
    var coefficientCount = usualCoefficients
    var coefficients: [Double] = []
    var integrationMicroseconds: UInt32?
    /// As last shown, of the pin that moves the shutter.
    var pinIsOutput = false
    var round: [OceanRequest] = []
    var nextRound = WireInstant.zero

    public init(device: DeviceName, settings: DriverSettings) {
        self.device = device
        poll = .milliseconds(settings.integer("poll_ms"))
        wantedSerial = settings.text("serial")
        let shutter = OceanShutter(
            pin: Int(settings.integer("shutter_pin")), opensHigh: settings.text("shutter_opens") == "high")
        lamp = settings.text("lamp") == "shutter_gpio" ? .shutter(shutter) : .enableLine
    }

    public var limits: DeviceLimits {
        let shortest = BenchDuration(nanoseconds: Int64(Self.shortestIntegrationMicroseconds) * 1000)
        let longest = BenchDuration(nanoseconds: Int64(Self.longestIntegrationMicroseconds) * 1000)
        return .spectrometer(
            SpectrometerLimits(shortestIntegration: shortest, longestIntegration: longest, pixels: pixels))
    }

    public var safeCommands: [DeviceCommand] { [.spectrometer(.abort), .spectrometer(.lamp(on: false))] }

    public var deadline: WireInstant? {
        if let exchange { return exchange.expires }
        switch phase {
        case .closed, .identifying: return nil
        case .ready: return nextRound
        case .foreign(let retryAt): return retryAt
        }
    }

    public mutating func handle(_ event: LinkEvent, at now: Moment) -> [DriverEffect] {
        switch event {
        case .opened: opened(at: now)
        case .closed(let reason): closed(reason)
        case .received(let bytes): received(bytes, at: now)
        case .deadline: deadlinePassed(at: now)
        case .modbus, .relayed, .present: []
        }
    }

    public mutating func execute(
        _ permit: consuming PermittedCommand, as id: CommandID, at now: Moment
    ) -> [DriverEffect] {
        let authority = WriteAuthority.permit(permit.stamp)
        guard case .spectrometer(let command) = permit.command else {
            return [.finished(id, .refused("\(device) is a spectrometer and does not understand this command"))]
        }
        if case .closed = phase { return [.finished(id, .failed("the link of spectrometer \(device) is closed"))] }
        switch command {
        case .acquire(let burst): return acquire(burst, id, at: now)
        case .lamp(let on):
            var job = OceanJob(id: id, authority: authority, step: lamp.firstStep(on))
            job.shutter = lamp.shutter
            return on ? enqueue(job, at: now) : makeSafe(job, at: now)
        case .abort: return makeSafe(OceanJob(id: id, authority: authority, step: .abort), at: now)
        }
    }

    public mutating func dropActuation(at now: Moment) -> [DriverEffect] {
        var dropped: [CommandID] = []
        if let current = job, current.actuates {
            dropped.append(current.id)
            job = nil
            if safe.isEmpty { exchange = nil }
        }
        dropped += queue.filter(\.actuates).map(\.id)
        queue.removeAll(where: \.actuates)
        return dropped.map { .finished($0, .droppedByTrip) } + advance(at: now)
    }

    private mutating func opened(at now: Moment) -> [DriverEffect] {
        let ended = endCommands(.failed("the link was opened anew"))
        decoder.reset()
        (exchange, integrationMicroseconds, failures, round, echoesNumbers) = (nil, nil, 0, [], false)
        pinIsOutput = false
        return ended + identify(at: now)
    }

    private mutating func closed(_ reason: String) -> [DriverEffect] {
        phase = .closed
        exchange = nil
        return endCommands(.failed("the link closed: \(reason)")) + [.state(.offline(reason))]
    }

    mutating func endCommands(_ outcome: CommandOutcome) -> [DriverEffect] {
        let ids = safe.map(\.id) + (job.map { [$0.id] } ?? []) + queue.map(\.id)
        (safe, job, queue) = ([], nil, [])
        return ids.map { .finished($0, outcome) }
    }

    func signal(_ quantity: String) -> SignalName { SignalName(.spectrometer, device, quantity) }
}

extension OceanHDX {
    public static let entry = DriverEntry(
        id: "ocean-hdx", deviceClass: .spectrometer, transports: [.tcp], maturity: "simulated wire",
        settings: [
            SettingSpec(
                "poll_ms", .integer(100...60_000), default: .integer(2000), "time between looks at an idle device"),
            SettingSpec(
                "lamp", .choice(["lamp_enable", "shutter_gpio"]), default: .text("lamp_enable"),
                "what switches the light: the lamp enable line, or a pin of the GPIO that moves a shutter"),
            SettingSpec(
                "shutter_pin", .integer(0...7), default: .integer(0), "with shutter_gpio: the pin, counted from 0"),
            SettingSpec(
                "shutter_opens", .choice(["high", "low"]), default: .text("high"),
                "with shutter_gpio: the level that opens the shutter"),
            SettingSpec("role", .text, default: .text(""), "what it measures, for the records: absorbance, emission"),
            SettingSpec("serial", .text, default: .text(""), "its serial number; another one is refused; empty: any"),
        ],
        make: { OceanHDX(device: $0, settings: $1) })
}
