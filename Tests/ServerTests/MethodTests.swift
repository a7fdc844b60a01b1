import ControlAPI
import ControlServer
import Experiments
import Testing
import Wire

@Suite struct MethodTests {
    @Test func statusSaysWhatHappenedAndWhatNow() throws {
        let status = try Harness().ask("system.status").result
        #expect(status["state"] == .string("tripped"))
        #expect(status["uptime_s"] == .number(10))
        #expect(status["held_because"] == .string("the bench has tripped"))
        #expect(status["devices"]?["ready"] == .integer(1))
        let latch = status["latched_interlocks"]?[0]
        #expect(latch?["interlock"] == .string("plate-over-temperature") && latch?["first_out"] == .bool(true))
        #expect(latch?["response"] == .string("Check the thermocouple."))
        #expect(status["queue"] == .array([.string("e-000003")]))
    }

    @Test func readingsHaveAgesAndNoSpecialNumbers() throws {
        let readings = try Harness().ask("signals.read", "{\"names\":[\"heater.*\"]}").result["readings"]
        #expect(readings?["heater.temperature"]?["value"] == .number(140.02))
        #expect(readings?["heater.temperature"]?["age_s"] == .number(0.5))
        #expect(readings?["heater.temperature"]?["unit"] == .string("degC"))
        #expect(readings?["heater.power"]?["value"] == .null)
        #expect(readings?["heater.power"]?["quality"] == .string("bad"))
    }

    @Test func unknownNamesAreNamedWithNearOnes() throws {
        let bench = Harness()
        let signal = try bench.ask("signals.read", "{\"names\":[\"heater.temperatur\"]}")
        #expect(signal.kind == "not_found" && signal.hint.contains("heater.temperature"))
        #expect(try bench.ask("devices.get", "{\"device\":\"heatre\"}").hint.contains("heater"))
        #expect(try bench.ask("experiments.get", "{\"experiment\":\"e-9\"}").kind == "not_found")
    }

    @Test func deviceWithLimitsAndReadings() throws {
        let result = try Harness().ask("devices.get", "{\"device\":\"heater\"}").result
        #expect(result["device"]?["class"] == .string("heater"))
        #expect(result["limits"]?["maximum_c"] == .number(160))
        #expect(result["readings"]?.count == 2)
    }

    @Test(arguments: [
        ("experiments.get", "{}", "experiment: missing"),
        ("experiments.get", "{\"experiment\":1}", "experiment: expected a string"),
        (
            "experiments.get", "{\"experiment\":\"e-1\",\"verbose\":true}",
            "verbose: unknown member; expected the members experiment"
        ),
        ("experiments.get", "[1]", "params: expected an object"),
        (
            "experiments.wait", "{\"experiment\":\"e-1\",\"timeout_s\":-1}",
            "timeout_s: expected a number of 0.0 to 86400.0"
        ),
        ("experiments.plan", "{\"recipe\":{\"kind\":\"box\"}}", "recipe.x: missing"),
        (
            "experiments.plan", "{\"recipe\":{\"kind\":\"boxes\"}}",
            "recipe.kind: expected one of box, flows, references"
        ),
        (
            "experiments.plan", "{\"recipe\":{\"kind\":\"box\",\"x\":{\"cui\":\"1\"}}}",
            "recipe.x.cui: expected a number, found \"1\""
        ),
        ("experiments.plan", "{\"recipe\":{\"kind\":\"flows\",\"flows_ul_min\":{}}}", "recipe.temperature_c: missing"),
        (
            "experiments.plan",
            "{\"recipe\":{\"kind\":\"flows\",\"temperature_c\":1,\"flows_ul_min\":{\"cui\":\"80\"}}}",
            "recipe.flows_ul_min.cui: expected a number, found \"80\""
        ),
        (
            "experiments.plan", "{\"recipe\":{\"kind\":\"flows\",\"temperature_c\":1,\"flows_ul_min\":{},\"t\":1}}",
            "recipe.t: unknown member"
        ),
        (
            "experiments.submit", "{\"recipe\":\(Sample.recipeJSON),\"urgent\":1}",
            "urgent: unknown member; expected the members recipe, key, metadata, campaign, priority"
        ),
        ("signals.read", "{\"names\":[\"a\",2]}", "names[1]: expected a string"),
        ("signals.read", "{\"names\":[]}", "names: expected an array of 1 to"),
        ("system.status", "{\"x\":1}", "x: unknown member; expected no members"),
    ])
    func wrongParamsNameTheMemberAndWhatWasExpected(_ method: String, _ params: String, _ expected: String) throws {
        let answer = try Harness().ask(method, params)
        #expect(answer.code == -32602 && answer.kind == "invalid_params")
        #expect(answer.detail.contains(expected), "\(answer.detail)")
        #expect(!answer.hint.isEmpty)
    }

