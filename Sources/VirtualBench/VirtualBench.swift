import Quantities
import Wire

/// The whole bench below the wire: eight pumps, the heater, two spectrometers and an I/O module on one plant, with the
/// accessories that are fitted beside them.
///
/// Bytes come in by `send`, go out by `drainOutputs`; time comes in with each call. Nothing here reads a clock: the same
/// seed and the same calls give the same bytes and the same truth. The plant advances in steps of 0.1 bench seconds.
public struct VirtualBench: Sendable {
    /// How the heater is reached.
    public enum HeaterLink: String, Sendable, CaseIterable { case tcp, rtu }

    public struct Options: Sendable {
        public var heaterLink = HeaterLink.tcp
        public var echoStyle = ChemyxPump.EchoStyle.cr
        public var pumpReplyDelay = WireDuration.milliseconds(10)
        public var modbusReplyDelay = WireDuration.milliseconds(5)
        public var spectrometerReplyDelay = WireDuration.milliseconds(1)
        public var wordOrder = WatlowF4T.WordOrder.lowFirst
        /// degC at which the limit module opens the contactor; nil when none is fitted.
        public var limitSetPoint: Double? = 200
        public var plateTemperature = 25.0
        /// Whether relay 0 of the I/O module switches a contactor before the heater; without one the heater has its power.
        public var hasContactor = true
        /// The GPIO pin of `spec_abs` that moves the shutter before its lamp, open while the pin drives high; nil: its lamp
        /// follows the lamp enable line.
        public var shutterPin: Int?
        /// Whether truth records are made; they wait in memory until drained.
        public var recordsTruth = true
        /// The devices beside the plant's own, by their names in `AccessoryCatalog`.
        public var accessories: [String] = []
        public init() {}
    }

    /// Bytes that a device puts on a link, and when.
    public struct Output: Sendable, Equatable {
        public var link: String
        /// Which of a link's connections: 0 but for TCP servers with several clients.
        public var connection: Int
        public var bytes: [UInt8]
        public var due: WireInstant
        /// The device drops the connection after these bytes.
        public var closes = false
    }

    /// The links of the plant's own devices.
    public static let linkNames = PumpName.allCases.map(\.link) + ["heater"] + BenchDevice.spectrometers + ["io"]

    public internal(set) var plant: Plant
    var pumps: [ChemyxPump]
    var controller: WatlowF4T
    var spectrometers: [OceanHDX]
    public internal(set) var module: IOModule
    var detectors: [Detector]
    var accessories: [Fitted]
    /// What stands about, where robots and valves find it.
    public internal(set) var table = Worktable()
    var faults = FaultBoard()
    var faultGenerator: Generator
    var lastPixels: [[UInt16]] = [[], []]

    let options: Options
    var clock: BenchClockMap
    let start: BenchInstant
    var acquisitions: [PendingAcquisition] = []
    var outputs: [Output] = []
    var obpParsers: [ConnectionKey: OBPParser] = [:]
    var modbusServers: [ModbusConnection: ModbusTCPServer] = [:]
    var serialModbusServer = ModbusRTUServer()
    var truth: [TruthRecord] = []
    var lastSetFlows = [Double](repeating: 0, count: 8)
    var lastHeaterMode = HeatingPlate.Mode.off
    var lastContactorClosed: Bool

    struct ConnectionKey: Hashable, Sendable {
        var spectrometer: Int
        var connection: Int
    }

    struct ModbusConnection: Hashable, Sendable {
        var link: String
        var connection: Int
    }

    struct PendingAcquisition: Sendable {
        var spectrometer: Int
        var connection: Int
        var acquisition: OceanHDX.Acquisition
    }

