import ControlCore
import DeviceModel
import Drivers
import Interlocks
import Quantities
import Testing
import VirtualBench
import Wire

/// The core with the devices of both boards, and the boards, which run the firmware's own code, on simulated wires.
struct BoardBench {
    private static let devices: [(name: String, driver: String, link: String, settings: [String: SettingValue])] = [
        ("uno", "flowlab-board", "uno", ["board": .text("uno"), "serial": .text("UNO-0001")]),
        ("argon", "board-gas-valve", "uno", ["channel": .integer(0)]),
        ("nitrogen", "board-gas-valve", "uno", ["channel": .integer(1)]),
        (
            "stage", "board-stepper", "uno",
            [
                "channel": .integer(3), "steps_per_mm": .number(80), "max_mm": .number(50), "speed_mm_s": .number(20),
                "acceleration_mm_s2": .number(200), "home_speed_mm_s": .number(5), "limit_channel": .integer(5),
            ]
        ),
        (
            "panel", "board-io", "uno",
            [
                "inputs": .tables([
                    "stop_pressed": DriverSettings([
                        "channel": .integer(4), "on_level": .text("high"), "debounce_ms": .integer(10),
                        "emergency_stop": .text("yes"),
                    ])
                ])
            ]
        ),
        ("stm", "flowlab-board", "stm32", ["board": .text("stm32f103")]),
        ("feed", "board-peristaltic-pump", "stm32", pump(0)),
        ("drain", "board-peristaltic-pump", "stm32", pump(1)),
        (
            "block", "board-pid-heater", "stm32",
            [
                "channel": .integer(9), "max_c": .number(120), "trip_c": .number(140), "sensor.channel": .integer(7),
                "sensor.raw": .pair(0, 4095), "sensor.scaled_c": .pair(0, 330), "sensor.low": .integer(20),
                "sensor.high": .integer(4000), "pid.p_percent_k": .number(4), "pid.i_percent_k_s": .number(0.02),
                "check.after_s": .integer(60), "check.rise_k": .number(2),
            ]
        ),
    ]

    private static func pump(_ channel: Int64) -> [String: SettingValue] {
        [
            "channel": .integer(channel), "steps_per_ml": .number(2000), "max_flow_ul_min": .number(6000),
            "min_flow_ul_min": .number(1), "reservoir.volume_ml": .number(100), "reservoir.reagent": .text("water"),
        ]
    }

    var core: ControlCore
    var world: VirtualBench
    private(set) var outcomes: [CommandID: CommandOutcome] = [:]
    private(set) var punctuality: [CommandID: BoardPunctuality] = [:]
    private(set) var notices: [String] = []
    private(set) var readings: [String: Reading] = [:]
    private(set) var truth: [TruthRecord] = []
    /// The host's process is gone: nobody drives the core, and its ports are closed.
    private var isDead = false
    private var wire = WireInstant.zero
    private var openAt: [(link: LinkName, at: WireInstant)] = []
    private var openLinks: Set<String> = []

    init(seed: UInt64 = 1) {
        let start = Self.moment(.zero)
        var options = VirtualBench.Options()
        options.accessories = ["uno", "stm32f103"]
        world = VirtualBench(seed: seed, options: options, start: start)
        let limits = CoreLimits(
            staleAfter: .seconds(2), verifyWithin: .seconds(3), reconnectFirst: .seconds(1),
            reconnectLongest: .seconds(30))
        core = ControlCore(
            devices: Self.devices.compactMap { device in
                DriverCatalog.entry(device.driver).map { entry in
                    var values = device.settings
                    for spec in entry.settings where values[spec.key] == nil { values[spec.key] = spec.fallback }
                    let name = DeviceName(device.name)
                    return DeviceDefinition(
                        name: name, deviceClass: entry.deviceClass, driverID: entry.id, link: LinkName(device.link),
                        driver: entry.make(name, DriverSettings(values)))
                }
            }, rules: [], limits: limits, restored: [], at: start)
        take(core.start(at: start))
    }

    var now: Moment { Self.moment(wire) }
    var seconds: Double { wire.seconds }

    private static func moment(_ wire: WireInstant) -> Moment {
        Moment(
            wire: wire, bench: BenchInstant(nanoseconds: wire.nanoseconds),
            wall: WallInstant(nanoseconds: 1_767_225_600_000_000_000 + wire.nanoseconds))
    }

