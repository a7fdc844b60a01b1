import Wire

/// One line to a unit, after its letter. Source: Alicat, Serial Primer rev. 2.
enum AlicatQuestion: Hashable, Sendable {
    /// `??D*`: the columns of a data frame.
    case layout
    /// A data frame.
    case poll
    /// In the unit of the frame; answered with a frame.
    case set(Double)
    /// The valve shut, whatever the set point; answered with a frame.
    case holdClosed
    /// Any hold ends; answered with a frame.
    case cancelHold

    var words: String {
        switch self {
        case .layout: "??D*"
        case .poll: ""
        case .set(let value): "S" + shortDecimal(value, 4)
        case .holdClosed: "HC"
        case .cancelHold: "C"
        }
    }
}

enum AlicatAnswer: Hashable, Sendable {
    case layout(AlicatLayout)
    /// A layout that this driver does not understand, and why.
    case strangeLayout(String)
    case frame(AlicatFrame)
    /// A line of this unit before its layout is known.
    case unread
    /// `?`
    case notUnderstood
}

/// Words behind a data frame, and the bit of each in the signal `status`. Source: Alicat, Serial Primer, page 8.
enum AlicatStatus: Int, Sendable, CaseIterable {
    case adc = 1
    case lck = 2
    case ovr = 4
    case pov = 8
    case tov = 16
    case vov = 32
    case mov = 64
    case hld = 128
    case opl = 256
    case p2o = 512
    case tmf = 1024
    case com = 2048
    case exh = 4096
    case gta = 8192

    /// A word that this driver does not know.
    static let unknown = 16_384

    init?(word: String) {
        guard let found = Self.allCases.first(where: { "\($0)".uppercased() == word.uppercased() }) else { return nil }
        self = found
    }
}

/// What a data frame shows.
struct AlicatFrame: Hashable, Sendable {
    /// Standard mL/min.
    let flow: Double
    let setPoint: Double
    /// Half of the last digit that the set point is shown with, standard mL/min.
    let setPointTolerance: Double
    /// Absolute, bar.
    let pressure: Double
    let celsius: Double
    let gas: String
    /// Sum of the bits of `AlicatStatus`.
    let status: Int

    func has(_ word: AlicatStatus) -> Bool { status & word.rawValue != 0 }
}

/// Which column of a data frame is what, as `??D*` tells it. Source: rows such as
/// `A D06 037 Mass Flow Setpt            s decimal     7/2 012 02 SCCM`, captured on firmware 5v12 to 10v20 and published
/// with `alicatlib` and `labmcp-alicat`; the numbers of the columns: Serial Primer, appendix A.
struct AlicatLayout: Hashable, Sendable {
    private enum Column {
        static let pressure = 2
        static let temperature = 3
        static let flow = 5
        static let setPoint = 37
        static let unitID = 700
        static let gas = 703
    }

    private struct Row {
        let number: Int
        let unit: String
    }

    private static let millilitersOf = ["SCCM": 1.0, "SLPM": 1000.0]
    private static let barOf = ["PSIA": 0.068_947_572_932, "BARA": 1.0, "MBARA": 0.001, "KPAA": 0.01]
    private static let celsiusUnits = ["C", "`C"]

    /// Where each stands in a frame; 0 is the unit's letter.
    private let flow: Int
    private let setPoint: Int
    private let pressure: Int
    private let temperature: Int
    private let gas: Int
    private let columns: Int
    /// Standard mL/min in one of the device's own unit.
    let milliliters: Double
    private let bar: Double

    /// - Parameter rows: without the head. What is wrong with them goes on after the device's name.
    static func parsed(_ rows: [String]) -> Result {
        // Words that are shown only at times stand behind all others, with a star.
        let found = rows.compactMap(row).prefix { !$0.isConditional }.map { $0.row }
        func index(_ number: Int) -> Int? { found.firstIndex { $0.number == number } }
        func unit(_ index: Int) -> String { found[index].unit.uppercased() }
        guard found.first?.number == Column.unitID else { return .strange("begins a data frame without its letter") }
        guard let flow = index(Column.flow) else { return .strange("shows no mass flow") }
        guard let setPoint = index(Column.setPoint) else {
            return .strange("shows no set point of mass flow: is it a meter, or does it control a pressure?")
        }
        guard let milliliters = millilitersOf[unit(flow)], unit(setPoint) == unit(flow) else {
            let shown = "\(unit(flow)) and its set point in \(unit(setPoint))"
            return .strange("shows its mass flow in \(shown), expected SCCM or SLPM for both: change its units")
        }
        guard let pressure = index(Column.pressure), let bar = barOf[unit(pressure)] else {
            return .strange("shows no absolute pressure in PSIA, barA, mbarA or kPaA")
        }
        guard let temperature = index(Column.temperature), celsiusUnits.contains(unit(temperature)) else {
            return .strange("shows no temperature in degC")
        }
        guard let gas = index(Column.gas) else { return .strange("does not show which gas it measures") }
        return .layout(
            AlicatLayout(
                flow: flow, setPoint: setPoint, pressure: pressure, temperature: temperature, gas: gas,
                columns: found.count, milliliters: milliliters, bar: bar))
    }

