import Archive
import Experiments
import Interlocks
import Quantities
import Testing
import Wire

/// Everything else that is kept beside experiments: campaigns, the ledger, reagents, alarms, reference spectra.
@Suite struct ArchiveKindsTests {
    let place: ArchivePlace

    init() throws { place = try ArchivePlace() }

    @Test func theNewMembersOfARecordComeBack() throws {
        let archive = try Archive(path: place.path)
        var box = Sample.queued(1, key: "k")
        box.recipe = .box(BoxRecipe(x: ["temperature": 0.5, "cui": 1.0 / 3], rampKMin: 5))
        box.executed = .box(BoxRecipe(x: ["temperature": 0.49, "cui": 0.34]))
        box.state = .failed
        box.priority = -100
        box.data = .partial
        box.partialFeatures = ["pl_peak": FeatureValue(mean: 1.5, sem: 0.25, n: 3, unit: "counts")]
        box.flags = ["saturated", "low_flow"]
        box.sequence = 1
        var external = Sample.queued(2)
        external.origin = .external
        external.source = "Müller, \"2024\""
        external.recipe = .references
        external.state = .attached
        external.sequence = 2
        try archive.commit([Sample.batch(1, .experiment(box), .experiment(external))])
        let reader = try ArchiveReader(path: place.path)
        #expect(try reader.experiment("e-000001") == box)
        #expect(try reader.experiment("e-000002") == external)
        box.sequence = 3
        box.state = .abandoned
        try archive.commit([Sample.batch(2, .experiment(box))])
        #expect(try reader.experiment("e-000001") == box)
    }

    /// Usual ones and odd ones, in the record and among the keys.
    @Test(arguments: [UInt64(6), 2028]) func recipesComeBackExactly(seed: UInt64) throws {
        var random = ArchiveRandom(seed: seed)
        let names = ["cui", "", "é", "a\"b", "c\\d", "\n", "\u{1F9EA}", "x", "kind", "flows_ul_min"]
        let numbers = [0, -0.0, 80.01, 0.1 + 0.2, 1e300, -1e-300, .leastNonzeroMagnitude, 1e16, .infinity, 140]
        func values() -> [String: Double] {
            Dictionary((0..<random.below(5)).map { _ in (random.pick(names), random.pick(numbers)) }) { $1 }
        }
        let archive = try Archive(path: place.path)
        let recipes = (1...300).map { _ -> Recipe in
            let ramp = random.below(2) == 0 ? nil : random.pick(numbers)
            return switch random.below(5) {
            case 0: .references
            case 1, 2: .box(BoxRecipe(x: values(), rampKMin: ramp))
            default: .flows(FlowsRecipe(temperatureC: random.pick(numbers), flowsULMin: values(), rampKMin: ramp))
            }
        }
        for (index, recipe) in recipes.enumerated() {
            var record = Sample.queued(index + 1, key: "k\(index)")
            (record.recipe, record.executed) = (recipe, recipes[index / 2])
            try archive.commit([Sample.batch(UInt64(index), .experiment(record))])
        }
        let restored = try archive.restore()
        for (index, recipe) in recipes.enumerated() {
            let record = restored.unfinished[index]
            #expect(record.recipe == recipe && record.executed == recipes[index / 2])
            #expect(restored.keys[RestoredState.KeyUse.index(uid: .max, key: "k\(index)")]?.recipe == recipe)
        }
    }

