import Archive
import Experiments
import Glibc
import Quantities
import Testing

/// Archives of version 1 are brought to the present schema with all they hold, or are left as they are.
@Suite struct ArchiveMigrationTests {
    let place: ArchivePlace

    init() throws {
        place = try ArchivePlace()
        try place.sql(ArchiveVersion1.sql)
    }

    @Test func everythingOfVersion1IsThere() throws {
        let archive = try Archive(path: place.path)
        #expect(try place.sql("PRAGMA user_version") == 6)
        let reader = try ArchiveReader(path: place.path)
        let done = try #require(try reader.experiment("e-000001"))
        #expect(done.state == .done && done.key == "v1-a" && done.simulated)
        #expect(done.features?["pl_peak"]?.mean == 36775.05546609411)
        #expect(done.measured?.flowsULMin["pfo"] == 300 && done.certificate?.sweptTau == 1.575034866231591)
        #expect(done.plan.reagentsUL["pfo"] == 922.02 && done.plan.cost == nil && done.plan.wasteUL == nil)
        let recipe = FlowsRecipe(
            temperatureC: 140, flowsULMin: ["cs_oleate": 80, "cui": 80, "oa_cs": 15, "oa_cui": 10, "ode_cui": 60])
        #expect(done.recipe == .flows(recipe))
        #expect(done.transitions.map(\.state) == [.queued, .heating, .flowing, .settling, .measuring, .done])
        #expect(done.transitions.last?.benchS == 436.28438008000000537)
        let failed = try #require(try reader.experiment("e-000002"))
        #expect(failed.error?.kind == "trip" && failed.certificate?.verdict == "not_steady")
        #expect(try archive.restore().latches.map(\.interlock.text) == ["safe-state"])
        #expect(try place.sql("SELECT count(*) FROM audit") == 2)
    }

    @Test func whatVersion1DidNotKnowIsFilledIn() throws {
        let archive = try Archive(path: place.path)
        let records = try ArchiveReader(path: place.path).experiments(
            after: nil, matching: ExperimentFilter(), limit: 9)
        #expect(records.map(\.sequence) == [1, 2, nil])
        #expect(records.map(\.data) == [.complete, .partial, .none])
        #expect(records.allSatisfy { $0.priority == 0 && $0.origin == .bench && $0.source == nil && $0.flags.isEmpty })
        #expect(records.allSatisfy { $0.partialFeatures == nil })
        let restored = try archive.restore()
        #expect(restored.lastSequence == 2 && restored.lastExperimentNumber == 3)
        #expect(restored.unfinished.map(\.experiment) == ["e-000003"])
        #expect(restored.ledger == nil && restored.campaigns.isEmpty && restored.references.isEmpty)
        #expect(restored.keys.values.map(\.experiment).sorted() == ["e-000001", "e-000002", "e-000003"])
        #expect(
            try place.sql("SELECT count(*) = 3 AND min(number) = 1 AND max(number) = 3 FROM events") == 1)
    }

    @Test func spectraAndSamplesOfVersion1CanBeRead() throws {
        _ = try Archive(path: place.path)
        let reader = try ArchiveReader(path: place.path)
        let spectrum = try #require(try reader.spectra(of: "e-000001").first)
        #expect(spectrum.time == "2026-11-28T02:26:33.760Z" && spectrum.counts.count == 3)
        let history = try reader.history(
            of: "heater.temperature", from: .zero, to: WallInstant(nanoseconds: .max), limit: 9)
        #expect(history.map(\.value) == [139.4857635498046875])
        #expect(history.map(\.at.nanoseconds) == [1_795_832_783_055_450_412])
        let csv = try reader.export(.experiments, campaign: nil, page: 1).csv
        let head = csv.split(separator: "\n")[0]
        for column in ["recipe.flows_ul_min.oa_cs", "plan.flows_ul_min.pfo", "features.pl_centre.mean"] {
            #expect(head.split(separator: ",").contains(Substring(column)))
        }
    }

    @Test func itGoesOnFromThere() throws {
        let archive = try Archive(path: place.path)
        var next = Sample.done(4)
        next.sequence = 3
        try archive.commit([Sample.batch(1, .experiment(next), Sample.event(1))])
        #expect(try archive.restore().lastSequence == 3)
        #expect(try place.sql("SELECT max(number) FROM events") == 4)
        #expect(try place.sql("SELECT max(run) FROM events") == 2)
    }

    /// What stops it half way leaves version 1, and it can be tried again.
    @Test func itIsAllOrNothing() throws {
        try place.sql("CREATE TABLE signal_means (in_the_way)")
        #expect(throws: ArchiveError.self) { try Archive(path: place.path) }
        #expect(try place.sql("PRAGMA user_version") == 1)
        #expect(try place.sql("SELECT count(*) FROM pragma_table_info('experiments') WHERE name = 'sequence'") == 0)
        #expect(try place.sql("SELECT count(*) FROM sqlite_schema WHERE name = 'campaigns'") == 0)
        try place.sql("DROP TABLE signal_means")
        #expect(try Archive(path: place.path).restore().lastSequence == 2)
    }

    /// Killed at any instant of the migration: the journal is cut at many places, as it may stand on the disk then.
    @Test func aKillLeavesOneVersionOrTheOther() throws {
        try place.sql("PRAGMA journal_mode = WAL; PRAGMA wal_checkpoint(TRUNCATE)")
        let before = try ArchiveFiles.bytes(of: place.path)
        let archive = try Archive(path: place.path)
        let journal = try ArchiveFiles.bytes(of: place.path + "-wal")
        #expect(journal.count > 50_000)
        var found: Set<Int64> = []
        for cut in stride(from: journal.count, through: 0, by: -9973) {
            let torn = try ArchivePlace()
            try ArchiveFiles.put(before, into: torn.path)
            try ArchiveFiles.put(Array(journal[..<cut]), into: torn.path + "-wal")
            found.insert(try torn.sql("PRAGMA user_version") ?? -1)
            #expect(try Archive(path: torn.path).restore().lastSequence == 2)
            #expect(try ArchiveReader(path: torn.path).experiment("e-000001")?.sequence == 1)
        }
        #expect(found == [1, 6])
        _ = archive
    }

    @Test func aDamagedRecordDoesNotStopIt() throws {
        try place.sql(
            "UPDATE experiments SET plan = 'torn' WHERE id = 1; UPDATE measurements SET features = '{' WHERE experiment = 'e-000001'"
        )
        _ = try Archive(path: place.path)
        let reader = try ArchiveReader(path: place.path)
        #expect(throws: StoreError.self) { try reader.experiment("e-000001") }
        #expect(try reader.experiment("e-000002")?.sequence == 2)
    }
}
