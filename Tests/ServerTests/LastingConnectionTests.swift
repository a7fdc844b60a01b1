import ControlAPI
import ControlClient
import ControlServer
import Experiments
import Quantities
import Testing
import Wire

@Suite struct LastingConnectionTests {
    private let daemon = ScriptedDaemon()
    private static let recipe = Recipe.references

    @Test(arguments: [false, true]) func aReadIsAskedAgainAfterARestart(_ socketOutlives: Bool) throws {
        daemon.socketOutlives = socketOutlives
        let client = daemon.connection()
        daemon.fates = [.dieWith]
        _ = try client.json(SystemStatus.self, Empty())
        #expect(daemon.asked == ["system.hello", "system.status", "system.hello", "system.status"])
        #expect(client.reconnects == 1 && daemon.now.seconds < 3 + 2.1)
        #expect(daemon.said.first == "lost the daemon at s: the daemon closed the connection")
    }

    @Test func aChangeIsNeverAskedTwice() throws {
        let client = daemon.connection()
        daemon.fates = [.dieWith]
        let error = #expect(throws: ClientError.self) {
            _ = try client.json(InterlocksReset.self, InterlocksReset.Params(interlock: "plate"))
        }
        guard case .outcomeUnknown(_, let method, _)? = error else { throw error ?? .notUnderstood(detail: "no error") }
        #expect(method == "interlocks.reset" && daemon.asked == ["system.hello", "interlocks.reset"])
        #expect(ClientError.look(after: method).hasPrefix("flowlabctl interlocks shows"))
    }

    @Test func aChangeThatDidNotGoOutIsAskedOfTheNextDaemonOnceItAnswers() throws {
        daemon.socketOutlives = true
        let client = daemon.connection()
        daemon.fates = [.dieBefore]
        _ = try client.json(InterlocksReset.self, InterlocksReset.Params(interlock: "plate"))
        // Greeted first: no change waits in the backlog of a daemon that is away.
        #expect(daemon.asked == ["system.hello", "system.hello", "interlocks.reset"])
    }

    @Test func aSubmitIsSentAgainUnderItsKeyOnly() throws {
        let client = daemon.connection()
        daemon.fates = [.dieWith]
        _ = try client.json(ExperimentsSubmit.self, ExperimentsSubmit.Params(recipe: Self.recipe, key: "k"))
        #expect(daemon.asked.count { $0 == "experiments.submit" } == 2)
        daemon.fates = [.dieWith]
        #expect(throws: ClientError.self) {
            _ = try client.json(ExperimentsSubmit.self, ExperimentsSubmit.Params(recipe: Self.recipe))
        }
        #expect(daemon.asked.count { $0 == "experiments.submit" } == 3)
    }

    @Test(arguments: [false, true]) func itGivesUpWhenItsPatienceIsOver(_ socketOutlives: Bool) {
        daemon.socketOutlives = socketOutlives
        daemon.restartTakes = .seconds(1000)
        let client = daemon.connection(ClientPatience(absence: .seconds(60)))
        daemon.fates = [.dieWith]
        #expect(throws: ClientError.self) { _ = try client.json(SystemStatus.self, Empty()) }
        #expect((60..<61).contains(daemon.now.seconds), "\(daemon.now.seconds) s")
    }

    @Test func aSlipInThePathIsAnErrorAtOnceUnlessPatienceWasAskedFor() throws {
        daemon.restartTakes = .seconds(20)
        daemon.die()
        #expect(throws: ClientError.self) { try daemon.connection().open() }
        #expect(daemon.now == .zero)
        try daemon.connection(ClientPatience(absence: .seconds(30), waitsAtFirst: true)).open()
        #expect((20..<23).contains(daemon.now.seconds))
    }

    @Test func whatEndsWithItsConnectionIsNotMadeAnew() throws {
        let client = daemon.connection(ClientPatience(reconnects: false))
        try client.open()
        daemon.die()
        for _ in 0..<2 { #expect(throws: ClientError.self) { _ = try client.json(SystemStatus.self, Empty()) } }
        #expect(daemon.asked == ["system.hello"] && daemon.now == .zero)
    }

    @Test func aFullQueueIsWaitedOutByThoseWhoSaySo() throws {
        daemon.fates = Array(repeating: .refuse("queue_full"), count: 100)
        let client = daemon.connection(ClientPatience(absence: .seconds(1), refusals: ["queue_full"]))
        _ = try client.json(ExperimentsSubmit.self, ExperimentsSubmit.Params(recipe: Self.recipe, key: "k"))
        #expect(daemon.now.seconds > 150 && daemon.said.count == 1)
        daemon.fates = [.refuse("queue_full")]
        #expect(throws: ClientError.self) {
            _ = try daemon.connection().json(
                ExperimentsSubmit.self, ExperimentsSubmit.Params(recipe: Self.recipe, key: "k"))
        }
    }

    @Test func aPersonIsToldOfABusyDaemonAtOnceAndAProgramWaits() throws {
        daemon.fates = [.refuse("busy"), .refuse("busy")]
        #expect(throws: ClientError.self) { _ = try daemon.connection().json(SystemStatus.self, Empty()) }
        _ = try daemon.connection(ClientPatience(passing: ["busy"])).json(SystemStatus.self, Empty())
        #expect(daemon.asked.count { $0 == "system.status" } == 3)
    }

    @Test func everyMethodIsKnownForWhatIsMadeOfIt() throws {
        // Whatever is written into the audit changes something.
        let changing = [
            "experiments.cancel", "interlocks.reset", "reagents.refill", "pumps.start", "heaters.set", "lease.acquire",
            "maintenance.enter", "recorder.dump", "a.method.of.tomorrow",
        ]
        for method in changing { #expect(Repetition.of(method) == .never, "\(method)") }
        let verbs = [".list", ".get", ".status", ".info", ".read", ".results", ".history", ".hello", ".discover"]
        for method in Repetition.reads.sorted() {
            #expect(Repetition.of(method) == .harmless)
            let isPlain = verbs.contains { method.hasSuffix($0) }
            let others = [
                "events.subscribe", "experiments.plan", "experiments.wait", "experiments.result",
                "experiments.spectra", "recipes.schema", "archive.export",
            ]
            #expect(isPlain || others.contains(method), "\(method)")
        }
    }
}