    // MARK: Time

    mutating func run(_ span: Double) {
        let end = wire + .seconds(span)
        while let next = nextInstant, next <= end {
            wire = max(wire, next)
            step()
        }
        wire = end
        world.advance(to: now)
        truth += world.drainTruth()
    }

    private var nextInstant: WireInstant? {
        ([world.nextOutput] + (isDead ? [] : [core.deadlines.wire] + openAt.map(\.at))).compactMap(\.self).min()
    }

    private mutating func step() {
        for output in world.drainOutputs(upTo: wire) where openLinks.contains(output.link) {
            take(core.handle(.received(output.bytes), on: LinkName(output.link), at: now))
        }
        for link in openLinks.sorted() where !world.isPlugged(link) {
            openLinks.remove(link)
            take(core.handle(.closed(reason: "hung up"), on: LinkName(link), at: now))
        }
        let due = openAt.filter { $0.at <= wire }
        openAt.removeAll { $0.at <= wire }
        for (link, _) in due {
            guard world.isPlugged(link.text) else {
                take(core.handle(.closed(reason: "no such port"), on: link, at: now))
                continue
            }
            openLinks.insert(link.text)
            world.connect(link.text, at: wire)
            take(core.handle(.opened(identity: "virtual"), on: link, at: now))
        }
        if !isDead { take(core.advance(to: now)) }
        world.advance(to: now)
        truth += world.drainTruth()
    }

    private mutating func take(_ effects: [CoreEffect]) {
        for effect in effects {
            switch effect {
            case .link(let link, .open): openAt.append((link, wire + .milliseconds(1)))
            case .link(let link, .close):
                openLinks.remove(link.text)
                world.disconnect(link.text)
            case .link(let link, .send(let bytes, _)): world.send(bytes, to: link.text, at: now)
            case .link(_, .modbus), .link(_, .flush): break
            case .notice(.reading(let reading)): readings[reading.signal.text] = reading
            case .notice(.finished(let id, _, let outcome)): outcomes[id] = outcome
            case .notice(.executed(let id, let done)): punctuality[id] = done
            case .notice(.device(let name, let state)):
                notices.append("\(name) \(state.word)" + (state.detail.map { ": \($0)" } ?? ""))
            case .notice(.foundStopped(let name, _)): notices.append("\(name) found stopped")
            case .notice(.foundRunning(let name, _)): notices.append("\(name) found running")
            case .notice(.proven(let name, _)): notices.append("\(name) proven")
            case .notice(.unproven(let name, let why)): notices.append("\(name) unproven: \(why)")
            case .notice: break
            }
        }
    }

    // MARK: What happens

    /// Issued, and run for so long.
    @discardableResult
    mutating func act(_ command: DeviceCommand, _ device: DeviceName, for span: Double = 1) throws -> CommandOutcome? {
        let (id, effects) = try core.issue(command, to: device, at: now)
        take(effects)
        run(span)
        return outcomes[id]
    }

    /// Issued for a time so much later than now.
    mutating func plan(_ command: DeviceCommand, _ device: DeviceName, in span: Double) throws -> CommandID {
        let (id, effects) = try core.issue(.timed(at: wire + .seconds(span), command), to: device, at: now)
        take(effects)
        return id
    }

    mutating func trip(_ reason: String) { take(core.triggerSafeState(reason: reason, at: now)) }

    /// Nothing of the host is left: no bytes, no answers.
    mutating func kill() {
        isDead = true
        openLinks = []
        for link in ["uno", "stm32"] { world.disconnect(link) }
    }

    mutating func fault(_ device: String, _ name: String, _ span: Double? = nil) throws {
        _ = try world.apply(FaultCommand(device: device, fault: name, forSeconds: span), at: now)
    }

    // MARK: What is seen

    func state(_ device: DeviceName) -> DeviceState? { core.state(of: device) }
    func shown(_ signal: String) -> Double? { readings[signal]?.value }

    /// Of one board, as it really is.
    mutating func truth(_ board: String, _ member: String) -> JSONValue? {
        world.advance(to: now)
        truth += world.drainTruth()
        return truth.last { $0.accessories[board] != nil }?.accessories[board]?[member]
    }
}
