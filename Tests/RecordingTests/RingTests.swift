import DeviceModel
import Experiments
import FoundationEssentials
import Platform
import Quantities
import Recording
import RecordingFiles
import Testing

/// The files of the recorder, on a real disk.
@Suite struct RingTests {
    private final class Folder {
        let path: String

        init() throws {
            path = FileManager.default.temporaryDirectory.path + "/flowlab-ring-" + UUID().uuidString
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }

        func names(_ part: String) -> [String] {
            ((try? FileManager.default.contentsOfDirectory(atPath: "\(path)/\(part)")) ?? []).filter {
                !$0.hasPrefix(".")
            }
            .sorted()
        }
    }

    private static let head = SegmentHead(
        daemon: "0", bench: "b", simulated: true, clockRate: 1, run: "r", part: 0, links: FormatTests.links,
        started: FormatTests.moment(0))

    private static func ring(_ folder: Folder, limit: Int) throws -> SegmentRing {
        let ring = try SegmentRing(place: RecorderPlace(state: folder.path), limitBytes: limit, head: head)
        ring.begin(
            RunStart(
                file: "f", text: "t", endpoints: nil, restored: RestoredState(), made: FormatTests.moment(0),
                started: FormatTests.moment(0)))
        return ring
    }

    /// Frames of some 10 kB.
    private static func write(_ count: Int, to ring: SegmentRing, from encoder: inout RecordEncoder) throws {
        for _ in 0..<count {
            let bytes = [UInt8](repeating: 7, count: 10_000)
            encoder.step(.link("heater", .received(bytes)), [], at: FormatTests.moment(Int64(encoder.next)))
            let frame = encoder.take()
            try ring.write(#require(frame))
        }
    }

    private static func wish(_ name: String) -> RecordingWish {
        // The files are of now: what is kept begins ten minutes before.
        let wall = WallInstant(nanoseconds: Int64(Date().timeIntervalSince1970 * 1e9))
        return RecordingWish(cause: name, reason: "test", at: Moment(wire: .zero, bench: .zero, wall: wall))
    }

    private static func numbers(_ path: String) throws -> [UInt64] {
        var numbers: [UInt64] = []
        try RecordedFiles(path).each(trouble: { Issue.record("\($0)") }) { (item) throws(Never) in
            if let number = item.number { numbers.append(number) }
        }
        return numbers
    }

    /// The disk is never asked for more than the bound, and what is left is the newest, without a hole.
    @Test func theRingKeepsItsBound() throws {
        let folder = try Folder()
        let limit = 800_000
        let ring = try Self.ring(folder, limit: limit)
        var encoder = RecordEncoder(links: FormatTests.links)
        for _ in 0..<40 {
            try Self.write(5, to: ring, from: &encoder)
            #expect(ring.bytes <= limit)
            let onDisk = try folder.names("recorder").reduce(0) { sum, name in
                let facts = try FileManager.default.attributesOfItem(atPath: "\(folder.path)/recorder/\(name)")
                return sum + (facts[.size] as? Int ?? 0)
            }
            #expect(onDisk <= limit)
        }
        ring.close()
        let numbers = try Self.numbers(folder.path + "/recorder")
        #expect(numbers.last == 200 && numbers.count > 60)
        #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $1 == $0 + 1 })
    }

    /// What is kept stays when the ring has long gone over it, and of too many the oldest goes.
    @Test func whatIsKeptOutlivesTheRing() throws {
        let folder = try Folder()
        let ring = try Self.ring(folder, limit: 400_000)
        var encoder = RecordEncoder(links: FormatTests.links)
        try Self.write(3, to: ring, from: &encoder)
        let first = Self.wish("first")
        #expect(try ring.keep(first).dropped.isEmpty)
        try Self.write(100, to: ring, from: &encoder)
        #expect(try Self.numbers("\(folder.path)/recordings/\(first.name)") == [1, 2, 3])
        #expect(try Self.numbers("\(folder.path)/recorder").first ?? 0 > 3)
        var dropped: [String] = []
        for index in 0..<16 { dropped += try ring.keep(Self.wish("next-\(index)")).dropped }
        #expect(dropped == [first.name])
        #expect(folder.names("recordings").count == 16)
        // The next daemon finds them again.
        ring.close()
        #expect(try Self.ring(folder, limit: 400_000).kept.count == 16)
    }

    /// What people ask for does not push out what led to a trip.
    @Test func requestsPushOutNoTrip() throws {
        let folder = try Folder()
        let ring = try Self.ring(folder, limit: 400_000)
        var encoder = RecordEncoder(links: FormatTests.links)
        try Self.write(3, to: ring, from: &encoder)
        let trip = Self.wish("trip")
        _ = try ring.keep(trip)
        for _ in 0..<30 {
            let wish = Self.wish(RecordingWish.request)
            if !folder.names("recordings").contains(wish.name) { _ = try ring.keep(wish) }
        }
        #expect(ring.kept.first?.wish == trip)
        #expect(ring.kept.count <= 5 && folder.names("recordings").count == ring.kept.count)
    }

    /// Files that the ring did not make, and what a kill left of a recording.
    @Test func whatIsNotTheRingsIsLeftOrSwept() throws {
        let folder = try Folder()
        let first = try Self.ring(folder, limit: 400_000)
        var encoder = RecordEncoder(links: FormatTests.links)
        try Self.write(1, to: first, from: &encoder)
        first.close()
        let files = FileManager.default
        for name in ["9223372036854775807.flr", "7.flr", "x.flr", "-0000001.flr"] {
            #expect(files.createFile(atPath: "\(folder.path)/recorder/\(name)", contents: nil))
        }
        try files.createDirectory(atPath: "\(folder.path)/recorder/00000009.flr", withIntermediateDirectories: true)
        let halfDone = "\(folder.path)/recordings/.half-done"
        try files.createDirectory(atPath: halfDone, withIntermediateDirectories: true)
        #expect(files.createFile(atPath: "\(halfDone)/00000001.flr", contents: nil))
        let second = try Self.ring(folder, limit: 400_000)
        #expect(!files.fileExists(atPath: halfDone))
        var again = RecordEncoder(links: FormatTests.links)
        try Self.write(20, to: second, from: &again)
        #expect(try second.keep(Self.wish("trip")).kept.segments > 1)
        #expect(folder.names("recorder").contains("00000002.flr"))
    }

    /// A disk that never took anything has nothing to keep.
    @Test func nothingIsNoRecording() throws {
        let folder = try Folder()
        let ring = try Self.ring(folder, limit: 400_000)
        #expect(throws: PlatformError.self) { try ring.keep(Self.wish("trip")) }
        #expect(folder.names("recordings").isEmpty)
    }

    /// The kept part of a run that is still whole begins at its start; once the ring has lost it, it cannot be replayed.
    @Test func aRunIsReplayedFromItsStartOrRefused() throws {
        let folder = try Folder()
        let ring = try Self.ring(folder, limit: 400_000)
        var encoder = RecordEncoder(links: FormatTests.links)
        try Self.write(2, to: ring, from: &encoder)
        let early = Self.wish("early")
        _ = try ring.keep(early)
        try Self.write(100, to: ring, from: &encoder)
        ring.close()
        var asked = 0
        let refuse: (RunStart) -> Result<BenchDefinition, RecordingError> = { start in
            asked += 1
            return .failure(.unreadable(what: start.text, detail: "as the test wants"))
        }
        var runs = RecordedRuns(define: refuse)
        guard case .refused(let why) = runs.replay(try RecordedFiles("\(folder.path)/recordings/\(early.name)")) else {
            Issue.record("not asked for its bench file")
            return
        }
        #expect(asked == 1 && why.contains("as the test wants"))
        var later = RecordedRuns(define: refuse)
        guard case .refused(let other) = later.replay(try RecordedFiles("\(folder.path)/recorder")) else {
            Issue.record("replayed without a start")
            return
        }
        #expect(asked == 1 && other.contains("does not begin at the start of its run"))
    }

    /// The next daemon writes behind what the last one left, also where that was killed in the middle.
    @Test func theNextDaemonGoesOn() throws {
        let folder = try Folder()
        var encoder = RecordEncoder(links: FormatTests.links)
        let first = try Self.ring(folder, limit: 8_000_000)
        try Self.write(2, to: first, from: &encoder)
        // Not closed: its file has its full length still.
        let second = try Self.ring(folder, limit: 8_000_000)
        var again = RecordEncoder(links: FormatTests.links)
        try Self.write(1, to: second, from: &again)
        #expect(folder.names("recorder") == ["00000001.flr", "00000002.flr"])
        #expect(try Self.numbers(folder.path + "/recorder") == [1, 2, 1])
        withExtendedLifetime(first) {}
    }
}
