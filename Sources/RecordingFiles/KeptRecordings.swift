import ControlAPI
import Experiments
import Glibc
import Platform

/// What was kept of the ring: a directory each, with hard links to its segments, so that keeping costs no copying, and
/// `about.json`, which says why.
struct KeptRecordings {
    /// Of those that trips asked for, and of those that people did: neither kind pushes out the other.
    static let (mostOfTrips, mostRequests) = (16, 4)
    private static let about = "about.json"

    private let directory: String
    /// The oldest first.
    private(set) var all: [KeptRecording]

    init(directory: String) {
        self.directory = directory
        // What a kill left half-done.
        for name in RecorderPlace.allNames(in: directory) where name.hasPrefix(".") {
            Self.remove("\(directory)/\(name)")
        }
        all = RecorderPlace.names(in: directory).compactMap { Self.read("\(directory)/\($0)/\(Self.about)") }
    }

    /// Keeps these segments; the names of those that were dropped for it.
    mutating func keep(
        _ wish: RecordingWish, _ segments: [(number: Int, path: String)]
    ) throws(PlatformError) -> [String] {
        // Whole or not at all: what is half-done has a name that nobody looks for.
        let (unfinished, place) = ("\(directory)/.\(wish.name)", "\(directory)/\(wish.name)")
        try RecorderPlace.make(unfinished)
        do throws(PlatformError) {
            let kept = try Self.fill(unfinished, wish, segments)
            guard rename(unfinished, place) == 0 else { throw RecorderPlace.failure("rename", unfinished) }
            all.append(kept)
        } catch {
            Self.remove(unfinished)
            throw error
        }
        return dropOldest(isRequest: wish.isRequest)
    }

    private static func fill(
        _ unfinished: String, _ wish: RecordingWish, _ segments: [(number: Int, path: String)]
    ) throws(PlatformError) -> KeptRecording {
        var bytes = 0
        for segment in segments {
            let name = segment.path.split(separator: "/").last.map(String.init) ?? "\(segment.number)"
            guard link(segment.path, "\(unfinished)/\(name)") == 0 else {
                throw RecorderPlace.failure("link", segment.path)
            }
            var facts = stat()
            if stat(segment.path, &facts) == 0 { bytes += Int(facts.st_size) }
        }
        let kept = KeptRecording(wish: wish, segments: segments.count, bytes: bytes)
        try write(kept, to: "\(unfinished)/\(about)")
        return kept
    }

    private mutating func dropOldest(isRequest: Bool) -> [String] {
        let names = all.filter { $0.wish.isRequest == isRequest }.map(\.wish.name)
        let dropped = Array(names.dropLast(isRequest ? Self.mostRequests : Self.mostOfTrips))
        for name in dropped { Self.remove("\(directory)/\(name)") }
        all.removeAll { dropped.contains($0.wish.name) }
        return dropped
    }

    private static func remove(_ place: String) {
        guard access(place, F_OK) == 0 else { return }
        for name in RecorderPlace.names(in: place) { unlink("\(place)/\(name)") }
        rmdir(place)
    }

    private static func write(_ kept: KeptRecording, to path: String) throws(PlatformError) {
        guard let bytes = try? EncodedJSON(kept).bytes + [0x0A] else { return }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, RecorderPlace.fileMode)
        guard descriptor >= 0 else { throw RecorderPlace.failure("create", path) }
        defer { close(descriptor) }
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
            throw RecorderPlace.failure("write", path)
        }
    }

    private static func read(_ path: String) -> KeptRecording? {
        guard let bytes = try? RecordedFiles.bytes(of: path), let parsed = try? JSONParser.parse(bytes) else {
            return nil
        }
        return try? parsed.value.decoded(as: KeptRecording.self)
    }
}
