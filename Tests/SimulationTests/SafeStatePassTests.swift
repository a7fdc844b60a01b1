import ControlCore
import DeviceModel
import Drivers
import Quantities
import Simulation
import Testing
import VirtualBench

/// The pass to the safe state after the daemon's death, judged by the truth log.
@Suite struct SafeStatePassTests {
    /// Two seconds, and what the truth log may lag.
    static let limit = SafeStatePass.allowance.seconds + Scenario.plantStep

    @Test(arguments: Stage.running, [501, 502, 503] as [UInt64])
    func aKilledDaemonsBenchIsBroughtDown(stage: Stage, seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        _ = try scenario.experiment(in: stage)
        scenario.lab.kill()
        let start = scenario.now
        let report = scenario.lab.runSafeStatePass()
        #expect(report.isSafe, "\(report)")
        #expect(report.lines.map(\.device) == scenario.definition.devices.map(\.name))
        #expect(report.lines.allSatisfy { ($0.after ?? SafeStatePass.allowance) < SafeStatePass.allowance })
        scenario.run(30)
        scenario.expectSafe(since: start, within: report.took.seconds + Scenario.plantStep)
        // The restarted daemon knows nothing of it, and holds the bench.
        scenario.lab.restart()
        scenario.run(5)
        #expect(scenario.shownLatches() == ["unclean-end"])
    }

    @Test(arguments: ["cui", "pfo"], ["mute", "unplug"])
    func aPumpThatIsOutOfReachHoldsUpNoOther(pump: String, fault: String) throws {
        var scenario = try Scenario(seed: 504)
        _ = try scenario.experiment(in: .settling)
        scenario.lab.kill()
        try scenario.fault(pump, fault)
        let start = scenario.now
        let report = scenario.lab.runSafeStatePass()
        Self.expect(report, allSafeBut: pump, is: .unreachable)
        scenario.run(10)
        let judged = scenario.truth(from: start + Self.limit)
        #expect(!judged.isEmpty)
        #expect(judged.allSatisfy { $0.heaterIsOff })
        for (index, name) in PumpName.allCases.enumerated() where name.rawValue != pump {
            #expect(judged.allSatisfy { $0.setFlows[index] == 0 }, "\(name)")
        }
    }

    @Test(arguments: [505, 506] as [UInt64])
    func aMuteHeaterHoldsUpNoPump(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        _ = try scenario.experiment(in: .measuring)
        scenario.lab.kill()
        try scenario.fault("heater", "mute")
        let start = scenario.now
        let report = scenario.lab.runSafeStatePass()
        Self.expect(report, allSafeBut: "heater", is: .unreachable)
        scenario.run(10)
        scenario.expectNoFlow(since: start, within: Self.limit)
    }

