import Configuration
import DeviceModel
import Testing

/// The small bench with an I/O module on the heater's bus.
private enum IOBench {
    static let text =
        TestBench.text
        .replacing(
            "[devices.a]",
            with: """
                [devices.relays]
                driver = "modbus-io"
                link = "plate"
                unit = 2
                watchdog = { register = 100, seconds = 2 }
                [devices.relays.inputs]
                pressure = { input_register = 0, raw = [4000, 20000], scaled = [0.0, 10.0], unit = "bar", fault_below = 3600, fault_above = 21000 }
                leak = { discrete_input = 0, unit = "code" }
                [devices.relays.outputs]
                contactor = { coil = 0, safe = "off" }
                [devices.a]
                """
        )
        .replacing("effect = [\"heater-off\", ", with: "effect = [\"heater-off\", \"contactor-open\", ")
        + "\n[experiments]\nheater_contactor = \"io.relays.contactor\"\n"

    static func said(_ breakage: Breakage) -> [String] {
        guard let range = text.firstRange(of: breakage.old) else { return ["the bench has no \(breakage.old)"] }
        var changed = text
        changed.replaceSubrange(range, with: breakage.new)
        return TestBench.said(of: changed)
    }
}

@Suite struct ConfigurationIOTests {
    @Test func aModuleIsReadWhole() throws {
        let bench = try TestBench.parse(IOBench.text).definition
        let module = try #require(bench.devices.first { $0.name == "relays" })
        guard case .io(let limits) = module.driver.limits else {
            Issue.record("not a module's limits")
            return
        }
        #expect(limits.inputs.map(\.name) == ["leak", "pressure"])
        #expect(limits.outputs == [IOLimits.Output(name: "contactor", isOnWhenSafe: false)])
        #expect(bench.procedure.contactor == OutputName(device: "relays", output: "contactor"))
        #expect(bench.interlocks.first?.effects == [.heaterOff, .contactorOpen, .pumpsStop])
    }

    @Test(arguments: [(", unit = \"code\"", ""), ("fault_below = 3600, ", ""), ("[4000, 20000]", "[20000, 4000]")])
    func whatMayBeLeftOutOrTurnedRound(old: String, new: String) {
        #expect(IOBench.said(Breakage(old, new)) == [])
    }

    @Test func itsSignalsCanBeWatched() {
        let row = "cause = { signal = \"heater.temperature\", above = 165.0, unit = \"degC\""
        for (signal, unit) in [
            ("io.relays.pressure", "bar"), ("io.relays.leak", "code"), ("io.relays.contactor", "code"),
        ] {
            let cause = "cause = { signal = \"\(signal)\", above = 0.5, unit = \"\(unit)\""
            #expect(IOBench.said(Breakage(row, cause)) == [])
        }
    }

    @Test(arguments: inputs + outputs + others) func eachSlipIsNamed(_ breakage: Breakage) {
        #expect(IOBench.said(breakage) == breakage.said)
    }

    private static let inputs = [
        Breakage(
            "input_register = 0, raw", "raw",
            "devices.relays.inputs.pressure = a table: expected exactly one of input_register, holding_register, discrete_input"
        ),
        Breakage(
            "raw = [4000, 20000], ", "", "devices.relays.inputs.pressure.raw: missing; expected it beside a register"),
        Breakage(
            "raw = [4000, 20000]", "raw = [4000, 4000]",
            "devices.relays.inputs.pressure.raw = [4000, 4000]: expected an array of two different numbers, -32768 to 65535 (two values of the register)"
        ),
        Breakage(
            "raw = [4000, 20000]", "raw = [-1, 20000]",
            "devices.relays.inputs.pressure.raw = [-1, 20000]: expected values that u16 has, 0 to 65535"),
        Breakage(
            "fault_above = 21000", "fault_above = 3000",
            "devices.relays.inputs.pressure.fault_below = 3600: expected less than fault_above, which is 3000"),
        Breakage(
            "unit = \"bar\"", "unit = \"psi\"",
            "devices.relays.inputs.pressure.unit = \"psi\": expected one of degC, uL/min, uL, %, kPa, bar, mL/min, mL/min(std), mA, V, s, mm, nm, counts, AU, code (the unit of the scaled value)"
        ),
        Breakage(
            "discrete_input = 0, unit = \"code\"", "discrete_input = 0, unit = \"bar\"",
            "devices.relays.inputs.leak.unit = \"bar\": expected \"code\" beside a discrete input"),
        Breakage(
            "discrete_input = 0, unit", "discrete_input = 0, fault_below = 1, unit",
            "devices.relays.inputs.leak.fault_below = 1: expected it beside a register only; a discrete input is on or off"
        ),
        Breakage(
            "leak = {", "Leak = {",
            "devices.relays.inputs.Leak: expected a name of a-z, 0-9 and _, beginning with a letter, 40 letters at most"
        ),
    ]

    private static let outputs = [
        Breakage(
            ", safe = \"off\"", "",
            "devices.relays.outputs.contactor.safe: missing; expected one of off, on (the level of the safe state)"),
        Breakage(
            "coil = 0", "coil = 70000",
            "devices.relays.outputs.contactor.coil = 70000: expected a whole number, 0 to 65535 (functions 1 and 5: the coil's address, from 0)"
        ),
        Breakage(
            "contactor = {", "purge = { coil = 0, safe = \"on\" }\ncontactor = {",
            "devices.relays.outputs.purge.coil = 0: expected another coil; outputs.contactor has this one"),
        Breakage(
            "contactor = {", "leak = { coil = 1, safe = \"on\" }\ncontactor = {",
            "devices.relays.outputs.leak = a table: expected another name; an input has this one"),
    ]

    private static let others = [
        Breakage(
            "register = 100, seconds = 2", "seconds = 2",
            "devices.relays.watchdog.register: missing; expected both register and seconds, or no watchdog"),
        Breakage(
            "seconds = 2", "seconds = 2.5",
            "devices.relays.watchdog.seconds = 2.5: expected 1 to 65535 whole steps of step_ms, 1000 ms each"),
        Breakage(
            "unit = 2\n", "unit = 2\npoll_ms = 1000\n",
            "devices.relays.watchdog.seconds = 2: expected at least 4.0 s, four times poll_ms"),
        Breakage(
            "safe = \"off\"", "safe = \"on\"",
            "experiments.heater_contactor = \"io.relays.contactor\": expected an output with safe = \"off\": the safe state must take the heater's power away"
        ),
        Breakage(
            "io.relays.contactor", "io.relays.contacter",
            "experiments.heater_contactor = \"io.relays.contacter\": expected an output of an I/O module, one of io.relays.contactor; did you mean \"io.relays.contactor\"?"
        ),
    ]
}
