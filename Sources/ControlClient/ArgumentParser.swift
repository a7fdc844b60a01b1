import ControlAPI

/// The options and operands of one command, and its help text.
public struct ArgumentParser: Sendable {
    public struct Option: Sendable {
        let name: String
        /// `FILE`; nil for a flag.
        let value: String?
        let isRepeated: Bool
        /// Takes all words of the form NAME=VALUE that follow.
        let isList: Bool
        let help: String

        public static func flag(_ name: String, _ help: String) -> Option {
            Option(name: name, value: nil, isRepeated: false, isList: false, help: help)
        }

        public static func value(_ name: String, _ value: String, _ help: String) -> Option {
            Option(name: name, value: value, isRepeated: false, isList: false, help: help)
        }

        public static func repeated(_ name: String, _ value: String, _ help: String) -> Option {
            Option(name: name, value: value, isRepeated: true, isList: false, help: help)
        }

        /// `--flow cui=80 oa_cui=10`, also several times.
        public static func list(_ name: String, _ value: String, _ help: String) -> Option {
            Option(name: name, value: value, isRepeated: true, isList: true, help: help)
        }
    }

    /// `flowlabctl submit`
    public let command: String
    public let summary: String
    /// `ID`, or `[NAME]` for one that may be left out.
    public let operands: [String]
    public let options: [Option]
    /// Whole command lines.
    public let examples: [String]
    /// Printed after the examples.
    public let notes: String

    public init(
        _ command: String, summary: String, operands: [String] = [], options: [Option] = [], examples: [String] = [],
        notes: String = ""
    ) {
        self.command = command
        self.summary = summary
        self.operands = operands
        self.options = options + [.flag("--help", "Print this.")]
        self.examples = examples
        self.notes = notes
    }

    public var help: String {
        let head = "usage: " + ([command, "[options]"] + operands).joined(separator: " ") + "\n\n\(summary)\n"
        let rows = options.map { ["  \($0.name)\($0.value.map { " \($0)" } ?? "")", $0.help] }
        let shown = examples.map { "  \($0)\n" }.joined()
        return head + "\noptions:\n" + TextTable.text(rows) + (shown.isEmpty ? "" : "\nexamples:\n\(shown)")
            + (notes.isEmpty ? "" : "\n\(notes)\n")
    }

    public func parse(_ arguments: [String]) throws(UsageError) -> Arguments {
        var parsed = Arguments(command: command)
        var rest = arguments[...]
        var onlyOperands = false
        while let word = rest.popFirst() {
            if word == "--", !onlyOperands {
                onlyOperands = true
            } else if word.hasPrefix("--"), !onlyOperands {
                try take(word, &rest, &parsed)
            } else if word.hasPrefix("-"), word.count > 1, !onlyOperands, Double(word) == nil {
                throw UsageError(command: command, detail: "\(word): options are written with two dashes; see --help")
            } else {
                parsed.operands.append(word)
            }
        }
        try checkOperands(parsed)
        return parsed
    }

    private func take(
        _ word: String, _ rest: inout ArraySlice<String>, _ parsed: inout Arguments
    ) throws(UsageError) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let option = options.first(where: { $0.name == parts[0] }) else { throw unknown(parts[0]) }
        guard let placeholder = option.value else {
            guard parts.count == 1 else {
                throw UsageError(command: command, detail: "\(option.name) takes no value")
            }
            parsed.values[option.name] = [""]
            return
        }
        guard let value = parts.count == 2 ? parts[1] : rest.popFirst() else {
            throw UsageError(command: command, detail: "\(option.name) needs a value: \(option.name) \(placeholder)")
        }
        if parsed.values[option.name] != nil, !option.isRepeated {
            throw UsageError(command: command, detail: "\(option.name) is given twice")
        }
        parsed.values[option.name, default: []].append(value)
        while option.isList, let word = rest.first, word.contains("="), !word.hasPrefix("-") {
            parsed.values[option.name, default: []].append(word)
            rest.removeFirst()
        }
    }

    private func unknown(_ name: String) -> UsageError {
        let near = NearNames.to(name, among: options.map(\.name))
        let also = near.isEmpty ? "see --help" : "did you mean \(near.joined(separator: " or "))?"
        return UsageError(command: command, detail: "unknown option \(name); \(also)")
    }

    private func checkOperands(_ parsed: Arguments) throws(UsageError) {
        guard !parsed.has("--help") else { return }
        let needed = operands.filter { !$0.hasPrefix("[") }
        if parsed.operands.count < needed.count {
            throw UsageError(command: command, detail: "missing \(needed[parsed.operands.count]); see --help")
        }
        if parsed.operands.count > operands.count {
            throw UsageError(command: command, detail: "unexpected \"\(parsed.operands[operands.count])\"; see --help")
        }
    }
}

/// What stood on a command line.
public struct Arguments: Sendable {
    let command: String
    public var commandName: String { command }
    public internal(set) var operands: [String] = []
    var values: [String: [String]] = [:]

    public func has(_ name: String) -> Bool { values[name] != nil }
    public func value(_ name: String) -> String? { values[name]?.first }
    public func values(_ name: String) -> [String] { values[name] ?? [] }

    /// - Throws: when the text is not a number in `range`.
    public func number(_ name: String, in range: ClosedRange<Double>) throws(UsageError) -> Double? {
        guard let text = value(name) else { return nil }
        guard let number = Double(text), range.contains(number) else {
            let expected = "a number of \(range.lowerBound) to \(range.upperBound)"
            throw UsageError(command: command, detail: "\(name) is \"\(text)\", expected \(expected)")
        }
        return number
    }

    /// - Throws: when the text is not a whole number in `range`.
    public func integer(_ name: String, in range: ClosedRange<Int>) throws(UsageError) -> Int? {
        guard let text = value(name) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            let expected = "a whole number of \(range.lowerBound) to \(range.upperBound)"
            throw UsageError(command: command, detail: "\(name) is \"\(text)\", expected \(expected)")
        }
        return number
    }
}

/// A command line that is not understood.
public struct UsageError: Error, CustomStringConvertible, Sendable {
    public let command: String
    public let detail: String

    public init(command: String, detail: String) {
        self.command = command
        self.detail = detail
    }

    public var description: String { "\(command): \(detail)" }
}
