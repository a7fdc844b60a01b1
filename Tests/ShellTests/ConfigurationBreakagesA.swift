/// Slips in links, devices and the tables around them, with the exact words that they earn.
extension Breakage {
    static let links = [
        Breakage(
            "baud = 38400",
            "baud = 38401",
            "links.pump_a.baud = 38401: expected one of 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600"
        ),
        Breakage(
            "baud = 38400",
            "",
            "links.pump_a.baud: missing; expected one of 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600"
        ),
        Breakage(
            "serial = \"/dev/flowlab/pump-a\"",
            "",
            "links.pump_a: missing; expected one of serial, tcp, folder, modbus_tcp, modbus_rtu"),
        Breakage(
            "serial = \"/dev/flowlab/pump-a\"",
            "serial = \"/dev/flowlab/pump-a\"\ntcp = \"127.0.0.1:1\"",
            "links.pump_a: has serial and tcp; expected exactly one of them"),
        Breakage(
            "serial = \"/dev/flowlab/pump-a\"",
            "serial = \"/dev/flowlab/pump-b\"",
            "links.pump_b: /dev/flowlab/pump-b is the port of links.pump_a already; expected another"),
        Breakage(
            "modbus_tcp = \"127.0.0.1:1502\"",
            "modbus_tcp = \"plate.local:502\"",
            "links.plate.modbus_tcp = \"plate.local:502\": expected \"host:port\" with a numeric address or localhost, as \"192.168.1.20:502\" or \"[::1]:502\" (the Modbus TCP port, mostly 502)"
        ),
        Breakage(
            "modbus_tcp = \"127.0.0.1:1502\"",
            "modbus_tcp = \"10.0.0.1:70000\"",
            "links.plate.modbus_tcp = \"10.0.0.1:70000\": expected \"host:port\" with a numeric address or localhost, as \"192.168.1.20:502\" or \"[::1]:502\" (the Modbus TCP port, mostly 502)"
        ),
        Breakage(
            "modbus_tcp = \"127.0.0.1:1502\"",
            "modbus_rtu = \"/dev/flowlab/heater\"",
            "links.plate.baud: missing; expected one of 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600"
        ),
        Breakage(
            "modbus_tcp = \"127.0.0.1:1502\"",
            "modbus_rtu = \"/dev/flowlab/heater\"\nbaud = 9600\nparity = \"mark\"",
            "links.plate.parity = \"mark\": expected one of none, even, odd (as set on the bus's devices)"),
        Breakage(
            "modbus_tcp = \"127.0.0.1:1502\"",
            "modbus_rtu = \"/dev/flowlab/heater\"\nbaud = 9600\nstop_bits = 3",
            "links.plate.stop_bits = 3: expected a whole number, 1 to 2 (as set on the bus's devices)"),
        Breakage(
            "modbus_tcp = \"127.0.0.1:1502\"",
            "modbus_rtu = 502\nbaud = 9600",
            "links.plate.modbus_rtu = 502: expected a text of 1 to 4000 bytes (the device file of the bus's serial port)"
        ),
        Breakage(
            "modbus_tcp = \"127.0.0.1:1502\"",
            "modbus_tcp = \"127.0.0.1:1502\"\nmodbus_rtu = \"/dev/flowlab/heater\"\nbaud = 9600\nparity = \"even\"",
            "links.plate: has modbus_tcp and modbus_rtu; expected exactly one of them"),
        Breakage(
            "modbus_tcp = \"127.0.0.1:1502\"",
            "modbus_tcp = \"127.0.0.1:1502\"\nparity = \"even\"",
            "links.plate.parity: no such key; known here: modbus_tcp"),
        Breakage(
            "modbus_tcp = \"127.0.0.1:1502\"",
            "modbus_rtu = \"/dev/flowlab/pump-a\"\nbaud = 9600",
            "links.plate: /dev/flowlab/pump-a is the port of links.pump_a already; expected another"),
        Breakage(
            "serial = \"/dev/flowlab/pump-a\"",
            "modbus_rtu = \"/dev/flowlab/pump-a\"",
            "devices.a.link = \"pump_a\": expected a serial link for chemyx-fusion; this one is modbus"),
        Breakage(
            "baud = 38400",
            "baud = 38400\nparity = \"even\"",
            "links.pump_a.parity: no such key; known here: baud, serial"),
        Breakage(
            "modbus_tcp = \"127.0.0.1:1502\"",
            "modbus_tcp = \"127.0.0.1:57357\"",
            "links.eye: 127.0.0.1:57357 is the port of links.plate already; expected another"),
    ]

