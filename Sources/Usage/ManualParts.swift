/// How a program ends.
public struct ExitStatus: Sendable {
    public let code: Int32
    public let meaning: String

    public init(_ code: Int32, _ meaning: String) {
        self.code = code
        self.meaning = meaning
    }

    /// `exit codes: 0 done, 1 …`, as help texts end.
    public static func help(_ all: [ExitStatus], width: Int = 118) -> String {
        var lines = ["exit codes:"]
        for (index, one) in all.enumerated() {
            let words = " \(one.code) \(one.meaning)\(index + 1 < all.count ? "," : "")"
            if lines[lines.count - 1].count + words.count > width {
                lines.append(String(words.dropFirst()))
            } else {
                lines[lines.count - 1] += words
            }
        }
        return lines.joined(separator: "\n")
    }
}

/// The parts of a page that all programs have.
extension ManPage {
    public static func synopsis(_ forms: [String]) -> Section {
        Section(
            "SYNOPSIS",
            forms.map { form in
                let words = form.split(separator: " ", maxSplits: 1).map(String.init)
                return .term([.bold(words[0]), .plain(words.count > 1 ? " \(words[1])" : "")], [])
            })
    }

    public static func exitStatus(_ all: [ExitStatus]) -> Section {
        Section("EXIT STATUS", all.map { .term([.bold("\($0.code)")], [.text(sentence($0.meaning))]) })
    }

    /// `FILES` and `ENVIRONMENT`.
    public static func names(_ title: String, _ all: [(name: String, meaning: String)]) -> Section {
        Section(title, all.map { .term([.bold($0.name)], [.text($0.meaning)]) })
    }

    public static func examples(_ all: [(text: String, lines: String)]) -> Section {
        Section("EXAMPLES", all.flatMap { one -> [Block] in [.text(one.text), .verbatim(one.lines)] })
    }

    /// - Parameter pages: `flowlabd(8)`.
    public static func seeAlso(_ pages: [String], _ more: String = "") -> Section {
        let spans = pages.map { "`\($0.prefix { $0 != "(" })`\($0.drop { $0 != "(" })" }
        return Section("SEE ALSO", [.text(spans.joined(separator: ", ") + (more.isEmpty ? "" : ", \(more)"))])
    }

    public static func capitalised(_ words: String) -> String { (words.first?.uppercased() ?? "") + words.dropFirst() }

    /// `The bench file is not right.`
    static func sentence(_ words: String) -> String {
        guard let first = words.first else { return "" }
        return first.uppercased() + words.dropFirst() + (words.hasSuffix(".") ? "" : ".")
    }

    /// Text as help has it: lines that are laid out by hand stay as they are, others are filled.
    public static func blocks(of notes: String) -> [Block] {
        var blocks: [Block] = []
        var filled: [String] = []
        var kept: [String] = []
        func flush() {
            if !filled.isEmpty { blocks.append(.text(filled.joined(separator: " "))) }
            if !kept.isEmpty { blocks.append(.verbatim(kept.joined(separator: "\n"))) }
            filled = []
            kept = []
        }
        for line in notes.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            let isLaidOut = line.contains("  ")
            if line.isEmpty || (isLaidOut ? !filled.isEmpty : !kept.isEmpty) { flush() }
            if isLaidOut { kept.append(line) } else if !line.isEmpty { filled.append(line) }
        }
        flush()
        return blocks
    }
}

extension ArgumentParser {
    /// Its options, each with its meaning.
    public var optionBlocks: [ManPage.Block] { Self.blocks(of: shownOptions) }

    public static func blocks(of options: [Option]) -> [ManPage.Block] {
        options.map { option in
            let value: [ManPage.Span] = option.value.map { [.plain(" "), .italic($0)] } ?? []
            return .term([.bold(option.name)] + value, [.text(option.help)])
        }
    }

    /// The command as a term, with what it does, its options but for those that all commands have, and its notes.
    public func commandBlock(_ name: String, without common: [String], notes: String) -> ManPage.Block {
        let own = shownOptions.filter { !common.contains($0.name) }
        let head: [ManPage.Span] =
            operands.isEmpty ? [] : [.plain(" "), .italic(operands.map(\.text).joined(separator: " "))]
        return .term(
            [.bold(name)] + (own.isEmpty ? [] : [.plain(" [options]")]) + head,
            [.text(summary)] + Self.blocks(of: own) + ManPage.blocks(of: notes))
    }
}
