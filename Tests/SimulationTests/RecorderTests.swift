import DeviceModel
import Experiments
import Interlocks
import Quantities
import Simulation
import Testing
import VirtualBench

/// When something of the flight recorder is to be kept.
@Suite struct RecorderTests {
    @Test func aTripIsKeptTenSecondsLaterAndOnce() throws {
        var scenario = try Scenario(seed: 611)
        let kept = scenario.lab.keptRecordings.count
        _ = scenario.ask(.triggerSafeState(reason: "a smell"))
        let trip = scenario.now
        scenario.run(5)
        // A second trip meanwhile is in the same recording.
        _ = scenario.ask(.triggerSafeState(reason: "again"))
        #expect(scenario.lab.keptRecordings.count == kept)
        scenario.run(30)
        #expect(scenario.lab.keptRecordings.count == kept + 1)
        let wish = try #require(scenario.lab.keptRecordings.last)
        #expect(wish.cause == "safe-state" && wish.reason.contains("a smell"))
        #expect((wish.at.bench.seconds - trip).magnitude < 0.1)
        #expect(wish.name.hasSuffix("Z-safe-state") && wish.name.hasPrefix("2026"))
    }

    @Test func aProofTestKeepsNothing() throws {
        var scenario = try Scenario(seed: 612)
        let kept = scenario.lab.keptRecordings.count
        guard case .interlockProving? = scenario.ask(.proveInterlock("plate-over-temperature", person: "Ada")) else {
            Issue.record("not tested")
            return
        }
        scenario.run(30)
        #expect(scenario.lab.snapshot()?.interlocks.contains { $0.latch != nil } == true)
        #expect(scenario.lab.keptRecordings.count == kept)
    }

    @Test func aDumpIsKeptAtOnceAndAudited() throws {
        var scenario = try Scenario(seed: 613)
        guard case .recordingKept(let wish)? = scenario.ask(.dumpRecorder(reason: "a look")) else {
            Issue.record("refused")
            return
        }
        #expect(scenario.lab.keptRecordings.last == wish && wish.cause == "request")
        #expect(scenario.lab.archive.audit.contains { $0.method == "recorder.dump" && $0.detail == "a look" })
    }

    /// Each dump cuts the ring: many of them must not keep the recorder from its work.
    @Test func aFloodOfDumpsIsRefused() throws {
        var scenario = try Scenario(seed: 616)
        for _ in 0..<50 { _ = scenario.ask(.dumpRecorder(reason: "again")) }
        #expect(Scenario.refusal(scenario.ask(.dumpRecorder(reason: "again"))) == "busy")
        #expect(scenario.lab.keptRecordings.count == 1)
        scenario.run(5)
        _ = scenario.ask(.dumpRecorder(reason: "later"))
        #expect(scenario.lab.keptRecordings.map(\.reason) == ["again", "later"])
    }

    @Test func aBenchThatRecordsNothingSaysSo() throws {
        let anchor = "[roles]"
        var scenario = try Scenario(seed: 614, plate: 30, changes: [anchor: "[recorder]\nlimit_mb = 0\n\n\(anchor)"])
        scenario.run(5)
        #expect(Scenario.refusal(scenario.ask(.dumpRecorder(reason: "a look"))) == "recorder_off")
        _ = scenario.ask(.triggerSafeState(reason: "a smell"))
        scenario.run(30)
        #expect(scenario.lab.keptRecordings.isEmpty)
    }

    /// An end that was asked for does not forget the trip before it.
    @Test func theEndOfTheDaemonKeepsWhatWasDueLater() throws {
        var scenario = try Scenario(seed: 615)
        let kept = scenario.lab.keptRecordings.count
        _ = scenario.ask(.triggerSafeState(reason: "a smell"))
        scenario.lab.shutDown()
        scenario.run(6)
        #expect(scenario.lab.isShutDown && scenario.lab.keptRecordings.count == kept + 1)
    }
}
