import DeviceModel
import Drivers
import Quantities
import Testing

/// The driver of Bronkhorst's controllers against the simulated one, wire to wire under a virtual clock.
@Suite struct BronkhorstWireTests {
    private static let settings: [String: SettingValue] = [
        "gas": .text("N2"), "maximum_ml_min_std": .number(200), "minimum_ml_min_std": .number(1), "node": .integer(3),
    ]

    @Test func gasFlowsAndStops() throws {
        var gas = try WiredPair("bronkhorst-propar", Self.settings, accessory: "mfc")
        #expect(gas.state == .ready)
        #expect(try gas.execute(.flowController(.set(standardMillilitersPerMinute: 100))) == .done)
        #expect(gas.truth("flow_ml_min") == 100)
        #expect(gas.shown("flow_controller.dut.flow") == 100)
        #expect(gas.readBack?.isSafe == false)
        #expect(try gas.execute(.flowController(.close)) == .done)
        #expect(gas.readBack?.isSafe == true && gas.truth("flow_ml_min") == 0)
        #expect(try gas.execute(.flowController(.set(standardMillilitersPerMinute: 50))) == .done, "out of its closing")
        #expect(gas.truth("flow_ml_min") == 50)
        try gas.fault("valve_leak", value: 5)
        let leaking = try gas.execute(.flowController(.close), within: 8)
        #expect(leaking?.text.contains("shut the gas off by hand") == true)
        #expect(gas.readBack?.isSafe == false)
    }

    /// Of a line with one instrument nobody needs to know the node.
    @Test func anyNodeAnswers() throws {
        var settings = Self.settings
        settings["node"] = nil
        var gas = try WiredPair("bronkhorst-propar", settings, accessory: "mfc")
        #expect(gas.state == .ready)
        #expect(try gas.execute(.flowController(.set(standardMillilitersPerMinute: 20))) == .done)
        #expect(gas.truth("set_point_ml_min") == 20)
    }

    @Test func anotherGasAndAnotherCapacity() throws {
        var argon = Self.settings
        argon["gas"] = .text("Ar")
        #expect(
            try WiredPair("bronkhorst-propar", argon, accessory: "mfc").state.detail?.contains("measures as N2") == true
        )
        var large = Self.settings
        large["maximum_ml_min_std"] = .number(500)
        let detail = try WiredPair("bronkhorst-propar", large, accessory: "mfc").state.detail
        #expect(detail?.contains("has a capacity of 200.0 mL/min") == true)
    }
}
