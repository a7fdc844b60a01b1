import Usage
import VirtualBench

/// The command line of flowlab-sim.
struct Arguments {
    var directory = ""
    var seed: UInt64 = 1
    var speed = 1.0
    var options = VirtualBench.Options()
    var wantsHelp = false

    struct Refusal: Error, CustomStringConvertible { var description: String }

    var wantsManual = false

    static let parser = ArgumentParser(
        "flowlab-sim", summary: summary, form: "--dir DIR [options]",
        options: [
            .value("--dir", "DIR", "Where the links go; the files below."),
            .value("--seed", "N", "Of all noise and of the faults' details; 1 if left out."),
            .value("--speed", "X", "Bench seconds in a second; 1 if left out."),
            .value("--clock-rate", "X", "The same as --speed."),
            .value("--echo", "cr|crlf|off", "How a pump's echoed request ends; cr if left out."),
            .value(
                "--heater", "tcp|rtu",
                "How the F4T is reached: tcp if left out, or rtu on a pseudo-terminal, DIR/heater."),
            .value(
                "--word-order", "low-first|high-first",
                "Order of the registers of the F4T's 32-bit values; low-first if left out."),
            .value(
                "--contactor", "fitted|none",
                "Whether the heater's power goes over relay 0 of the I/O module; fitted if left out."),
            .value(
                "--shutter", "PIN|none",
                "The GPIO pin (0 to 7) of spec_abs that moves the shutter before its lamp; if left out, its lamp enable line switches the lamp."
            ),
            .value("--limit", "DEGC|none", "Where the heater's limit module cuts the power; 200 if left out."),
            .value(
                "--with", "NAMES",
                "Accessories beside the plant's own devices, separated by commas, or all: \(accessories)."),
            .value("--plate", "DEGC", "Temperature of the plate at the start; 25 if left out."),
            .flag("--print-manual", "Print flowlab-sim(1), and end.").hidden,
        ], examples: ["flowlab-sim --dir /tmp/bench/sim --seed 7 --speed 30"] + faults,
        notes: "SIGTERM or SIGINT ends it.\n\n" + ExitStatus.help(exitStatus))

    static let summary = """
        Simulates the nanocrystal bench below the wire: eight Chemyx Fusion 6000 pumps on pseudo-terminals, a Watlow F4T on
        Modbus TCP or RTU, two Ocean HDX spectrometers on TCP (OBP) and an I/O module on Modbus TCP, all on one plant.
        """
    private static let accessories = AccessoryCatalog.entries.map(\.name).joined(separator: ", ")
    static let faults = [
        #"echo '{"device":"cui","fault":"stall","for_s":20}' | socat - UNIX-CONNECT:DIR/faults.sock"#,
        "echo list | socat - UNIX-CONNECT:DIR/faults.sock",
    ]
    static let exitStatus = [
        ExitStatus(0, "ended as asked"), ExitStatus(1, "could not run"), ExitStatus(2, "wrong usage"),
    ]

    static var manual: ManPage {
        ManPage(
            "flowlab-sim", volume: 1, summary: "simulated bench on real wires",
            [
                ManPage.synopsis(["flowlab-sim --dir DIR [options]"]),
                ManPage.Section(
                    "DESCRIPTION",
                    [
                        .text(summary),
                        .text(
                            "What happens on the plant is logged beside what the devices say, so that a test may judge by what was really so. Faults can be put on each device and each wire, one JSON line each."
                        ),
                    ]),
                ManPage.Section("OPTIONS", parser.optionBlocks),
                ManPage.names(
                    "FILES",
                    [
                        ("DIR/pump-cui ... DIR/pump-pfo", "The pumps' serial ports."),
                        (
                            "DIR/endpoints.json",
                            "All paths and TCP ports, for `flowlabd --endpoints`; there when everything is up."
                        ),
                        ("DIR/faults.sock", "One JSON line in, one back."),
                        ("DIR/truth.jsonl", "The plant's truth log."),
                    ]),
                ManPage.examples([
                    (
                        "A bench thirty times as fast as the wall:",
                        "flowlab-sim --dir /tmp/bench/sim --seed 7 --speed 30"
                    ),
                    ("A fault on a pump, and all that there are:", faults.joined(separator: "\n")),
                ]), ManPage.exitStatus(exitStatus), ManPage.seeAlso(["flowlabd(8)", "flowlab-simulate(1)"]),
            ])
    }

    init(_ words: [String]) throws(Refusal) {
        let arguments: Usage.Arguments
        do throws(UsageError) {
            arguments = try Self.parser.parse(words)
        } catch {
            throw Refusal(description: error.detail)
        }
        wantsHelp = arguments.has("--help")
        wantsManual = arguments.has("--print-manual")
        if wantsHelp || wantsManual { return }
        for option in Self.parser.options.map(\.name) {
            if let value = arguments.value(option) { try take(option, value) }
        }
        if directory.isEmpty { throw Refusal(description: "--dir is missing: where shall the links go? See --help") }
    }

    private mutating func take(_ name: String, _ text: String) throws(Refusal) {
        switch name {
        case "--dir":
            guard !text.isEmpty else { throw Refusal(description: "--dir is empty; expected a directory") }
            directory = text
        case "--seed":
            guard let value = UInt64(text) else { throw bad(name, text, "a whole number, 0 or more") }
            seed = value
        case "--speed", "--clock-rate":
            guard let value = Double(text), value >= 0.01, value <= 10_000 else {
                throw bad(name, text, "0.01 to 10000")
            }
            speed = value
        case "--echo":
            guard let style = ChemyxPump.EchoStyle(rawValue: text) else { throw bad(name, text, "cr, crlf or off") }
            options.echoStyle = style
        case "--heater":
            guard let link = VirtualBench.HeaterLink(rawValue: text) else { throw bad(name, text, "tcp or rtu") }
            options.heaterLink = link
        case "--word-order":
            guard let order = WatlowF4T.WordOrder(rawValue: text) else {
                throw bad(name, text, "low-first or high-first")
            }
            options.wordOrder = order
        case "--contactor":
            guard ["fitted", "none"].contains(text) else { throw bad(name, text, "fitted or none") }
            options.hasContactor = text == "fitted"
        case "--with":
            let known = AccessoryCatalog.entries.map(\.name)
            let names = text == "all" ? known : text.split(separator: ",").map(String.init)
            if let wrong = names.first(where: { !known.contains($0) }) {
                throw bad(name, wrong, "all, or some of \(Self.accessories)")
            }
            options.accessories = names
        case "--shutter":
            let pin = Int(text)
            guard text == "none" || pin.map((0...7).contains) ?? false else { throw bad(name, text, "0 to 7, or none") }
            options.shutterPin = pin
        case "--limit": options.limitSetPoint = text == "none" ? nil : try celsius(name, text)
        case "--plate": options.plateTemperature = try celsius(name, text)
        default: throw Refusal(description: "unknown option \(name); see --help")
        }
    }

    private func celsius(_ name: String, _ text: String) throws(Refusal) -> Double {
        guard let value = Double(text), value >= -50, value <= 400 else { throw bad(name, text, "-50 to 400 degC") }
        return value
    }

    private func bad(_ name: String, _ text: String, _ expected: String) -> Refusal {
        Refusal(description: "\(name) is \"\(text)\"; expected \(expected)")
    }
}
