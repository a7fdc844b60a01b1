import FoundationEssentials

/// The files of this checkout, as text.
struct SourceTree {
    struct File {
        /// Below the root: `Sources/Wire/CRC.swift`.
        let path: String
        let lines: [String]

        /// `Wire` for a file of `Sources/Wire`.
        var target: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }

        /// What it imports.
        var imports: [String] {
            lines.compactMap { line in
                let words = line.split(separator: " ")
                guard let at = words.firstIndex(of: "import"),
                    words[..<at].allSatisfy({ $0.hasPrefix("@") || $0 == "public" })
                else { return nil }
                let named = words[(at + 1)...].first { !["struct", "class", "enum", "protocol", "func"].contains($0) }
                return named.map { String($0.split(separator: ".")[0]) }
            }
        }
    }

    static let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(
        separator: "/")

    static func text(_ path: String) -> String {
        guard let data = FileManager.default.contents(atPath: "\(root)/\(path)") else { return "" }
        return String(decoding: data, as: UTF8.self)
    }

    /// All Swift files below `folder`, sorted.
    static func swiftFiles(_ folder: String) -> [File] {
        let paths = (try? FileManager.default.subpathsOfDirectory(atPath: "\(root)/\(folder)")) ?? []
        return paths.filter { $0.hasSuffix(".swift") }.sorted().map { path in
            let whole = "\(folder)/\(path)"
            return File(
                path: whole,
                lines: text(whole).split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
        }
    }

    static func folders(_ folder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)")) ?? []
        return names.filter { name in
            var isDirectory = false
            let exists = FileManager.default.fileExists(atPath: "\(root)/\(folder)/\(name)", isDirectory: &isDirectory)
            return exists && isDirectory
        }.sorted()
    }

    /// What `Package.swift` lets each target import: `layer("Wire", ["Quantities"])`.
    static var declaredDependencies: [String: Set<String>] {
        var result: [String: Set<String>] = [:]
        let manifest = text("Package.swift")
        for opening in ["layer(", "program(", "tests("] {
            for piece in manifest.components(separatedBy: opening).dropFirst() {
                let names = quoted(String(piece.prefix { $0 != "]" }))
                guard let name = names.first, piece.contains("[") else { continue }
                result[name] = Set(names.dropFirst())
            }
        }
        return result
    }

    static func quoted(_ text: String) -> [String] {
        text.split(separator: "\"", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }
            .map { String($0.element) }
    }
}
