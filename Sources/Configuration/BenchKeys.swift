import DeviceModel
import Experiments
import Glibc
import Interlocks
import Quantities

/// Every key of a bench file with its limits, but for the drivers' own, which stand beside the drivers. Names of keys
/// end with the unit; durations are texts with theirs, and say on which clock they run.
enum BenchKeys {
    // MARK: [bench]

    static let name = Key<String>.form("name", NameForm.dashed.expected, "the bench's name, in paths and records") {
        NameForm.dashed.accepts($0) ? $0 : nil
    }
    static let simulated = Key<Bool>.flag("simulated", "a real bench says false")
    static let clockRate = Key<Double>.number(
        "clock_rate", 1...1000, default: 1, "bench seconds a wall second; other than 1 on a simulated bench only")
    static let scanRate = Key<Int64>.whole(
        "scan_rate_hz", ScanRate.hertz, default: ScanRate.standardHertz, "how often the control loop looks at least")
    static let staleAfter = Key<WireDuration>.linkTime(
        "stale_after", 0.1...60, default: .seconds(2), "a signal older than this is stale")
    static let verifyWithin = Key<WireDuration>.linkTime(
        "verify_within", 0.1...60, default: .seconds(3), "a trip's effect must be read back within this")
    static let reconnectFirst = Key<WireDuration>.linkTime(
        "reconnect_first", 0.1...60, default: .seconds(1), "wait before a lost link is opened again; it doubles")
    static let reconnectLongest = Key<WireDuration>.linkTime(
        "reconnect_longest", 0.1...3600, default: .seconds(30), "the longest such wait")
    static let statePath = Key<String>.text("state", limit: 4000, "the directory of the archive").optional
    static let socketPath = Key<String>.text("socket", limit: 107, "the control socket").optional

    // MARK: [alarms]

    static let alarmOnDelay = Key<WireDuration>.linkTime(
        "on_delay", 0...600, default: .zero,
        "a condition that is gone within this is no alarm; critical ones do not wait")
    static let alarmOffDelay = Key<WireDuration>.linkTime(
        "off_delay", 0...600, default: .zero, "one that is back within this has not ended")
    static let alarmFlood = Key<Int64>.whole(
        "flood", 2...1000, default: 10, "more new alarms in ten minutes are a flood: low and medium ones call nobody")
    static let alarmNotify = Key<[String]>.texts(
        "notify", "an array of texts, first the absolute path of a program",
        "run for each alarm that calls somebody, with the alarm in its environment"
    ) { !$0.isEmpty && isPrintable($0) && $0.utf8.count <= 4000 }.optional
    static func alarmPriority(_ alarm: String) -> Key<String> {
        .choice(alarm, AlarmPriority.allCases.filter { $0 < .critical }.map(\.rawValue), "how soon a person is needed")
    }

    // MARK: [maintenance]

    static let primeVolume = Key<Double>.number(
        "prime_ul", 0.1...1e6, default: 200, "what a line is primed with if nothing else is said")
    static let primeFlow = Key<Double>.number("prime_ul_min", 0.001...1e6, default: 200, "how fast")
    static let onExpiry = Key<String>.choice(
        "on_expiry", ExpiryPolicy.allCases.map(\.rawValue), default: ExpiryPolicy.hold.rawValue,
        "what the queue does when nobody has ended a maintenance in time")

    // MARK: [recorder]

    static let recorderLimit = Key<Int64>.whole(
        "limit_mb", 0...1_000_000, default: 512,
        "what the flight recorder's ring may take of the disk; 0 switches it off")
    static let leastRecorderLimit: Int64 = 32

    // MARK: [links.X]

    static let serial = Key<String>.text("serial", limit: 4000, "the port's device file")
    static let baud = Key<Int64>.form("baud", "")
    static let tcp = address("tcp", "the device's TCP port")
    static let folder = Key<String>.text("folder", limit: 4000, "the directory that is watched")
    static let modbusTCP = address("modbus_tcp", "the Modbus TCP port, mostly 502")
    static let modbusRTU = Key<String>.text("modbus_rtu", limit: 4000, "the device file of the bus's serial port")
    static let parity = Key<String>.choice(
        "parity", LinkSpec.Parity.allCases.map(\.rawValue), default: "none", "as set on the bus's devices")
    static let stopBits = Key<Int64>.whole("stop_bits", 1...2, default: 1, "as set on the bus's devices")
    /// In the order in which a link without any of them names them.
    static let transports = ["serial", "tcp", "folder", "modbus_tcp", "modbus_rtu"]
    /// What a serial line may have besides its transport.
    static let lineKeys = ["baud", "parity", "stop_bits"]