    @Test func anEndNumberIsGivenOnce() throws {
        let archive = try Archive(path: place.path)
        try archive.commit([Sample.batch(1, .experiment(Sample.ended(1, .done, sequence: 1)))])
        #expect(throws: ArchiveError.self) {
            try archive.commit([Sample.batch(2, .experiment(Sample.ended(2, .done, sequence: 1)))])
        }
        #expect(try ArchiveReader(path: place.path).experiment("e-000002") == nil)
    }

    private func campaign(_ number: Int, key: String? = nil) -> CampaignRecord {
        CampaignRecord(
            campaign: "c-00000\(number)", name: "Größe \(number)", key: key, metadata: .object(["n": .integer(7)]),
            created: "2026-11-20T23:18:10.042Z", createdBy: UInt32.max)
    }

    @Test func campaignsComeBackInTheOrderOfTheirMaking() throws {
        let archive = try Archive(path: place.path)
        let all = [2, 1, 3].map { campaign($0, key: $0 == 1 ? "key" : nil) }
        for (index, one) in all.enumerated() { try archive.commit([Sample.batch(UInt64(index), .campaign(one))]) }
        var renamed = all[0]
        renamed.name = "again"
        renamed.metadata = nil
        try archive.commit([Sample.batch(4, .campaign(renamed))])
        let reader = try ArchiveReader(path: place.path)
        #expect(try reader.campaigns(after: nil, limit: 2) == [renamed, all[1]])
        #expect(try reader.campaigns(after: "c-000001", limit: 2) == [all[2]])
        #expect(try reader.campaign("c-000003") == all[2])
        #expect(try reader.campaign("c-000009") == nil)
        #expect(throws: StoreError.self) { try reader.campaigns(after: "c-000009", limit: 2) }
        #expect(
            try archive.restore().campaigns == ["c-000001": all[1], "c-000002": renamed, "c-000003": all[2]])
    }

    @Test func theLedgerIsReplacedAsAWhole() throws {
        let archive = try Archive(path: place.path)
        #expect(try archive.restore().ledger == nil)
        var ledger = LedgerRecord(
            syringes: ["cui": .init(reagent: "cui", componentsMM: ["cu": 7.5], filledUL: 50_000)], waste: .init())
        ledger.syringes["cui"]?.usedUL = 0.1 + 0.2
        ledger.syringes["cui"]?.reservedUL = 12
        try archive.commit([Sample.batch(1, .ledger(ledger))])
        ledger.syringes["cui"]?.batch = "B7"
        ledger.syringes["pfo"] = .init(reagent: "pfo", componentsMM: [:], filledUL: 1)
        ledger.waste.emptied = "2026-11-20T23:18:10.042Z"
        ledger.waste.emptiedBy = 1000
        try archive.commit([Sample.batch(2, .ledger(ledger))])
        #expect(try archive.restore().ledger == ledger)
        #expect(try place.sql("SELECT count(*) FROM ledger") == 1)
    }

    @Test func reagentActsAreKept() throws {
        let archive = try Archive(path: place.path)
        let act = ReagentAct(
            at: Sample.moment(3), uid: 7, kind: .emptyWaste, device: nil, volumeUL: 1200.5, note: "full")
        try archive.commit([Sample.batch(1, .reagentAct(act))])
        #expect(
            try place.sql(
                """
                SELECT count(*) FROM reagent_acts WHERE uid = 7 AND kind = 'empty_waste' AND device IS NULL
                AND volume_ul = 1200.5 AND note = 'full'
                """) == 1)
    }

    private func alarm(_ id: String, _ text: String, _ isActive: Bool, since: Int64, at: Int64) -> ArchiveWrite {
        .alarm(
            Alarm(
                id: id, text: text, priority: .high, since: Sample.moment(since),
                endedAt: isActive ? nil : Sample.moment(at)), at: Sample.moment(at))
    }

    private func active(at second: Int64) throws -> Int64? {
        let time = Sample.moment(second).wall.nanoseconds
        return try place.sql(
            "SELECT count(*) FROM alarms WHERE raised_ns <= \(time) AND (cleared_ns IS NULL OR cleared_ns > \(time))")
    }

    @Test func alarmsAreOneRowFromRaisingToClearing() throws {
        let archive = try Archive(path: place.path)
        try archive.commit([
            Sample.batch(1, alarm("archive", "full", true, since: 10, at: 10)),
            Sample.batch(2, alarm("device:cui", "offline", true, since: 20, at: 20)),
            Sample.batch(3, alarm("archive", "still full", true, since: 10, at: 30)),
            Sample.batch(4, alarm("archive", "still full", false, since: 10, at: 40)),
            Sample.batch(5, alarm("archive", "full", true, since: 50, at: 50)),
        ])
        #expect(try place.sql("SELECT count(*) FROM alarms") == 3)
        #expect(try place.sql("SELECT count(*) FROM alarms WHERE text = 'still full' AND cleared_ns IS NOT NULL") == 1)
        #expect(try [9, 10, 39, 40, 50].map { try active(at: $0) } == [0, 1, 2, 1, 2])
    }

    /// Alarms end with their daemon, at the last moment that is known of it.
    @Test func alarmsDoNotOutliveTheirDaemon() throws {
        let late = BenchEvent(sequence: 1, topic: "alarms", at: Sample.moment(60), data: .null)
        do {
            let archive = try Archive(path: place.path)
            try archive.commit([
                Sample.batch(1, alarm("archive", "full", true, since: 50, at: 50), .event(late))
            ])
        }
        let archive = try Archive(path: place.path)
        #expect(try active(at: 100) == 1)
        try archive.commit([Sample.batch(1, alarm("archive", "again", true, since: 90, at: 90))])
        #expect(try [59, 60, 89, 90].map { try active(at: $0) } == [1, 0, 0, 1])
    }

    /// A trip outlives its daemon, and so does who knows of it; what nobody acknowledged is asked for again.
    @Test func whatNobodyAcknowledgedIsRestored() throws {
        let known = Alarm.Acknowledgement(uid: 7, at: Sample.moment(12).wall)
        let shelf = Alarm.Shelf(alarm: "flush", person: "Ada", reason: "no solvent", until: Sample.moment(99).wall)
        func write(_ id: String, _ priority: AlarmPriority, ended: Int64? = nil, known: Alarm.Acknowledgement? = nil)
            -> ArchiveWrite
        {
            .alarm(
                Alarm(
                    id: id, text: "why", priority: priority, since: Sample.moment(10),
                    endedAt: ended.map(Sample.moment), acknowledgement: known), at: Sample.moment(10))
        }
        do {
            let archive = try Archive(path: place.path)
            try archive.commit([
                Sample.batch(
                    1, write("interlock:hot", .critical), write("interlock:hot", .critical, known: known),
                    write("device:cui", .high), write("device:cui", .high, ended: 20), write("device:pfo", .high),
                    write("device:pfo", .high, ended: 20, known: known), write("flush", .medium),
                    write("flush", .medium, ended: 20), .shelfSet(shelf))
            ])
        }
        let archive = try Archive(path: place.path)
        let restored = try archive.restore()
        #expect(restored.alarms.map(\.id) == ["device:cui", "interlock:hot"])
        #expect(restored.alarms.map(\.isActive) == [false, true] && restored.alarms[1].isLatched)
        #expect(restored.alarms[1].acknowledgement == known && restored.shelves == [shelf])
        try archive.commit([Sample.batch(1, .shelfEnded("flush"))])
        #expect(try place.sql("SELECT count(*) FROM alarms WHERE cleared_ns IS NULL") == 1)
        #expect(try archive.restore().shelves.isEmpty)
    }

    @Test func theAuditIsReadFromItsEnd() throws {
        let archive = try Archive(path: place.path)
        let writes = (1...5).map { number in
            ArchiveWrite.audit(
                AuditRecord(
                    at: Sample.moment(Int64(number)), uid: number == 3 ? 8 : 7, pid: 1,
                    method: number % 2 == 0 ? "alarms.shelve" : "interlocks.reset", detail: "\(number)", outcome: "done"
                ))
        }
        try archive.commit([ArchiveBatch(id: 1, writes: writes)])
        let reader = try ArchiveReader(path: place.path)
        func details(before: Int64? = nil, _ filter: AuditFilter = AuditFilter(), limit: Int = 9) throws -> [String] {
            try reader.audit(before: before, matching: filter, limit: limit).map(\.record.detail)
        }
        #expect(try details() == ["5", "4", "3", "2", "1"])
        #expect(try details(before: 4, limit: 2) == ["3", "2"])
        #expect(try details(AuditFilter(method: "interlocks.reset")) == ["5", "3", "1"])
        #expect(try details(AuditFilter(method: "interlocks.reset", uid: 8)) == ["3"])
    }

    @Test func theLastReferencesOfEachDeviceAreRestored() throws {
        let archive = try Archive(path: place.path)
        var writes: [ArchiveWrite] = [.experiment(Sample.queued(1))]
        let kinds = ["dark", "reference", "droplet", "dark"]
        for (device, times) in [("spec_pl", [5, 6, 7, 9]), ("spec_abs", [8, 2, 9, 3])] {
            for (kind, second) in zip(kinds, times) {
                writes.append(.spectrum(Sample.spectrum("e-000001", device, kind: kind, second: Int64(second))))
            }
        }
        try archive.commit([ArchiveBatch(id: 1, writes: writes)])
        let references = try archive.restore().references
        let found = references.map {
            "\($0.device) \($0.kind) \($0.at.nanoseconds - Sample.moment(0).wall.nanoseconds)"
        }
        #expect(found == ["spec_abs dark 8", "spec_abs reference 2", "spec_pl dark 9", "spec_pl reference 6"])
        #expect(references[0] == Sample.spectrum("e-000001", "spec_abs", kind: "dark", second: 8))
    }
}
