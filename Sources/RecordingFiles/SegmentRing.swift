import Experiments
import Glibc
import Platform
import Quantities
import Recording

/// The ring on the disk: segments of one size, the oldest removed for the newest. One thread has it.
public final class SegmentRing {
    static let longestSegment = 16 * 1024 * 1024
    /// What a trip looks back to.
    static let keptBefore = WallDuration.seconds(600)
    /// A run that takes no more than this is kept from its beginning, so that it can be replayed.
    static let wholeRunBytes = 128 * 1024 * 1024
    /// The last of the disk is the archive's.
    static let reserve = 64 * 1024 * 1024
    /// No ring comes so far: a file with a greater number is somebody else's.
    static let mostSegments = 1_000_000_000

    public let place: RecorderPlace
    private let limit: Int
    private let head: SegmentHead
    private let segmentBytes: Int
    /// As long as nothing of this run is written, it can still begin at its start.
    private var start: RunStart?
    private var part = 0
    private var number: Int
    /// The first segment of this run; nil while there is none that holds its start.
    private var firstOfRun: Int?
    private var current: SegmentFile?
    private var segments: [(number: Int, bytes: Int)] = []
    private var keeper: KeptRecordings

    /// - Parameters:
    ///   - limitBytes: of all segments together.
    ///   - head: of this daemon's segments.
    public init(place: RecorderPlace, limitBytes: Int, head: SegmentHead) throws(PlatformError) {
        self.place = place
        self.head = head
        limit = limitBytes
        segmentBytes = min(Self.longestSegment, limitBytes / 8)
        try place.make()
        keeper = KeptRecordings(directory: place.kept)
        for name in RecorderPlace.segments(in: place.ring) {
            guard let number = Int(name.dropLast(RecorderPlace.ending.count)), (0..<Self.mostSegments).contains(number),
                Self.name(number) == name, let size = Self.size("\(place.ring)/\(name)")
            else { continue }
            segments.append((number, size))
        }
        number = segments.map(\.number).max() ?? 0
    }

    deinit { close() }

    /// Bytes of the disk that the ring has.
    public var bytes: Int { segments.reduce(0) { $0 + $1.bytes } }
    public var kept: [KeptRecording] { keeper.all }

    /// What the daemon starts from; comes before all frames.
    public func begin(_ start: RunStart) { self.start = start }

    public func write(_ frame: RecordFrame) throws(PlatformError) {
        let bytes = frame.bytes
        if current?.hasRoom(for: bytes.count) != true { try openSegment(for: bytes.count) }
        try current?.append(bytes)
    }

    /// Cuts the ring here, and keeps what covers the last minutes.
    /// - Returns: what was kept, and the names of older ones that made room for it.
    public func keep(_ wish: RecordingWish) throws(PlatformError) -> (kept: KeptRecording, dropped: [String]) {
        close()
        let since = wish.at.wall - Self.keptBefore
        let chosen = segments.filter { isWholeRun($0.number) || Self.changed(path($0.number)) >= since }
        guard !chosen.isEmpty else {
            throw .invalid(subject: place.ring, value: "no segment of these minutes", expected: "something recorded")
        }
        let dropped = try keeper.keep(wish, chosen.map { ($0.number, path($0.number)) })
        guard let kept = keeper.all.last(where: { $0.wish == wish }) else {
            throw .invalid(subject: wish.name, value: "nothing", expected: "a recording")
        }
        return (kept, dropped)
    }

    /// The segment that is written ends here.
    public func close() {
        guard let used = current?.used else { return }
        current.take()?.finish()
        if let last = segments.indices.last { segments[last].bytes = used }
    }

    // MARK: Segments

    private func isWholeRun(_ number: Int) -> Bool {
        guard let firstOfRun, number >= firstOfRun else { return false }
        let run = segments.filter { $0.number >= firstOfRun }.reduce(0) { $0 + $1.bytes }
        return run <= Self.wholeRunBytes
    }

    private func openSegment(for count: Int) throws(PlatformError) {
        close()
        let opening = try opening()
        let size = max(segmentBytes, opening.count + count)
        makeRoom(for: size)
        try checkReserve(size)
        var file = try SegmentFile(making: path(number + 1), size: size)
        number += 1
        segments.append((number, size))
        do throws(PlatformError) {
            try file.append(opening)
        } catch {
            unlink(file.path)
            segments.removeLast()
            throw error
        }
        if start != nil { firstOfRun = number }
        start = nil
        part += 1
        current = consume file
    }

    /// The first bytes of the next segment. A start that could not be written is missed for good: its run can be shown, and
    /// not replayed.
    private func opening() throws(PlatformError) -> [UInt8] {
        do throws(RecordingError) {
            return RecordingFormat.head + (try head.part(part).frame) + (try start?.frame ?? [])
        } catch {
            start = nil
            part = max(part, 1)
            throw .invalid(subject: "the recording", value: error.description, expected: "values that JSON can hold")
        }
    }

    private func makeRoom(for size: Int) {
        while let oldest = segments.first, bytes + size > limit {
            unlink(path(oldest.number))
            segments.removeFirst()
            if oldest.number == firstOfRun { firstOfRun = nil }
        }
    }

    private func checkReserve(_ size: Int) throws(PlatformError) {
        var room = statvfs()
        guard statvfs(place.ring, &room) == 0 else { throw RecorderPlace.failure("look at", place.ring) }
        let free = Int(clamping: UInt64(room.f_bavail) * UInt64(room.f_frsize))
        guard free >= size + Self.reserve else { throw RecorderPlace.failure("take room in", place.ring, ENOSPC) }
    }

    /// Frames were lost before anything was written: this run no longer begins at its start.
    public func missed() {
        start = nil
        part = max(part, 1)
        firstOfRun = nil
    }

    private func path(_ number: Int) -> String { "\(place.ring)/\(Self.name(number))" }

    private static func name(_ number: Int) -> String {
        let digits = String(number)
        return "\(String(repeating: "0", count: max(0, 8 - digits.count)))\(digits)\(RecorderPlace.ending)"
    }

    /// nil: no plain file.
    private static func size(_ path: String) -> Int? {
        var facts = stat()
        return lstat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFREG ? Int(facts.st_size) : nil
    }

    private static func changed(_ path: String) -> WallInstant {
        var facts = stat()
        guard stat(path, &facts) == 0 else { return .zero }
        return WallInstant(
            nanoseconds: Int64(facts.st_mtim.tv_sec) * 1_000_000_000 + Int64(facts.st_mtim.tv_nsec))
    }
}
