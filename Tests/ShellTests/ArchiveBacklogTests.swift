import Archive
import DeviceModel
import Experiments
import Quantities
import Testing

/// What waits while nothing can be written, and what the archive's thread does about it.
@Suite struct ArchiveKeeperTests {
    let place: ArchivePlace

    init() throws { place = try ArchivePlace() }

    private func moment(_ seconds: Double) -> Moment {
        Moment(
            wire: WireInstant(nanoseconds: Int64(seconds * 1e9)), bench: .zero,
            wall: WallInstant(nanoseconds: 1_795_000_000_000_000_000 + Int64(seconds * 1e9)))
    }

    private func sample(_ signal: String, _ value: Double, _ second: Double) -> ArchiveWrite {
        .reading(signal: signal, value: value, unit: "degC", quality: "good", at: moment(second))
    }

    private func fill(_ archive: Archive) throws {
        try archive.limitPages(to: 1)
        var number = 900_000
        while (try? archive.commit([Sample.batch(1, .experiment(Sample.done(number)))])) != nil { number += 1 }
    }

    @Test func whatComesIsCommittedInOrder() throws {
        var keeper = ArchiveKeeper(archive: try Archive(path: place.path))
        let batches = [Sample.batch(7, .experiment(Sample.queued(1))), Sample.batch(8, .experiment(Sample.done(1)))]
        #expect(keeper.work(batches, at: moment(0)) == [.committed(8)])
        #expect(keeper.work([], at: moment(0)).isEmpty)
        #expect(try ArchiveReader(path: place.path).experiment("e-000001")?.state == .done)
        #expect(keeper.backlog.isEmpty)
    }

    @Test func aFullDiskHoldsEverythingAndRecoversByItself() throws {
        let archive = try Archive(path: place.path)
        try fill(archive)
        var keeper = ArchiveKeeper(archive: archive)
        func isFailure(_ reports: [ArchiveKeeper.Report]) -> Bool {
            if case .failed(let text)? = reports.first {
                reports.count == 1 && text.contains("make room")
            } else {
                false
            }
        }
        #expect(isFailure(keeper.work([Sample.batch(1, .experiment(Sample.done(1)))], at: moment(0))))
        #expect(keeper.isFailing && keeper.deadline == moment(1).wire)
        // Nothing is tried before its time, whatever comes.
        for number in 2...50 {
            let batch = Sample.batch(UInt64(number), .experiment(Sample.done(number)), .spectrum(spectrum(number)))
            #expect(keeper.work([batch], at: moment(0.5)).isEmpty)
        }
        #expect(isFailure(keeper.work([], at: moment(1))))
        #expect(keeper.rest(at: moment(1)).isEmpty)
        #expect(keeper.backlog.count == 1 + 2 * 49)
        #expect(keeper.backlog.summary == "50 changes of experiments, 49 spectra")
        try archive.limitPages(to: 100_000)
        #expect(keeper.work([], at: moment(2)) == [.committed(50)])
        #expect(!keeper.isFailing && keeper.backlog.isEmpty && keeper.backlog.count == 0)
        let reader = try ArchiveReader(path: place.path)
        for number in 1...50 { #expect(try reader.experiment(Sample.done(number).experiment) != nil) }
        #expect(try reader.spectra(of: "e-000050").count == 1)
    }

    private func spectrum(_ number: Int) -> SpectrumRecord {
        Sample.spectrum(Sample.queued(number).experiment, "spec_pl")
    }

    /// One batch that cannot be written holds up what follows it, and not what came before it.
    @Test func nothingIsKeptBeforeWhatWentBefore() throws {
        var keeper = ArchiveKeeper(archive: try Archive(path: place.path))
        let poison = Sample.batch(2, .spectrum(Sample.spectrum("e-000999", "spec_pl")))
        let first = ArchiveBatch(
            id: 1, writes: (0..<ArchiveBacklog.groupWrites).map { sample("t", 1, Double($0)) })
        let reports = keeper.work([first, poison, Sample.batch(3, .experiment(Sample.done(1)))], at: moment(0))
        #expect(reports.count == 2 && reports.first == .committed(1))
        let reader = try ArchiveReader(path: place.path)
        #expect(try reader.experiment("e-000001") == nil)
        // Its experiment comes from elsewhere, and all goes on.
        try place.sql(
            """
            INSERT INTO experiments (experiment, number, state, is_final, submitted_by, recipe, executed, plan, simulated)
            VALUES ('e-000999', 999, 'done', 1, 0, '{}', '{}', '{}', 1)
            """)
        #expect(keeper.work([], at: moment(1)) == [.committed(3)])
        #expect(try reader.experiment("e-000001")?.state == .done)
    }

    /// A weekend with a full disk: samples are drawn together, everything else is held as it is.
    @Test func aLongBacklogStaysSmallAndKeepsItsSums() throws {
        let archive = try Archive(path: place.path)
        try fill(archive)
        var keeper = ArchiveKeeper(archive: archive)
        _ = keeper.work([Sample.batch(1, .experiment(Sample.queued(1)))], at: moment(0))
        var next: UInt64 = 2
        // Every batch of a thousand seconds: seven signals a second and now and then an event.
        for block in 0..<200 {
            let writes = (0..<1000).flatMap { second in
                let time = Double(block * 1000 + second)
                return (0..<7).map { sample("s\($0)", Double(second % 10), time) }
            }
            let batch = ArchiveBatch(id: next, writes: writes + [Sample.event(next)])
            let reports = keeper.work([batch], at: moment(0.5))
            #expect(reports.isEmpty)
            #expect(keeper.backlog.count < 4 * ArchiveBacklog.looseWrites)
            next += 1
        }
        #expect(!keeper.backlog.isFull)
        #expect(keeper.backlog.summary.contains("1400000 samples") && keeper.backlog.summary.contains("200 events"))
        try archive.limitPages(to: 1_000_000)
        #expect(keeper.work([], at: moment(1)).last == .committed(next - 1))
        #expect(try place.sql("SELECT count(*) FROM events") == 200)
        #expect(
            try place.sql("SELECT (SELECT count(*) FROM signals) + (SELECT sum(count) FROM signal_means)") == 1_400_000)
        #expect(try place.sql("SELECT min(minimum) = 0 AND max(maximum) = 9 FROM signal_means") == 1)
        #expect(try place.sql("SELECT CAST(round(sum(value * numbers)) AS INTEGER) FROM signal_means") ?? 0 > 6_000_000)
        #expect(try ArchiveReader(path: place.path).experiment("e-000001")?.state == .queued)
    }

