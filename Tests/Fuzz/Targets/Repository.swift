import FoundationEssentials

/// The files of this checkout.
enum Repository {
    private static let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4).joined(
        separator: "/")

    static func path(_ path: String) -> String { "\(root)/\(path)" }

    static func bytes(_ path: String) -> [UInt8] {
        FileManager.default.contents(atPath: self.path(path)).map { Array($0) } ?? []
    }

    static func text(_ path: String) -> String { String(decoding: bytes(path), as: UTF8.self) }

    /// All files of a folder whose names begin like this, sorted.
    static func files(_ folder: String, prefix: String = "") -> [Seed] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path(folder))) ?? []
        return names.filter { $0.hasPrefix(prefix) }.sorted().map { Seed(name: $0, bytes: bytes("\(folder)/\($0)")) }
    }
}
