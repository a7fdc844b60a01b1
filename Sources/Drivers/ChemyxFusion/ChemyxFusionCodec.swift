import Wire

/// The unit that a pump counts in: one setting for rate and volume.
/// Source: Chemyx, RS-232 communication page, `set units X`.
enum ChemyxUnits: Int, Sendable {
    case millilitersPerMinute = 0
    case millilitersPerHour = 1
    case microlitersPerMinute = 2
    case microlitersPerHour = 3

    var microlitersPerMinuteOfOne: Double {
        switch self {
        case .millilitersPerMinute: 1000
        case .millilitersPerHour: 1000 / 60
        case .microlitersPerMinute: 1
        case .microlitersPerHour: 1 / 60
        }
    }

    var microlitersOfOne: Double {
        switch self {
        case .millilitersPerMinute, .millilitersPerHour: 1000
        case .microlitersPerMinute, .microlitersPerHour: 1
        }
    }

    /// As `view parameter` shows it: the digit, or the unit's name.
    init?(shown text: String) {
        if let digit = Int(text), let units = ChemyxUnits(rawValue: digit) {
            self = units
            return
        }
        switch text.lowercased() {
        case "ml/min": self = .millilitersPerMinute
        case "ml/hr", "ml/h": self = .millilitersPerHour
        case "ul/min": self = .microlitersPerMinute
        case "ul/hr", "ul/h": self = .microlitersPerHour
        default: return nil
        }
    }
}

/// The digit that `pump status` answers. Source: Chemyx, RS-232 communication page.
enum ChemyxStatus: Int, Sendable {
    case stopped = 0
    case running = 1
    case paused = 2
    case delayed = 3
    case stalled = 4

    /// "status 1 (running)"
    var text: String { "status \(rawValue) (\(self))" }
}

/// What `view parameter` shows of one channel; a line that is missing is nil.
/// Source: layout of the third-party simulator SimChemyxPump.
struct ChemyxParameters: Hashable, Sendable {
    var units: ChemyxUnits?
    var diameterMillimeters: Double?
    /// In `units`.
    var rate: Double?
    var delayMinutes: Double?
    /// In `units`, negative to withdraw; of several steps the first.
    var volume: Double?
}

/// What `read limit parameter` answers, in the active unit at the active diameter.
/// Source: order as in the UvA Noel group's client; the other order in use fails the arithmetic of the bore area.
struct ChemyxLimits: Hashable, Sendable {
    let maximumRate: Double
    let minimumRate: Double
    let maximumVolume: Double
    let minimumVolume: Double

    var isPlausible: Bool {
        minimumRate >= 0 && maximumRate > minimumRate && minimumVolume >= 0 && maximumVolume > minimumVolume
    }
}

/// A setting that the pump echoes with the value that it kept.
enum ChemyxSetting: String, Sendable {
    case units, diameter, rate, volume, delay

    /// How many decimals the pump takes. Source: Chemyx, RS-232 communication page.
    var decimals: Int {
        switch self {
        case .units: 0
        case .diameter: 3
        case .rate: 6
        case .volume: 5
        case .delay: 3
        }
    }

    /// Whether the pump kept what it was asked for: half a last digit, or the rounding of a 32-bit float.
    func isKept(_ kept: Double, asked: Double) -> Bool {
        (kept - asked).magnitude <= 0.5 / powerOfTen(decimals) + asked.magnitude * 1e-6
    }
}

/// One line to the pump. Source of the words: Chemyx, RS-232 communication page.
enum ChemyxQuestion: Hashable, Sendable {
    /// Ends whatever stands half-written in the pump's line buffer. Not a bare CR, which would complete a torn `start 0`.
    case spoil
    case parameters, help, limits
    /// `pump status`, or the `status` of captured two-channel units.
    case status(short: Bool)
    case dispensedVolume
    case set(ChemyxSetting, Double)
    case start
    /// Without a channel: every channel of the pump.
    case stop

    /// - Parameter channel: 0 for pumps of one channel, which take no number.
    func line(channel: Int) -> String {
        let prefix = channel == 0 ? "" : "\(channel) "
        switch self {
        case .spoil: return "?"
        case .parameters: return "view parameter"
        case .help: return "help"
        case .limits: return prefix + "read limit parameter"
        case .status(let short): return prefix + (short ? "status" : "pump status")
        case .dispensedVolume: return prefix + "dispensed volume"
        case .set(let setting, let value):
            return prefix + "set \(setting.rawValue) \(shortDecimal(value, setting.decimals))"
        case .start: return prefix + "start 0"
        case .stop: return "stop"
        }
    }

    var isQuestionOnly: Bool {
        switch self {
        case .spoil, .parameters, .help, .limits, .status, .dispensedVolume: true
        case .set, .start, .stop: false
        }
    }
}

enum ChemyxAnswer: Hashable, Sendable {
    case parameters(ChemyxParameters)
    case limits(ChemyxLimits)
    case status(ChemyxStatus)
    /// In the pump's active unit.
    case dispensedVolume(Double)
    case kept(Double)
    /// `Pump start running...`, `Pump stop!`: said, but proves nothing.
    case text
    case invalidCommand
}

