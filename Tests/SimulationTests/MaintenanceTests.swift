import Experiments
import Interlocks
import Quantities
import Testing
import VirtualBench

/// The bench belongs to a person: the queue waits, at a safe point, until it is given back.
@Suite struct MaintenanceTests {
    private func enter(_ seconds: Double, _ scenario: inout Scenario) -> MaintenanceView? {
        let reply = scenario.ask(
            .enterMaintenance(person: "Ada", reason: "new syringe", span: .seconds(seconds), takesOver: false))
        guard case .maintenance(let view)? = reply else { return nil }
        return view
    }

    /// What runs is finished, the plate goes off, and the next one waits.
    @Test(arguments: [921, 922] as [UInt64])
    func whatRunsIsFinishedAndTheNextOneWaits(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        let running = try scenario.experiment(in: .settling)
        let next = try scenario.submit()
        #expect(enter(3600, &scenario)?.state == .waiting)
        #expect(scenario.lab.snapshot()?.maintenance?.running == running)
        #expect(try scenario.finish(running).state == .done)
        scenario.run(10)
        #expect(scenario.lab.snapshot()?.maintenance?.state == .on)
        let quiet = scenario.now
        scenario.run(900)
        scenario.expectSafe(since: quiet)
        #expect(scenario.lab.truth.last?.contactorClosed == false)
        #expect(scenario.state(of: next) == .queued)
        let why = scenario.lab.snapshot()?.heldBecause ?? ""
        #expect(why.contains("Ada") && why.contains("new syringe"), "\(why)")
        guard case .maintenance? = scenario.ask(.exitMaintenance) else {
            Issue.record("not ended")
            return
        }
        try scenario.expectStarts(next)
        scenario.expectInvariants(unfinished: 1)
    }

    /// Hands may still be on the bench: it is not given back by a clock, and not by a restart.
    @Test(arguments: [923, 924] as [UInt64])
    func itOutlivesTheDaemonAndItsTime(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed, plate: 139)
        scenario.run(10)
        #expect(enter(120, &scenario)?.state != nil)
        let id = try scenario.submit()
        scenario.run(10)
        scenario.lab.restart()
        scenario.run(30)
        #expect(scenario.state(of: id) == .queued && scenario.lab.snapshot()?.maintenance?.state == .on)
        scenario.run(120)
        #expect(scenario.lab.snapshot()?.maintenance?.state == .over)
        #expect(scenario.state(of: id) == .queued && scenario.shownAlarms().contains("maintenance-over"))
        #expect(scenario.lab.notified.contains { $0.alarm.id == "maintenance-over" })
        scenario.lab.restart()
        scenario.run(10)
        #expect(scenario.state(of: id) == .queued && scenario.shownAlarms().contains("maintenance-over"))
        guard case .maintenance? = scenario.ask(.exitMaintenance) else {
            Issue.record("not ended")
            return
        }
        #expect(!scenario.shownAlarms().contains("maintenance-over"))
        #expect(Scenario.refusal(scenario.ask(.exitMaintenance)) == "not_in_maintenance")
        try scenario.reach(.referencing, of: id, within: 60)
    }

    /// A bench whose file says so goes on by itself.
    @Test(arguments: [925, 926] as [UInt64])
    func itResumesWhereTheBenchFileSaysSo(seed: UInt64) throws {
        let anchor = "[alarms]"
        var scenario = try Scenario(
            seed: seed, plate: 139, changes: [anchor: "[maintenance]\non_expiry = \"resume\"\n\n\(anchor)"])
        scenario.run(10)
        _ = enter(60, &scenario)
        let id = try scenario.submit()
        scenario.run(40)
        #expect(scenario.state(of: id) == .queued)
        scenario.run(30)
        #expect(scenario.lab.snapshot()?.maintenance == nil)
        try scenario.reach(.referencing, of: id, within: 60)
    }

    /// What was wished for and given up again makes no idle bench of one that works: time goes on past `idle_after`.
    @Test(arguments: [931, 932] as [UInt64])
    func givenUpBeforeItBegan(seed: UInt64) throws {
        var scenario = try Scenario(
            seed: seed, plate: 60, changes: ["idle_after = \"10min\"": "idle_after = \"60s\""])
        scenario.run(5)
        let id = try scenario.experiment(in: .heating)
        #expect(enter(10, &scenario)?.state == .waiting)
        scenario.run(2)
        _ = scenario.ask(.exitMaintenance)
        let before = scenario.now
        scenario.run(90)
        #expect(scenario.now >= before + 90 && scenario.state(of: id) == .heating)
        #expect(scenario.lab.truth.last?.heaterMode == .automatic)
        #expect(try scenario.finish(id).state == .done, "\(scenario.describe(id))")
    }

    /// Its time counts from when people may reach in, and nobody takes it from another by accident.
    @Test(arguments: [929, 930] as [UInt64])
    func itsTimeBeginsWithItAndItIsItsPersons(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed)
        let running = try scenario.experiment(in: .settling)
        #expect(enter(10, &scenario)?.state == .waiting)
        try scenario.finish(running)
        scenario.run(2)
        #expect(scenario.lab.snapshot()?.maintenance?.state == .on)
        let states = scenario.lab.events.compactMap { $0.data["maintenance"]?.text }
        #expect(states == ["waiting", "on"])
        let bob = ControlRequest.enterMaintenance(
            person: "Bob", reason: "mine", span: .seconds(600), takesOver: false)
        #expect(Scenario.refusal(scenario.ask(bob)) == "in_maintenance")
        scenario.run(12)
        #expect(scenario.lab.snapshot()?.maintenance?.state == .over)
        let taking = ControlRequest.enterMaintenance(
            person: "Bob", reason: "mine", span: .seconds(600), takesOver: true)
        guard case .maintenance(let view)? = scenario.ask(taking) else {
            Issue.record("not taken over")
            return
        }
        #expect(view.record.person == "Bob" && !scenario.shownAlarms().contains("maintenance-over"))
    }

    /// Moved by hand meanwhile, within the interlocks; a new call gives it a new end.
    @Test(arguments: [927, 928] as [UInt64])
    func handsWorkMeanwhile(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed, plate: 25)
        scenario.run(10)
        _ = enter(60, &scenario)
        scenario.run(5)
        let holder = Caller(uid: 1000, pid: 1, role: .technician, client: 7)
        let pumps = scenario.definition.devices.filter { $0.deviceClass == .pump }.map(\.name.text)
        let wish = LeaseWish(devices: pumps, person: "Ada", reason: "flush", span: .seconds(300))
        guard case .lease? = scenario.ask(.acquireLease(wish), as: holder) else {
            Issue.record("no lease")
            return
        }
        let token = scenario.lab.request(.act(.purge, on: nil), as: holder)
        scenario.run(5)
        guard case .manual(.moving(let starts))? = scenario.lab.replies[token] else {
            Issue.record("no purge: \(String(describing: scenario.lab.replies[token]))")
            return
        }
        #expect(!starts.isEmpty && scenario.lab.truth.last?.motorsStand == false)
        _ = enter(600, &scenario)
        scenario.run((starts.map(\.duration.seconds).max() ?? 0) + 10)
        #expect(scenario.lab.truth.last?.motorsStand == true)
        #expect(scenario.lab.snapshot()?.maintenance?.state == .on)
        scenario.expectInvariants()
    }
}
