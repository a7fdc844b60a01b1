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
    private var tables: [String: [String: [String: SettingValue]]] = [:]
    private var bench: DriverBench?
    private var waited: Int64 = 0

    init(_ entry: DriverEntry) {
        self.entry = entry
        settings = Self.complete([:], entry.settings)
    }

    static let words = [
        "\nopen\n", "\nclose\n", "\n< ", "\nwait ", "\nwait 1000\n", "\ndo ", "\ndo stop\n", "\ndo off\n",
        "\ndo abort\n",
        "\ntrip\n", "\nmodbus written\n", "\nmodbus bits ", "\ndo safe\n", "\ndo set ", "\nmodbus refused\n",
        "\nmodbus failed\n", "\nmodbus ", "\nobp ", "md5 ",
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
        // What the bench file's reader would refuse no driver is made of.
        guard entry.problems(DriverSettings(settings)).isEmpty else { return }
        var bench = self.bench ?? DriverBench(entry, DriverSettings(settings))
        defer { self.bench = bench }
        switch word {
        case "open": try bench.handle(.opened(identity: "fuzz"))
        case "close": try bench.handle(.closed(reason: "fuzz"))
        case "<": try bench.handle(.received(ScriptBytes.unescaped(rest)))
        case "modbus":
            guard let request = bench.lastRequest, let outcome = ScriptBytes.outcome(arguments) else { return }
            try bench.handle(.modbus(ModbusReply(id: request.id, outcome: outcome)))
        case "relayed":
            guard let request = bench.lastRelay, let outcome = ScriptBytes.relayed(arguments) else { return }
            try bench.handle(.relayed(RelayReply(id: request.id, outcome: outcome)))
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
        guard words.count >= 2, bench == nil else { return }
        let text = words.dropFirst().joined(separator: " ")
        if let spec = entry.settings.first(where: { $0.key == words[0] }) {
            if let value = Self.value(text, spec.kind) { settings[spec.key] = value }
            return
        }
        let path = words[0].split(separator: ".", maxSplits: 2).map(String.init)
        guard path.count == 3, let outer = entry.settings.first(where: { $0.key == path[0] }),
            case .tables(let specs) = outer.kind, let spec = specs.first(where: { $0.key == path[2] }),
            let value = Self.value(text, spec.kind)
        else { return }
        tables[path[0], default: [:]][path[1], default: [:]][spec.key] = value
        let named = (tables[path[0]] ?? [:]).mapValues { DriverSettings(Self.complete($0, specs)) }
        settings[path[0]] = .tables(named)
    }

    /// With all that must be there, as a bench file's reader leaves it.
    private static func complete(_ given: [String: SettingValue], _ specs: [SettingSpec]) -> [String: SettingValue] {
        var whole = given
        for spec in specs where whole[spec.key] == nil && !spec.isOptional {
            whole[spec.key] = spec.fallback ?? value(within: spec.kind)
        }
        return whole
    }

    private static func value(_ text: String, _ kind: SettingSpec.Kind) -> SettingValue? {
        switch kind {
        case .number(let range): return Double(text).flatMap { range.contains($0) ? .number($0) : nil }
        case .integer(let range): return Int64(text).flatMap { range.contains($0) ? .integer($0) : nil }
        case .choice(let choices): return choices.contains(text) ? .text(text) : nil
        case .text: return .text(text)
        case .pair(let range):
            let numbers = text.split(separator: " ").compactMap { Double($0) }.filter(range.contains)
            return numbers.count == 2 && numbers[0] != numbers[1] ? .pair(numbers[0], numbers[1]) : nil
        case .tables: return nil
        }
    }

    private static func value(within kind: SettingSpec.Kind) -> SettingValue {
        switch kind {
        case .number(let range): .number((range.lowerBound + range.upperBound) / 2)
        case .integer(let range): .integer(range.lowerBound)
        case .choice(let words): .text(words.first ?? "")
        case .text: .text("fuzz")
        case .pair(let range): .pair(range.lowerBound, range.upperBound)
        case .tables: .tables([:])
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
        case "withdraw":
            let flow = FlowRate(microlitersPerMinute: number(1))
            return .pump(.withdraw(flow: flow, volume: Volume(microliters: number(2))))
        case "stop": return .pump(.stop)
        case "hold": return .heater(.hold(Temperature(celsius: number(1))))
        case "ramp": return .heater(.ramp(to: Temperature(celsius: number(1)), kelvinPerMinute: number(2)))
        case "off": return .heater(.off)
        case "acquire":
            let integration = BenchDuration.seconds(number(2) / 1e3)
            return .spectrometer(.acquire(BurstRequest(frames: Int(number(1)), integration: integration)))
        case "lamp": return .spectrometer(.lamp(on: words.last == "on"))
        case "abort": return .spectrometer(.abort)
        case "set": return .io(.set(output: words.dropFirst().first ?? "", on: words.last == "on"))
        case "safe": return .io(.safe)
        case "select": return .valve(.select(position: words.dropFirst().first ?? ""))
        case "valve-safe": return .valve(.safe)
        case "gas": return .flowController(.set(standardMillilitersPerMinute: number(1)))
        case "gas-close": return .flowController(.close)
        case "light": return .light(.set(channel: words.dropFirst().first ?? "", percent: number(2)))
        case "dark": return .light(.off)
        case "move": return .stepper(.move(to: number(1)))
        case "home": return .stepper(.home)
        case "stand": return .stepper(.stop)
        case "board-stop": return .board(.stop)
        case "clear": return .board(.clear)
        case "measure":
            let job = AnalyzerJob(sample: words.dropFirst().first ?? "", within: .seconds(number(2)))
            return .analyzer(.measure(job))
        case "withdraw-ticket": return .analyzer(.withdraw)
        default: return robotCommand(words).map { .robot($0) }
        }
    }

    private static func robotCommand(_ words: [String]) -> RobotCommand? {
        switch words.first {
        case "pick": .pick(station: words.dropFirst().first ?? "")
        case "place": .place(station: words.dropFirst().first ?? "")
        case "park": .park
        case "halt": .halt
        case "power": .power(on: words.last == "on")
        case "brakes": .releaseBrakes
        case "play": .play
        case "unlock": .unlock
        default: nil
        }
    }
}
