import VirtualBench

/// The command line of flowlab-sim.
struct Arguments {
    var directory = ""
    var seed: UInt64 = 1
    var speed = 1.0
    var options = VirtualBench.Options()
    var wantsHelp = false

    struct Refusal: Error, CustomStringConvertible { var description: String }

    static let help = """
        usage: flowlab-sim --dir DIR [--seed N] [--speed X] [--echo cr|crlf|off] [--heater tcp|rtu]
                           [--word-order low-first|high-first] [--limit CELSIUS|none] [--plate CELSIUS]

        Simulates the nanocrystal bench below the wire: eight Chemyx Fusion 6000 pumps on pseudo-terminals, a Watlow
        F4T on Modbus TCP or RTU and two Ocean HDX spectrometers on TCP (OBP), all on one plant.

          --dir DIR        where the links go: DIR/pump-cui ... DIR/pump-pfo, DIR/endpoints.json (TCP ports and all
                           paths; there when everything is up), DIR/faults.sock, DIR/truth.jsonl
          --seed N         seed of all noise and of the faults' details (default 1)
          --speed X        bench seconds in a second (default 1); --clock-rate is the same
          --echo STYLE     how a pump's echoed request ends (default cr)
          --heater LINK    how the F4T is reached: tcp (default), or rtu on a pseudo-terminal, DIR/heater
          --word-order W   order of the registers of the F4T's 32-bit values (default low-first)
          --limit C        where the heater's limit module cuts the power (default 200), or none
          --plate C        temperature of the plate at the start (default 25)

        Faults: one JSON line to DIR/faults.sock, one back, e.g.
          echo '{"device":"cui","fault":"stall","for_s":20}' | socat - UNIX-CONNECT:DIR/faults.sock
          echo list | socat - UNIX-CONNECT:DIR/faults.sock
        SIGTERM or SIGINT ends it.
        """

    init(_ words: [String]) throws(Refusal) {
        var index = 0
        while index < words.count {
            let name = words[index]
            if name == "--help" || name == "-h" {
                wantsHelp = true
                return
            }
            guard index + 1 < words.count else {
                throw Refusal(description: "\(name) needs a value, or is not known; see --help")
            }
            try take(name, words[index + 1])
            index += 2
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
