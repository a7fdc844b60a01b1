import Experiments
import Interlocks
import Testing
import VirtualBench

/// An optimizer that dies leaves its experiments behind: what becomes of them was said when they were submitted.
@Suite struct ClientGoneTests {
    private static let client = Caller(uid: 2000, pid: 2, role: .optimizer, client: 5)
    private static let again = Caller(uid: 2000, pid: 3, role: .optimizer, client: 6)

    private func submit(
        _ policy: ClientGonePolicy?, key: String, recipe: Recipe? = nil, as caller: Caller = client,
        _ scenario: inout Scenario
    ) throws -> String {
        var submission = Submission(recipe: recipe ?? scenario.recipe(), key: key, metadata: nil, campaign: nil)
        submission.ifClientGone = policy
        guard let id = Scenario.experiment(scenario.ask(.submit(submission), as: caller)) else {
            throw Unexpected(what: "not submitted")
        }
        return id
    }

    @Test(arguments: [931, 932] as [UInt64])
    func finishIsWhatHappensUnlessSomethingElseIsSaid(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        let ids = try ["a", "b"].map { try submit(nil, key: $0, &scenario) }
        scenario.lab.hangUp(5)
        for id in ids { #expect(try scenario.finish(id).state == .done) }
    }

    /// What runs is finished; what waits is held, and goes on when somebody says so.
    @Test(arguments: [933, 934] as [UInt64])
    func holdKeepsWhatWaits(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        let ids = try ["a", "b", "c"].map { try submit(.hold, key: $0, &scenario) }
        try scenario.reach(.settling, of: ids[0])
        scenario.lab.hangUp(5)
        scenario.run(50)
        #expect(scenario.state(of: ids[1]) == .queued)
        scenario.run(15)
        #expect(ids.dropFirst().map { scenario.state(of: $0) } == [.held, .held])
        #expect(scenario.shownAlarms().contains("client-gone"))
        #expect(try scenario.finish(ids[0]).state == .done)
        _ = scenario.ask(.release(experiment: ids[1]))
        #expect(try scenario.finish(ids[1]).state == .done)
        #expect(scenario.state(of: ids[2]) == .held)
    }

    /// A client that comes back in time, by its key or by waiting, has not gone.
    @Test(arguments: [935, 936] as [UInt64])
    func whoComesBackInTimeHasNotGone(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        let recipe = scenario.recipe()
        let first = try submit(.hold, key: "a", &scenario)
        let ids = try [submit(.hold, key: "b", recipe: recipe, &scenario), submit(.hold, key: "c", &scenario)]
        try scenario.reach(.settling, of: first)
        scenario.lab.hangUp(5)
        scenario.run(40)
        #expect(try submit(.hold, key: "b", recipe: recipe, as: Self.again, &scenario) == ids[0])
        scenario.lab.attend(ids[1], as: Self.again)
        // A stranger who waits does not look after it.
        scenario.run(60)
        #expect(ids.map { scenario.state(of: $0) } == [.queued, .queued])
        scenario.lab.hangUp(6)
        scenario.lab.attend(ids[1], as: Caller(uid: 9, pid: 9, role: .optimizer, client: 9))
        scenario.run(70)
        #expect(scenario.state(of: ids[1]) == .held && scenario.shownAlarms().contains("client-gone"))
        // Back, though late: what was held for it goes on.
        for id in ids { scenario.lab.attend(id, as: Self.again) }
        scenario.run(1)
        #expect(scenario.state(of: ids[1]) == .queued && !scenario.shownAlarms().contains("client-gone"))
    }

    /// Heat and flow end by truth, and the bench waits for a technician.
    @Test(arguments: [937, 938] as [UInt64])
    func safeBringsTheBenchDown(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        let id = try submit(.safe, key: "a", &scenario)
        try scenario.reach(.settling, of: id)
        scenario.lab.hangUp(5)
        scenario.run(59)
        #expect(scenario.state(of: id) == .settling)
        let gone = scenario.now + 1
        scenario.run(10)
        scenario.expectSafe(since: gone)
        #expect(scenario.lab.archive.latches.map(\.interlock) == [InterlockEngine.clientGone])
        #expect(scenario.state(of: id) == .failed)
        #expect(Scenario.isReset(scenario.reset(InterlockEngine.clientGone)))
        scenario.expectInvariants()
    }

    /// Held for its client, it stays so over a restart, and goes on when the client is back; a person's hold does not.
    @Test(arguments: [943, 944] as [UInt64])
    func aReturnAfterARestartCountsAsWell(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        let ids = try ["a", "b", "c"].map { try submit(.hold, key: $0, &scenario) }
        try scenario.reach(.settling, of: ids[0])
        scenario.lab.hangUp(5)
        scenario.run(65)
        #expect(ids.dropFirst().map { scenario.state(of: $0) } == [.held, .held])
        _ = scenario.ask(.hold(experiment: ids[2], reason: "new stock first"))
        try scenario.finish(ids[0])
        scenario.lab.shutDown()
        scenario.run(5)
        scenario.lab.restart()
        scenario.run(5)
        #expect(scenario.shownAlarms().contains("client-gone"))
        for id in ids.dropFirst() { scenario.lab.attend(id, as: Self.again) }
        scenario.run(1)
        #expect(scenario.state(of: ids[1]) != .held && scenario.state(of: ids[2]) == .held)
    }

    /// A bench that shall not run without its optimizer says so in a row; it counts whatever the experiments ask for.
    @Test(arguments: [941, 942] as [UInt64])
    func itIsACauseOfInterlocks(seed: UInt64) throws {
        let row = """
            [[interlocks]]
            name = "nobody-there"
            cause = { client_gone = true, for = "10s" }
            effect = ["pumps-stop"]
            response = "Start the optimizer again, or cancel what it left."

            """
        let anchor = "[[interlocks]]\nname = \"plate-over-temperature\""
        var scenario = try Scenario(seed: seed, plate: 139, changes: [anchor: row + anchor])
        scenario.run(10)
        let ids = try ["a", "b"].map { try submit(.finish, key: $0, &scenario) }
        try scenario.reach(.referencing, of: ids[0], within: 60)
        scenario.lab.hangUp(5)
        scenario.run(69)
        #expect(scenario.lab.archive.latches.isEmpty)
        let due = scenario.now + 1
        scenario.run(20)
        #expect(scenario.lab.archive.latches.map(\.interlock) == ["nobody-there"])
        scenario.expectNoFlow(since: due)
        #expect(Scenario.refusal(scenario.reset("nobody-there")) == "cause_present")
        scenario.lab.attend(ids[1], as: Self.again)
        #expect(Scenario.isReset(scenario.reset("nobody-there")))
    }

    /// After a restart every client is away; those that come back in time find their experiments waiting.
    @Test(arguments: [939, 940] as [UInt64])
    func theRestartIsNoReasonToHold(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed, plate: 139)
        scenario.run(10)
        _ = scenario.ask(.enterMaintenance(person: "Ada", reason: "a test", span: .seconds(3600), takesOver: false))
        let ids = try ["a", "b"].map { try submit(.hold, key: $0, &scenario) }
        scenario.lab.restart()
        scenario.run(20)
        scenario.lab.attend(ids[0], as: Self.again)
        scenario.run(60)
        #expect(ids.map { scenario.state(of: $0) } == [.queued, .held])
    }
}
