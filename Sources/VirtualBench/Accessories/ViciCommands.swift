import Quantities

/// The command table of the VICI actuators.
extension ViciActuator {
    private static let words = ["CNT", "IFM", "CP", "CW", "CC", "GO", "HM", "TO", "NP", "AM", "VR", "LG", "ID"]
    /// Firmware and its date. Source: the simulated actuator of a synchrotron's control system (dls_serial_sim).
    private static let version = "I-PD-EDF56RC.7\r08/19/2010"

    /// Executes one command; nil: silence.
    mutating func execute(_ command: String, at now: Moment) -> String? {
        guard let word = Self.words.first(where: { command.hasPrefix($0) }) else { return nil }
        let argument = command.dropFirst(word.count)
        switch word {
        case "GO", "CW", "CC", "TO", "HM":
            return act(word, argument, at: now) && responseMode > 0 ? command : nil
        default:
            if argument.isEmpty { return show(word) }
            set(word, argument)
            return nil
        }
    }

    private func show(_ word: String) -> String? {
        switch word {
        case "CP": isLong ? "Position is  = \(positionText)" : "CP\(positionText)"
        case "NP": shown(word, isLong ? "\(count)" : Self.twoDigits(count))
        case "AM": shown(word, "\(mode.rawValue)")
        case "CNT": shown(word, "\(cycles)")
        case "ID": id.map { shown(word, String(UnicodeScalar($0))) } ?? "ID = not used"
        case "VR": Self.version
        default: nil
        }
    }

    /// A number of a selector has two digits in the short form and as many as it needs in the long one.
    private var positionText: String {
        if mode.isTwoPosition { return position == 2 ? "B" : "A" }
        return isLong ? "\(position)" : Self.twoDigits(position)
    }

    private func shown(_ word: String, _ value: String) -> String { word + (isLong ? " = " : "") + value }

    private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    /// Settings. What is out of range is ignored.
    private mutating func set(_ word: String, _ argument: Substring) {
        if word == "ID" { return setID(argument) }
        guard let number = Self.number(argument) else { return }
        switch (word, number) {
        case ("NP", 2...40) where number % 2 == 0 && mode != .twoPositionWithStops && !isBeyond(number):
            count = number
        case ("AM", 1...3): if let mode = Mode(rawValue: number) { setMode(mode) }
        case ("CNT", 0...65535): cycles = number
        case ("IFM", 0...2): responseMode = number
        case ("LG", 0...1): isLong = number == 1
        default: break
        }
    }

    private func isBeyond(_ count: Int) -> Bool { !mode.isTwoPosition && position > count }

    private mutating func setID(_ argument: Substring) {
        guard argument.utf8.count == 1, let byte = argument.utf8.first else { return }
        switch byte {
        case UInt8(ascii: "*"): id = nil
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"): id = byte
        default: break
        }
    }
}
