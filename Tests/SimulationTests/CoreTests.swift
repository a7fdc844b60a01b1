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

    /// A port that comes is tried at once, not when its turn comes.
    @Test func aPortThatComesIsTriedAtOnce() {
        var core = Self.core()
        _ = core.start(at: Self.moment(0))
        var now = Self.lose(&core, times: 6)
        #expect(core.deadlines.wire == now.wire + .seconds(30))
        now = Self.moment(now.wire.seconds + 5)
        #expect(Self.opens(core.handle(.present, on: "line", at: now)) == 0)
        #expect(core.deadlines.wire == now.wire)
        #expect(Self.opens(core.advance(to: now)) == 1)
        // Not ready yet: from now on it is as if it had just been lost.
        _ = core.handle(.closed(reason: "permission denied"), on: "line", at: now)
        #expect(core.deadlines.wire == now.wire + .seconds(1))
    }

    /// A plug with a loose contact comes and goes a hundred times a second, and is tried four times.
    @Test func aLoosePlugIsTriedAFewTimesASecond() {
        var core = Self.core()
        _ = core.start(at: Self.moment(0))
        var opens = 0
        for step in 1...1000 {
            let now = Self.moment(Double(step) / 100)
            opens += Self.opens(core.handle(.closed(reason: "unplugged"), on: "line", at: now))
            opens += Self.opens(core.handle(.present, on: "line", at: now))
            opens += Self.opens(core.advance(to: now))
        }
        #expect((39...40).contains(opens), "\(opens) in ten seconds")
    }

    @Test func aPortThatIsOpenIsLeftAlone() {
        var core = Self.core()
        _ = core.start(at: Self.moment(0))
        _ = core.handle(.opened(identity: "test"), on: "line", at: Self.moment(1))
        #expect(core.handle(.present, on: "line", at: Self.moment(2)).isEmpty)
        #expect(core.deadlines.wire == nil)
        #expect(core.handle(.present, on: "another", at: Self.moment(2)).isEmpty)
        #expect(core.state(of: "heater") == .ready)
    }

    // MARK: Making

    /// It does not open; so often that the waits have doubled to the longest.
    private static func lose(_ core: inout ControlCore, times: Int) -> Moment {
        var now = moment(0)
        for _ in 0..<times {
            _ = core.handle(.closed(reason: "no such port"), on: "line", at: now)
            guard let next = core.deadlines.wire else { return now }
            now = moment(next.seconds)
            _ = core.advance(to: now)
        }
        _ = core.handle(.closed(reason: "no such port"), on: "line", at: now)
        return now
    }

    private static func opens(_ effects: [CoreEffect]) -> Int {
        effects.count { effect in
            guard case .link(_, .open) = effect else { return false }
            return true
        }
    }

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
