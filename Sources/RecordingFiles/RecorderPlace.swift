import Glibc
import Platform

/// Where the flight recorder keeps its files, below the state directory.
public struct RecorderPlace: Sendable {
    static let directoryMode: mode_t = 0o750
    static let fileMode: mode_t = 0o640
    public static let ending = ".flr"

    /// Of the ring's segments, `00000042.flr`.
    public let ring: String
    /// Of what is kept: a directory each.
    public let kept: String

    public init(state: String) {
        ring = state + "/recorder"
        kept = state + "/recordings"
    }

    /// Makes both where they are missing.
    func make() throws(PlatformError) {
        for directory in [ring, kept] { try Self.make(directory) }
    }

    static func make(_ directory: String) throws(PlatformError) {
        guard mkdir(directory, directoryMode) != 0, errno != EEXIST else { return }
        throw failure("create", directory)
    }

    static func failure(_ operation: String, _ path: String, _ code: Int32 = errno) -> PlatformError {
        .system(
            operation: operation, subject: path, errno: code,
            hint: "make room on the disk of the state directory, and let the daemon's user own it")
    }

    /// The names in a directory, in order, without those that are hidden; none where it cannot be read.
    static func names(in directory: String) -> [String] {
        allNames(in: directory).filter { !$0.hasPrefix(".") }.sorted()
    }

    static func allNames(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    static func segments(in directory: String) -> [String] { names(in: directory).filter { $0.hasSuffix(ending) } }
}
