/// Slips in the network, the interlocks and the experiments, with the exact words that they earn.
extension Breakage {
    static let network = [
        Breakage(
            "[devices.b]",
            "[devices.B2]",
            "devices.B2: expected a name of a-z, 0-9 and _, beginning with a letter, 40 letters at most",
            "devices.B2: a pump that feeds no junction; expected it in some network.junctions.X.inlets",
            "network.junctions.second.inlets: \"b\" is no pump of this bench; expected one of a, B2, oil"),
        Breakage(
            "origin = \"first\"",
            "origin = \"frist\"",
            "network.origin: found frist; expected one of cross, eye, first, second"),
        Breakage(
            "outlet = \"eye\"",
            "",
            "network.outlet: missing; expected a text of 1 to 200 bytes (the junction or detector where the stream is last seen)"
        ),
        Breakage(
            "inlets = [\"a\"]",
            "inlets = [\"a\", \"c\"]",
            "network.junctions.first.inlets: \"c\" is no pump of this bench; expected one of a, b, oil"),
        Breakage(
            "inlets = [\"a\"]",
            "inlets = \"a\"",
            "network.junctions.first.inlets = \"a\": expected an array of different pumps"),
        Breakage(
            "inlets = [\"oil\"]",
            "inlets = [\"oil\", \"a\"]",
            "network.junctions.cross.inlets: found a; expected a pump that feeds one junction; it also feeds first"),
        Breakage(
            "tube = { to = \"cross\", id_mm = 0.508, length_mm = 700 }",
            "tube = { to = \"second\", id_mm = 0.508, length_mm = 700 }",
            "flow_rules.balanced: found first, second; expected streams that do not join"),
        Breakage(
            "id_mm = 0.508, length_mm = 700",
            "id_mm = 0.508",
            "network.junctions.first.tube.length_mm: missing; expected a number in mm, 0.1 to 100000 (the tube's length)"
        ),
        Breakage(
            "id_mm = 0.508, length_mm = 700",
            "id_mm = -1, length_mm = 700",
            "network.junctions.first.tube.id_mm = -1: expected a number in mm, 0.01 to 20 (inner diameter)"),
        Breakage(
            "tube = { to = \"cross\", id_mm = 0.508, length_mm = 500 }",
            "tube = { to = \"nowhere\", id_mm = 0.508, length_mm = 500 }",
            "network.junctions.second.tube.to: found nowhere; expected one of cross, eye, first, second"),
        Breakage(
            "sections = [{ name = \"reactor\", id_mm = 0.762, length_mm = 921 }]",
            "sections = []",
            "network.junctions.cross.tube.sections = []: expected at least one section"),
        Breakage(
            "sections = [{ name = \"reactor\", id_mm = 0.762, length_mm = 921 }]",
            "id_mm = 1, sections = [{ name = \"reactor\", id_mm = 0.762 }]",
            "network.junctions.cross.tube.id_mm: stands beside sections; expected it in each section",
            "network.junctions.cross.tube.sections[1].length_mm: missing; expected a number in mm, 0.1 to 100000 (the tube's length)"
        ),
        Breakage(
            "[network.detectors.eye]",
            "[network.detectors.ear]",
            "network.outlet: found eye; expected one of cross, ear, first, second",
            "network.junctions.cross.tube.to: found eye; expected one of cross, ear, first, second",
            "network.detectors.ear: no spectrometer of this bench; expected one of eye"),
        Breakage(
            "balanced = [\"first\", \"second\"]",
            "balanced = [\"first\"]",
            "flow_rules.balanced: found first; expected two different junctions of the network"),
        Breakage(
            "balancing_pump = \"b\"",
            "balancing_pump = \"a\"",
            "flow_rules.balancing_pump: found a; expected one of b"),
        Breakage(
            "carrier_pump = \"oil\"",
            "carrier_pump = \"b\"",
            "flow_rules.carrier_pump: found b; expected a pump outside the balanced streams"),
        Breakage(
            "[flow_rules]",
            "[flow_rule]",
            "flow_rule: no such key; did you mean \"flow_rules\"?",
            "flow_rules: missing; expected a table [flow_rules]"),
    ]

