import ControlAPI
import Experiments
import Testing
import Wire

/// Campaigns, priorities, holding, withdrawing, attaching, and following results.
@Suite struct CampaignTests {
    private static let campaign = CampaignRecord(
        campaign: "c-000001", name: "bromide", key: "k", metadata: .object(["seed": .integer(7)]),
        created: "2026-11-20T12:00:00.000Z", createdBy: 1000)

    @Test func aCampaignIsMadeByTheLoop() throws {
        let (request, answer) = try Harness(role: .optimizer).post(
            "campaigns.create", "{\"name\":\"bromide\",\"key\":\"k\",\"metadata\":{\"seed\":7}}", .campaign("c-000001"))
        guard case .createCampaign("bromide", "k"?, .object(["seed": .integer(7)])?) = request else {
            throw Harness.Broken.line("\(request)")
        }
        #expect(answer.result == .object(["campaign": .string("c-000001")]))
    }

    @Test func aCampaignTellsHowFarItsExperimentsAre() throws {
        let bench = Harness(role: .observer)
        bench.store.campaigns = [Self.campaign]
        bench.store.records = (1...5).map { Sample.record($0, $0 < 4 ? .done : .queued, campaign: "c-000001") }
        let result = try bench.ask("campaigns.get", "{\"campaign\":\"c-000001\"}").result
        #expect(result["states"] == .object(["done": .integer(3), "queued": .integer(2)]))
        #expect(result["name"] == .string("bromide") && result["created_by"] == .integer(1000))
        #expect(try bench.ask("campaigns.get", "{\"campaign\":\"c-9\"}").kind == "not_found")
    }

    @Test func campaignsArePagedAlsoByTheirBytes() throws {
        let bench = Harness()
        bench.store.campaigns = (1...90).map { number in
            var one = Self.campaign
            one.campaign = "c-\(number)"
            one.metadata = .string(String(repeating: "x", count: 16_000))
            return one
        }
        var seen: [String] = []
        var pages = 0
        var after = "null"
        repeat {
            let page = try bench.ask("campaigns.list", "{\"after\":\(after),\"limit\":200}").result
            for index in 0..<(page["campaigns"]?.count ?? 0) {
                seen.append(page["campaigns"]?[index]?["campaign"]?.text ?? "")
            }
            after = page["next"]?.text.map { "\"\($0)\"" } ?? "null"
            pages += 1
        } while after != "null" && pages < 90
        #expect(seen == bench.store.campaigns.map(\.campaign) && pages > 1)
        #expect(try bench.ask("campaigns.list", "{\"after\":\"c-999\"}").kind == "not_found")
    }

    @Test func listsAreFilteredByCampaignAndByWhatIsPending() throws {
        let bench = Harness()
        bench.store.campaigns = [Self.campaign]
        bench.store.records = [
            Sample.record(1, .done, campaign: "c-000001"), Sample.record(2, .held, campaign: "c-000001"),
            Sample.record(3, .queued),
        ]
        let pending = try bench.ask("experiments.list", "{\"campaign\":\"c-000001\",\"pending\":true}").result
        #expect(pending["experiments"]?.count == 1)
        #expect(pending["experiments"]?[0]?["experiment"] == .string("e-000002"))
        #expect(try bench.ask("experiments.list", "{\"campaign\":\"c-7\"}").kind == "unknown_campaign")
        #expect(try bench.ask("experiments.results", "{\"campaign\":\"c-000001\"}").result["results"]?.count == 0)
        #expect(try bench.ask("experiments.results", "{\"campaign\":\"c-7\"}").kind == "unknown_campaign")
    }

    @Test func afterWhatDoesNotExistIsNotFound() throws {
        let answer = try Harness().ask("experiments.list", "{\"after\":\"e-000099\"}")
        #expect(answer.kind == "not_found" && answer.hint.contains("next"))
    }

    /// Follows 130 ends that come while it reads, some with so much metadata that a page holds few of them.
    @Test func resultsAreSeenExactlyOnce() throws {
        let bench = Harness(role: .observer)
        func end(_ count: Int) {
            for _ in 0..<count {
                var record = Sample.record(bench.store.records.count + 1, .done)
                record.sequence = bench.store.records.count + 1
                let size = record.experiment.hasSuffix("3") ? 16_000 : 10
                record.metadata = .string(String(repeating: "x", count: size))
                bench.store.records.append(record)
            }
        }
        end(100)
        var seen: [Double] = []
        var since: Double = 0
        var hasMore = true
        var rounds = 0
        while hasMore || rounds < 5 {
            let page = try bench.ask("experiments.results", "{\"since\":\(Int(since)),\"limit\":70}").result
            for index in 0..<(page["results"]?.count ?? 0) {
                seen.append(page["results"]?[index]?["sequence"]?.double ?? -1)
            }
            since = page["next"]?.double ?? -1
            hasMore = page["more"] == .bool(true)
            rounds += 1
            if rounds == 1 { end(30) }
        }
        #expect(seen == (1...130).map(Double.init))
        #expect(try bench.ask("experiments.results", "{\"since\":130}").result["next"] == .integer(130))
    }