    /// - Parameters:
    ///   - clockRate: bench seconds in a wire second.
    ///   - start: the moment at which the bench is switched on; the plant's time counts from its bench clock.
    public init(
        seed: UInt64, clockRate: Double = 1, options: Options = Options(),
        start: Moment = Moment(wire: .zero, bench: .zero, wall: .zero)
    ) {
        precondition(clockRate > 0 && clockRate.isFinite, "the clock rate is a positive number")
        self.options = options
        self.start = start.bench
        clock = BenchClockMap(rate: clockRate, anchor: start)
        plant = Plant(seed: seed, temperature: options.plateTemperature)
        pumps = PumpName.allCases.map { _ in
            ChemyxPump(echoStyle: options.echoStyle, replyDelay: options.pumpReplyDelay)
        }
        controller = WatlowF4T(wordOrder: options.wordOrder, limitSetPoint: options.limitSetPoint)
        spectrometers = [OceanHDX(serial: "HDX00101"), OceanHDX(serial: "HDX00102")]
        detectors = [Detector(.luminescence, seed: seed), Detector(.absorption, seed: seed)]
        module = IOModule(at: start.wire)
        accessories = Self.fit(options.accessories, at: start)
        faultGenerator = Generator(seed: seed, part: 6)
        plant.plate.supplyClosed = !options.hasContactor
        lastContactorClosed = plant.plate.supplyClosed
        wireModule()
        for index in accessories.indices { accessories[index].shown = accessories[index].device.truth }
        record(.second)
    }

    /// When the next bytes will be due, as far as is known now; nil when nothing is under way.
    public var nextOutput: WireInstant? {
        let spectrum = nextExposure.map { $0 + options.spectrometerReplyDelay }
        let ready = outputs.first?.due
        return switch (ready, spectrum) {
        case (.some(let a), .some(let b)): min(a, b)
        case (.some(let a), .none): a
        case (.none, let b): b
        }
    }

    /// When the next frame is exposed; nil while none is being taken. Its answer goes out a reply delay later: who wakes
    /// here makes it in that time, as the electronics do, and not after it.
    public var nextExposure: WireInstant? { acquisitions.map { clock.wire(of: $0.acquisition.ends) }.min() }

    /// What has become due by `instant`, in order of time; the plant is taken there first.
    public mutating func drainOutputs(upTo instant: WireInstant) -> [Output] {
        advance(toBench: clock.bench(of: instant))
        let count = outputs.prefix { $0.due <= instant }.count
        defer { outputs.removeFirst(count) }
        return Array(outputs.prefix(count))
    }

    /// Lets bench time pass.
    public mutating func advance(to now: Moment) {
        clock.anchor(at: now)
        advance(toBench: now.bench)
    }

    /// Truth records since the last call, oldest first.
    public mutating func drainTruth() -> [TruthRecord] {
        defer { truth.removeAll(keepingCapacity: true) }
        return truth
    }

    /// The same as `nextOutput`; called in place, the bench is not copied for it.
    public mutating func nextDue() -> WireInstant? { nextOutput }

    /// Some connector is out.
    public internal(set) var hasUnplugged = false

    /// Whether the link's connector is in; when not, the peer's port or socket is gone.
    public func isPlugged(_ link: String) -> Bool {
        !faults.active.contains { $0.fault == .unplug && BenchDevice.link(of: $0.device) == link }
    }
}

/// How the bench clock stands to the wire's: they meet at an anchor and run at a constant rate.
struct BenchClockMap: Sendable {
    let rate: Double
    private var wireAnchor: WireInstant
    private var benchAnchor: BenchInstant

    init(rate: Double, anchor: Moment) {
        self.rate = rate
        wireAnchor = anchor.wire
        benchAnchor = anchor.bench
    }

    mutating func anchor(at moment: Moment) {
        guard moment.wire >= wireAnchor else { return }
        wireAnchor = moment.wire
        benchAnchor = moment.bench
    }

    /// Rounded up, so that what is due at a bench instant is never early on the wire.
    func wire(of bench: BenchInstant) -> WireInstant {
        let nanoseconds = Double((bench - benchAnchor).nanoseconds) / rate
        return WireInstant(nanoseconds: wireAnchor.nanoseconds + Int64(nanoseconds.rounded(.up)))
    }

    func bench(of wire: WireInstant) -> BenchInstant {
        let nanoseconds = Double((wire - wireAnchor).nanoseconds) * rate
        return BenchInstant(nanoseconds: benchAnchor.nanoseconds + Int64(nanoseconds.rounded(.down)))
    }
}

extension VirtualBench {
    /// Somebody takes the cuvette that stands at a place; nil where there is none.
    public mutating func takeAway(from place: Int) -> Worktable.Cuvette? { table.take(from: place) }
}
