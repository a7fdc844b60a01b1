import DeviceModel
import Experiments
import Quantities
import Testing

/// A robot and its controller in somebody's hand, on the whole bench.
@Suite struct RobotHandTests {
    private static let holder = Caller(uid: 1000, pid: 1, role: .technician, client: 7)

    private func act(_ operation: DeviceOperation, on device: String, _ scenario: inout Scenario) -> ControlReply? {
        let wish = LeaseWish(devices: [device], person: "Grace", reason: "a test", span: .seconds(60))
        guard case .lease(let lease)? = scenario.ask(.acquireLease(wish), as: Self.holder) else { return nil }
        let token = scenario.lab.request(.act(.operate(operation), on: device), as: Self.holder)
        scenario.run(20)
        _ = scenario.ask(.releaseLease(lease.lease), as: Self.holder)
        scenario.run(10)
        return scenario.lab.replies[token]
    }

    private func state(of device: String, _ scenario: inout Scenario) -> DeviceState? {
        scenario.lab.snapshot()?.devices.first { $0.name.text == device }?.state
    }

    /// What a controller declines changes nothing: its program plays on when the lease ends.
    @Test func whatIsDeclinedStopsNoProgram() throws {
        var scenario = try Scenario(large: 1401, plate: 25)
        scenario.run(5)
        #expect(state(of: "arm", &scenario) == .ready)
        let reply = act(.control(.unlock), on: "arm_panel", &scenario)
        #expect(Scenario.refusal(reply) == "command_failed")
        #expect(state(of: "arm", &scenario) == .ready)
    }

    @Test func aProgramThatWasPlayedPlaysOn() throws {
        var scenario = try Scenario(large: 1402, plate: 25)
        scenario.run(5)
        guard case .manual(.operated("arm_panel", .control(.play)))? = act(.control(.play), on: "arm_panel", &scenario)
        else {
            Issue.record("not played")
            return
        }
        #expect(state(of: "arm", &scenario) == .ready)
        guard case .manual? = act(.transfer(from: "rack", to: "filler"), on: "arm", &scenario) else {
            Issue.record("nothing was carried")
            return
        }
        #expect(scenario.lab.bench.table.cuvettes[2] != nil)
        #expect(state(of: "arm", &scenario) == .ready)
    }
}
