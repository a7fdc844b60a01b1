import Configuration
import Experiments
import Quantities

extension FuzzTarget {
    /// Text through the bench file's reader. What it takes, a controller must be able to start on.
    static let benchFile = FuzzTarget(
        "bench-file", longestInput: 12_000, words: { words(of: Bench.text) },
        recorded: { [Seed(name: "nanocrystal.toml", bytes: Array(Bench.text.utf8))] }
    ) { (bytes) throws(BrokenPromise) in
        guard let text = String(validating: bytes, as: UTF8.self) else { return }
        let bench: BenchFile
        do throws(ConfigurationError) {
            bench = try BenchFile.parse(text: text, name: "bench.toml", directory: "/etc/flowlab")
        } catch {
            return try check(error, lines: bytes.count { $0 == 0x0a } + 1)
        }
        let start = Moment(wire: .zero, bench: .zero, wall: .zero)
        var controller = BenchController(bench.definition, restored: RestoredState(), at: start)
        _ = controller.start(RestoredState(), at: start)
        let later = Moment(wire: .zero + .seconds(100), bench: .zero + .seconds(100), wall: .zero)
        _ = controller.handle(.time, at: later)
        _ = controller.snapshot(at: later)
    }

    /// The file that flowlab-sim writes, and the bench file with it.
    static let endpointsFile = FuzzTarget("endpoints", longestInput: 2048, words: { JSONWords.words }) {
        (bytes) throws(BrokenPromise) in
        guard let text = String(validating: bytes, as: UTF8.self) else { return }
        do throws(ConfigurationError) {
            let endpoints = try Endpoints.parse(text, name: "endpoints.json")
            _ = try BenchFile.parse(text: Bench.text, name: "bench.toml", endpoints: endpoints)
        } catch {
            try check(error, lines: Bench.text.utf8.count { $0 == 0x0a } + 1)
        }
    }

    /// Each problem is told in words, with a line that there is.
    private static func check(_ error: ConfigurationError, lines: Int) throws(BrokenPromise) {
        try promise(!error.description.isEmpty, "a refusal without words")
        switch error {
        case .problems(_, let problems):
            try promise(!problems.isEmpty, "refused without a problem")
            for problem in problems {
                try promise(problem.line.map { (1...lines).contains($0) } ?? true, "no such line: \(problem)")
                try promise(!problem.text.isEmpty, "a problem without words at \(problem.path)")
            }
        case .syntax(_, let line, _, _): try promise((0...lines + 1).contains(line), "no such line: \(line)")
        case .unreadable: break
        }
    }

    /// Every word of a text, once.
    private static func words(of text: String) -> [String] {
        let words = text.split { !$0.isLetter && !$0.isNumber && $0 != "_" && $0 != "-" }.map(String.init)
        return Set(words).sorted() + [
            "[[", "]]", "[", "]", "{", "}", "=", "\"", "nan", "inf", "1e400", "'''", "\"\"\"",
        ]
    }
}

/// The bench of the examples.
enum Bench {
    static let text = Repository.text("examples/nanocrystal.toml")

    static let definition: BenchDefinition = {
        guard let bench = try? BenchFile.parse(text: text, name: "nanocrystal.toml") else {
            preconditionFailure("examples/nanocrystal.toml is not right")
        }
        return bench.definition
    }()
}
