import Archive
import DeviceModel
import Experiments
import Glibc
import Quantities
import Testing

/// The history of signals: samples, and how they are drawn together as they grow old.
@Suite struct ArchiveSignalTests {
    static let day: Int64 = 86_400
    /// A whole multiple of five minutes.
    static let origin: Int64 = 1_795_000_200

    let place: ArchivePlace

    init() throws { place = try ArchivePlace() }

    private func wall(_ second: Double) -> WallInstant {
        WallInstant(nanoseconds: Self.origin * 1_000_000_000 + Int64(second * 1e9))
    }

    private func reading(
        _ signal: String, _ value: Double?, at second: Double, quality: Quality = .good
    ) -> ArchiveWrite {
        let moment = Moment(wire: .zero, bench: .zero, wall: wall(second))
        return .reading(signal: signal, value: value, unit: "degC", quality: quality.rawValue, at: moment)
    }

    /// Until nothing is left to do at this time.
    private func drawTogether(_ archive: Archive, at second: Double) throws {
        var steps = 0
        while try archive.drawTogether(at: wall(second)) {
            steps += 1
            try #require(steps < 10_000, "it does not end")
        }
    }

    private func history(_ signal: String = "t", limit: Int = 10_000) throws -> [SignalSample] {
        try ArchiveReader(path: place.path).history(of: signal, from: wall(-1e9), to: wall(1e9), limit: limit)
    }

    @Test func youngSamplesStayAsTheyAre() throws {
        let archive = try Archive(path: place.path)
        let writes = [
            reading("t", 20, at: 0), reading("u", 7, at: 0.5), reading("t", nil, at: 1, quality: .bad),
            reading("t", 21.5, at: 2, quality: .uncertain),
        ]
        try archive.commit([ArchiveBatch(id: 1, writes: writes)])
        try drawTogether(archive, at: Double(Self.day))
        let found = try history()
        #expect(found.map(\.at) == [wall(0), wall(1), wall(2)])
        #expect(found.map(\.value) == [20, nil, 21.5])
        #expect(found.map(\.minimum) == [20, nil, 21.5] && found.map(\.maximum) == [20, nil, 21.5])
        #expect(found.map(\.count) == [1, 1, 1] && found.map(\.quality) == [.good, .bad, .uncertain])
        #expect(found.allSatisfy { $0.unit == "degC" })
    }

