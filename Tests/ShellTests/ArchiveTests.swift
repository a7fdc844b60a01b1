import Archive
import Experiments
import Glibc
import Interlocks
import Quantities
import Testing

@Suite struct ArchiveTests {
    let place: ArchivePlace

    init() throws { place = try ArchivePlace() }

    /// A NaN is not equal to itself; it must still come back as one.
    private func isSame(_ a: ExperimentRecord?, _ b: ExperimentRecord) -> Bool {
        guard var a else { return false }
        var b = b
        let nans = (a.features?["pl_peak"]?.sem.isNaN, b.features?["pl_peak"]?.sem.isNaN)
        a.features?["pl_peak"]?.sem = 0
        b.features?["pl_peak"]?.sem = 0
        return a == b && nans.0 == nans.1
    }

    @Test func experimentsComeBackExactly() throws {
        let archive = try Archive(path: place.path)
        let records = [Sample.queued(1, key: "k1"), Sample.done(2)]
        try archive.commit([Sample.batch(1, .experiment(records[0]), .experiment(records[1]))])
        let reader = try ArchiveReader(path: place.path)
        for record in records { #expect(isSame(try reader.experiment(record.experiment), record)) }
        #expect(try reader.experiment("e-000003") == nil)
    }

    @Test func aLaterRecordReplacesTheEarlierWhole() throws {
        let archive = try Archive(path: place.path)
        try archive.commit([Sample.batch(1, .experiment(Sample.done(1)))])
        var failed = Sample.queued(1)
        failed.state = .failed
        failed.error = ExperimentError(kind: "trip", device: "heater", detail: "plate", hint: "look")
        try archive.commit([Sample.batch(2, .experiment(failed))])
        #expect(try ArchiveReader(path: place.path).experiment("e-000001") == failed)
    }

    @Test func spectraComeBackExactlyAndInOrder() throws {
        let archive = try Archive(path: place.path)
        let spectra = [Sample.spectrum("e-000001", "spec_pl"), Sample.spectrum("e-000001", "spec_abs")]
        // The spectra may come before their experiment within a batch.
        try archive.commit([Sample.batch(1, .spectrum(spectra[0]), .spectrum(spectra[1]), .experiment(Sample.done(1)))])
        let back = try ArchiveReader(path: place.path).spectra(of: "e-000001")
        #expect(back == spectra)
        #expect(back[0].counts[1].sign == .minus)
    }

    @Test func aSpectrumOfNoExperimentIsRefusedWithItsBatch() throws {
        let archive = try Archive(path: place.path)
        #expect(throws: ArchiveError.self) {
            try archive.commit([
                Sample.batch(1, .experiment(Sample.done(1)), .spectrum(Sample.spectrum("e-000009", "spec_pl")))
            ])
        }
        #expect(try ArchiveReader(path: place.path).experiment("e-000001") == nil)
        try archive.commit([Sample.batch(1, .experiment(Sample.done(1)))])
        #expect(try ArchiveReader(path: place.path).experiment("e-000001") != nil)
    }