@Suite struct ResumedSubscriptionTests {
    private let daemon = ScriptedDaemon()

    private func sequences(_ client: LastingConnection, _ count: Int) throws -> [String] {
        var told: [String] = []
        while told.count < count {
            switch try client.next(patience: .seconds(1)) {
            case .event(let event)?: told.append("\(event.stream) \(event.sequence)")
            case .resumed(let resumption)?: told.append(resumption.text)
            case nil: told.append("-")
            }
        }
        return told
    }

    @Test(arguments: [false, true]) func aNewStreamIsToldFromItsBeginning(_ socketOutlives: Bool) throws {
        daemon.socketOutlives = socketOutlives
        daemon.kept = [1, 2, 3, 4]
        let client = daemon.connection()
        try client.subscribe(["experiments"], from: 3)
        #expect(try sequences(client, 2) == ["stream-1 3", "stream-1 4"])
        daemon.die()
        daemon.kept = [1, 2]
        let told = try sequences(client, 3)
        #expect(told[0].hasPrefix("-- the daemon was away for ") && told[0].hasSuffix("a new stream of events --"))
        #expect(told[1...] == ["stream-2 1", "stream-2 2"])
        #expect(daemon.params.last?["from"] == .integer(5) && daemon.params.last?["stream"] == .string("stream-1"))
    }

    @Test func theSameStreamGoesOnBehindTheLastEvent() throws {
        daemon.kept = [1, 2, 3]
        let client = daemon.connection()
        try client.subscribe(["experiments"])
        daemon.fates = [.refuse("internal_error")]
        // Nothing new yet; a call that fails otherwise loses nothing.
        #expect(throws: ClientError.self) { _ = try client.json(SystemStatus.self, Empty()) }
        #expect(try sequences(client, 1) == ["-"])
        #expect(client.reconnects == 0)
    }

    @Test func anEventIsToldOnceAndAResumptionSaysHowLong() throws {
        daemon.restartTakes = .seconds(3)
        daemon.socketOutlives = true
        let client = daemon.connection()
        try client.subscribe(["experiments"], from: 1)
        daemon.die()
        guard case .resumed(let resumption)? = try client.next(patience: .seconds(60)) else {
            Issue.record("not resumed")
            return
        }
        #expect(resumption.away.seconds == 3 && resumption.isNewStream && resumption.afterStream == "stream-1")
        #expect(resumption.json["resumed"]?["away_s"] == .number(3) && resumption.json["topic"] == nil)
        #expect(resumption.text == "-- the daemon was away for 3.0 s; a new stream of events --")
    }
}
