import Quantities
import Wire

/// The folder of a simulated instrument, in memory.
struct CDFolder: Sendable {
    private struct File: Sendable {
        var bytes: [UInt8]
        var modified: Int64
    }

    /// The oldest goes when there are more.
    private static let mostFiles = 200
    /// What bench time 0 is to the instrument's computer, ns since 1970.
    private static let epoch: Int64 = 1_700_000_000_000_000_000

    private var files: [String: File] = [:]

    func has(_ name: String) -> Bool { files[name] != nil }

    /// What the newest ticket asks for.
    var sample: String? {
        let newest = files.filter { FolderRules.isTicket($0.key) }.max {
            ($0.value.modified, $0.key) < ($1.value.modified, $1.key)
        }
        return newest.flatMap { Self.sample(in: $0.value.bytes) }
    }

    private static func sample(in ticket: [UInt8]) -> String? {
        let lines = String(decoding: ticket, as: UTF8.self).split { $0 == "\r\n" || $0 == "\n" }
        let line = lines.first { $0.hasPrefix("SAMPLE\t") }
        return line.map { String($0.dropFirst(7)) }.flatMap { FolderRules.isName($0) && $0.utf8.count <= 64 ? $0 : nil }
    }

    mutating func append(_ bytes: [UInt8], to name: String, at now: BenchInstant) {
        files[name, default: File(bytes: [], modified: 0)].bytes += bytes
        files[name]?.modified = Self.epoch + now.nanoseconds
        guard files.count > Self.mostFiles else { return }
        let oldest = files.min { ($0.value.modified, $0.key) < ($1.value.modified, $1.key) }
        if let oldest { files[oldest.key] = nil }
    }

    mutating func answer(_ request: FolderRequest, at now: BenchInstant) -> [UInt8] {
        switch request {
        case .list(let prefix):
            return FolderAnswer.list(
                files.filter { $0.key.hasPrefix(prefix) }.map {
                    FolderEntry(name: $0.key, size: $0.value.bytes.count, modified: $0.value.modified)
                })
        case .read(let name, let offset, let length):
            guard let file = files[name] else { return FolderAnswer.error("no such file: \(name)") }
            return FolderAnswer.piece(Array(file.bytes.dropFirst(offset).prefix(length)))
        case .ticket(let name, let content):
            files[name] = nil
            append(content, to: name, at: now)
            return FolderAnswer.done
        case .withdraw(let name):
            files[name] = nil
            return FolderAnswer.done
        }
    }
}
