import ControlCore
import DeviceModel
import Drivers
import Interlocks
import Quantities
import Testing

/// What the core holds against a driver that does not do its own part: every driver of the catalog does, so that no bench
/// can show it.
@Suite struct CoreTests {
    /// A permit that a driver kept in spite of a trip is worthless; what makes safe goes through.
    @Test func anOldPermitIsNotWritten() throws {
        var core = Self.core()
        _ = core.handle(.opened(identity: "test"), on: "line", at: Self.moment(1))
        _ = try core.issue(.heater(.hold(Temperature(celsius: 100))), to: "heater", at: Self.moment(2))
        #expect(Self.sent(core.handle(.received(ForgetfulHeater.writes), on: "line", at: Self.moment(3))) == [.hold])
        let trip = core.triggerSafeState(reason: "a drill", at: Self.moment(4))
        #expect(Self.sent(trip) == [.off])
        #expect(Self.sent(core.handle(.received(ForgetfulHeater.writes), on: "line", at: Self.moment(5))) == [])
        _ = try core.reset(InterlockEngine.manualTrigger, at: Self.moment(6))
        #expect(Self.sent(core.handle(.received(ForgetfulHeater.writes), on: "line", at: Self.moment(7))) == [])
    }

    @Test func whatATripFoundLatchedIsNotPermitted() throws {
        var core = Self.core()
        _ = core.handle(.opened(identity: "test"), on: "line", at: Self.moment(1))
        _ = core.triggerSafeState(reason: "a drill", at: Self.moment(2))
        #expect(throws: PermitRefusal.self) {
            try core.issue(.heater(.hold(Temperature(celsius: 100))), to: "heater", at: Self.moment(3))
        }
    }

    /// Only a question that was asked after the trip can prove that it is finished.
    @Test func anAnswerFromBeforeTheTripProvesNothing() {
        var core = Self.core()
        _ = core.handle(.opened(identity: "test"), on: "line", at: Self.moment(1))
        _ = core.triggerSafeState(reason: "a drill", at: Self.moment(10))
        let early = ForgetfulHeater.readBack(isSafe: true, askedAt: 9)
        let running = ForgetfulHeater.readBack(isSafe: false, askedAt: 11)
        let late = ForgetfulHeater.readBack(isSafe: true, askedAt: 12)
        for (answer, unproven) in [(early, ["heater"]), (running, ["heater"]), (late, [])] as [([UInt8], [DeviceName])]
        {
            _ = core.handle(.received(answer), on: "line", at: Self.moment(12))
            #expect(core.unproven == unproven)
        }
    }

    /// A device that never shows its safe state is told again and again, and everything else with it.
    @Test func anOverdueProofEscalates() {
        var core = Self.core()
        _ = core.handle(.opened(identity: "test"), on: "line", at: Self.moment(1))
        _ = core.triggerSafeState(reason: "a drill", at: Self.moment(10))
        #expect(Self.sent(core.advance(to: Self.moment(12.9))) == [])
        for second in [13.0, 16, 19] { #expect(Self.sent(core.advance(to: Self.moment(second))) == [.off]) }
        #expect(core.unproven == ["heater"])
    }

    // MARK: Making

    private static func moment(_ seconds: Double) -> Moment {
        let nanoseconds = WireDuration.seconds(seconds).nanoseconds
        return Moment(
            wire: WireInstant(nanoseconds: nanoseconds), bench: BenchInstant(nanoseconds: nanoseconds),
            wall: WallInstant(nanoseconds: nanoseconds))
    }

    private static func core() -> ControlCore {
        let device = DeviceDefinition(
            name: "heater", deviceClass: .heater, driverID: "forgetful", link: "line", driver: ForgetfulHeater())
        let limits = CoreLimits(
            staleAfter: .seconds(2), verifyWithin: .seconds(3), reconnectFirst: .seconds(1),
            reconnectLongest: .seconds(30))
        return ControlCore(devices: [device], rules: [], limits: limits, restored: [], at: moment(0))
    }

    private static func sent(_ effects: [CoreEffect]) -> [ForgetfulHeater.Write] {
        effects.compactMap { effect in
            guard case .link(_, .send(let bytes, _)) = effect else { return nil }
            return bytes.first.flatMap(ForgetfulHeater.Write.init(rawValue:))
        }
    }
}
