import DeviceModel
import Drivers
import Interlocks
import Quantities
import Testing
import VirtualBench
import Wire

/// The valves' drivers on the wire of the simulated valves: each command is judged by where the rotor really is.
struct ValveWireTests {
    @Test func anInjectionValveGoesAndComesBack() throws {
        var pair = try ValvePair("vici-valco", on: "feed_valve", Self.injection)
        #expect(pair.state == .ready)
        #expect(try pair.execute(.select(position: "loop")) == .done)
        #expect(pair.bench.plant.isLoopInline)
        #expect(try pair.execute(.select(position: "loop")) == .done)
        #expect(pair.truth("cycles") == .integer(1))
        #expect(try pair.execute(.safe) == .done)
        #expect(!pair.bench.plant.isLoopInline)
        #expect(pair.position == 1)
    }

    @Test func aSelectorWithTheLongFormGoesEverywhere() throws {
        let ports = (1...10).map { ("p\($0)", Int64($0)) }
        let settings: [String: SettingValue] = [
            "kind": .text("selector"), "positions": Self.positions(Dictionary(uniqueKeysWithValues: ports)),
        ]
        var pair = try ValvePair("vici-valco", on: "reagent_selector", settings)
        for port in [4, 10, 1, 7] {
            #expect(try pair.execute(.select(position: "p\(port)")) == .done)
            #expect(pair.truth("position") == .integer(Int64(port)))
        }
        try pair.fault("wrong_position")
        guard case .failed(let why) = try pair.execute(.select(position: "p9")) else {
            Issue.record("a wrong position counts as right")
            return
        }
        #expect(why.contains("told position 9 (p9) and shows position 8 (p8)"))
    }

    @Test func aStuckInjectionValveFailsAndIsNotBelieved() throws {
        var pair = try ValvePair("vici-valco", on: "feed_valve", Self.injection)
        try pair.fault("stuck")
        guard case .failed(let why) = try pair.execute(.select(position: "loop")) else {
            Issue.record("a stuck valve counts as moved")
            return
        }
        #expect(why.contains("told position B (loop) and shows position A (load)"))
        try pair.fault("clear")
        try pair.fault("slow_move", value: 3)
        #expect(try pair.execute(.select(position: "loop")) == .done)
        #expect(pair.bench.plant.isLoopInline)
    }

    @Test func theOutletGoesToTheFiller() throws {
        var pair = try ValvePair("runze-sv06", on: "outlet_valve", Self.outlet)
        #expect(pair.state == .ready)
        #expect(try pair.execute(.select(position: "filler")) == .done)
        #expect(pair.truth("port") == .integer(2) && !pair.bench.plant.isOutletBlocked)
        #expect(try pair.execute(.safe) == .done)
        #expect(pair.truth("port") == .integer(1) && pair.position == 1)
    }

    @Test func aSafeStateInTheMiddleOfAMoveIsReached() throws {
        var pair = try ValvePair("runze-sv06", on: "outlet_valve", Self.outlet)
        let moving = try pair.begin(.select(position: "far"))
        pair.run(until: .milliseconds(300))
        pair.trip()
        #expect(pair.outcomes[moving] == .droppedByTrip)
        #expect(try pair.execute(.safe) == .done)
        #expect(pair.truth("port") == .integer(1))
    }

    @Test func aStallIsToldAndComesBack() throws {
        var pair = try ValvePair("runze-sv06", on: "outlet_valve", Self.outlet)
        try pair.fault("stuck")
        guard case .failed(let why) = try pair.execute(.select(position: "filler")) else {
            Issue.record("a stalled valve counts as moved")
            return
        }
        #expect(why.contains("stalled (status 05) on its way to port 2 (filler) and shows port 1 (waste)"))
        #expect(pair.state.word == "faulted")
        pair.run(until: .milliseconds(3000))
        #expect(pair.state.word == "faulted")
        try pair.fault("clear")
        #expect(try pair.execute(.select(position: "filler")) == .done)
        #expect(pair.state == .ready)
    }

    @Test func aLostPositionIsFound() throws {
        var pair = try ValvePair("runze-sv06", on: "outlet_valve", Self.outlet)
        try pair.fault("lost_position")
        pair.run(until: .milliseconds(1500))
        #expect(pair.state.word == "faulted" && pair.position == nil)
        try pair.fault("clear")
        #expect(try pair.execute(.safe) == .done)
        #expect(pair.state == .ready && pair.position == 1)
    }

