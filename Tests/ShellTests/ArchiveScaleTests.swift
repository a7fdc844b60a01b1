import Archive
import Experiments
import Testing

/// A hundred thousand experiments, as years of a busy bench leave them.
@Suite(.serialized) struct ArchiveScaleTests {
    static let count = 100_000

    /// Copies of one real record under other names, each with a key and a recipe of its own.
    private func fill(_ place: ArchivePlace) throws {
        let archive = try Archive(path: place.path)
        try archive.commit([Sample.batch(1, .experiment(Sample.ended(1, .done, sequence: 1)))])
        try place.sql(
            """
            PRAGMA synchronous = OFF;
            BEGIN;
            UPDATE experiments SET key = 'key-of-a-client-1';
            WITH RECURSIVE counter (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM counter WHERE n < \(Self.count))
            INSERT INTO experiments (experiment, number, state, is_final, key, campaign, metadata, submitted_by, recipe,
                executed, plan, error, simulated, sequence)
            SELECT printf('e-%06d', n), n, state, 1, 'key-of-a-client-' || n,
                CASE n % 4 WHEN 0 THEN 'c-000002' ELSE campaign END, metadata, submitted_by,
                replace(recipe, '140', 100 + n % 60 || '.' || n), executed, plan, error, simulated, n
            FROM counter, (SELECT * FROM experiments WHERE id = 1);
            INSERT INTO transitions SELECT experiments.experiment, position, transitions.state, time, bench_s, cause
                FROM experiments, transitions WHERE number > 1 AND transitions.experiment = 'e-000001';
            INSERT INTO measurements SELECT experiments.experiment, measured, features, certificate, sample
                FROM experiments, measurements WHERE number > 1 AND measurements.experiment = 'e-000001';
            COMMIT;
            """)
    }

    /// What `body` gives, if it comes in time; the bounds are some ten times what was measured, so that a busy machine
    /// passes and a scan of all records does not.
    private func timed<Value>(_ what: String, within limit: Double, _ body: () throws -> Value) throws -> Value {
        let start = ContinuousClock.now
        let value = try body()
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        print("archive of \(Self.count): \(what) \(seconds) s")
        #expect(seconds < limit, "\(what)")
        return value
    }

    private func residentMegabytes() throws -> Int {
        let text = String(decoding: try ArchiveFiles.bytes(of: "/proc/self/statm"), as: UTF8.self)
        return (Int(text.split(separator: " ")[1]) ?? 0) * 4096 / 1_000_000
    }

    @Test func startAndPagesStayFast() throws {
        let place = try ArchivePlace()
        try fill(place)
        let before = try residentMegabytes()
        let restored = try timed("open and restore", within: 10) { try Archive(path: place.path).restore() }
        print("archive of \(Self.count): \(try residentMegabytes() - before) MB")
        #expect(restored.keys.count == Self.count && restored.lastSequence == Self.count)
        let key = RestoredState.KeyUse.index(uid: UInt32.max, key: "key-of-a-client-4711")
        #expect(restored.keys[key]?.experiment == "e-004711")
        let reader = try ArchiveReader(path: place.path)
        let after = "e-0\(Self.count - 20_000)"
        for filter in [ExperimentFilter(campaign: "c-000002"), ExperimentFilter(state: .done), ExperimentFilter()] {
            let page = try timed("a page of a list", within: 1) {
                try reader.experiments(after: after, matching: filter, limit: 50)
            }
            #expect(page.count == 50)
        }
        let pending = try timed("200 looks for what is pending", within: 1) {
            try (0..<200).map { _ in
                try reader.experiments(
                    after: nil, matching: ExperimentFilter(campaign: "c-000001", isPending: true), limit: 50
                ).count
            }
        }
        #expect(pending.allSatisfy { $0 == 0 })
        for campaign in [nil, "c-000002"] {
            let page = try timed("a page of results", within: 1) {
                try reader.results(since: Self.count / 2, campaign: campaign, limit: 50)
            }
            #expect(page.count == 50)
        }
        let states = try timed("states of a campaign", within: 1) { try reader.states(ofCampaign: "c-000002") }
        #expect(states == [.done: Self.count / 4])
        for table in [ExportTable.experiments, .transitions] {
            let (csv, pages) = try timed("the last page of an export", within: 2) {
                try reader.export(
                    table, campaign: nil, page: table == .experiments ? Self.count / 50 : Self.count * 6 / 200)
            }
            #expect(
                pages == (table == .experiments ? Self.count / 50 : Self.count * 6 / 200) && csv.contains("e-100000"))
        }
    }
}