    @Test func submitPassesItsParamsOnAndAnswersOnceCommitted() throws {
        let bench = Harness()
        bench.send(
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"experiments.submit\",\"params\":{\"recipe\":\(Sample.recipeJSON),\"key\":\"k\",\"metadata\":{\"a\":[1,2.5,null]},\"campaign\":\"c\"}}\n"
        )
        #expect(try bench.lines().isEmpty)
        guard case .submit(let submission)? = bench.posts.last?.request else { throw Harness.Broken.line("no post") }
        #expect(submission.recipe == Sample.recipe && submission.key == "k" && submission.campaign == "c")
        #expect(submission.metadata == .object(["a": .array([.integer(1), .number(2.5), .null])]))
        bench.answer(.submitted(experiment: "e-000042", state: .queued, position: 3))
        let result = try bench.lines()[0].result
        #expect(
            result == .object(["experiment": .string("e-000042"), "state": .string("queued"), "position": .integer(3)]))
    }

    @Test func refusalsOfTheLoopKeepTheirKindAndProblems() throws {
        let bench = Harness()
        bench.send(
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"experiments.submit\",\"params\":{\"recipe\":\(Sample.recipeJSON)}}\n"
        )
        let problem = PlanProblem(
            kind: "above_limit", name: "temperature_c", value: 140, limit: 130, unit: "degC", hint: "less")
        bench.answer(
            .refused(ControlError(kind: "infeasible", detail: "cannot run", hint: "change it", problems: [problem])))
        let answer = try bench.lines()[0]
        #expect(answer.code == -32000 && answer.kind == "infeasible" && answer.hint == "change it")
        #expect(APIError(json: answer["error"] ?? .null).problems == [problem])
    }

    @Test func metadataIsLimited() throws {
        let long = String(repeating: "x", count: APILimits.metadataBytes)
        let answer = try Harness().ask(
            "experiments.submit", "{\"recipe\":\(Sample.recipeJSON),\"metadata\":\"\(long)\"}")
        #expect(answer.kind == "invalid_params" && answer.detail.contains("metadata"))
    }

    @Test func experimentsHaveNullForWhatIsNotThere() throws {
        let bench = Harness()
        bench.store.records = [Sample.record(1, .heating)]
        let result = try bench.ask("experiments.get", "{\"experiment\":\"e-000001\"}").result
        for name in ["features", "certificate", "error", "sequence", "source", "partial_features", "measured", "key"] {
            #expect(result[name] == .null)
        }
        #expect(result["origin"] == .string("bench") && result["data"] == .string("none"))
        #expect(result["submitted_by"] == .integer(1000))
    }

    @Test func listIsPaged() throws {
        let bench = Harness()
        bench.store.records = (1...7).map { Sample.record($0, $0 == 3 ? .done : .queued) }
        var seen: [String] = []
        var after = "null"
        repeat {
            let page = try bench.ask("experiments.list", "{\"limit\":3,\"after\":\(after)}").result
            for index in 0..<(page["experiments"]?.count ?? 0) {
                seen.append(page["experiments"]?[index]?["experiment"]?.text ?? "")
            }
            after = page["next"]?.text.map { "\"\($0)\"" } ?? "null"
        } while after != "null"
        #expect(seen == bench.store.records.map(\.experiment))
        let done = try bench.ask("experiments.list", "{\"state\":\"done\"}").result["experiments"]
        #expect(done?.count == 1 && done?[0]?["features"]?["abs_300"]?["n"] == .integer(25))
    }

    @Test func onlyDoneExperimentsHaveResults() throws {
        let bench = Harness()
        bench.store.records = [Sample.record(1, .done), Sample.record(2, .failed), Sample.record(3, .measuring)]
        bench.store.records[1].error = ExperimentError(
            kind: "trip", device: "heater", detail: "too hot", hint: "cool it")
        let result = try bench.ask("experiments.result", "{\"experiment\":\"e-000001\"}").result
        #expect(result["certificate"]?["verdict"] == .string("steady"))
        let failed = try bench.ask("experiments.result", "{\"experiment\":\"e-000002\"}")
        #expect(failed.kind == "no_result" && failed.detail.contains("failed") && failed.detail.contains("too hot"))
        #expect(failed.hint == "cool it")
        #expect(try bench.ask("experiments.result", "{\"experiment\":\"e-000003\"}").hint.contains("experiments.wait"))
    }

    @Test func spectraArePagedAndKeepTheirSamples() throws {
        let bench = Harness()
        bench.store.records = [Sample.record(1, .done)]
        bench.store.spectra = (0..<30).map { _ in Sample.spectrum("e-000001", pixels: 2068) }
        var spectra = 0
        var page = 1
        var pages = 1
        repeat {
            let result = try bench.ask("experiments.spectra", "{\"experiment\":\"e-000001\",\"page\":\(page)}").result
            pages = Int(result["pages"]?.double ?? 0)
            spectra += result["spectra"]?.count ?? 0
            let samples = SampleArray.decode(result["spectra"]?[0]?["counts"]?.text ?? "")
            #expect(samples == (0..<2068).map(Float.init))
            page += 1
        } while page <= pages
        #expect(spectra == 30 && pages > 1)
        #expect(try bench.ask("experiments.spectra", "{\"experiment\":\"e-000001\",\"page\":99}").kind == "not_found")
        #expect(
            try bench.ask("experiments.spectra", "{\"experiment\":\"e-000001\",\"device\":\"x\"}").result["pages"]
                == .integer(0))
    }

    @Test func aReplyOverTheLimitIsAnError() throws {
        let bench = Harness()
        bench.store.records = [Sample.record(1, .done)]
        bench.store.spectra = [Sample.spectrum("e-000001", pixels: 120_000)]
        #expect(try bench.ask("experiments.spectra", "{\"experiment\":\"e-000001\"}").kind == "too_large")
    }

    @Test func aBrokenArchiveIsSaid() throws {
        let bench = Harness()
        bench.store.failure = StoreError(detail: "disk I/O error")
        let answer = try bench.ask("experiments.list")
        #expect(answer.kind == "archive" && answer.detail.contains("disk I/O error"))
    }

    @Test func waitEndsWithTheExperimentOrAsItIs() throws {
        let bench = Harness()
        bench.store.records = [Sample.record(1, .heating)]
        bench.send(
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"experiments.wait\",\"params\":{\"experiment\":\"e-000001\",\"timeout_s\":60}}\n"
        )
        #expect(bench.server.deadline == Sample.moment(70).wire)
        bench.store.set("e-000001", .flowing)
        bench.event("experiments", ["experiment": .string("e-000001")])
        #expect(try bench.lines().isEmpty)
        bench.store.set("e-000001", .done)
        bench.event("experiments", ["experiment": .string("e-000001")])
        #expect(try bench.lines()[0].result["state"] == .string("done"))
        #expect(bench.server.deadline == nil)
        #expect(try bench.ask("experiments.wait", "{\"experiment\":\"e-000001\"}").result["state"] == .string("done"))
    }

    @Test func discoverDescribesEveryMethodOfTheTable() throws {
        let methods = try Harness().ask("rpc.discover").result["methods"]
        let names = (0..<(methods?.count ?? 0)).map { methods?[$0]?["name"]?.text ?? "" }
        #expect(names == MethodTable.names)
        #expect(Set(names).count == 81)
    }
}