    @Test func prioritiesArePassedOn() throws {
        let params = { (priority: String) in "{\"recipe\":\(Sample.recipeJSON),\"priority\":\(priority)}" }
        let reply = ControlReply.submitted(experiment: "e-000001", state: .queued, position: 1)
        for (text, value) in [("-100", -100), ("0", 0), ("100", 100), ("null", 0)] {
            let (request, _) = try Harness().post("experiments.submit", params(text), reply)
            guard case .submit(let submission) = request else { throw Harness.Broken.line("\(request)") }
            #expect(submission.priority == value)
        }
        let wrong = try Harness().ask("experiments.submit", params("101"))
        #expect(wrong.detail.contains("priority: expected a whole number of -100 to 100"))
    }

    @Test(arguments: ["experiments.hold", "experiments.release", "experiments.abandon", "experiments.cancel"])
    func onesOwnExperimentsOrATechnician(_ method: String) throws {
        let reason = method == "experiments.abandon" ? ",\"reason\":\"bubbles\"" : ""
        let params = "{\"experiment\":\"e-000001\"\(reason)}"
        for (role, uid, isAllowed) in [(Role.optimizer, 1000, true), (.optimizer, 1001, false), (.technician, 7, true)]
        {
            let bench = Harness(role: role, uid: UInt32(uid))
            bench.store.records = [Sample.record(1, .queued, by: 1000)]
            if isAllowed {
                let (_, answer) = try bench.post(method, params, .experiment("e-000001", state: .held))
                #expect(
                    answer.result == .object(["experiment": .string("e-000001"), "state": .string("held")]))
            } else {
                #expect(try bench.ask(method, params).kind == "forbidden")
                #expect(bench.posts.isEmpty)
            }
        }
        let unknown = try Harness().ask(method, "{\"experiment\":\"e-9\"\(reason)}")
        #expect(unknown.kind == "not_found")
    }

    @Test func whatIsAskedReachesTheLoop() throws {
        let bench = Harness(uid: 7)
        bench.store.records = [Sample.record(1, .done, by: 1000)]
        let reply = ControlReply.experiment("e-000001", state: .abandoned)
        let (hold, _) = try bench.post("experiments.hold", "{\"experiment\":\"e-000001\"}", reply)
        guard case .hold("e-000001", "held by uid 7") = hold else { throw Harness.Broken.line("\(hold)") }
        let (release, _) = try bench.post("experiments.release", "{\"experiment\":\"e-000001\"}", reply)
        guard case .release("e-000001") = release else { throw Harness.Broken.line("\(release)") }
        let (abandon, _) = try bench.post(
            "experiments.abandon", "{\"experiment\":\"e-000001\",\"reason\":\"bubbles\"}", reply)
        guard case .abandon(let record, "bubbles") = abandon else { throw Harness.Broken.line("\(abandon)") }
        #expect(record == bench.store.records[0], "the record as the archive has it")
    }

    @Test func anAttachedResultKeepsWhatIsNotKnownUnknown() throws {
        let features =
            "{\"pl_peak\":{\"mean\":35000,\"unit\":\"counts\"},\"abs_300\":{\"mean\":0.4,\"sem\":0.01,\"n\":9,\"unit\":\"AU\"}}"
        let (request, answer) = try Harness(role: .optimizer).post(
            "experiments.attach",
            "{\"recipe\":\(Sample.recipeJSON),\"features\":\(features),\"source\":\"notebook 12\",\"key\":\"k\"}",
            .experiment("e-000001", state: .attached))
        guard case .attach(let attachment) = request else { throw Harness.Broken.line("\(request)") }
        #expect(attachment.source == "notebook 12" && attachment.submission.key == "k")
        #expect(attachment.features["pl_peak"]?.sem.isNaN == true && attachment.features["pl_peak"]?.n == 1)
        #expect(attachment.features["abs_300"] == FeatureValue(mean: 0.4, sem: 0.01, n: 9, unit: "AU"))
        #expect(answer.result["state"] == .string("attached"))

        let bench = Harness()
        bench.store.records = [Sample.record(1, .attached)]
        bench.store.records[0].features = attachment.features
        let shown = try bench.ask("experiments.get", "{\"experiment\":\"e-000001\"}").result["features"]
        #expect(shown?["pl_peak"]?["sem"] == .null && shown?["abs_300"]?["sem"] == .number(0.01))
    }

    @Test(arguments: [
        ("\"features\":{},\"source\":\"x\"", "features: expected an object of 1 to 64 members"),
        ("\"features\":{\"a\":{\"mean\":1}},\"source\":\"x\"", "features.a.unit: missing"),
        (
            "\"features\":{\"a\":{\"mean\":1,\"unit\":\"AU\",\"n\":0}},\"source\":\"x\"",
            "features.a.n: expected a whole"
        ),
        ("\"features\":{\"a\":{\"mean\":1,\"unit\":\"AU\"}},\"source\":\"\"", "source: expected a string of 1 to"),
        ("\"features\":{\"a\":{\"mean\":null,\"unit\":\"AU\"}},\"source\":\"x\"", "features.a.mean: expected a number"),
    ])
    func whatCannotBeAttachedIsNamed(_ members: String, _ expected: String) throws {
        let answer = try Harness().ask("experiments.attach", "{\"recipe\":\(Sample.recipeJSON),\(members)}")
        #expect(answer.detail.contains(expected), "\(answer.detail)")
    }

    @Test func referencesHaveNoResultToAttach() throws {
        let answer = try Harness().ask(
            "experiments.attach",
            "{\"recipe\":{\"kind\":\"references\"},\"features\":{\"a\":{\"mean\":1,\"unit\":\"AU\"}},\"source\":\"x\"}")
        #expect(answer.kind == "invalid_params" && answer.detail.contains("expected flows or box"))
    }
}