    @Test func aDayOldSamplesBecomeMeansOfTenSeconds() throws {
        let archive = try Archive(path: place.path)
        let writes = [
            reading("t", 20, at: 1), reading("t", 23, at: 4), reading("t", nil, at: 5, quality: .stale),
            reading("t", 30, at: 9.999), reading("t", 99, at: 10), reading("t", 98, at: 20, quality: .uncertain),
        ]
        try archive.commit([ArchiveBatch(id: 1, writes: writes)])
        // The span of the last sample is not over a day ago yet.
        try drawTogether(archive, at: Double(Self.day) + 29)
        let found = try history()
        #expect(found.map(\.at) == [wall(1), wall(10), wall(20)])
        #expect(found[0].value.map { abs($0 - 73.0 / 3) < 1e-12 } == true)
        #expect(found[0].minimum == 20 && found[0].maximum == 30 && found[0].count == 4)
        #expect(found[0].quality == .stale)
        #expect(
            found[1]
                == SignalSample(
                    at: wall(10), value: 99, minimum: 99, maximum: 99, count: 1, unit: "degC", quality: .good))
        #expect(try place.sql("SELECT count(*) FROM signals") == 1)
    }

    @Test func aMonthOldMeansBecomeMeansOfFiveMinutes() throws {
        let archive = try Archive(path: place.path)
        let writes = (0..<900).map { reading("t", Double($0), at: Double($0)) }
        try archive.commit([ArchiveBatch(id: 1, writes: writes)])
        try drawTogether(archive, at: Double(2 * Self.day))
        #expect(try history().count == 90)
        try drawTogether(archive, at: Double(30 * Self.day) + 600)
        let found = try history()
        #expect(found.count == 2 + 30)
        #expect(found.prefix(2).map(\.count) == [300, 300] && found[2].count == 10)
        #expect(found[0].minimum == 0 && found[0].maximum == 299 && found[1].minimum == 300)
        #expect(found[0].value.map { abs($0 - 149.5) < 1e-9 } == true)
        #expect(try place.sql("SELECT count(*) FROM signal_means WHERE span_s = 300") == 2)
    }

    /// A sample that comes late, or after the clock was set back, joins the mean of its span.
    @Test func lateSamplesJoinTheirSpan() throws {
        let archive = try Archive(path: place.path)
        try archive.commit([ArchiveBatch(id: 1, writes: [reading("t", 10, at: 3), reading("t", 20, at: 4)])])
        try drawTogether(archive, at: Double(3 * Self.day))
        try archive.commit([ArchiveBatch(id: 2, writes: [reading("t", 60, at: 2)])])
        #expect(try history().map(\.count) == [1, 2])
        try drawTogether(archive, at: Double(3 * Self.day))
        let found = try history()
        #expect(found.map(\.at) == [wall(2)] && found.map(\.value) == [30] && found.map(\.count) == [3])
    }

    /// A clock that was ahead for a while leaves samples of the future; they do not keep the others from growing old.
    @Test func samplesOfTheFutureStandInNobodysWay() throws {
        let archive = try Archive(path: place.path)
        let ahead = (0..<2500).map { reading("t", 1, at: Double(400 * Self.day) + Double($0)) }
        let right = (0..<50).map { reading("t", 2, at: Double($0)) }
        try archive.commit([ArchiveBatch(id: 1, writes: ahead), ArchiveBatch(id: 2, writes: right)])
        try drawTogether(archive, at: Double(2 * Self.day))
        #expect(try history().count == 5 + 2500)
    }

    @Test func aStepIsShort() throws {
        let archive = try Archive(path: place.path)
        let writes = (0..<5000).map { reading("t\($0 % 10)", 1, at: Double($0) / 10) }
        try archive.commit([ArchiveBatch(id: 1, writes: writes)])
        var left: Int64 = 5000
        var hasMore = true
        while hasMore {
            hasMore = try archive.drawTogether(at: wall(Double(2 * Self.day)))
            let now = try #require(try place.sql("SELECT count(*) FROM signals"))
            #expect(left - now <= 1000)
            left = now
        }
        #expect(left == 0)
    }

    @Test func historyPagesWithoutHolesOrDuplicates() throws {
        let archive = try Archive(path: place.path)
        let writes = (0..<400).map { reading("t", Double($0), at: Double($0) * 3) }
        try archive.commit([ArchiveBatch(id: 1, writes: writes)])
        // All three kinds at once: long means, short means, samples.
        try drawTogether(archive, at: Double(30 * Self.day) + 600)
        try archive.commit([ArchiveBatch(id: 2, writes: (0..<20).map { reading("t", 5, at: 2e6 + Double($0)) })])
        let whole = try history()
        #expect(Set(whole.map(\.count)).count >= 3)
        let reader = try ArchiveReader(path: place.path)
        var paged: [SignalSample] = []
        var from = wall(-1e9)
        while case let page = try reader.history(of: "t", from: from, to: wall(1e9), limit: 7), let last = page.last {
            paged += page
            from = last.at + WallDuration(nanoseconds: 1)
        }
        #expect(paged == whole)
        #expect(try reader.history(of: "t", from: whole[3].at, to: whole[5].at, limit: 9) == Array(whole[3..<5]))
        #expect(try reader.history(of: "t", from: wall(0), to: wall(1e9), limit: 0).isEmpty)
        #expect(try reader.history(of: "nobody", from: wall(0), to: wall(1e9), limit: 9).isEmpty)
    }
}

/// What is drawn together is neither lost nor counted twice, whatever stops it.
@Suite struct ArchiveSignalKillTests {
    static let day: Int64 = 86_400

    private struct Sums: Equatable, CustomStringConvertible {
        var count: Int64 = 0
        var numbers: Int64 = 0
        /// Sums of whole numbers, to a thousandth.
        var total: Int64 = 0
        var minimum: Int64 = 0
        var maximum: Int64 = 0
        var description: String { "n \(count), numbers \(numbers), sum \(total), \(minimum)…\(maximum)" }

