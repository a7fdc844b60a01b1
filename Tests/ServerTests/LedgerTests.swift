import ControlAPI
import Experiments
import Quantities
import Testing
import Wire

/// Reagents, references, recipes' limits, history and export.
@Suite struct LedgerTests {
    @Test func reagentsAndWasteAsTheSnapshotHasThem() throws {
        let result = try Harness(role: .observer).ask("reagents.list").result
        let cui = result["reagents"]?[0]
        #expect(cui?["remaining_ul"] == .number(1000) && cui?["low"] == .bool(true) && cui?["batch"] == .string("B7"))
        #expect(cui?["components_mm"] == .object(["cu": .number(7.5)]) && cui?["lot"] == .null)
        #expect(result["waste"]?["remaining_ul"] == .number(480_000) && result["waste"]?["emptied"] == .null)
    }

    @Test func aRefillReachesTheLoop() throws {
        let (request, answer) = try Harness().post(
            "reagents.refill", "{\"device\":\"cui\",\"volume_ul\":45000,\"batch\":\"B8\",\"components_mm\":{\"cu\":8}}",
            .refilled(device: "cui", remainingUL: 45_000))
        guard case .refill(let refill) = request else { throw Harness.Broken.line("\(request)") }
        #expect(
            refill
                == Refill(
                    device: "cui", volumeUL: 45_000, batch: "B8", lot: nil, componentsMM: ["cu": 8], note: nil))
        #expect(answer.result["remaining_ul"] == .number(45_000))
        let (waste, emptied) = try Harness().post(
            "reagents.empty_waste", "{\"note\":\"drum 3\"}", .wasteEmptied(remainingUL: 500_000))
        guard case .emptyWaste("drum 3"?) = waste else { throw Harness.Broken.line("\(waste)") }
        #expect(emptied.result["remaining_ul"] == .number(500_000))
    }

    @Test func aWrongRefillIsNamed() throws {
        let unknown = try Harness().ask("reagents.refill", "{\"device\":\"ciu\"}")
        #expect(unknown.kind == "not_found" && unknown.hint.contains("did you mean cui"))
        #expect(try Harness(role: .optimizer).ask("reagents.refill", "{\"device\":\"cui\"}").kind == "forbidden")
        #expect(try Harness(role: .optimizer).ask("reagents.empty_waste").kind == "forbidden")
    }

    @Test func referencesSayWhyTheyMayNotBeUsed() throws {
        let list = try Harness(role: .observer).ask("references.list").result["references"]
        #expect(list?[0]?["valid"] == .bool(true) && list?[0]?["reason"] == .null)
        #expect(list?[0]?["age_s"] == .number(150) && list?[0]?["integration_s"] == .number(0.015))
        #expect(
            list?[1]?["valid"] == .bool(false) && list?[1]?["reason"] == .string("taken at 10 ms, measured at 15 ms"))
    }

    @Test func recipeFormsComeFromTheLoop() throws {
        let parameter = RecipeForms.Parameter(
            name: "temperature_c", minimum: 20, maximum: 160, unit: "degC", resolution: 0.1, hardToChange: true,
            required: true, meaning: "plate")
        let constraint = RecipeForms.Constraint(kind: "total_flow", text: "not too much", names: ["x"], limit: 9)
        let forms = RecipeForms(kinds: ["flows": .init(parameters: [parameter], constraints: [constraint])])
        let (_, answer) = try Harness(role: .observer).post("recipes.schema", "{}", .recipeForms(forms))
        let first = answer.result["kinds"]?["flows"]?["parameters"]?[0]
        #expect(first?["hard_to_change"] == .bool(true) && first?["choices"] == .null)
        #expect(answer.result["metadata"]?["max_bytes"] == .integer(Int64(APILimits.metadataBytes)))
    }

    // MARK: History

    private static func sample(_ nanoseconds: Int64) -> SignalSample {
        SignalSample(
            at: WallInstant(nanoseconds: nanoseconds), value: Double(nanoseconds), minimum: 0, maximum: 1, count: 1,
            unit: "degC", quality: .good)
    }

    /// Samples less than a millisecond apart lie on page boundaries; none is lost or given twice.
    @Test(arguments: 1...12) func historyIsPagedWithoutHolesOrRepeats(_ limit: Int) throws {
        let bench = Harness(role: .observer)
        let start: Int64 = 1_700_000_000_000_000_000
        var at = start
        bench.store.samples["heater.temperature"] = (0..<40).map { number in
            at += [100_000, 400_000, 900_000, 3_000_000][number % 4]
            return Self.sample(at)
        }
        var seen: [Double] = []
        var from = "null"
        repeat {
            let page = try bench.ask(
                "signals.history", "{\"signal\":\"heater.temperature\",\"from\":\(from),\"limit\":\(limit)}"
            ).result
            for index in 0..<(page["points"]?.count ?? 0) {
                seen.append(page["points"]?[index]?["value"]?.double ?? -1)
            }
            from = page["next"]?.text.map { "\"\($0)\"" } ?? "null"
        } while from != "null"
        let all = bench.store.samples["heater.temperature"]?.compactMap(\.value) ?? []
        // A page of fewer points than one millisecond holds cannot give them all.
        if limit >= 4 { #expect(seen == all) } else { #expect(seen == seen.sorted() && Set(seen).count == seen.count) }
    }

    @Test func historyNeedsASignalAndTimesInOrder() throws {
        let bench = Harness()
        let unknown = try bench.ask("signals.history", "{\"signal\":\"heater.temperatur\"}")
        #expect(unknown.kind == "not_found" && unknown.hint.contains("heater.temperature"))
        #expect(try bench.ask("signals.history", "{\"signal\":\"heater.temperature\"}").result["points"]?.count == 0)
        let reversed = try bench.ask(
            "signals.history",
            "{\"signal\":\"heater.temperature\",\"from\":\"2026-02-01T00:00:00Z\",\"to\":\"2026-01-01T00:00:00Z\"}")
        #expect(reversed.kind == "invalid_params" && reversed.detail.contains("later than to"))
        let noTime = try bench.ask("signals.history", "{\"signal\":\"a\",\"from\":\"yesterday\"}")
        #expect(noTime.detail.contains("from: expected a time as 2026-11-20T12:00:00Z"))
    }

    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0), ("2026-11-20T23:18:10.042Z", 1_795_216_690_042_000_000),
        ("2026-11-21T00:18:10.042+01:00", 1_795_216_690_042_000_000),
        ("2026-11-20T18:48:10.042-04:30", 1_795_216_690_042_000_000),
        ("2024-02-29t12:00:00.123456789z", 1_709_208_000_123_456_789),
    ])
    func times(_ text: String, _ nanoseconds: Int64) throws {
        let instant = try #require(TimeText.instant(text))
        #expect(instant.nanoseconds == nanoseconds)
        #expect(TimeText.instant(instant.rfc3339)?.nanoseconds == nanoseconds / 1_000_000 * 1_000_000)
    }

    @Test(arguments: [
        "", "2026-11-20", "2026-11-20T23:18:10", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-11-20T24:00:00Z",
        "2026-11-20T23:18:10.Z", "2026-11-20T23:18:10+1:00", "2026-11-20T23:18:10Zx", "26-11-20T23:18:10Z",
    ])
    func noTimes(_ text: String) { #expect(TimeText.instant(text) == nil) }

    // MARK: Export

    @Test func tablesComeAPageAtATime() throws {
        let bench = Harness(role: .observer)
        bench.store.tables[.experiments] = ["experiment,state\ne-000001,done\n", "experiment,state\ne-000002,failed\n"]
        let second = try bench.ask("archive.export", "{\"table\":\"experiments\",\"page\":2}").result
        #expect(second["csv"] == .string("experiment,state\ne-000002,failed\n") && second["pages"] == .integer(2))
        #expect(try bench.ask("archive.export", "{\"table\":\"experiments\",\"page\":3}").kind == "not_found")
        #expect(try bench.ask("archive.export", "{\"table\":\"audit\"}").result["pages"] == .integer(0))
        #expect(
            try bench.ask("archive.export", "{\"table\":\"spectra\"}").detail.contains("expected one of experiments"))
        let campaign = "{\"table\":\"experiments\",\"campaign\":\"c-9\"}"
        #expect(try bench.ask("archive.export", campaign).kind == "unknown_campaign")
    }

    /// Only experiments and their transitions belong to a campaign.
    @Test(arguments: ["reagents", "events", "audit"]) func otherTablesHaveNoCampaign(_ table: String) throws {
        let bench = Harness(role: .observer)
        bench.store.campaigns = [
            CampaignRecord(
                campaign: "c-000001", name: "n", key: nil, metadata: nil, created: "2026-11-20T23:18:10.042Z",
                createdBy: 0)
        ]
        func ask(_ table: String) throws -> String {
            try bench.ask("archive.export", "{\"table\":\"\(table)\",\"campaign\":\"c-000001\"}").kind
        }
        #expect(try ask(table) == "invalid_params")
    }

    @Test(arguments: [
        ("experiments.results", "{}"), ("campaigns.list", "{}"), ("campaigns.get", "{\"campaign\":\"c\"}"),
        ("signals.history", "{\"signal\":\"heater.temperature\"}"), ("archive.export", "{\"table\":\"audit\"}"),
    ])
    func aBrokenArchiveIsSaid(_ method: String, _ params: String) throws {
        let bench = Harness()
        bench.store.failure = StoreError(detail: "disk I/O error")
        let answer = try bench.ask(method, params)
        #expect(answer.kind == "archive" && answer.detail.contains("disk I/O error"))
    }
}
