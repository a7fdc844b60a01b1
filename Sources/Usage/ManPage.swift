/// A page of the manual, as man(7) describes it.
public struct ManPage: Sendable {
    /// A part of a section. Words between backquotes are shown bold.
    public indirect enum Block: Sendable {
        case text(String)
        /// A name, and what is said of it.
        case term([Span], [Block])
        /// As it stands: command lines, parts of files.
        case verbatim(String)
        case heading(String)
    }

    public enum Span: Sendable {
        case plain(String)
        case bold(String)
        case italic(String)
    }

    public struct Section: Sendable {
        let title: String
        let blocks: [Block]

        public init(_ title: String, _ blocks: [Block]) {
            self.title = title
            self.blocks = blocks
        }
    }

    /// The day when the pages were last gone through as a whole.
    static let edition = "2026-11-28"

    let name: String
    let volume: Int
    /// What it is, in a line.
    let summary: String
    let sections: [Section]

    public init(_ name: String, volume: Int, summary: String, _ sections: [Section]) {
        self.name = name
        self.volume = volume
        self.summary = summary
        self.sections = sections
    }

    /// The page as its file is.
    public var roff: String {
        let head = """
            .\\" Made by `make docs` from the program's own tables: change those.
            .TH \(name.uppercased()) \(volume) \(Self.edition) flowlab "flowlab manual"
            .SH NAME
            \(Roff.escaped(name)) \\- \(Roff.escaped(summary))

            """
        return head + sections.map { ".SH \($0.title)\n" + Self.roff($0.blocks) }.joined()
    }

    private static func roff(_ blocks: [Block]) -> String {
        var text = ""
        var follows = false
        for block in blocks {
            switch block {
            case .text(let words):
                if follows { text += ".PP\n" }
                text += Roff.prose(words)
            case .verbatim(let lines):
                if follows { text += ".PP\n" }
                text += Roff.verbatim(lines)
            case .heading(let title): text += ".SS \(Roff.escaped(title))\n"
            case .term(let spans, let inner):
                text += ".TP\n" + spans.map(Roff.span).joined() + "\n" + body(inner)
            }
            if case .heading = block { follows = false } else { follows = true }
        }
        return text
    }

    /// What is said of a term: its first lines stand beside it, the rest is indented.
    private static func body(_ blocks: [Block]) -> String {
        guard case .text(let first)? = blocks.first else { return blocks.isEmpty ? "\\&\n" : indented(blocks) }
        let rest = Array(blocks.dropFirst())
        return Roff.prose(first) + (rest.isEmpty ? "" : indented(rest))
    }

    private static func indented(_ blocks: [Block]) -> String {
        let lead = if case .term? = blocks.first { "" } else { ".PP\n" }
        return ".RS\n" + lead + roff(blocks) + ".RE\n"
    }
}

/// Text as roff reads it.
private enum Roff {
    static func escaped(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": out += "\\(rs"
            case "-": out += "\\-"
            case "'": out += "\\(aq"
            case "`": out += "\\(ga"
            case "^": out += "\\(ha"
            case "~": out += "\\(ti"
            case "\"": out += "\\(dq"
            case "…": out += "..."
            case _ where scalar.isASCII: out.unicodeScalars.append(scalar)
            default: out += "\\[u\(hexadecimal(scalar.value))]"
            }
        }
        return out
    }

    private static func hexadecimal(_ value: UInt32) -> String {
        let digits = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    static func span(_ span: ManPage.Span) -> String {
        switch span {
        case .plain(let text): escaped(text)
        case .bold(let text): "\\fB\(escaped(text))\\fR"
        case .italic(let text): "\\fI\(escaped(text))\\fR"
        }
    }

    /// Filled text, one sentence a line.
    static func prose(_ text: String) -> String {
        let words = text.split(whereSeparator: \.isWhitespace)
        var lines: [String] = [""]
        for (index, word) in words.enumerated() {
            if lines[lines.count - 1].isEmpty {
                lines[lines.count - 1] = String(word)
            } else {
                lines[lines.count - 1] += " \(word)"
            }
            let next = index + 1 < words.count ? words[index + 1] : ""
            if let end = word.last, ".!?".contains(end), next.first?.isUppercase == true { lines.append("") }
        }
        return lines.filter { !$0.isEmpty }.map { guarded(marked($0)) + "\n" }.joined()
    }

    /// What stands between backquotes is bold.
    private static func marked(_ line: String) -> String {
        line.split(separator: "`", omittingEmptySubsequences: false).enumerated().map { index, part in
            index % 2 == 1 ? span(.bold(String(part))) : escaped(String(part))
        }.joined()
    }

    static func verbatim(_ text: String) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { guarded(escaped(String($0))) }
        return ".nf\n" + lines.joined(separator: "\n") + "\n.fi\n"
    }

    /// A line that begins with a point would be a request.
    private static func guarded(_ line: String) -> String { line.hasPrefix(".") ? "\\&" + line : line }
}
