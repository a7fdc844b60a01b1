import Wire

/// One request to the pump. Source: IDEX, REGLO ICC manual 14-036 rev. D, chapters 14 to 18, and the PyPI client `ismatec`
/// 1.5.2, which sends what is for the whole pump with the number 1.
enum RegloQuestion: Hashable, Sendable {
    /// `~`: whether the number before a command is a channel's.
    case addressing
    case addressChannels
    /// `xE0`: no messages that nobody asked for.
    case silenceEvents
    /// `xA`
    case channelCount
    /// `E`
    case isRunning
    /// `xM`, `xD`, `+`, `f`, `v`
    case mode, direction, tubing, flow, volume
    /// `xe`: why it did not start.
    case cause
    case setVolumeAtRate
    case setDirection(isClockwise: Bool)
    /// In hundredths of a millimetre.
    case setTubing(Int)
    case setFlow(RegloAmount)
    case setVolume(RegloAmount)
    case start, stop

    func text(channel: Int) -> String {
        switch self {
        case .addressing: "1~"
        case .addressChannels: "1~1"
        case .silenceEvents: "1xE0"
        case .channelCount: "1xA"
        case .isRunning: "\(channel)E"
        case .mode: "\(channel)xM"
        case .direction: "\(channel)xD"
        case .tubing: "\(channel)+"
        case .flow: "\(channel)f"
        case .volume: "\(channel)v"
        case .cause: "\(channel)xe"
        case .setVolumeAtRate: "\(channel)O"
        case .setDirection(let isClockwise): "\(channel)" + (isClockwise ? "J" : "K")
        case .setTubing(let hundredths):
            "\(channel)+" + String(repeating: "0", count: max(0, 4 - "\(hundredths)".utf8.count)) + "\(hundredths)"
        case .setFlow(let flow): "\(channel)f\(flow.text)"
        case .setVolume(let volume): "\(channel)v\(volume.text)"
        case .start: "\(channel)H"
        case .stop: "\(channel)I"
        }
    }

    var setsAmount: Bool {
        switch self {
        case .setFlow, .setVolume: true
        default: false
        }
    }

    /// What its answer looks like: a single character without an end, or a line. What sets a number is answered with
    /// the number that was kept (manual, 18.3.3); the client takes `*` as well.
    var isAnsweredByLine: Bool {
        switch self {
        case .addressing, .channelCount, .mode, .direction, .tubing, .flow, .volume, .cause, .setFlow, .setVolume: true
        case .addressChannels, .silenceEvents, .isRunning, .setVolumeAtRate, .setDirection, .setTubing, .start, .stop:
            false
        }
    }
}

/// A flow in mL/min or a volume in mL as the pump takes it: four digits of a number from 1.000 to 9.999, and a power of ten.
/// Source: manual, 14.6.10 and 18.3.3: `1300-3` is 1.300e-3, and comes back as `1300E-3`.
struct RegloAmount: Hashable, Sendable {
    private static let largestExponent = 9

    /// 1000 to 9999, or 0.
    let digits: Int
    let exponent: Int

    /// The nearest that there is; nil for what is not above zero, or too large to be written.
    init?(_ value: Double) {
        guard value > 0, value.isFinite else { return nil }
        var exponent = -Self.largestExponent
        while exponent <= Self.largestExponent, value * Self.scale(-exponent) >= 9.9995 { exponent += 1 }
        let digits = (value * Self.scale(-exponent) * 1000).rounded()
        guard exponent <= Self.largestExponent, (1...9999).contains(digits) else { return nil }
        (self.digits, self.exponent) = (Int(digits), exponent)
    }