/// Reads the lines of a reply, without echo and prompt.
enum ChemyxCodec {
    /// nil: the lines are not, or not yet, an answer to this question.
    static func answer(to question: ChemyxQuestion, _ lines: [String], channel: Int) -> ChemyxAnswer? {
        if lines.contains(where: { $0.hasPrefix("Invalid Command") }) { return .invalidCommand }
        switch question {
        case .spoil: return lines.isEmpty ? nil : .text
        case .help:
            let knowsItsWords = ["dia", "unit"].allSatisfy { word in lines.contains { $0.contains(word) } }
            return knowsItsWords ? .text : nil
        case .start, .stop: return lines.contains { $0.hasPrefix("Pump") } ? .text : nil
        case .parameters: return parameters(lines, channel: channel).map { .parameters($0) }
        // The layout has one source only, and is but a sanity check: another one is passed over.
        case .limits: return limits(lines).map { .limits($0) } ?? (lines.isEmpty ? nil : .text)
        case .status: return status(lines).map { .status($0) }
        case .dispensedVolume: return value(of: "dispensed volume", lines).map { .dispensedVolume($0) }
        case .set(let setting, _): return value(of: setting.rawValue, lines).map { .kept($0) }
        }
    }

    private static func status(_ lines: [String]) -> ChemyxStatus? {
        for line in lines {
            let shown = assignment(line)?.value ?? line
            if shown.utf8.count == 1, let digit = Int(shown), let status = ChemyxStatus(rawValue: digit) {
                return status
            }
        }
        return nil
    }

    private static func limits(_ lines: [String]) -> ChemyxLimits? {
        let numbers = lines.flatMap { $0.split { $0 == " " || $0 == "," } }.compactMap { finite(String($0)) }
        guard numbers.count == 4 else { return nil }
        return ChemyxLimits(
            maximumRate: numbers[0], minimumRate: numbers[1], maximumVolume: numbers[2], minimumVolume: numbers[3])
    }

    /// The lines of this channel, or of the first where no channel is named. Both `unit` and `dia` must be there: they are
    /// all that shows that this is a Chemyx pump.
    private static func parameters(_ lines: [String], channel: Int) -> ChemyxParameters? {
        let wanted = max(channel, 1)
        var current = 1
        var parameters = ChemyxParameters()
        for line in lines {
            if line.hasPrefix("Pump "), let number = line.dropFirst(5).first?.wholeNumberValue { current = number }
            guard current == wanted, let (name, value) = assignment(line) else { continue }
            switch name {
            case "unit", "units": parameters.units = ChemyxUnits(shown: value)
            case "dia", "diameter": parameters.diameterMillimeters = finite(value)
            case "rate": parameters.rate = finite(value)
            case "delay": parameters.delayMinutes = finite(value)
            case "volume": parameters.volume = value.split(separator: ",").first.flatMap { finite(String($0)) }
            default: continue
            }
        }
        return parameters.units == nil || parameters.diameterMillimeters == nil ? nil : parameters
    }

    private static func value(of name: String, _ lines: [String]) -> Double? {
        for line in lines {
            if let (found, value) = assignment(line), found == name { return finite(value) }
        }
        return nil
    }

    /// `name = value`, both trimmed.
    private static func assignment(_ line: String) -> (name: String, value: String)? {
        guard let sign = line.firstIndex(of: "=") else { return nil }
        return (trimmed(line[..<sign]), trimmed(line[line.index(after: sign)...]))
    }

    /// The first word of a value as a finite number; words such as `nan`, and more than any pump counts, are none.
    private static func finite(_ text: String) -> Double? {
        guard let word = text.split(separator: " ").first, let number = Double(word), number.magnitude < 1e12 else {
            return nil
        }
        return number
    }
}

/// Gathers the bytes of one reply up to the prompt. Source: captured log of a Fusion 4000; line ends differ by model, so
/// CR, LF and CR LF are all taken.
struct ChemyxReplyReader: Sendable {
    static let maximumLineBytes = 200
    /// `help` and the parameters of two channels are some forty lines.
    static let maximumLines = 120

    private var splitter = LineSplitter(maximumLineBytes: maximumLineBytes)
    private var lines: [String] = []

    mutating func reset() {
        splitter.reset()
        lines.removeAll(keepingCapacity: true)
    }

    /// True when the byte is a prompt: a `>` that begins a line.
    mutating func append(_ byte: UInt8) -> Bool {
        if byte == UInt8(ascii: ">"), splitter.isAtLineStart { return true }
        if let line = splitter.append(byte), lines.count < Self.maximumLines { keep(line) }
        return false
    }

    /// The lines after the request's echo (nil: no echo was seen), with the last one even where no line end came.
    func content(after request: String) -> (lines: [String], echoed: Bool) {
        let rest = trimmed(splitter.partial[...])
        let all = rest.isEmpty ? lines : lines + [rest]
        guard let echo = all.lastIndex(of: request) else { return (all, false) }
        return (Array(all[(echo + 1)...]), true)
    }

    private mutating func keep(_ line: String) {
        let text = trimmed(line[...])
        if !text.isEmpty { lines.append(text) }
    }
}

func powerOfTen(_ exponent: Int) -> Double { (0..<exponent).reduce(1.0) { power, _ in power * 10 } }

func trimmed(_ text: Substring) -> String {
    var rest = text
    while rest.first == " " { rest.removeFirst() }
    while rest.last == " " { rest.removeLast() }
    return String(rest)
}
