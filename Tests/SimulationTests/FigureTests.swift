import Experiments
import Quantities
import Simulation
import Testing
import VirtualBench

/// What the daemon counts of itself, and the alarm on it.
@Suite struct FigureTests {
    private func alarm(_ scenario: inout Scenario) -> (text: String, priority: String, response: String)? {
        scenario.lab.snapshot()?.alarms.first { $0.id == "loop-late" }.map {
            ($0.text, $0.priority.rawValue, $0.response)
        }
    }

    // MARK: The loop

    @Test(arguments: [941, 942] as [UInt64])
    func everyDeadlineIsCounted(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        let before = try #require(scenario.lab.figures()).loop
        scenario.run(10)
        let punctual = try #require(scenario.lab.figures()).loop
        // Twelve devices that are polled every 100 ms or so.
        #expect(punctual.lateness.count - before.lateness.count > 100)
        #expect(punctual.lateness.max == before.lateness.max && punctual.overruns == before.overruns)
        scenario.lab.holdUp(for: .milliseconds(250))
        scenario.run(5)
        let late = try #require(scenario.lab.figures()).loop
        #expect(late.overruns - punctual.overruns == 1)
        #expect(late.lateness.max > .milliseconds(150) && late.lateness.max <= .milliseconds(250))
        // In the first bucket.
        #expect(late.lateness.quantile(0.5) ?? .seconds(1) <= WireDuration(nanoseconds: 125))
    }

    /// A scan between two deadlines is counted and does nothing else; one that is late says so.
    @Test func aScanOnlyCounts() throws {
        let definition = try Scenario.bench([:])
        func moment(_ milliseconds: Int64) -> Moment {
            Moment(
                wire: .zero + .milliseconds(milliseconds), bench: .zero + .milliseconds(milliseconds),
                wall: SimulatedLab.wallStart + .milliseconds(milliseconds))
        }
        var controller = BenchController(definition, restored: RestoredState(), at: moment(0))
        _ = controller.start(RestoredState(), at: moment(0))
        _ = controller.handle(.time, at: moment(0))
        controller.armed(for: moment(1).wire, at: moment(0))
        let isDueAtOnce = controller.scan(at: moment(1))
        controller.armed(for: moment(2).wire, at: moment(1))
        let isDueLater = controller.scan(at: moment(30))
        #expect(!isDueAtOnce && !isDueLater)
        let loop = controller.figures(at: moment(30)).loop
        #expect(loop.lateness.max == .milliseconds(28) && loop.overruns == 1)
    }

    /// One host that stood still for two seconds is no alarm; one that does so again and again is, once.
    @Test(arguments: [943, 944] as [UInt64])
    func onlyALoopThatIsLateAgainAndAgainIsAnAlarm(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        scenario.lab.holdUp(for: .seconds(1.9))
        scenario.run(20)
        #expect(alarm(&scenario) == nil)
        let raisedBefore = scenario.lab.notified.count { $0.alarm.id == "loop-late" }
        for _ in 0..<8 {
            scenario.lab.holdUp(for: .milliseconds(300))
            scenario.run(2)
        }
        let told = try #require(alarm(&scenario))
        #expect(told.priority == "low" && told.text.contains("more than 100 ms in 3 of the last 10 s, since 2026-"))
        #expect(told.response.contains("top"))
        scenario.run(20)
        #expect(alarm(&scenario) != nil)
        scenario.run(15)
        #expect(alarm(&scenario) == nil)
        let changes = scenario.lab.notified.filter { $0.alarm.id == "loop-late" }.map(\.kind)
        #expect(Array(changes.dropFirst(raisedBefore)) == [.raised, .ended], "\(changes)")
    }

    // MARK: Links

    /// In normal work each exchange is answered, and takes what its line takes.
    @Test(arguments: [945, 946] as [UInt64])
    func answersAreCounted(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        let before = try #require(scenario.lab.figures()).links
        try scenario.finish(try scenario.submit())
        let after = try #require(scenario.lab.figures()).links
        #expect(after.map(\.name.text) == scenario.definition.devices.map(\.link.text).sorted())
        for (old, new) in zip(before, after) {
            #expect(new.isOpen && new.roundTrips.count > old.roundTrips.count + 100, "\(new.name)")
            #expect(new.errors == old.errors && new.reconnects == old.reconnects, "\(new.name): \(new.errors)")
            let typical = try #require(new.roundTrips.quantile(0.5))
            #expect(typical > .zero && typical < .milliseconds(100), "\(new.name): \(typical)")
        }
    }

    @Test(arguments: [947, 948] as [UInt64])
    func whatIsLostIsCounted(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        func link(_ device: String) throws -> (errors: UInt64, reconnects: UInt64, isOpen: Bool) {
            let name = try #require(scenario.definition.devices.first { $0.name.text == device }).link
            let found = try #require(scenario.lab.figures()?.links.first { $0.name == name })
            return (found.errors, found.reconnects, found.isOpen)
        }
        let (pump, other) = (try link("cui"), try link("pfo"))
        try scenario.fault("cui", "unplug", for: 20)
        scenario.run(10)
        let gone = try link("cui")
        #expect(!gone.isOpen && gone.errors > pump.errors && gone.reconnects == pump.reconnects)
        scenario.run(60)
        let back = try link("cui")
        #expect(back.isOpen && back.reconnects == pump.reconnects + 1)
        #expect(try link("pfo") == other)
    }

    /// A device that is silent costs errors, not round trips.
    @Test func aSilentHeaterIsCounted() throws {
        var scenario = try Scenario(seed: 949)
        let name = try #require(scenario.definition.devices.first { $0.name == "heater" }).link
        func link() throws -> (UInt64, UInt64) {
            let found = try #require(scenario.lab.figures()?.links.first { $0.name == name })
            return (found.roundTrips.count, found.errors)
        }
        try scenario.fault("heater", "unplug")
        scenario.run(1)
        let (answers, errors) = try link()
        scenario.run(20)
        let (later, more) = try link()
        #expect(later == answers && more > errors)
    }
}