    enum Result {
        case layout(AlicatLayout)
        case strange(String)
    }

    private static func row(_ line: String) -> (row: Row, isConditional: Bool)? {
        let words = line.split(separator: " ").map(String.init)
        guard words.count >= 4, words[1].hasPrefix("D"), let number = Int(words[2]) else { return nil }
        return (Row(number: number, unit: words.last ?? ""), words[3].hasPrefix("*"))
    }

    /// nil: it is none of this layout.
    func frame(_ line: String) -> AlicatFrame? {
        let words = line.split(separator: " ").map(String.init)
        guard words.count >= columns, let mass = number(words[flow]), let goal = number(words[setPoint]),
            let pressure = number(words[pressure]), let celsius = number(words[temperature])
        else { return nil }
        let status = words.dropFirst(columns).reduce(0) { sum, word in
            sum | (AlicatStatus(word: word)?.rawValue ?? AlicatStatus.unknown)
        }
        return AlicatFrame(
            flow: mass * milliliters, setPoint: goal * milliliters,
            setPointTolerance: lastDigit(words[setPoint]) / 2 * milliliters, pressure: pressure * bar,
            celsius: celsius, gas: words[gas], status: status)
    }

    private func number(_ word: String) -> Double? {
        guard let first = word.utf8.first, "+-.0123456789".utf8.contains(first), let value = Double(word),
            value.magnitude < 1e6
        else { return nil }
        return value
    }

    private func lastDigit(_ word: String) -> Double {
        let decimals = word.split(separator: ".", omittingEmptySubsequences: false).dropFirst().first?.utf8.count ?? 0
        return (0..<decimals).reduce(1.0) { digit, _ in digit / 10 }
    }
}

/// Reads what a line says. Lines end with CR.
enum AlicatCodec {
    private static let end = UInt8(ascii: "\r")
    /// Stands in the head of every layout table; `ID_` only where the columns have their numbers, from firmware 6v on.
    private static let head = "D00"
    private static let numbered = "ID_"

    static func read(
        _ bytes: [UInt8], answering question: AlicatQuestion, unit: String, _ layout: AlicatLayout?
    ) -> DialogueReply<AlicatAnswer> {
        guard let length = bytes.firstIndex(of: end).map({ $0 + 1 }) else { return .partial }
        let line = text(bytes[..<(length - 1)])
        if line == "?" { return .answer(.notUnderstood, length) }
        // Somebody else's, or an empty one.
        guard line.split(separator: " ").first.map(String.init) == unit else { return .noise(length) }
        if question == .layout { return table(bytes, line, length, unit: unit) }
        guard let layout else { return .answer(.unread, length) }
        guard let frame = layout.frame(line) else { return .wrong(line) }
        return .answer(.frame(frame), length)
    }

    /// An empty line ends the table.
    private static func table(
        _ bytes: [UInt8], _ line: String, _ length: Int, unit: String
    ) -> DialogueReply<AlicatAnswer> {
        guard line.contains(head) else { return .noise(length) }
        guard line.contains(numbered) else {
            return .answer(.strangeLayout("has the layout table of a firmware before 6v, which has no numbers"), length)
        }
        let lines = bytes.split(separator: end, omittingEmptySubsequences: false).map(text)
        // Behind the last CR is no line yet.
        guard let last = lines.dropLast().firstIndex(of: "") else { return .partial }
        let used = lines[...last].reduce(0) { $0 + $1.utf8.count + 1 }
        switch AlicatLayout.parsed(Array(lines[1..<last])) {
        case .layout(let layout): return .answer(.layout(layout), used)
        case .strange(let why): return .answer(.strangeLayout(why), used)
        }
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes.filter { (0x20...0x7e).contains($0) }, as: UTF8.self)
    }
}
