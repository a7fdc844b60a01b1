import DeviceModel
import Drivers
import Quantities

extension FuzzTarget {
    /// One for each driver of the catalogue, fed with the words of a recorded exchange (`Tests/DriversTests/Exchanges`;
    /// `ExchangePlayer` there tells them): a broken promise can be kept as an exchange as it stands.
    static let drivers = DriverCatalog.entries.map { entry in
        FuzzTarget(
            "driver-\(entry.id)", words: { DriverScript.words },
            recorded: { DriverScript.recorded(String(entry.id.prefix { $0 != "-" })) }
        ) { (bytes) throws(BrokenPromise) in
            var script = DriverScript(entry)
            try script.play(bytes)
        }
    }
}

/// Reads a script as far as it makes sense: lines that do not are passed over, and so is what a driver is expected to do.
struct DriverScript {
    static let longestWait: Int64 = 10_000
    static let mostWaited: Int64 = 300_000
    static let mostLines = 400

    private let entry: DriverEntry
    private var settings: [String: SettingValue] = [:]
    private var bench: DriverBench?
    private var waited: Int64 = 0

    init(_ entry: DriverEntry) {
        self.entry = entry
        for spec in entry.settings { settings[spec.key] = spec.fallback ?? Self.value(within: spec.kind) }
    }

    static let words = [
        "\nopen\n", "\nclose\n", "\n< ", "\nwait ", "\nwait 1000\n", "\ndo ", "\ndo stop\n", "\ndo off\n",
        "\ndo abort\n",
        "\ntrip\n", "\nmodbus written\n", "\nmodbus refused\n", "\nmodbus failed\n", "\nmodbus ", "\nobp ", "md5 ",
        "u32 ",
        "f32 ", "u8 ", "text ", "spectrum ", "nack ", "ack ", "\\r", "\\n", "\\r\\n>", "Invalid Command!",
    ]

    /// The exchanges whose names begin like this, without what the driver answered.
    static func recorded(_ prefix: String) -> [Seed] {
        Repository.files("Tests/DriversTests/Exchanges", prefix: prefix + "-").map { seed in
            let told = seed.bytes.split(separator: 0x0a).filter { ![UInt8](">=#".utf8).contains($0.first ?? 0) }
            return Seed(name: seed.name, bytes: Array(told.joined(separator: [0x0a])))
        }
    }

    mutating func play(_ bytes: [UInt8]) throws(BrokenPromise) {
        for line in bytes.split(separator: 0x0a, maxSplits: Self.mostLines) { try perform(line) }
        try bench?.end()
    }

    private mutating func perform(_ line: ArraySlice<UInt8>) throws(BrokenPromise) {
        let rest = line.drop { $0 != 0x20 }.dropFirst()
        let words = String(decoding: line, as: UTF8.self).split(separator: " ").map(String.init)
        guard let word = words.first else { return }
        let arguments = Array(words.dropFirst())
        if word == "set" { return set(arguments) }
        var bench = self.bench ?? DriverBench(entry, DriverSettings(settings))
        defer { self.bench = bench }
        switch word {
        case "open": try bench.handle(.opened(identity: "fuzz"))
        case "close": try bench.handle(.closed(reason: "fuzz"))
        case "<": try bench.handle(.received(ScriptBytes.unescaped(rest)))
        case "modbus":
            guard let request = bench.lastRequest, let outcome = ScriptBytes.outcome(arguments) else { return }
            try bench.handle(.modbus(ModbusReply(id: request.id, outcome: outcome)))
        case "obp":
            let reply = OceanReply(answering: bench.lastSent, arguments)
            if let bytes = reply?.bytes { try bench.handle(.received(bytes)) }
        case "wait":
            let time = min(max(Int64(arguments.first ?? "") ?? 0, 0), Self.longestWait, Self.mostWaited - waited)
            waited += time
            try bench.wait(.milliseconds(time))
        case "do": if let command = Self.command(arguments) { try bench.execute(command) }
        case "trip": try bench.trip()
        case "check": try bench.checkMemory()
        default: return
        }
    }

    // MARK: Settings

    private mutating func set(_ words: [String]) {
        guard words.count >= 2, bench == nil, let spec = entry.settings.first(where: { $0.key == words[0] }) else {
            return
        }
        switch spec.kind {
        case .number(let range):
            if let number = Double(words[1]), range.contains(number) { settings[spec.key] = .number(number) }
        case .integer(let range):
            if let number = Int64(words[1]), range.contains(number) { settings[spec.key] = .integer(number) }
        case .choice(let choices): if choices.contains(words[1]) { settings[spec.key] = .text(words[1]) }
        case .text: settings[spec.key] = .text(words[1])
        }
    }

    private static func value(within kind: SettingSpec.Kind) -> SettingValue {
        switch kind {
        case .number(let range): .number((range.lowerBound + range.upperBound) / 2)
        case .integer(let range): .integer(range.lowerBound)
        case .choice(let words): .text(words.first ?? "")
        case .text: .text("fuzz")
        }
    }

    // MARK: Commands

    /// Numbers are what a planner can ask for: finite, and no more than a bench has.
    private static func command(_ words: [String]) -> DeviceCommand? {
        func number(_ index: Int) -> Double {
            let value = words.indices.contains(index) ? Double(words[index]) ?? 1 : 1
            return value.isFinite ? min(max(value, -1e6), 1e6) : 1
        }
        switch words.first {
        case "run":
            let flow = FlowRate(microlitersPerMinute: number(1))
            return .pump(.run(flow: flow, volume: Volume(microliters: number(2))))
        case "stop": return .pump(.stop)
        case "hold": return .heater(.hold(Temperature(celsius: number(1))))
        case "ramp": return .heater(.ramp(to: Temperature(celsius: number(1)), kelvinPerMinute: number(2)))
        case "off": return .heater(.off)
        case "acquire":
            let integration = BenchDuration.seconds(number(2) / 1e3)
            return .spectrometer(.acquire(BurstRequest(frames: Int(number(1)), integration: integration)))
        case "lamp": return .spectrometer(.lamp(on: words.last == "on"))
        case "abort": return .spectrometer(.abort)
        default: return nil
        }
    }
}