        init(_ place: ArchivePlace) throws {
            let all = """
                (SELECT 1 AS count, value IS NOT NULL AS numbers, value, value AS minimum, value AS maximum FROM signals
                UNION ALL SELECT count, numbers, value, minimum, maximum FROM signal_means)
                """
            func ask(_ what: String) throws -> Int64 { try place.sql("SELECT \(what) FROM \(all)") ?? -1 }
            count = try ask("sum(count)")
            numbers = try ask("sum(numbers)")
            total = try ask("CAST(round(sum(value * numbers), 3) * 1000 AS INTEGER)")
            minimum = try ask("CAST(min(minimum) * 1000 AS INTEGER)")
            maximum = try ask("CAST(max(maximum) * 1000 AS INTEGER)")
        }
    }

    @Test(arguments: [UInt64(1), 77, 20_261_128]) func nothingIsLostOrCountedTwice(seed: UInt64) throws {
        var random = ArchiveRandom(seed: seed)
        let place = try ArchivePlace()
        var archive = try Archive(path: place.path)
        var now: Int64 = 1_795_000_000
        for round in 0..<12 {
            let writes = (0..<1500).map { _ in sample(&random, now - Int64(random.below(Int(40 * Self.day)))) }
            try archive.commit([ArchiveBatch(id: UInt64(round + 1), writes: writes)])
            now += Int64(random.below(Int(2 * Self.day)))
            let before = try Sums(place)
            for _ in 0..<random.below(9) {
                guard try archive.drawTogether(at: WallInstant(nanoseconds: now * 1_000_000_000)) else { break }
            }
            // As a kill leaves it: the files are copied while the daemon has them open.
            if random.below(3) == 0 {
                let killed = try ArchivePlace()
                for ending in ["", "-wal"] { try ArchiveFiles.copy(place.path + ending, to: killed.path + ending) }
                #expect(try Sums(killed) == before)
            }
            if random.below(3) == 0 { archive = try Archive(path: place.path) }
            #expect(try Sums(place) == before)
        }
        while try archive.drawTogether(at: WallInstant(nanoseconds: (now + 80 * Self.day) * 1_000_000_000)) {}
        #expect(try Sums(place).count == 12 * 1500)
        #expect(try place.sql("SELECT count(*) FROM signals") == 0)
        #expect(try place.sql("SELECT count(*) FROM signal_means WHERE span_s <> 300") == 0)
    }

    private func sample(_ random: inout ArchiveRandom, _ second: Int64) -> ArchiveWrite {
        let value = random.below(10) == 0 ? nil : Double(random.below(2000) - 1000)
        return .reading(
            signal: "s\(random.below(4))", value: value, unit: random.pick(["degC", "degC", "uL"]),
            quality: random.pick([Quality.good, .bad, .stale]).rawValue,
            at: Moment(wire: .zero, bench: .zero, wall: WallInstant(nanoseconds: second * 1_000_000_000)))
    }

    /// Refused in the middle of a step: nothing has happened, and it goes on when it can.
    @Test func aStepIsWholeOrNothing() throws {
        let place = try ArchivePlace()
        let archive = try Archive(path: place.path)
        let start: Int64 = 1_795_000_000_000_000_000
        let writes = (0..<3000).map { index in
            ArchiveWrite.reading(
                signal: "s\(index)", value: Double(index), unit: "degC", quality: "good",
                at: Moment(wire: .zero, bench: .zero, wall: WallInstant(nanoseconds: start)))
        }
        try archive.commit([ArchiveBatch(id: 1, writes: writes)])
        let before = try Sums(place)
        try place.sql(
            """
            CREATE TRIGGER refuse BEFORE INSERT ON signal_means
            WHEN (SELECT count(*) FROM signal_means) >= 1500 BEGIN SELECT RAISE(ABORT, 'no more'); END
            """)
        let late = WallInstant(nanoseconds: start + 2 * Self.day * 1_000_000_000)
        #expect(try archive.drawTogether(at: late))
        #expect(throws: ArchiveError.self) { try archive.drawTogether(at: late) }
        #expect(try place.sql("SELECT count(*) FROM signals") == 2000)
        #expect(try Sums(place) == before)
        try place.sql("DROP TRIGGER refuse")
        while try archive.drawTogether(at: late) {}
        #expect(try Sums(place) == before)
        #expect(try place.sql("SELECT count(*) FROM signals") == 0)
    }
}
