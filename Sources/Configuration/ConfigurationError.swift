/// Why a bench file cannot be used.
public enum ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file could not be read; `detail` is the system's reason and what to do.
    case unreadable(file: String, detail: String)
    /// The text is not TOML (an endpoints file: not JSON). Line and column count from 1; 0 where unknown.
    case syntax(file: String, line: Int, column: Int, detail: String)
    /// Everything that is wrong with the file, in the order of its lines; never empty.
    case problems(file: String, [ConfigurationProblem])

    /// One line a problem, `file:line: what`.
    public var description: String {
        switch self {
        case .unreadable(let file, let detail): "\(file): \(detail)"
        case .syntax(let file, let line, let column, let detail):
            line > 0 ? "\(file):\(line):\(column): \(detail)" : "\(file): \(detail)"
        case .problems(let file, let problems):
            problems.map { problem in
                problem.line.map { "\(file):\($0): \(problem.text)" } ?? "\(file): \(problem.text)"
            }.joined(separator: "\n")
        }
    }

    public var problems: [ConfigurationProblem] {
        if case .problems(_, let problems) = self { problems } else { [] }
    }
}

/// One thing that is wrong with a bench file.
public struct ConfigurationProblem: Hashable, Sendable {
    /// The key: `devices.cui.syringe.diameter_mm`.
    public let path: String
    /// Where the key stands, or for a missing key the table that should have it; nil where no such line exists.
    public let line: Int?
    /// The key, what was found and what was expected, in one sentence.
    public let text: String

    public init(path: String, line: Int?, text: String) {
        self.path = path
        self.line = line
        self.text = text
    }
}