    // MARK: [devices.X]

    static let driver = Key<String>.text("driver", "a driver of flowlabd")
    static let link = Key<String>.text("link", "a name from [links]")

    // MARK: [network]

    static let origin = Key<String>.text("origin", "the junction where residence times start")
    static let outlet = Key<String>.text("outlet", "the junction or detector where the stream is last seen")
    static let inlets = Key<[String]>.texts("inlets", "an array of different pumps", "") { !$0.isEmpty }
    static let tubeTo = Key<String>.text("to", "the junction or detector at the tube's end")
    static let bore = Key<Double>.number("id_mm", 0.01...20, "inner diameter")
    static let length = Key<Double>.number("length_mm", 0.1...100_000, "the tube's length")
    static let sectionName = Key<String>.form("name", NameForm.underscored.expected, "the section's name") {
        NameForm.underscored.accepts($0) ? $0 : nil
    }

    static let valveHome = Key<String>.text("home", "where the valve stands for a recipe that does not name it")
    static let valveOutlet = Key<Bool>.flag("outlet", default: false, "this position leads out of the network")

    // MARK: [flow_rules]

    static let balanced = Key<[String]>.texts("balanced", "an array of two junctions", "their streams run 1:1") {
        !$0.isEmpty
    }
    static let balancingPump = Key<String>.text(
        "balancing_pump", "the pump that makes the second stream equal the first")
    static let carrierPump = Key<String>.text("carrier_pump", "the pump that delivers as much as both streams")

    // MARK: [experiments]

    static let heater = Key<String>.text("heater", "the heater that experiments use").optional
    static let heaterContactor = Key<String>.text(
        "heater_contactor", "the output that gives the heater its power; left out: it always has it"
    ).optional
    static let spectrometer = Key<String>.text("spectrometer", "the spectrometer that experiments use").optional
    static let requiredTau = Key<Double>.number("required_tau", 1...10, default: 1.2, "t_E in units of tau")
    static let temperatureBand = Key<Double>.number(
        "temperature_band_k", 0.05...10, default: 0.5, "distance from the set point that counts as steady")
    static let temperatureHold = Key<BenchDuration>.benchTime(
        "temperature_hold", 1...3600, default: .seconds(30), "how long it must stay in the band")
    static let heatingDeadline = Key<BenchDuration>.benchTime(
        "heating_deadline", 10...86_400, default: .seconds(1800), "heating that takes longer has failed")
    static let flowingDeadline = Key<BenchDuration>.benchTime(
        "flowing_deadline", 1...3600, default: .seconds(60), "all pumps must report their flow within this")
    static let flowRise = Key<BenchDuration>.benchTime(
        "flow_rise", 0...600, default: .seconds(6), "volume counts once all flows were reported for this long")
    static let settlingMargin = Key<Double>.number(
        "settling_margin_tau", 0...20, default: 0.8, "beyond t_E, how long the proof of steady state may take")
    static let measuringDeadline = Key<BenchDuration>.benchTime(
        "measuring_deadline", 1...3600, default: .seconds(60), "a measurement that takes longer has failed")
    static let frames = Key<Int64>.whole("frames", 1...10_000, "spectra in one burst")
    static let integration = Key<BenchDuration>.benchTime(
        "integration", 0.000_01...60, "integration time of one spectrum; 30ms or less in segmented flow")
    static let every = Key<BenchDuration>.benchTime(
        "every", 0.1...600, default: .milliseconds(600), "from the start of one probe to the next")
    static let steadySamples = Key<Int64>.whole(
        "steady_samples", 5...10_000, default: 25, "probes in the test's window")
    static let steadyDriftLimit = Key<Double>.number(
        "steady_drift_limit", 0.0001...0.5, default: 0.03, "allowed drift over the window, a fraction of the mean")
    static let absorptionSpectrometer = Key<String>.text(
        "absorption_spectrometer", "the spectrometer that sees the absorption; left out: none is measured"
    ).optional
    static let burstCount = Key<Int64>.whole("count", 1...100, default: 5, "bursts in one measurement")
    static let burstEvery = Key<BenchDuration>.benchTime(
        "every", 0.1...600, default: .seconds(2), "from the start of one burst to the next: lamps wander slowly")
    static let mixingFlow = Key<Double>.number(
        "mixing_flow_ul_min", 0...1e6, "a smaller total flow is warned of: mixing limits the reaction"
    ).optional
    static let interrupted = Key<String>.choice(
        "interrupted", InterruptedPolicy.allCases.map(\.rawValue), default: InterruptedPolicy.fail.rawValue,
        "what becomes of an experiment that ran when the daemon died")
    static let idleAfter = Key<BenchDuration>.benchTime(
        "idle_after", 10...86_400, default: .seconds(600), "with nothing queued for this long the heater goes off")
    static let holdAfterFailures = Key<Int64>.whole(
        "hold_after_failures", 1...1000, default: 3,
        "after so many experiments in a row that failed, the queue waits for a person; trips wait for their reset anyway"
    )
    static let ifClientGone = Key<String>.choice(
        "if_client_gone", ClientGonePolicy.allCases.map(\.rawValue), default: ClientGonePolicy.finish.rawValue,
        "what becomes of an experiment whose client has gone; a submit may say otherwise")
    static let clientGoneAfter = Key<WireDuration>.linkTime(
        "client_gone_after", 1...86_400, default: .seconds(60), "a client that is away for so long has gone")
    static let queueLimit = Key<Int64>.whole("queue_limit", 1...100_000, default: 1000, "experiments that may wait")

