import ControlClient
import FoundationEssentials
import Glibc
import Quantities

/// Files that this program leaves.
enum ClientFile {
    /// Replaces a file as a whole, so that nobody ever sees half of it.
    static func write(_ text: String, to file: String) throws(Failure) {
        do {
            try Data(text.utf8).write(to: URL(filePath: file), options: .atomic)
        } catch {
            throw .file("\(file): cannot be written; is its directory there and writable?")
        }
    }

    /// - Parameter mayHold: whether a directory that is there may hold something.
    static func makeDirectory(_ path: String, mayHold: Bool) throws(Failure) {
        if let content = try? FileManager.default.contentsOfDirectory(atPath: path) {
            guard content.isEmpty || mayHold else {
                throw .file("\(path): is not empty; choose another directory, or give --force to write into it")
            }
            return
        }
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw .file("\(path): cannot be made; is the directory above it there and writable?")
        }
    }
}

enum Clock {
    /// The calendar of this host, which is the daemon's as well.
    static var wall: WallInstant {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return WallInstant(nanoseconds: Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec))
    }

    static var monotonic: WireInstant {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return WireInstant(nanoseconds: Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec))
    }
}