    @Test func whatCannotBeHeldIsSaidOnce() throws {
        let archive = try Archive(path: place.path)
        try fill(archive)
        var keeper = ArchiveKeeper(archive: archive)
        _ = keeper.work([Sample.batch(1, .experiment(Sample.done(1)), Sample.event(1))], at: moment(0))
        let events = (2...UInt64(ArchiveBacklog.limit - 1)).map { Sample.event($0) }
        #expect(keeper.work([ArchiveBatch(id: 2, writes: events)], at: moment(0.1)).isEmpty)
        let reports = keeper.work([Sample.batch(3, Sample.event(9_999_999))], at: moment(0.2))
        guard case .full(let text)? = reports.first else {
            Issue.record("it is held without a word: \(reports)")
            return
        }
        #expect(text.contains("\(ArchiveBacklog.limit) events"))
        #expect(keeper.work([Sample.batch(4, Sample.event(10_000_000))], at: moment(0.3)).isEmpty)
        try archive.limitPages(to: 1_000_000)
        #expect(keeper.work([], at: moment(2)).last == .committed(4))
        #expect(try place.sql("SELECT count(*) FROM events") == Int64(ArchiveBacklog.limit) + 1)
    }

    @Test func oldSamplesAreDrawnTogetherInIdleMoments() throws {
        var keeper = ArchiveKeeper(archive: try Archive(path: place.path))
        let old = -2 * 86_400.0
        let writes = (0..<2500).map { sample("t", 1, old + Double($0)) }
        _ = keeper.work([ArchiveBatch(id: 1, writes: writes)], at: moment(0))
        #expect(keeper.rest(at: moment(0)).isEmpty)
        #expect(try place.sql("SELECT count(*) FROM signals") == 1500)
        #expect(keeper.deadline == moment(0.2).wire)
        #expect(keeper.rest(at: moment(0.1)).isEmpty)
        #expect(try place.sql("SELECT count(*) FROM signals") == 1500)
        var time = 0.2
        while keeper.deadline < moment(time + 1).wire {
            time = keeper.deadline.seconds
            #expect(keeper.rest(at: moment(time)).isEmpty)
        }
        #expect(keeper.deadline == moment(time + 60).wire)
        #expect(try place.sql("SELECT count(*) FROM signals") == 0)
        #expect(try place.sql("SELECT sum(count) FROM signal_means") == 2500)
    }
}