    /// `1300E-3`
    init?(shown text: String) {
        let parts = text.split(separator: "E", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, parts[0].utf8.count <= 4, parts[0].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let digits = Int(parts[0]), let exponent = Int(parts[1]), exponent.magnitude <= Self.largestExponent
        else { return nil }
        (self.digits, self.exponent) = (digits, exponent)
    }

    /// Whatever digits and power it is written with.
    func isShown(as text: String) -> Bool {
        RegloAmount(shown: text).map { ($0.value - value).magnitude <= value * 1e-9 } ?? false
    }

    var value: Double { Double(digits) / 1000 * Self.scale(exponent) }

    var text: String {
        let number = String(repeating: "0", count: max(0, 4 - "\(digits)".utf8.count)) + "\(digits)"
        return number + (exponent < 0 ? "-" : "+") + "\(exponent.magnitude)"
    }

    private static func scale(_ exponent: Int) -> Double {
        let power = (0..<exponent.magnitude).reduce(1.0) { power, _ in power * 10 }
        return exponent < 0 ? 1 / power : power
    }
}

enum RegloAnswer: Hashable, Sendable {
    /// `*`
    case executed
    /// `#`: not executed.
    case notExecuted
    /// `+` and `-`: of `E`, that it runs or stands; `-` of a start, that its settings cannot be.
    case yes, no
    case line(String)

    init?(status byte: UInt8) {
        switch byte {
        case UInt8(ascii: "*"): self = .executed
        case UInt8(ascii: "#"): self = .notExecuted
        case UInt8(ascii: "+"): self = .yes
        case UInt8(ascii: "-"): self = .no
        default: return nil
        }
    }
}

enum RegloCodec {
    /// Begins a message that nobody asked for: `^U…` and `^X…`. Source: two clients that read them.
    private static let event = UInt8(ascii: "^")
    private static let lineFeed = UInt8(ascii: "\n")

    static func read(_ bytes: [UInt8], answering question: RegloQuestion) -> DialogueReply<RegloAnswer> {
        guard let first = bytes.first else { return .partial }
        if first == lineFeed || first == UInt8(ascii: "\r") { return .noise(1) }
        let status = RegloAnswer(status: first)
        guard question.isAnsweredByLine else {
            if let status { return isOf(question, status) ? .answer(status, 1) : .noise(1) }
            return otherLine(bytes)
        }
        if status == .notExecuted { return .answer(.notExecuted, 1) }
        if status == .executed, question.setsAmount { return .answer(.executed, 1) }
        if status != nil { return .noise(1) }
        guard first != event, let end = bytes.firstIndex(of: lineFeed) else { return otherLine(bytes) }
        let text = String(decoding: bytes[..<end].filter { (0x20...0x7e).contains($0) }, as: UTF8.self)
        return fits(text, question) ? .answer(.line(text), end + 1) : .noise(end + 1)
    }

    /// A message, or the late answer to something else.
    private static func otherLine(_ bytes: [UInt8]) -> DialogueReply<RegloAnswer> {
        bytes.firstIndex(of: lineFeed).map { .noise($0 + 1) } ?? .partial
    }

    /// `+` and `-` belong to `E`, and `-` to a start.
    private static func isOf(_ question: RegloQuestion, _ status: RegloAnswer) -> Bool {
        switch question {
        case .isRunning: status != .executed
        case .start: status != .yes
        default: status == .executed || status == .notExecuted
        }
    }

    private static func fits(_ text: String, _ question: RegloQuestion) -> Bool {
        switch question {
        case .addressing: ["0", "1", "2"].contains(text)
        case .channelCount: Int(text) != nil
        case .mode: text.utf8.count == 1 && "LMOGQNP".contains(text)
        case .direction: text == "J" || text == "K"
        case .tubing: millimeters(text) != nil
        case .flow, .volume, .setFlow, .setVolume: RegloAmount(shown: text) != nil
        case .cause: !text.isEmpty
        default: false
        }
    }

    /// `3.17 mm`
    static func millimeters(_ text: String) -> Double? {
        text.split(separator: " ").first.flatMap { Double($0) }.flatMap { (0.01...99).contains($0) ? $0 : nil }
    }

    /// What `xe` says. Source: manual, 2.7 of the command list.
    static func words(ofCause text: String) -> String {
        let parts = text.split(separator: " ")
        let limit = parts.dropFirst().first.map { " (limit \($0))" } ?? ""
        switch parts.first {
        case "C": return "a cycle count of 0"
        case "R": return "a flow of 0 or beyond what the tube allows, mL/min\(limit)"
        case "V": return "a volume beyond what it can count, mL\(limit)"
        default: return "`xe` says \(text)"
        }
    }
}
