import Wire

/// One line to the driver; channels count from 0 on the wire.
/// Source: Thorlabs' own adapter for micro-manager, `ThorlabsDCxxxx/DC4100.cpp`, and acq4's driver. Neither waits for an
/// answer to what sets something.
enum ThorlabsQuestion: Hashable, Sendable {
    case model, mode, selection, status
    case isOn(Int)
    case percent(Int)
    case setMode(ThorlabsMode)
    /// Several LEDs may be on at once.
    case setMultiSelection
    case setPercent(Int, Double)
    case turn(Int, on: Bool)

    var line: String {
        switch self {
        case .model: "N?"
        case .mode: "M?"
        case .selection: "SM?"
        case .status: "R?"
        case .isOn(let channel): "O? \(channel)"
        case .percent(let channel): "BP? \(channel)"
        case .setMode(let mode): "M \(mode.rawValue)"
        case .setMultiSelection: "SM 0"
        case .setPercent(let channel, let percent): "BP \(channel) \(shortDecimal(percent, 1))"
        case .turn(let channel, let isOn): "O \(channel) \(isOn ? 1 : 0)"
        }
    }

    var isAnswered: Bool {
        switch self {
        case .model, .mode, .selection, .status, .isOn, .percent: true
        case .setMode, .setMultiSelection, .setPercent, .turn: false
        }
    }
}

enum ThorlabsMode: Int, Sendable { case current, percent, external }

enum ThorlabsAnswer: Hashable, Sendable {
    case model(String)
    /// nil: one that this driver does not know.
    case mode(ThorlabsMode?)
    case isMultiSelection(Bool)
    case status(ThorlabsStatus)
    case isOn(Bool)
    case percent(Double)
}

/// The status register: each condition has a bit, and the bit below it says that it has changed.
/// Source: DC4100 manual, 6.3.24; `DC4100.cpp`.
struct ThorlabsStatus: Hashable, Sendable {
    /// Without the bits that tell of changes.
    let conditions: Int

    private static let supply = 0x2
    private static let heat = 0x8
    private static let missing = 0x20
    private static let open = 0x2000
    private static let limit = 0x20_0000

    init(_ register: Int) { conditions = register & 0x0aaa_aaaa }

    /// What keeps all channels from giving light; nil where nothing does.
    var fault: String? {
        if conditions & Self.heat != 0 { return "is too hot and has turned all LEDs off: let it cool" }
        if conditions & Self.supply != 0 { return "has a supply voltage out of range: look at its power supply" }
        return nil
    }

    /// The same of one channel, 0 to 3.
    func fault(of channel: Int) -> String? {
        if conditions & Self.missing << (2 * channel) != 0 { return "has no LED on channel \(channel + 1)" }
        if conditions & Self.open << (2 * channel) != 0 {
            return "has an open LED on channel \(channel + 1) and has turned it off: look at its cable"
        }
        return nil
    }
}

/// Reads the line that a question is answered with. Lines end with CR LF, the status' with LF.
enum ThorlabsCodec {
    private static let end = UInt8(ascii: "\n")

    static func read(_ bytes: [UInt8], answering question: ThorlabsQuestion) -> DialogueReply<ThorlabsAnswer> {
        guard let length = bytes.firstIndex(of: end).map({ $0 + 1 }) else { return .partial }
        let text = String(decoding: bytes[..<(length - 1)].filter { (0x21...0x7e).contains($0) }, as: UTF8.self)
        guard !text.isEmpty else { return .noise(length) }
        guard let answer = answer(text, to: question) else { return .wrong(text) }
        return .answer(answer, length)
    }

    private static func answer(_ text: String, to question: ThorlabsQuestion) -> ThorlabsAnswer? {
        switch question {
        case .model: return .model(text)
        case .mode: return Int(text).map { .mode(ThorlabsMode(rawValue: $0)) }
        case .selection: return flag(text).map { .isMultiSelection(!$0) }
        case .status: return Int(text).flatMap { $0 >= 0 ? .status(ThorlabsStatus($0)) : nil }
        case .isOn: return flag(text).map { .isOn($0) }
        case .percent: return Double(text).flatMap { (0...100).contains($0) ? .percent($0) : nil }
        case .setMode, .setMultiSelection, .setPercent, .turn: return nil
        }
    }

    private static func flag(_ text: String) -> Bool? { text == "1" ? true : text == "0" ? false : nil }
}
