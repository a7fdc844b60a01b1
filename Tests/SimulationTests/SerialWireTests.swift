import DeviceModel
import Drivers
import Interlocks
import Quantities
import Testing
import VirtualBench
import Wire

/// A driver and the simulated device that it is for, on one wire and one clock.
private struct Pair {
    static let device: DeviceName = "dut"

    private var driver: any Driver
    private var bench: VirtualBench
    private var engine: InterlockEngine
    private let link: String
    private var wire = WireInstant.zero
    private var readings: [String: Reading] = [:]
    private var outcomes: [CommandOutcome] = []
    private(set) var state = DeviceState.identifying
    private(set) var readBack: SafeStateReadBack?

    init(_ driver: String, _ given: [String: SettingValue], accessory: String) throws {
        let entry = try #require(DriverCatalog.entry(driver))
        var values = given
        for spec in entry.settings where values[spec.key] == nil { values[spec.key] = spec.fallback }
        #expect(entry.problems(DriverSettings(values)).isEmpty)
        self.driver = entry.make(Self.device, DriverSettings(values))
        var options = VirtualBench.Options()
        options.accessories = [accessory]
        bench = VirtualBench(seed: 1, options: options)
        engine = InterlockEngine(rules: [], devices: [Self.device: entry.deviceClass])
        link = accessory
        perform(self.driver.handle(.opened(identity: "test"), at: now))
        run(4)
    }

    private var now: Moment {
        Moment(wire: wire, bench: BenchInstant(nanoseconds: wire.nanoseconds), wall: .zero)
    }

    /// Ten milliseconds are the grain of both.
    mutating func run(_ seconds: Double) {
        let end = wire + .seconds(seconds)
        while wire < end {
            wire = wire + .milliseconds(10)
            for output in bench.drainOutputs(upTo: wire) where output.link == link {
                perform(driver.handle(.received(output.bytes), at: now))
            }
            if let deadline = driver.deadline, deadline <= wire { perform(driver.handle(.deadline, at: now)) }
        }
    }

    /// The outcome, once there is one.
    mutating func execute(_ command: DeviceCommand, within seconds: Double = 5) throws -> CommandOutcome? {
        let count = outcomes.count
        let permit = try engine.permit(command, for: Self.device, at: now)
        perform(driver.execute(permit, as: CommandID(number: UInt64(count + 1)), at: now))
        run(seconds)
        return outcomes.count > count ? outcomes[count] : nil
    }

    mutating func fault(_ name: String, value: Double? = nil) throws {
        _ = try bench.apply(FaultCommand(device: link, fault: name, value: value), at: now)
    }

    func shown(_ signal: String) -> Double? { readings[signal]?.value }
    func quality(_ signal: String) -> Quality? { readings[signal]?.quality }

    mutating func truth(_ member: String) -> Double? {
        run(1.2)
        return bench.drainTruth().last?.accessories[link]?[member]?.double
    }

    private mutating func perform(_ effects: [DriverEffect]) {
        for effect in effects {
            switch effect {
            case .send(let bytes, _): bench.send(bytes, to: link, at: now)
            case .modbus(let request, _, _): answer(request)
            case .reading(let reading): readings[reading.signal.text] = reading
            case .state(let new): state = new
            case .readBack(let look): readBack = look
            case .finished(_, let outcome): outcomes.append(outcome)
            case .reopen:
                perform(driver.handle(.closed(reason: "reopening"), at: now))
                perform(driver.handle(.opened(identity: "test"), at: now))
            case .confirmed, .burst, .result: break
            }
        }
    }

    private mutating func answer(_ request: ModbusRequest) {
        let pdu = bench.handleModbus(request.operation.pdu, link: link, at: now)?.pdu ?? []
        let outcome: ModbusReply.Outcome
        if let function = pdu.first, function & 0x80 != 0 {
            outcome = .exception(pdu.last ?? 0)
        } else if request.operation.dataLength == pdu.count - 2 {
            outcome = request.operation.outcome(ofData: Array(pdu.dropFirst(2)))
        } else {
            outcome = .written
        }
        perform(driver.handle(.modbus(ModbusReply(id: request.id, outcome: outcome)), at: now))
    }
}

@Suite struct SerialWireTests {
    @Test func gasFlowsAndStops() throws {
        var gas = try Pair("alicat", AlicatSettings.all, accessory: "gas")
        #expect(gas.state == .ready)
        #expect(try gas.execute(.flowController(.set(standardMillilitersPerMinute: 120))) == .done)
        #expect(gas.shown("flow_controller.dut.flow") == 120)
        #expect(gas.truth("flow_ml_min") == 120)
        #expect(try gas.execute(.flowController(.close)) == .done)
        #expect(gas.readBack?.isSafe == true && gas.truth("flow_ml_min") == 0)
        #expect(try gas.execute(.flowController(.set(standardMillilitersPerMinute: 50))) == .done, "out of its hold")
        #expect(gas.truth("flow_ml_min") == 50)
        try gas.fault("valve_leak", value: 5)
        let leaking = try gas.execute(.flowController(.close), within: 8)
        #expect(leaking?.text.contains("shut the gas off by hand") == true)
        #expect(gas.readBack?.isSafe == false)
    }

