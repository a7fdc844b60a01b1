import DeviceModel
import Drivers
import Foundation
import Interlocks
import Quantities
import Testing
import Wire

/// Plays a recorded exchange against a driver and compares all that it does, exactly and in order.
///
///     set KEY VALUE           a setting; before anything else
///     open | close            the link
///     < TEXT                  bytes from the device; \r \n \xHH, `hex:` for hexadecimal
///     modbus 1 2 | bits 0 1 | written | exception N | failed TEXT | refused      the reply to the last Modbus request
///     obp [late|md5|wrong-md5|nack N|ack|version|zero|twice|cut N|noise] DATA   an HDX's reply to the last request; DATA as
///                             `u32 N`, `f32 X`, `u8 N`, `text T` or `spectrum PIXELS FIRST`
///     relayed HEX | refused N | failed TEXT | trip | executed MS     the reply to what was last asked of the board
///     wait MS                 virtual time, with every deadline on the way
///     do COMMAND              run FLOW VOLUME, stop, hold C, ramp C K/MIN, off, acquire FRAMES MS, lamp on|off, abort,
///                             set OUTPUT on|off, safe, select POSITION, valve-safe, pick STATION, place STATION, park,
///                             halt, power on|off, brakes, play, unlock, gas FLOW, gas-close, light CHANNEL PERCENT, dark,
///                             measure SAMPLE SECONDS, withdraw-ticket, move MM, home, stand, board-stop, clear
///     trip                    a trip: `dropActuation`
///
/// and what the driver does:
///
///     > TEXT    a query       >! TEXT    an actuation       >0 TEXT    a safe-state write
///     = WORDS   a reading, a state, a read-back, an outcome, a burst, a result, a reopen
struct ExchangePlayer {
    private var harness: DriverHarness?
    private let driver: String
    private var settings: [String: SettingValue] = [:]
    private var tables: [String: [String: [String: SettingValue]]] = [:]

    init(_ driver: String) { self.driver = driver }

    static func names(_ prefix: String) throws -> [String] {
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        return files.filter { $0.hasPrefix(prefix) }.sorted()
    }

    static func play(_ name: String, driver: String) throws {
        let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
        let expected = text.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
        var player = ExchangePlayer(driver)
        var actual: [String] = []
        for line in expected where !isEffect(line) { actual += [line] + (try player.perform(line)) }
        let difference = zip(expected, actual).first { $0 != $1 }.map { "expected: \($0)\nactual:   \($1)" }
        let transcript = "[[\(name)]]\n\(actual.joined(separator: "\n"))\n[[end]]"
        #expect(expected == actual, "\(name): \(difference ?? "different lengths")\n\(transcript)")
    }

    private static var folder: URL { Bundle.module.bundleURL.appendingPathComponent("Exchanges") }

    private static func isEffect(_ line: String) -> Bool { line.hasPrefix(">") || line.hasPrefix("=") }

