import DeviceModel
import Drivers
import Quantities
import Testing

@Suite struct SerialWireTests {
    @Test func gasFlowsAndStops() throws {
        var gas = try WiredPair("alicat", AlicatSettings.all, accessory: "gas")
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
        var gas = try WiredPair("alicat", settings, accessory: "gas")
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
        var led = try WiredPair(
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
        var pump = try WiredPair("ismatec-reglo-icc", settings, accessory: "tubing_pump")
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
        var plate = try WiredPair(
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