    /// Whatever a bad line makes of the conversation: what is reported safe is so.
    @Test(
        arguments: ["cui", "pfo", "heater"], ["garbage", "truncate", "corrupt", "duplicate", "delay"])
    func whatIsReportedSafeIsSafe(device: String, fault: String) throws {
        var scenario = try Scenario(seed: 508)
        _ = try scenario.experiment(in: .settling)
        scenario.lab.kill()
        try scenario.fault(device, fault)
        let start = scenario.now
        let report = scenario.lab.runSafeStatePass()
        scenario.run(10)
        let judged = scenario.truth(from: start + Self.limit)
        #expect(!judged.isEmpty)
        for line in report.lines where line.device.text != device { #expect(line.outcome == .safe, "\(line)") }
        for line in report.lines where line.outcome == .safe {
            let pump = PumpName.allCases.firstIndex { $0.rawValue == line.device.text }
            if let pump { #expect(judged.allSatisfy { $0.setFlows[pump] == 0 }, "\(line)") }
            if line.deviceClass == .heater { #expect(judged.allSatisfy { $0.heaterIsOff }, "\(line)") }
        }
    }

    /// Another device than the bench file's proves nothing, and is told what makes safe all the same.
    @Test func aDeviceThatIsAnotherOneProvesNothing() throws {
        let changes = ["link = \"spec_pl\"": "link = \"spec_pl\"\nserial = \"NOT-THIS-ONE\""]
        var scenario = try Scenario(seed: 507, plate: 25, changes: changes)
        scenario.run(5)
        scenario.lab.kill()
        let report = scenario.lab.runSafeStatePass()
        Self.expect(report, allSafeBut: "spec_pl", is: .unproven)
        let detail = report.lines.first { $0.device == "spec_pl" }?.detail ?? ""
        #expect(detail.contains("expected NOT-THIS-ONE") && detail.hasSuffix("shows lamp off"), "\(detail)")
    }

    // MARK: Devices that do not obey

    @Test func whatDoesNotObeyIsToldAgainAndReported() {
        var pass = Self.pass(["plate"])
        #expect(Self.opened(pass.start(at: Self.moment(0))) == ["plate"])
        #expect(Self.told(pass.handle(.opened(identity: "test"), on: "plate", at: Self.moment(0.1))) == ["plate"])
        let running = ForgetfulHeater.readBack(isSafe: false, askedAt: 1)
        #expect(Self.told(pass.advance(to: Self.moment(0.9))) == [])
        #expect(Self.told(pass.advance(to: Self.moment(1))) == ["plate"])
        _ = pass.handle(.received(running), on: "plate", at: Self.moment(1.5))
        #expect(!pass.isOver(at: Self.moment(1.99)))
        #expect(pass.isOver(at: Self.moment(2)))
        let line = pass.report(at: Self.moment(2)).lines[0]
        #expect(line.outcome == .unproven && line.detail == "last read: as told" && line.after == nil)
    }

    /// Safe is what is safe at the end.
    @Test func whatIsFoundRunningAgainIsNotSafe() {
        var pass = Self.pass(["plate", "oven"])
        _ = pass.start(at: Self.moment(0))
        _ = pass.handle(.opened(identity: "test"), on: "plate", at: Self.moment(0.1))
        let (safe, running) = (
            ForgetfulHeater.readBack(isSafe: true, askedAt: 1), ForgetfulHeater.readBack(isSafe: false, askedAt: 2)
        )
        _ = pass.handle(.received(safe), on: "plate", at: Self.moment(0.3))
        #expect(pass.report(at: Self.moment(0.3)).lines.map(\.outcome) == [.safe, .unreachable])
        _ = pass.handle(.received(running), on: "plate", at: Self.moment(0.5))
        let report = pass.report(at: Self.moment(0.5))
        #expect(report.lines.map(\.outcome) == [.unproven, .unreachable])
        #expect(report.lines[1].detail == "its link did not open in time")
        _ = pass.handle(.closed(reason: "in use by pid 7"), on: "oven", at: Self.moment(0.6))
        #expect(pass.report(at: Self.moment(0.6)).lines[1].detail == "in use by pid 7")
    }

    /// A port that the dying owner still held is tried again at once.
    @Test func aLinkThatDoesNotOpenIsTriedAgain() {
        var pass = Self.pass(["plate"])
        _ = pass.start(at: Self.moment(0))
        _ = pass.handle(.closed(reason: "in use by pid 7"), on: "plate", at: Self.moment(0.01))
        #expect(Self.opened(pass.advance(to: Self.moment(0.1))) == [])
        #expect(Self.opened(pass.advance(to: Self.moment(0.11))) == ["plate"])
        #expect(Self.told(pass.handle(.opened(identity: "test"), on: "plate", at: Self.moment(0.12))) == ["plate"])
        let safe = ForgetfulHeater.readBack(isSafe: true, askedAt: 1)
        _ = pass.handle(.received(safe), on: "plate", at: Self.moment(0.2))
        #expect(pass.isOver(at: Self.moment(0.2)) && pass.report(at: Self.moment(0.2)).isSafe)
    }

    // MARK: Making

    private static func expect(
        _ report: SafeStateReport, allSafeBut device: String, is outcome: SafeStateReport.Outcome,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(!report.isSafe, sourceLocation: sourceLocation)
        #expect(report.took == SafeStatePass.allowance, sourceLocation: sourceLocation)
        for line in report.lines {
            let expected = line.device.text == device ? outcome : .safe
            #expect(line.outcome == expected, "\(line)", sourceLocation: sourceLocation)
        }
    }

    /// Each device on a link of its own name.
    private static func pass(_ names: [String]) -> SafeStatePass {
        let devices = names.map { name in
            DeviceDefinition(
                name: DeviceName(name), deviceClass: .heater, driverID: "forgetful", link: LinkName(name),
                driver: ForgetfulHeater())
        }
        return SafeStatePass(devices: devices, at: moment(0))
    }

    private static func moment(_ seconds: Double) -> Moment {
        let nanoseconds = WireDuration.seconds(seconds).nanoseconds
        return Moment(
            wire: WireInstant(nanoseconds: nanoseconds), bench: BenchInstant(nanoseconds: nanoseconds),
            wall: WallInstant(nanoseconds: nanoseconds))
    }

    private static func opened(_ actions: [(LinkName, LinkAction)]) -> [String] {
        actions.compactMap { link, action in if case .open = action { link.text } else { nil } }
    }

    /// Whose devices were told to be off; they can be told nothing else.
    private static func told(_ actions: [(LinkName, LinkAction)]) -> [String] {
        actions.compactMap { link, action in
            guard case .send([ForgetfulHeater.Write.off.rawValue], _) = action else { return nil }
            return link.text
        }
    }
}