    // MARK: [stations], [sampling]

    static let stationKind = Key<String>.choice(
        "kind", ["supply", "place", "waste"],
        "supply: clean cuvettes come from here; place: holds one; waste: used ones go here")
    static let stationHolds = Key<Int64>.whole(
        "holds", 1...10_000, default: 1, "cuvettes that find room; of a supply, those of a full one")
    static let stationAnalyzer = Key<String>.text("analyzer", "the instrument that measures what is placed here")
        .optional
    static let samplingDiscard = Key<String>.text(
        "discard", "where a cuvette goes once an analyzer has measured it; left out: it stays"
    ).optional
    static let resultDeadline = Key<BenchDuration>.benchTime(
        "result_deadline", 10...86_400, default: .seconds(SamplingProcedure.usualResultDeadline),
        "an analyzer without a result for so long has failed")
    static let samplingRobot = Key<String>.text("robot", "the arm that carries cuvettes")
    static let samplingValve = Key<String>.text("valve", "the valve through which the stream runs into the cuvette")
    static let samplingFill = Key<String>.text("fill", "its position for that")
    static let samplingSupply = Key<String>.text("supply", "the station with clean cuvettes")
    static let samplingFiller = Key<String>.text("filler", "the station under the nozzle")
    static let samplingVolume = Key<Double>.number(
        "volume_ul", 1...100_000, "what a cuvette is filled with, by the pumps' own report")
    static let transferDeadline = Key<BenchDuration>.benchTime(
        "transfer_deadline", 1...3600, default: .seconds(90), "a move of the robot that takes longer has failed")

    // MARK: [references], [flush]

    static let flows = flowTable("flows_ul_min", "by pump")
    static let referenceSwept = Key<Double>.number(
        "swept_tau", 1...20, default: 1.3, "residence times of these flows before the reference is taken")
    static let referenceFrames = Key<Int64>.whole("frames", 2...1000, default: 100, "spectra that are averaged")
    static let absorptionDriftLimit = Key<Double>.number(
        "steady_drift_limit", 0.0001...0.5, default: 0.05,
        "allowed drift of the absorbance over the window of the steady-state test, a fraction of the mean")
    static let referenceDrift = Key<Double>.number(
        "max_drift_au", 0.001...1, default: 0.02,
        "what the carrier between the droplets may absorb against the reference; beyond it a new one is taken")
    static let darkAge = Key<BenchDuration>.benchTime(
        "dark_max_age", 60...604_800, default: .seconds(28_800), "an older dark spectrum is not used")
    static let referenceAge = Key<BenchDuration>.benchTime(
        "reference_max_age", 60...604_800, default: .seconds(14_400), "an older reference is not used")
    static let flushTime = Key<BenchDuration>.benchTime("for", 1...7200, default: .seconds(300), "how long it flushes")

    // MARK: [box]

    static let boxTemperature = range("temperature_c", -200...2000, "of the input temperature")
    static let boxTime = range("reaction_time_s", 0.1...86_400, "of the input reaction_time, in the section")
    static let boxSection = Key<String>.text("section", "the section of a tube in which the reaction runs")
    static let boxFiller = Key<String>.text("filler", "the pump that takes what the shares leave of the first stream")

    // MARK: [ledger], [reagents]