    static let interlocks = [
        Breakage(
            "cause = { signal = \"heater.temperature\", above = 165.0, unit = \"degC\", for = \"500ms\" }",
            "cause = { of = [], votes = 1 }",
            "interlocks[1].cause.of = []: expected at least one input: without any the row would never trip"),
        Breakage(
            "cause = { signal = \"heater.temperature\", above = 165.0, unit = \"degC\", for = \"500ms\" }",
            "cause = { signal = \"heater.temperature\", outside = [20, 100], hysteresis = 50, unit = \"degC\" }",
            "interlocks[1].cause.hysteresis = 50: expected at most half of the range, else it could never be reset"),
        Breakage(
            "cause = { signal = \"heater.temperature\", above = 165.0, unit = \"degC\", for = \"500ms\" }",
            "cause = { signal = \"heater.temperature\", differs_from = \"heater.output\", by = 5, unit = \"degC\" }",
            "interlocks[1].cause.differs_from = \"heater.output\": expected a signal in degC"),
        Breakage(
            "cause = { signal = \"heater.temperature\", above = 165.0, unit = \"degC\", for = \"500ms\" }",
            "cause = { signal = \"heater.temperature\", on = true }",
            "interlocks[1].cause.signal = \"heater.temperature\": expected a switch, a signal in code"),
        Breakage(
            "name = \"too-hot\"",
            "name = \"safe-state\"",
            "interlocks[1].name = \"safe-state\": expected another name; safe-state is one of the daemon's own"),
        Breakage(
            "signal = \"heater.temperature\"",
            "signal = \"heater.temprature\"",
            "interlocks[1].cause.signal = \"heater.temprature\": expected a signal of this bench, \"heater.temperature\" perhaps"
        ),
        Breakage(
            "signal = \"heater.temperature\"",
            "signal = \"pump.a.flow\"",
            "interlocks[1].cause.unit = \"degC\": expected \"uL/min\", the unit of this signal"),
        Breakage(
            "above = 165.0",
            "above = 165.0, below = 3",
            "interlocks[1].cause: has above and below; expected exactly one of above, below, outside, rate_per_min, differs_from, frozen_for, no_rise_of, overdriven, on, off, lost, stale, ledger_empty, waste_full, loop_overrun, motion_of, client_gone"
        ),
        Breakage(
            "above = 165.0, ",
            "",
            "interlocks[1].cause: has none; expected exactly one of above, below, outside, rate_per_min, differs_from, frozen_for, no_rise_of, overdriven, on, off, lost, stale, ledger_empty, waste_full, loop_overrun, motion_of, client_gone"
        ),
        Breakage(
            "above = 165.0, ",
            "stale = true, hysteresis = 1, ",
            "interlocks[1].cause.hysteresis: means nothing beside stale; expected it beside above, below or outside"),
        Breakage(
            "above = 165.0, ",
            "stale = false, ",
            "interlocks[1].cause.stale = false: expected true; take the interlock out if it is not wanted"),
        Breakage(
            "unit = \"degC\"",
            "unit = \"C\"",
            "interlocks[1].cause.unit = \"C\": expected one of degC, uL/min, uL, %, kPa, bar, mL/min, mL/min(std), mA, V, s, mm, nm, counts, AU, code"
        ),
        Breakage(
            "unit = \"degC\", ",
            "",
            "interlocks[1].cause.unit: missing; expected one of degC, uL/min, uL, %, kPa, bar, mL/min, mL/min(std), mA, V, s, mm, nm, counts, AU, code"
        ),
        Breakage(
            "for = \"500ms\"",
            "for = \"-500ms\"",
            "interlocks[1].cause.for = \"-500ms\": expected a duration as text with ms, s, min or h, \"0ms\" to \"1h\" of bench time (how long the cause must last)"
        ),
        Breakage(
            "effect = [\"heater-off\", \"pumps-stop\"]",
            "effect = [\"heater-of\"]",
            "interlocks[1].effect = [\"heater-of\"]: expected an array of heater-off, contactor-open, pumps-stop, valves-safe, robot-halt, gas-off, lamp-off, everything (what is made safe)"
        ),
        Breakage(
            "effect = [\"heater-off\", \"pumps-stop\"]",
            "effect = []",
            "interlocks[1].effect = []: expected at least one effect"),
        Breakage(
            "effect = [\"heater-off\", \"pumps-stop\"]",
            "effect = [\"heater-off\"]",
            "interlocks[1].effect: reaches only heater, which the row watches: nothing is left when its link is lost; expected an effect on another device as well"
        ),
        Breakage(
            "above = 165.0, ",
            "outside = [165.0, 10.0], ",
            "interlocks[1].cause.outside = [165, 10]: expected an array of two numbers, the smaller one first, -1000000000 to 1000000000 (trips outside of these)"
        ),
        Breakage(
            "above = 165.0, ",
            "differs_from = \"heater.temperature.setpoint\", by = 5, ",
            "interlocks[1].cause.differs_from = \"heater.temperature.setpoint\": expected a signal of this bench, \"heater.temperature.set_point\" perhaps"
        ),
        Breakage(
            "above = 165.0, ",
            "no_rise_of = 1.0, while = \"heater.output\", ",
            "interlocks[1].cause.within: missing; expected a duration as text with ms, s, min or h, \"1s\" to \"1h\" of bench time (the time for the rise)"
        ),
        Breakage(
            "signal = \"heater.temperature\", above = 165.0, unit = \"degC\", ",
            "device = \"haeter\", lost = true, ",
            "interlocks[1].cause.device = \"haeter\": expected a device of this bench, one of a, b, oil, heater, eye; did you mean \"heater\"?"
        ),
        Breakage(
            "signal = \"heater.temperature\", above = 165.0, unit = \"degC\", ",
            "votes = 3, of = [{ device = \"heater\", lost = true }, { signal = \"heater.temperature\", stale = true }], ",
            "interlocks[1].cause.votes = 3: expected 1 to 2, the number of inputs in of"),
        Breakage(
            "bypass = \"never\"",
            "bypass = \"always\"",
            "interlocks[1].bypass = \"always\": expected one of never, technician (who may take it out of service for a while)"
        ),
        Breakage(
            "response = \"Let it cool.\"",
            "",
            "interlocks[1].response: missing; expected a text of 1 to 2000 bytes (what the operator shall do)"),
    ]