    @Test func gasBeyondItsRangeIsTakenBack() throws {
        var settings = AlicatSettings.all
        settings["maximum_ml_min_std"] = .number(1000)
        var gas = try Pair("alicat", settings, accessory: "gas")
        let outcome = try gas.execute(.flowController(.set(standardMillilitersPerMinute: 800)))
        #expect(
            outcome?.text.hasPrefix("refused, dut was told a set point of 800 mL/min and shows set point 500") == true)
        #expect(gas.truth("set_point_ml_min") == 0)
    }

    private enum AlicatSettings {
        static let all: [String: SettingValue] = [
            "gas": .text("N2"), "maximum_ml_min_std": .number(500), "minimum_ml_min_std": .number(1),
        ]
    }

    @Test func ledsAreLitAndDark() throws {
        let channel = DriverSettings(["number": .integer(2), "max_percent": .number(100)])
        let other = DriverSettings(["number": .integer(3), "max_percent": .number(100)])
        var led = try Pair(
            "thorlabs-dc4100", ["channels": .tables(["blue": channel, "green": other])], accessory: "led")
        #expect(led.state == .ready && led.readBack?.isSafe == true)
        #expect(try led.execute(.light(.set(channel: "blue", percent: 25))) == .done)
        #expect(try led.execute(.light(.set(channel: "green", percent: 40))) == .done)
        #expect(led.truth("light_2_pct") == 25 && led.truth("light_3_pct") == 40)
        #expect(led.shown("light.dut.blue") == 25 && led.readBack?.detail == "channels 2 and 3 on")
        try led.fault("led_open", value: 2)
        led.run(2)
        #expect(led.state.word == "faulted" && led.shown("light.dut.blue") == 0)
        #expect(try led.execute(.light(.off)) == .done)
        #expect(led.truth("light_3_pct") == 0)
    }

    @Test func tubingPumpRunsItsVolume() throws {
        let settings: [String: SettingValue] = [
            "channel": .integer(3), "tubing_id_mm": .number(2.79), "max_flow_ul_min": .number(20_000),
            "min_flow_ul_min": .number(10), "reservoir.volume_ml": .number(250), "reservoir.reagent": .text("water"),
        ]
        var pump = try Pair("ismatec-reglo-icc", settings, accessory: "tubing_pump")
        #expect(pump.state == .ready && pump.readBack?.isSafe == true)
        let (flow, volume) = (FlowRate(microlitersPerMinute: 6000), Volume(microliters: 1000))
        #expect(try pump.execute(.pump(.run(flow: flow, volume: volume))) == .done)
        #expect(pump.truth("flow_3_ul_min") == 6000 && pump.shown("pump.dut.flow") == 6000)
        pump.run(10)
        #expect(abs((pump.truth("pumped_3_ul") ?? 0) - 1000) < 1e-6)
        #expect(abs((pump.shown("pump.dut.volume") ?? 0) - 1000) < 50 && pump.quality("pump.dut.volume") == .uncertain)
        #expect(try pump.execute(.pump(.withdraw(flow: flow, volume: volume))) == .done)
        #expect(pump.truth("flow_3_ul_min") == -6000 && pump.shown("pump.dut.flow") == -6000)
        #expect(try pump.execute(.pump(.stop)) == .done)
        try pump.fault("jammed")
        let jammed = try pump.execute(.pump(.run(flow: flow, volume: volume)))
        #expect(jammed?.text.hasPrefix("refused, pump dut does not start") == true)
        try pump.fault("clear")
        try pump.fault("restart")
        pump.run(10)
        #expect(pump.state == .ready, "it was told anew to count its channels")
        #expect(try pump.execute(.pump(.run(flow: flow, volume: volume))) == .done)
        #expect(pump.truth("flow_1_ul_min") == 0 && pump.truth("flow_3_ul_min") == 6000)
    }

    @Test func blockHeatsAndIsTurnedOff() throws {
        var plate = try Pair(
            "watlow-ez-zone", ["min_c": .number(20), "max_c": .number(120)], accessory: "plate2")
        #expect(plate.state == .ready)
        #expect(try plate.execute(.heater(.hold(Temperature(celsius: 60)))) == .done)
        plate.run(300)
        #expect(abs((plate.shown("heater.dut.temperature") ?? 0) - 60) < 0.3)
        #expect(plate.truth("set_point_writes") == 1)
        try plate.fault("sensor_open")
        plate.run(1)
        #expect(plate.quality("heater.dut.temperature") == .bad)
        #expect(try plate.execute(.heater(.off)) == .done)
        #expect(plate.readBack?.isSafe == true)
    }
}