    @Test(arguments: ["garbage", "duplicate", "corrupt", "truncate", "delay"])
    func onABadLineNothingIsBelievedThatIsNotSo(_ fault: String) throws {
        for (driver, link, settings) in [
            ("vici-valco", "feed_valve", Self.injection), ("runze-sv06", "outlet_valve", Self.outlet),
        ] {
            var pair = try ValvePair(driver, on: link, settings)
            for name in ["loop", "load", "filler", "waste"] where pair.number(of: name) != nil {
                try pair.fault(fault, value: fault == "delay" ? 0.3 : nil)
                let outcome = try pair.execute(.select(position: name))
                try pair.fault("clear")
                guard outcome == .done else { continue }
                let port = pair.truth("position") ?? pair.truth("port")
                #expect(port == pair.number(of: name).map { .integer(Int64($0)) }, "\(driver) \(fault) \(name)")
            }
            pair.run(until: .milliseconds(5000))
            #expect(try pair.execute(.safe) == .done)
            #expect(pair.truth("position") ?? pair.truth("port") == .integer(1))
        }
    }

    private static func positions(_ ports: [String: Int64]) -> SettingValue {
        .tables(ports.mapValues { DriverSettings(["port": .integer($0)]) })
    }
    private static let injection: [String: SettingValue] = [
        "kind": .text("two-position"), "safe": .text("load"), "positions": positions(["load": 1, "loop": 2]),
    ]
    private static let outlet: [String: SettingValue] = [
        "ports": .integer(6), "safe": .text("waste"), "positions": positions(["waste": 1, "filler": 2, "far": 4]),
    ]
}

/// A driver and a bench with one valve, on one clock.
private struct ValvePair {
    private static let device: DeviceName = "dut"

    private(set) var bench: VirtualBench
    private(set) var state = DeviceState.offline("")
    private(set) var position: Double?
    private(set) var outcomes: [CommandID: CommandOutcome] = [:]
    private let link: String
    private var driver: any Driver
    private var engine = InterlockEngine(rules: [], devices: [Self.device: .valve])
    private var wire = WireInstant.zero
    private var shown: JSONValue?

    init(_ id: String, on link: String, _ given: [String: SettingValue]) throws {
        var options = VirtualBench.Options()
        options.accessories = [link]
        bench = VirtualBench(seed: 1, options: options)
        self.link = link
        let entry = try #require(DriverCatalog.entry(id))
        let usual = entry.settings.compactMap { spec in spec.fallback.map { (spec.key, $0) } }
        driver = entry.make(Self.device, DriverSettings(given.merging(usual) { given, _ in given }))
        take(driver.handle(.opened(identity: link), at: now))
        run(until: .milliseconds(1000))
    }

    private var now: Moment {
        Moment(wire: wire, bench: BenchInstant(nanoseconds: wire.nanoseconds), wall: .zero)
    }

    func number(of position: String) -> Int? {
        guard case .valve(let limits) = driver.limits else { return nil }
        return limits.number(of: position)
    }

    mutating func truth(_ key: String) -> JSONValue? {
        for record in bench.drainTruth() { shown = record.accessories[link] ?? shown }
        guard case .object(let members) = shown else { return nil }
        return members[key]
    }

    mutating func fault(_ fault: String, value: Double? = nil) throws {
        _ = try bench.apply(FaultCommand(device: link, fault: fault, value: value), at: now)
    }

    mutating func trip() {
        _ = engine.trigger(InterlockEngine.manualTrigger, reason: "test", at: now)
        take(driver.dropActuation(at: now))
    }

    mutating func begin(_ command: ValveCommand) throws -> CommandID {
        let id = CommandID(number: UInt64(wire.nanoseconds) + UInt64(outcomes.count) + 1)
        take(driver.execute(try engine.permit(.valve(command), for: Self.device, at: now), as: id, at: now))
        return id
    }

    /// Its outcome, within ten seconds.
    mutating func execute(_ command: ValveCommand) throws -> CommandOutcome? {
        let id = try begin(command)
        for _ in 0..<1000 where outcomes[id] == nil { run(until: .milliseconds(10)) }
        return outcomes[id]
    }

    /// Lets both run for a while, a hundredth of a second at a time.
    mutating func run(until span: WireDuration) {
        let end = wire + span
        while wire < end {
            wire = wire + .milliseconds(10)
            bench.advance(to: now)
            for output in bench.drainOutputs(upTo: wire) where output.link == link {
                take(driver.handle(.received(output.bytes), at: now))
            }
            if let deadline = driver.deadline, deadline <= wire { take(driver.handle(.deadline, at: now)) }
        }
    }

    private mutating func take(_ effects: [DriverEffect]) {
        for effect in effects {
            switch effect {
            case .send(let bytes, _): bench.send(bytes, to: link, at: now)
            case .reading(let reading): position = reading.quality == .good ? reading.value : nil
            case .state(let new): state = new
            case .finished(let id, let outcome): outcomes[id] = outcome
            case .reopen:
                take(driver.handle(.closed(reason: "reopening"), at: now))
                take(driver.handle(.opened(identity: link), at: now))
            case .modbus, .readBack, .confirmed, .burst, .result, .relay, .relayed, .channels, .executed: break
            }
        }
    }
}