    static let alarms = [
        Breakage(
            "[roles]", "[alarms]\nflood = 1\noff_delay = \"1h\"\n[roles]",
            "alarms.flood = 1: expected a whole number, 2 to 1000 (more new alarms in ten minutes are a flood: low and medium ones call nobody)",
            "alarms.off_delay = \"1h\": expected a duration as text with ms, s, min or h, \"0ms\" to \"10min\" of link time (one that is back within this has not ended)"
        ),
        Breakage(
            "[roles]", "[recorder]\nlimit_mb = 31\n[roles]",
            "recorder.limit_mb = 31: expected 0, or 32 and more: a ring needs some room"),
        Breakage(
            "[roles]", "[recorder]\nlimit_mb = -1\n[roles]",
            "recorder.limit_mb = -1: expected a whole number, 0 to 1000000 (what the flight recorder's ring may take of the disk; 0 switches it off)"
        ),
        Breakage(
            "[roles]", "[alarms]\nnotify = [\"page\"]\n[roles]",
            "alarms.notify = [\"page\"]: expected the absolute path of a program first"),
        Breakage(
            "[roles]", "[alarms.priorities]\ninterlock = \"low\"\n[roles]",
            "alarms.priorities.interlock: is always critical; expected one of alarm-flood, archive, bypass, client-gone, device, failures, flush, found-running, loop-late, maintenance-over, reagent-low, recorder, station-unknown, waste-full, or with what it is about, as \"device:cui\""
        ),
        Breakage(
            "[roles]", "[alarms.priorities]\ndevice = \"critical\"\n[roles]",
            "alarms.priorities.device = \"critical\": expected one of low, medium, high (how soon a person is needed)"),
    ]

    static let experiments = [
        Breakage(
            "response = \"Let it cool.\"",
            "response = \"Let it cool.\"\n[experiments]\nheater = \"eye\"",
            "experiments.heater = \"eye\": expected a heater of this bench, one of heater"),
        Breakage(
            "response = \"Let it cool.\"",
            "response = \"Let it cool.\"\n[experiments]\nrequired_tau = 0.5\nidle_after = \"5s\"",
            "experiments.required_tau = 0.5: expected a number in units of tau, 1 to 10 (t_E in units of tau)",
            "experiments.idle_after = \"5s\": expected a duration as text with ms, s, min or h, \"10s\" to \"24h\" of bench time (with nothing queued for this long the heater goes off)"
        ),
        Breakage(
            "response = \"Let it cool.\"",
            "response = \"Let it cool.\"\n[experiments]\nburst = { frames = 66, integration = \"1ms\" }",
            "experiments.burst.integration = \"1ms\": expected 6ms to 10s, the limits of its device"),
        Breakage(
            "response = \"Let it cool.\"",
            "response = \"Let it cool.\"\n[experiments]\nprobe = { frames = 50, integration = \"30ms\" }",
            "experiments.probe.every: the frames of one burst take 1500ms; expected at least that"),
        Breakage(
            "response = \"Let it cool.\"",
            "response = \"Let it cool.\"\n[experiments]\nheating_deadline = \"20s\"",
            "experiments.heating_deadline: expected longer than temperature_hold"),
    ]
}