    static let devices = [
        Breakage(
            "diameter_mm = 28.6",
            "diameter_mm = \"28\"",
            "devices.a.syringe.diameter_mm = \"28\": expected a number in mm, 0.103 to 40 (the syringe's inner diameter)"
        ),
        Breakage(
            "diameter_mm = 28.6",
            "diameter_mm = nan",
            "devices.a.syringe.diameter_mm = nan: expected a number in mm, 0.103 to 40 (the syringe's inner diameter)"),
        Breakage(
            "diameter_mm = 28.6",
            "diameter_mm = 41",
            "devices.a.syringe.diameter_mm = 41: expected a number in mm, 0.103 to 40 (the syringe's inner diameter)"),
        Breakage(
            "diameter_mm = 28.6",
            "diamter_mm = 28.6",
            "devices.a.syringe.diameter_mm: missing; expected a number in mm, 0.103 to 40 (the syringe's inner diameter)",
            "devices.a.syringe.diamter_mm: no such key; did you mean \"diameter_mm\"?"),
        Breakage(
            "volume_ml = 50, ",
            "",
            "devices.a.syringe.volume_ml: missing; expected a number in mL, 0.001 to 200 (what the syringe holds)"),
        Breakage(
            "syringe = { volume_ml = 50, diameter_mm = 28.6, reagent = \"cui\" }",
            "",
            "devices.a.syringe.volume_ml: missing; expected a number in mL, 0.001 to 200 (what the syringe holds)",
            "devices.a.syringe.diameter_mm: missing; expected a number in mm, 0.103 to 40 (the syringe's inner diameter)",
            "devices.a.syringe.reagent: missing; expected a text of 1 to 200 bytes (the reagent in it)"),
        Breakage(
            "syringe = { volume_ml = 50, diameter_mm = 28.6, reagent = \"cui\" }",
            "syringe = 50",
            "devices.a.syringe = 50: expected a table"),
        Breakage(
            "reagent = \"cui\" }",
            "reagent = \"\" }",
            "devices.a.syringe.reagent = \"\": expected a text of 1 to 200 bytes (the reagent in it)"),
        Breakage(
            "reagent = \"cui\" }",
            "reagent = \"cui\" }\npoll_ms = 5.5",
            "devices.a.poll_ms = 5.5: expected a whole number of ms, 20 to 10000 (time between questions)"),
        Breakage(
            "reagent = \"cui\" }",
            "reagent = \"cui\" }\nmodel = \"fusion-8000\"",
            "devices.a.model = \"fusion-8000\": expected one of fusion-4000, fusion-6000 (the model)"),
        Breakage(
            "driver = \"watlow-f4t\"",
            "driver = \"watlow-f4\"",
            "devices.heater.driver = \"watlow-f4\": expected one of chemyx-fusion, watlow-f4t, ocean-hdx, modbus-io; did you mean \"watlow-f4t\"?"
        ),
        Breakage(
            "link = \"plate\"",
            "link = \"plat\"",
            "devices.heater.link = \"plat\": expected a link of this file, one of pump_a, pump_b, pump_oil, plate, eye; did you mean \"plate\"?"
        ),
        Breakage(
            "link = \"plate\"",
            "link = \"eye\"",
            "links.plate: no device is on this link; name it in a device, or take it out",
            "devices.heater.link = \"eye\": expected a modbus link for watlow-f4t; this one is tcp",
            "devices.eye.link = \"eye\": expected a link of its own; devices.heater is on this one"),
        Breakage(
            "link = \"plate\"",
            "",
            "devices.heater.link: missing; expected a text of 1 to 200 bytes (a name from [links])"),
        Breakage(
            "link = \"pump_b\"",
            "link = \"pump_a\"",
            "links.pump_b: no device is on this link; name it in a device, or take it out",
            "devices.b.link = \"pump_a\": expected a link of its own; devices.a is on this one"),
        Breakage(
            "inlets = [\"a\"]",
            "inlets = []",
            "devices.a: a pump that feeds no junction; expected it in some network.junctions.X.inlets"),
    ]