    private mutating func perform(_ line: String) throws -> [String] {
        let words = line.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
        let rest = String(line.drop { $0 != " " }.dropFirst())
        let word = try #require(words.first)
        if word == "set" {
            try set(words[1][...], to: words.dropFirst(2).joined(separator: " "))
            return []
        }
        if harness == nil { harness = try DriverHarness(driver, settings) }
        switch word {
        case "open": harness?.handle(.opened(identity: "test"))
        case "close": harness?.handle(.closed(reason: "unplugged"))
        case "<": harness?.handle(.received(try Transcript.bytes(rest)))
        case "modbus": try reply(words)
        case "obp": try oceanReply(words)
        case "relayed": try relayed(words)
        case "wait": harness?.wait(.milliseconds(try #require(Int64(words[1]))))
        case "do": try harness?.execute(try Transcript.command(Array(words.dropFirst())))
        case "trip": harness?.trip()
        default: Issue.record("unknown line: \(line)")
        }
        return (harness?.takeEffects() ?? []).map(Transcript.line)
    }

    private mutating func relayed(_ words: [String]) throws {
        let request = try #require(harness?.lastRelay)
        let word = words.count > 1 ? words[1] : ""
        let outcome: RelayReply.Outcome =
            switch word {
            case "refused": .refused(try #require(UInt8(words[2])))
            case "failed": .failed(words.dropFirst(2).joined(separator: " "))
            case "trip": .refusedByTrip
            case "executed":
                .executed(
                    BoardPunctuality(late: .milliseconds(try #require(Int64(words[2]))), uncertainty: .milliseconds(1)))
            default: .answer(try Transcript.bytes("hex:" + word))
            }
        harness?.handle(.relayed(RelayReply(id: request.id, outcome: outcome)))
    }

    private mutating func oceanReply(_ words: [String]) throws {
        let request = try #require(harness?.lastSent)
        let type = try #require(OceanFrames.type(of: request))
        var regarding = try #require(OceanFrames.regarding(of: request))
        var rest = words.dropFirst()
        var (flags, error, version, checksum) = (UInt16(1), UInt16(0), UInt16(0x1100), OceanFrames.Checksum.none)
        var (isTwice, cut, isNoisy) = (false, 0, false)
        options: while let word = rest.first {
            switch word {
            case "late": regarding -= 1
            case "zero": regarding = 0
            case "md5": checksum = .md5
            case "wrong-md5": checksum = .wrong
            case "ack": flags = 3
            case "version": version = 0x2000
            case "twice": isTwice = true
            case "noise": isNoisy = true
            case "nack":
                rest = rest.dropFirst()
                (flags, error) = (9, UInt16(rest.first ?? "") ?? 0)
            case "cut":
                rest = rest.dropFirst()
                cut = Int(rest.first ?? "") ?? 0
            default: break options
            }
            rest = rest.dropFirst()
        }
        let frame = OceanFrames.reply(
            type, regarding, try oceanData(Array(rest)), flags: flags, error: error, version: version,
            checksum: checksum)
        let noise: [UInt8] = isNoisy ? [0xc1, 0x00, 0xc1, 0xc0, 0x01] + [UInt8](repeating: 0xc1, count: 70) : []
        harness?.handle(.received(noise + frame.dropLast(cut) + (isTwice ? frame : [])))
    }

    private func oceanData(_ words: [String]) throws -> [UInt8] {
        guard let kind = words.first else { return [] }
        switch kind {
        case "u8": return [try #require(UInt8(words[1]))]
        case "u32": return OceanFrames.word(try #require(UInt32(words[1])))
        case "f32": return OceanFrames.word(try #require(Float(words[1])).bitPattern)
        case "text": return Array(words[1].utf8)
        case "spectrum":
            return OceanFrames.spectrum(pixels: try #require(Int(words[1])), first: try #require(UInt16(words[2])))
        default: throw Transcript.UnknownCommand(words: words)
        }
    }

    /// `inputs.pressure.raw` is the key `raw` of the table `pressure` among `inputs`.
    private mutating func set(_ key: Substring, to text: String) throws {
        let specs = try #require(DriverCatalog.entry(driver)).settings
        if let spec = specs.first(where: { $0.key == key }) {
            settings[spec.key] = try value(text, spec)
            return
        }
        let words = key.split(separator: ".", maxSplits: 2).map(String.init)
        let outer = try #require(specs.first { $0.key == words[0] }, "no setting \(key)")
        guard case .tables(let inner) = outer.kind else { throw Transcript.UnknownCommand(words: words) }
        let spec = try #require(inner.first { $0.key == words[2] }, "no setting \(key)")
        tables[words[0], default: [:]][words[1], default: [:]][spec.key] = try value(text, spec)
        let named = (tables[words[0]] ?? [:]).mapValues { given in
            let usual = inner.compactMap { spec in spec.fallback.map { (spec.key, $0) } }
            return DriverSettings(given.merging(usual) { given, _ in given })
        }
        settings[words[0]] = .tables(named)
    }

    private func value(_ text: String, _ spec: SettingSpec) throws -> SettingValue {
        switch spec.kind {
        case .number: return .number(try #require(Double(text)))
        case .integer: return .integer(try #require(Int64(text)))
        case .choice, .text: return .text(text)
        case .pair:
            let numbers = try text.split(separator: " ").map { try #require(Double($0)) }
            return .pair(numbers[0], numbers[1])
        case .tables: throw Transcript.UnknownCommand(words: [text])
        }
    }

    private mutating func reply(_ words: [String]) throws {
        let request = try #require(harness?.lastRequest)
        let outcome: ModbusReply.Outcome
        switch words[1] {
        case "written": outcome = .written
        case "exception": outcome = .exception(try #require(UInt8(words[2])))
        case "failed": outcome = .failed(words.dropFirst(2).joined(separator: " "))
        case "refused": outcome = .refusedByTrip
        case "float-low-first", "float-high-first":
            let bits = try words.dropFirst(2).map { try #require(Float($0)).bitPattern }
            outcome = .registers(
                bits.flatMap {
                    let pair = [UInt16(truncatingIfNeeded: $0), UInt16(truncatingIfNeeded: $0 >> 16)]
                    return words[1] == "float-low-first" ? pair : pair.reversed()
                })
        case "bits": outcome = .bits(words.dropFirst(2).map { $0 == "1" })
        case "text": outcome = .registers(words.dropFirst(2).joined(separator: " ").utf8.map { UInt16($0) })
        default: outcome = .registers(try words.dropFirst().map { try #require(UInt16($0)) })
        }
        harness?.handle(.modbus(ModbusReply(id: request.id, outcome: outcome)))
    }
}

/// How effects and bytes are written in a recorded exchange.
enum Transcript {
    static func line(_ effect: DriverEffect) -> String {
        switch effect {
        case .send(let bytes, let authority): "\(arrow(authority)) \(text(bytes))"
        case .modbus(let request, let authority, let urgent):
            "\(arrow(authority)) \(text(request))\(urgent ? " urgent" : "")"
        case .reading(let reading):
            "= \(reading.signal) \(fixedDecimal(reading.value, 3)) \(reading.unit.rawValue) \(reading.quality.rawValue)"
        case .state(let state): "= state \(state.word)\(state.detail.map { " " + $0 } ?? "")"
        case .readBack(let look):
            "= \(look.isSafe ? "safe" : "NOT SAFE"): \(look.detail), asked at \(fixedDecimal(look.askedAt.seconds * 1e3, 0)) ms"
        case .finished(let id, let outcome): "= command \(id.number) \(outcome)"
        case .confirmed(let id): "= command \(id.number) confirmed"
        case .burst(let burst):
            "= burst of command \(burst.command.number): \(burst.frames.count) frames of "
                + "\(fixedDecimal(burst.integration.seconds * 1e3, 3)) ms, coefficients \(burst.wavelengthCoefficients), "
                + "first counts \(burst.frames.map { Array($0.counts.prefix(3)) }), pixels \(burst.frames.map(\.counts.count))"
        case .result(let result):
            "= result of command \(result.command.number): \(result.sample) in \(result.file), \(result.original.count) bytes, "
                + "md5 \(result.md5), nm \(result.wavelengths), "
                + "\(result.columns.map { "\($0.name) [\($0.unit)] \($0.values)" })"
        case .reopen(let reason): "= reopen \(reason)"
        case .relay(let request, let authority):
            "\(arrow(authority)) board \(request.message.type) hex:\(request.message.payload.map { hex($0) }.joined())"
                + (request.at.map { " at \(fixedDecimal($0.seconds * 1e3, 0)) ms" } ?? "")
                + (request.isUrgent ? " urgent" : "")
        case .relayed(let reply): "= relayed \(reply.id) \(reply.outcome)"
        case .executed(let id, let done): "= executed \(id.number) \(done.late.milliseconds) ms late"
        case .channels(.usable(let identity)): "= channels usable: \(identity)"
        case .channels(.gone(let reason)): "= channels gone: \(reason)"
        }
    }

    private static func arrow(_ authority: WriteAuthority) -> String {
        switch authority {
        case .query: ">"
        case .permit(let stamp): stamp.makesSafe ? ">0" : ">!"
        }
    }

    private static func text(_ request: ModbusRequest) -> String {
        switch request.operation {
        case .readCoils(let address, let count): "unit \(request.unit) read coils \(address) count \(count)"
        case .readDiscreteInputs(let address, let count): "unit \(request.unit) read inputs \(address) count \(count)"
        case .readHoldingRegisters(let address, let count): "unit \(request.unit) read \(address) count \(count)"
        case .readInputRegisters(let address, let count):
            "unit \(request.unit) read input registers \(address) count \(count)"
        case .writeCoil(let address, let isOn): "unit \(request.unit) write coil \(address) \(isOn ? "on" : "off")"
        case .writeRegister(let address, let value): "unit \(request.unit) write \(address) = \(value)"
        case .writeRegisters(let address, let values): "unit \(request.unit) write \(address) = \(values)"
        }
    }

    /// Printable text with escapes; hexadecimal where more than a few bytes are no text.
    static func text(_ bytes: [UInt8]) -> String {
        let strange = bytes.filter { !(0x20...0x7e).contains($0) && $0 != 0x0d && $0 != 0x0a }
        if strange.count > 4 { return "hex:" + bytes.map { hex($0) }.joined() }
        return bytes.map {
            switch $0 {
            case 0x0d: "\\r"
            case 0x0a: "\\n"
            case 0x20...0x7e: String(UnicodeScalar($0))
            default: "\\x" + hex($0)
            }
        }.joined()
    }

    private static func hex(_ byte: UInt8) -> String { (byte < 16 ? "0" : "") + String(byte, radix: 16) }

    static func bytes(_ text: String) throws -> [UInt8] {
        if text.hasPrefix("hex:") { return try hexBytes(Array(text.utf8.dropFirst(4))) }
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let escape = rest.popFirst() else {
                bytes.append(byte)
                continue
            }
            switch escape {
            case UInt8(ascii: "r"): bytes.append(0x0d)
            case UInt8(ascii: "n"): bytes.append(0x0a)
            default:
                bytes += try hexBytes(Array(rest.prefix(2)))
                rest = rest.dropFirst(2)
            }
        }
        return bytes
    }

    private static func hexBytes(_ digits: [UInt8]) throws -> [UInt8] {
        let digits = digits.filter { $0 != UInt8(ascii: " ") }
        return try stride(from: 0, to: digits.count - 1, by: 2).map {
            try #require(UInt8(String(decoding: digits[$0...($0 + 1)], as: UTF8.self), radix: 16))
        }
    }

    static func command(_ words: [String]) throws -> DeviceCommand {
        func number(_ index: Int) throws -> Double { try #require(Double(words[index])) }
        switch words.first {
        case "run":
            let flow = FlowRate(microlitersPerMinute: try number(1))
            return .pump(.run(flow: flow, volume: Volume(microliters: try number(2))))
        case "withdraw":
            let flow = FlowRate(microlitersPerMinute: try number(1))
            return .pump(.withdraw(flow: flow, volume: Volume(microliters: try number(2))))
        case "stop": return .pump(.stop)
        case "hold": return .heater(.hold(Temperature(celsius: try number(1))))
        case "ramp":
            return .heater(.ramp(to: Temperature(celsius: try number(1)), kelvinPerMinute: try number(2)))
        case "off": return .heater(.off)
        case "acquire":
            let integration = BenchDuration.seconds(try number(2) / 1e3)
            return .spectrometer(.acquire(BurstRequest(frames: Int(try number(1)), integration: integration)))
        case "lamp": return .spectrometer(.lamp(on: words[1] == "on"))
        case "abort": return .spectrometer(.abort)
        case "set": return .io(.set(output: words[1], on: words[2] == "on"))
        case "safe": return .io(.safe)
        case "select": return .valve(.select(position: words[1]))
        case "valve-safe": return .valve(.safe)
        case "gas": return .flowController(.set(standardMillilitersPerMinute: try number(1)))
        case "gas-close": return .flowController(.close)
        case "light": return .light(.set(channel: words[1], percent: try number(2)))
        case "dark": return .light(.off)
        case "move": return .stepper(.move(to: try number(1)))
        case "home": return .stepper(.home)
        case "stand": return .stepper(.stop)
        case "board-stop": return .board(.stop)
        case "clear": return .board(.clear)
        case "measure":
            return .analyzer(.measure(AnalyzerJob(sample: words[1], within: .seconds(try number(2)))))
        case "withdraw-ticket": return .analyzer(.withdraw)
        default: return .robot(try robotCommand(words))
        }
    }

    private static func robotCommand(_ words: [String]) throws -> RobotCommand {
        switch words.first {
        case "pick": return .pick(station: words[1])
        case "place": return .place(station: words[1])
        case "park": return .park
        case "halt": return .halt
        case "power": return .power(on: words[1] == "on")
        case "brakes": return .releaseBrakes
        case "play": return .play
        case "unlock": return .unlock
        default: throw UnknownCommand(words: words)
        }
    }

    struct UnknownCommand: Error { let words: [String] }
}