    @Test func listsPageInOrderOfSubmission() throws {
        let archive = try Archive(path: place.path)
        for number in 1...5 {
            let record = number == 3 ? Sample.done(number) : Sample.queued(number)
            try archive.commit([Sample.batch(UInt64(number), .experiment(record))])
        }
        // A later change does not move an experiment.
        try archive.commit([Sample.batch(6, .experiment(Sample.queued(1)))])
        let reader = try ArchiveReader(path: place.path)
        #expect(
            try reader.experiments(after: nil, matching: ExperimentFilter(), limit: 2).map(\.experiment) == [
                "e-000001", "e-000002",
            ])
        #expect(
            try reader.experiments(after: "e-000002", matching: ExperimentFilter(state: .queued), limit: 9).map(
                \.experiment) == [
                    "e-000004", "e-000005",
                ])
        #expect(try reader.experiments(after: "e-000005", matching: ExperimentFilter(), limit: 9).isEmpty)
        #expect(throws: StoreError.self) {
            try reader.experiments(after: "e-000099", matching: ExperimentFilter(), limit: 9)
        }
    }

    @Test func restoreGivesWhatIsOpen() throws {
        let first = Sample.latch("plate-over-temperature", 5)
        let second = Sample.latch("plate-lost", 6, first: false)
        do {
            let archive = try Archive(path: place.path)
            var running = Sample.queued(2, key: "same")
            running.state = .settling
            try archive.commit([
                Sample.batch(
                    1, .experiment(Sample.done(1, key: "k")), .experiment(running), .experiment(Sample.queued(3))),
                Sample.batch(2, .latchSet(first), .latchSet(second), .latchSet(Sample.latch("gone", 7))),
                Sample.batch(3, .latchCleared("gone", at: Sample.moment(8))),
            ])
        }
        let restored = try Archive(path: place.path).restore()
        #expect(restored.lastExperimentNumber == 3)
        #expect(restored.unfinished.map(\.experiment) == ["e-000002", "e-000003"])
        #expect(restored.unfinished.map(\.state) == [.settling, .queued])
        #expect(restored.latches == [first, second])
        let index = RestoredState.KeyUse.index(uid: UInt32.max, key: "k")
        #expect(restored.keys.count == 2)
        #expect(restored.keys[index]?.experiment == "e-000001")
        #expect(restored.keys[index]?.recipe == Sample.recipe(140))
        #expect(restored.keys[index]?.state == .done)
    }

    @Test func emptyArchiveRestoresNothing() throws {
        let restored = try Archive(path: place.path).restore()
        #expect(restored.lastExperimentNumber == 0)
        #expect(restored.unfinished.isEmpty && restored.latches.isEmpty && restored.keys.isEmpty)
    }

    @Test func aLatchWithAnUnknownEffectHoldsEverything() throws {
        let archive = try Archive(path: place.path)
        try archive.commit([Sample.batch(1, .latchSet(Sample.latch("old", 1)))])
        try place.sql("UPDATE latches SET effects = 'valves-shut'")
        #expect(try archive.restore().latches.map(\.effects) == [[.everything]])
    }

    /// Sequence numbers begin anew with each start; nothing of the earlier ones is overwritten.
    @Test func eventsReadingsAndAuditAreKeptOverStarts() throws {
        for _ in 0..<2 {
            let archive = try Archive(path: place.path)
            let audit = AuditRecord(
                at: Sample.moment(1), uid: 1000, pid: 42, method: "experiments.submit", detail: "{}", outcome: "ok")
            try archive.commit([
                Sample.batch(1, Sample.event(1), Sample.event(2)),
                Sample.batch(2, .audit(audit)),
                Sample.batch(
                    3,
                    .reading(
                        signal: "heater.temperature", value: 140.5, unit: "degC", quality: "good", at: Sample.moment(2)),
                    .reading(
                        signal: "heater.temperature", value: nil, unit: "degC", quality: "bad", at: Sample.moment(3))),
            ])
        }
        #expect(try place.sql("SELECT count(*) FROM events") == 4)
        #expect(try place.sql("SELECT count(DISTINCT run) FROM events") == 2)
        #expect(try place.sql("SELECT count(*) FROM audit WHERE uid = 1000 AND pid = 42") == 2)
        #expect(try place.sql("SELECT count(*) FROM signals WHERE value = 140.5 OR value IS NULL") == 4)
    }

    @Test func readerSeesOnlyWhatIsCommitted() throws {
        let archive = try Archive(path: place.path)
        try archive.commit([Sample.batch(1, .experiment(Sample.queued(1)))])
        let reader = try ArchiveReader(path: place.path)
        let other = try Connection(place.path)
        try other.run("BEGIN IMMEDIATE; UPDATE experiments SET state = 'failed'")
        #expect(try reader.experiment("e-000001")?.state == .queued)
        try other.run("COMMIT")
        #expect(try reader.experiment("e-000001")?.state == .failed)
    }
}
