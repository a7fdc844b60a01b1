import Wire

/// How an actuator counts: two positions by letters, or as many as its valve has by numbers.
/// Source: VICI Valco, manuals of the universal actuator (EUHA) and of the microelectric ones (EMH, EMT); mode `AM`.
enum ViciKind: String, Sendable, CaseIterable {
    case twoPosition = "two-position"
    case selector

    /// The most ports that a selector of this make has.
    static let mostPorts = 96

    var ports: ClosedRange<Int> { self == .twoPosition ? 1...2 : 1...Self.mostPorts }

    /// `A`, or `4`.
    func shown(_ port: Int) -> String {
        switch self {
        case .twoPosition: port == 1 ? "A" : "B"
        case .selector: "\(port)"
        }
    }
}

/// One line to the actuator. Source of the words: VICI Valco, RS-232 command list of the actuators above.
enum ViciQuestion: Hashable, Sendable {
    /// `CP`: the current position.
    case position
    /// `NP`: how many positions there are.
    case count
    /// `GO`: by the shortest way. Many units say nothing to it; with `IFM1` they repeat it.
    case go(Int)

    func line(_ kind: ViciKind, id: String) -> String {
        switch self {
        case .position: "\(id)CP\r"
        case .count: "\(id)NP\r"
        case .go(let port): "\(id)GO\(kind.shown(port))\r"
        }
    }
}

/// What an actuator says to a question.
enum ViciAnswer: Hashable, Sendable {
    /// A is 1, B is 2.
    case position(Int)
    case count(Int)
    /// The right word with a value that such a valve does not have; the line as it came.
    case strange(String)
}

/// Reads what an actuator says, in its short form (`CP03`, `CPA`, `NP10`) and its long one (`Position is  = 3`,
/// `NP = 10`). Source: manuals as above for the short form; captured lines of microelectric units for the long one.
enum ViciCodec {
    /// The first line and how many bytes it takes with its end; nil where none is whole.
    static func line(_ bytes: [UInt8]) -> (text: String, length: Int)? {
        guard let end = bytes.firstIndex(where: { $0 == 0x0d || $0 == 0x0a }) else { return nil }
        return (String(decoding: bytes[..<end], as: UTF8.self), end + 1)
    }

    /// nil: the line says something else, such as the echo of a command.
    static func position(_ line: String, _ kind: ViciKind, id: String) -> ViciAnswer? {
        let text = trimmed(line, id)
        guard let value = value(text, after: "CP") ?? value(text, after: "Position is") else { return nil }
        let port: Int? =
            switch (kind, value) {
            case (.twoPosition, "A"): 1
            case (.twoPosition, "B"): 2
            case (.twoPosition, _): nil
            case (.selector, _): number(value)
            }
        return port.map { .position($0) } ?? .strange(line)
    }

    static func count(_ line: String, id: String) -> ViciAnswer? {
        value(trimmed(line, id), after: "NP").map { value in number(value).map { .count($0) } ?? .strange(line) }
    }

    private static func number(_ digits: String) -> Int? {
        guard let number = Int(digits), (1...ViciKind.mostPorts).contains(number) else { return nil }
        return number
    }

    /// Replies may begin with the unit's address.
    private static func trimmed(_ line: String, _ id: String) -> Substring {
        let text = line.drop { $0 == " " }
        return !id.isEmpty && text.hasPrefix(id) ? text.dropFirst(id.count) : text
    }

    /// What follows the word, without blanks, quotes and an equals sign.
    private static func value(_ text: Substring, after word: String) -> String? {
        guard text.hasPrefix(word) else { return nil }
        let value = text.dropFirst(word.count).filter { !" =\"".contains($0) }
        return value.isEmpty ? nil : String(value)
    }
}