    static let bench = [
        Breakage(
            "name = \"small\"",
            "name = \"Small Bench\"",
            "bench.name = \"Small Bench\": expected a name of a-z, 0-9 and -, beginning with a letter, 40 letters at most (the bench's name, in paths and records)"
        ),
        Breakage(
            "name = \"small\"",
            "",
            "bench.name: missing; expected a name of a-z, 0-9 and -, beginning with a letter, 40 letters at most (the bench's name, in paths and records)"
        ),
        Breakage(
            "simulated = true",
            "",
            "bench.simulated: missing; expected true or false (a real bench says false)"),
        Breakage(
            "simulated = true",
            "simulated = \"yes\"",
            "bench.simulated = \"yes\": expected true or false (a real bench says false)"),
        Breakage(
            "simulated = true",
            "simulated = false\nclock_rate = 30",
            "bench.clock_rate = 30: expected 1 on a bench that does not say simulated = true"),
        Breakage(
            "simulated = true",
            "simulated = true\nstale_after = \"2 s\"",
            "bench.stale_after = \"2 s\": expected a duration as text with ms, s, min or h, \"100ms\" to \"1min\" of link time (a signal older than this is stale)"
        ),
        Breakage(
            "simulated = true",
            "simulated = true\nstale_after = 2",
            "bench.stale_after = 2: expected a duration as text with ms, s, min or h, \"100ms\" to \"1min\" of link time (a signal older than this is stale)"
        ),
        Breakage(
            "simulated = true",
            "simulated = true\nstale_after = \"2m\"",
            "bench.stale_after = \"2m\": expected a duration as text with ms, s, min or h, \"100ms\" to \"1min\" of link time (a signal older than this is stale)"
        ),
        Breakage(
            "simulated = true",
            "simulated = true\nverify_within = \"2min\"",
            "bench.verify_within = \"2min\": expected a duration as text with ms, s, min or h, \"100ms\" to \"1min\" of link time (a trip's effect must be read back within this)"
        ),
        Breakage(
            "simulated = true",
            "simulated = true\nreconnect_first = \"50s\"",
            "bench.reconnect_first = \"50s\": expected reconnect_first at most reconnect_longest, which is 30s"),
        Breakage(
            "simulated = true",
            "simulated = true\nclokc_rate = 1",
            "bench.clokc_rate: no such key; did you mean \"clock_rate\"?"),
        Breakage(
            "simulated = true",
            "simulated = true\nsince = 2026-11-20",
            "bench.since: no such key; known here: clock_rate, name, reconnect_first, reconnect_longest, scan_rate_hz, simulated, socket, stale_after, state, verify_within"
        ),
        Breakage(
            "optimizer = [\"lab\"]",
            "optimiser = [\"lab\"]",
            "roles.optimiser: no such key; did you mean \"optimizer\"?"),
        Breakage(
            "optimizer = [\"lab\"]",
            "optimizer = [\"lab group\"]",
            "roles.optimizer = [\"lab group\"]: expected an array of different Unix groups (who has this role)"),
        Breakage(
            "response = \"Let it cool.\"",
            "response = \"Let it cool.\"\n[reagents]\ncui = 3",
            "reagents.cui = 3: expected a table"
        ),
    ]
}
