import Wire

/// The options and operands of one command, and its help text. The manual pages and the completions are made of the
/// same table.
public struct ArgumentParser: Sendable {
    /// What a value may be, for completions.
    public enum Values: Hashable, Sendable {
        case file
        case directory
        case words([String])
        /// What the program finds out when it is asked: names of devices, ids.
        case named(String)

        /// `FILE`, `DIR` and `random|lhs|grid` say it themselves.
        static func of(_ placeholder: String) -> [Values] {
            let text = placeholder.filter { $0 != "[" && $0 != "]" }
            if text == "FILE" || text == "PATH" { return [.file] }
            if text == "DIR" { return [.directory] }
            let words = text.split(separator: "|").map(String.init)
            let fixed = words.filter { $0 == $0.lowercased() }
            return fixed.isEmpty ? [] : [.words(fixed)]
        }
    }

    public struct Option: Sendable {
        public let name: String
        /// `FILE`; nil for a flag.
        let value: String?
        let isRepeated: Bool
        /// Takes all words of the form NAME=VALUE that follow.
        let isList: Bool
        let help: String
        let values: [Values]
        var isHidden = false

        public static func flag(_ name: String, _ help: String) -> Option {
            Option(name, nil, help)
        }

        public static func value(_ name: String, _ value: String, _ help: String, of values: Values? = nil) -> Option {
            Option(name, value, help, values)
        }

        public static func repeated(
            _ name: String, _ value: String, _ help: String, of values: Values? = nil
        ) -> Option {
            Option(name, value, help, values, isRepeated: true)
        }

        /// `--flow cui=80 oa_cui=10`, also several times.
        public static func list(_ name: String, _ value: String, _ help: String, of values: Values? = nil) -> Option {
            Option(name, value, help, values, isRepeated: true, isList: true)
        }

        /// For the makers of flowlab: neither in the help nor in the manual.
        public var hidden: Option {
            var option = self
            option.isHidden = true
            return option
        }

        private init(
            _ name: String, _ value: String?, _ help: String, _ values: Values? = nil, isRepeated: Bool = false,
            isList: Bool = false
        ) {
            self.name = name
            self.value = value
            self.isRepeated = isRepeated
            self.isList = isList
            self.help = help
            self.values = values.map { [$0] } ?? value.map(Values.of) ?? []
        }
    }

    /// `ID`, `[NAME]` for one that may be left out, `[NAME...]` as the last for any number.
    public struct Operand: ExpressibleByStringLiteral, Sendable {
        let text: String
        let values: [Values]

        public init(stringLiteral text: String) {
            self.text = text
            self.values = Values.of(text)
        }

        public init(_ text: String, of named: Values) {
            self.text = text
            self.values = Values.of(text) + [named]
        }

        var isOptional: Bool { text.hasPrefix("[") }
        var isRepeated: Bool { text.hasSuffix("...]") }
    }

    /// `flowlabctl submit`
    public let command: String
    public let summary: String
    /// What follows the command in its usage line.
    let form: String
    public let operands: [Operand]
    public let options: [Option]
    /// Whole command lines.
    public let examples: [String]
    /// Printed after the examples.
    public let notes: String

    /// - Parameter form: the usage line without the command; made of the operands if left out.
    public init(
        _ command: String, summary: String, form: String? = nil, operands: [Operand] = [], options: [Option] = [],
        examples: [String] = [], notes: String = ""
    ) {
        self.command = command
        self.summary = summary
        self.form = form ?? (["[options]"] + operands.map(\.text)).joined(separator: " ")
        self.operands = operands
        self.options = options + [.flag("--help", "Print this.")]
        self.examples = examples
        self.notes = notes
    }

    var shownOptions: [Option] { options.filter { !$0.isHidden } }

    public var help: String {
        let terms = shownOptions.map { "  \($0.name)\($0.value.map { " \($0)" } ?? "")" }
        let width = terms.map(\.count).max() ?? 0
        let rows = zip(terms, shownOptions).map { term, option in
            "\(term)\(String(repeating: " ", count: width - term.count + 2))\(option.help)\n"
        }
        let shown = examples.map { "  \($0)\n" }.joined()
        return "usage: \(command) \(form)\n\n\(summary)\n\noptions:\n" + rows.joined()
            + (shown.isEmpty ? "" : "\nexamples:\n\(shown)") + (notes.isEmpty ? "" : "\n\(notes)\n")
    }

    public func parse(_ arguments: [String]) throws(UsageError) -> Arguments {
        var parsed = Arguments(command: command)
        var rest = arguments[...]
        var onlyOperands = false
        while let word = rest.popFirst() {
            if word == "--", !onlyOperands {
                onlyOperands = true
            } else if word == "-h", !onlyOperands {
                parsed.values["--help"] = [""]
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
        let near = NearNames.to(name, among: shownOptions.map(\.name))
        let also = near.isEmpty ? "see --help" : "did you mean \(near.joined(separator: " or "))?"
        return UsageError(command: command, detail: "unknown option \(name); \(also)")
    }

    private func checkOperands(_ parsed: Arguments) throws(UsageError) {
        guard !parsed.has("--help") else { return }
        let needed = operands.filter { !$0.isOptional }
        if parsed.operands.count < needed.count {
            throw UsageError(command: command, detail: "missing \(needed[parsed.operands.count].text); see --help")
        }
        if parsed.operands.count > operands.count, operands.last?.isRepeated != true {
            throw UsageError(command: command, detail: "unexpected \"\(parsed.operands[operands.count])\"; see --help")
        }
    }
}