    static let wasteCapacity = Key<Double>.number(
        "waste_capacity_ml", 1...1_000_000, "what the waste container holds; left out: not limited"
    ).optional
    static let lowPercent = Key<Double>.number(
        "low_percent", 0...90, default: 10, "an alarm when less than this is left of a filling")
    static let requireBatch = Key<Bool>.flag(
        "require_batch", default: false, "whether experiments need a batch recorded for each reagent they use")
    static let ratioComponent = Key<String>.form("component", NameForm.underscored.expected, "what must be there") {
        NameForm.underscored.accepts($0) ? $0 : nil
    }
    static let ratioPer = Key<String>.form("per", NameForm.underscored.expected, "as compared with this") {
        NameForm.underscored.accepts($0) ? $0 : nil
    }
    static let atLeast = Key<Double>.number("at_least", 0...1e6, "the least ratio of their molarities")
    static let components = Key<[String: Double]>.numbers(
        "components_mm", "a table of molarities in mM by component, as { cs = 30.2, oa = 219 }", 0...1e6,
        "what the stock is made of")

    // MARK: [[interlocks]]

    static let interlockName = Key<String>.form("name", NameForm.dashed.expected, "the interlock's name") {
        NameForm.dashed.accepts($0) ? $0 : nil
    }
    static let signal = Key<String>.text("signal", "what is watched, as heater.temperature")
    static let causeDevice = Key<String>.text("device", "the device that is lost")
    static let votes = Key<Int64>.whole("votes", 1...100, "how many of the inputs must vote at once")
    static let above = Key<Double>.number("above", -1e9...1e9, "trips above this")
    static let below = Key<Double>.number("below", -1e9...1e9, "trips below this")
    static let outside = Key<ClosedRange<Double>>.range("outside", -1e9...1e9, "trips outside of these")
    static let rate = Key<Double>.number("rate_per_min", 1e-9...1e9, "trips when it changes faster, up or down")
    static let rateOver = Key<BenchDuration>.benchTime("over", 0.1...600, default: .seconds(2), "the rate's window")
    static let differsFrom = Key<String>.text("differs_from", "the signal that it is compared with")
    static let differsBy = Key<Double>.number("by", 0...1e9, "the difference that is allowed")
    static let differsByPercent = Key<Double>.number(
        "by_percent", 0...1000, default: 0, "allowed as well, of the other signal")
    static let frozenFor = Key<BenchDuration>.benchTime(
        "frozen_for", 1...3600, "trips when it has not changed by one bit for so long")
    static let noRise = Key<Double>.number("no_rise_of", 1e-9...1e9, "trips when it does not rise by this")
    static let noRiseWithin = Key<BenchDuration>.benchTime("within", 1...3600, "the time for the rise")
    static let noRiseWhile = Key<String>.text("while", "the output that drives it")
    static let noRiseAt = Key<Double>.number("at_percent", 0...100, default: 95, "driven from this output on")
    static let holdOutput = Key<String>.text("output", "the output that holds it")
    static let holdSetPoint = Key<String>.text("set_point", "its set point")
    static let holdBand = Key<Double>.number("band_k", 0.1...100, default: 1, "judged within this of the set point")
    static let holdPercentPerKelvin = Key<Double>.number(
        "percent_per_k", 1e-6...100, "output that holds one kelvin above ambient")
    static let holdAmbient = Key<Double>.number("ambient_c", -100...100, default: 24, "of the room")
    static let holdExcess = Key<Double>.number("by_percent", 0.1...100, default: 5, "output above what holds it")
    static let isOn = Key<Bool>.flag("on", "trips when the switch is on")
    static let isOff = Key<Bool>.flag("off", "trips when the switch is off")
    static let lost = Key<Bool>.flag("lost", "trips when the device is not ready")
    static let stale = Key<Bool>.flag("stale", "trips when the signal is not heard of")
    static let ledgerEmpty = Key<String>.text(
        "ledger_empty", "trips when nothing is left in the syringe of this pump by the ledger")
    static let clientGone = Key<Bool>.flag(
        "client_gone", "trips when nobody has looked after an experiment for client_gone_after")
    static let wasteFull = Key<Bool>.flag("waste_full", "trips when the waste has no room left by the ledger")
    static let loopOverrun = Key<WireDuration>.linkTime(
        "loop_overrun", 0.001...60, "trips when the control loop was later by more")
    static let motionOf = Key<String>.text("motion_of", "the pump whose motion is held against what it was told")
    static let motionBy = Key<Double>.number(
        "by", 0.001...1e9, default: 0.5, "the difference that is allowed, in uL/min")
    static let motionByPercent = Key<Double>.number(
        "by_percent", 0...1000, default: 5, "allowed as well, of what was commanded")
    /// A pump tells its status twice in a second; on a bench whose clock runs thirty times as fast, that is once in 12 s.
    static let motionDelay = Key<BenchDuration>.benchTime(
        "for", 1...3600, default: .seconds(15), "how long the cause must last")
    static let unit = Key<Unit>.form("unit", "one of \(Unit.allCases.map(\.rawValue).joined(separator: ", "))", "") {
        Unit(rawValue: $0)
    }
    static let delay = Key<BenchDuration>.benchTime("for", 0...3600, default: .zero, "how long the cause must last")
    static let hysteresis = Key<Double>.number(
        "hysteresis", 0...1e6, default: 0, "how far back the value must be before a reset")
    static let effects = Key<[String]>.texts(
        "effect", "an array of \(EffectGroup.allCases.map(\.rawValue).joined(separator: ", "))", "what is made safe"
    ) { EffectGroup(rawValue: $0) != nil }
    static let blocks = Key<[String]>.texts(
        "blocks", "an array of \(DeviceClass.allCases.map(\.rawValue).joined(separator: ", "))",
        "what may not be started meanwhile"
    ) { DeviceClass(rawValue: $0) != nil }
    static let bypassByTechnician = "technician"
    static let bypass = Key<String>.choice(
        "bypass", ["never", bypassByTechnician], default: "never",
        "who may take it out of service for a while")
    static let response = Key<String>.text("response", limit: 2000, "what the operator shall do")

    static func range(_ name: String, _ limits: ClosedRange<Double>, _ meaning: String) -> Key<ClosedRange<Double>> {
        .range(name, limits, meaning)
    }

    private static func flowTable(_ name: String, _ meaning: String) -> Key<[String: Double]> {
        .numbers(name, "a table of flows in uL/min by pump, as { pfo = 600 }", 0.001...100_000, meaning)
    }

    private static func address(_ name: String, _ meaning: String) -> Key<NetworkAddress> {
        .form(name, NetworkAddress.expected, meaning) { NetworkAddress($0) }
    }
}

extension Key where Value == Int64 {
    /// A speed that Linux knows for a serial port.
    fileprivate static func form(_ name: String, _ meaning: String) -> Key<Int64> {
        let rates: [Int64] = [1200, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 921_600]
        return Key<Int64>(
            name: name, expected: "one of \(rates.map { "\($0)" }.joined(separator: ", "))", meaning: meaning,
            fallback: nil, isRequired: true
        ) { value in
            if case .integer(let rate) = value, rates.contains(rate) { rate } else { nil }
        }
    }
}

/// The two shapes of names in a bench file.
enum NameForm {
    /// Devices, links, junctions, sections: they become parts of signal names.
    case underscored
    /// The bench, interlocks.
    case dashed

    static let limit = 40

    var expected: String {
        let mark =
            switch self {
            case .underscored: "_"
            case .dashed: "-"
            }
        return "a name of a-z, 0-9 and \(mark), beginning with a letter, \(Self.limit) letters at most"
    }

    func accepts(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        guard let first = bytes.first, bytes.count <= Self.limit, isLetter(first) else { return false }
        let mark = self == .underscored ? UInt8(ascii: "_") : UInt8(ascii: "-")
        return bytes.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) || $0 == mark }
    }

    private func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
}

/// `host:port`, the host a numeric address or `localhost`: a name server that does not answer must not hold up a bench.
struct NetworkAddress: Hashable, Sendable {
    static let expected = "\"host:port\" with a numeric address or localhost, as \"192.168.1.20:502\" or \"[::1]:502\""

    let host: String
    let port: UInt16

    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(digits), port > 0 else {
            return nil
        }
        let named = text[..<colon]
        if named.hasPrefix("["), named.hasSuffix("]") {
            host = String(named.dropFirst().dropLast())
            guard Self.isNumeric(host, AF_INET6) else { return nil }
        } else {
            host = String(named)
            guard host == "localhost" || Self.isNumeric(host, AF_INET) else { return nil }
        }
        self.port = port
    }

    /// Whether packets to it stay on this host.
    var isLoopback: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }

    private static func isNumeric(_ host: String, _ family: Int32) -> Bool {
        var address = in6_addr()
        return inet_pton(family, host, &address) == 1
    }
}
