import BoardProtocol
import DeviceModel
import Drivers
import Interlocks
import Quantities
import Testing
import VirtualBench
import Wire

/// What is to be done at a time is sent ahead of need, and done by the board's own clock.
@Suite struct BoardScheduleTests {
    @Test func aPinChangesAtItsTime() throws {
        var bench = ScheduleBench()
        bench.run(30)
        let times = [31.0, 31.25, 31.5, 33.1, 36].map { WireInstant.zero + .seconds($0) }
        for (index, time) in times.enumerated() { try bench.ask(UInt64(index), isOn: index % 2 == 0, at: time) }
        bench.run(8)
        for (index, time) in times.enumerated() {
            guard case .executed(let done)? = bench.replies[UInt64(index)] else {
                Issue.record("\(index): \(String(describing: bench.replies[UInt64(index)]))")
                continue
            }
            let late = done.late
            #expect(late >= .zero && late <= .milliseconds(1), "\(index): \(late.seconds) s late by the board")
            #expect(done.uncertainty > .zero && done.uncertainty < .milliseconds(10))
            let changed = try #require(bench.changes[safe: index])
            let error = changed - time.seconds
            #expect(abs(error) < 0.002, "\(index): \(error * 1e3) ms off by the truth")
        }
        #expect(bench.changes.count == times.count)
    }

    @Test func whatHasNoTimeLeftIsNotSent() throws {
        var bench = ScheduleBench()
        bench.run(5)
        try bench.ask(1, isOn: true, at: bench.wire + .milliseconds(20))
        bench.run(3)
        #expect(bench.replies[1] == .failed("there was no time left to send it to the board"))
        #expect(bench.changes.isEmpty)
        #expect(bench.state == .ready, "and the board has latched no fault")
    }

    /// Nothing of it wakes a driver without a link.
    @Test func aLostLinkForgetsWhatWaits() throws {
        var bench = ScheduleBench()
        bench.run(5)
        try bench.ask(1, isOn: true, at: bench.wire + .seconds(1))
        try bench.ask(2, isOn: true, at: bench.wire + .seconds(10))
        bench.run(0.5)
        bench.lose()
        #expect(bench.deadline == nil)
    }

    /// Also what waits on the board already.
    @Test func aTripTakesBackWhatWaits() throws {
        var bench = ScheduleBench()
        bench.run(5)
        try bench.ask(1, isOn: true, at: bench.wire + .seconds(1))
        try bench.ask(2, isOn: true, at: bench.wire + .seconds(10))
        bench.run(0.5)
        bench.trip()
        bench.run(15)
        #expect(bench.replies[1] == .refusedByTrip)
        #expect(bench.replies[2] == .refusedByTrip)
        #expect(bench.changes.isEmpty, "\(bench.changes)")
    }
}

/// A board's driver and the board, with one digital output.
private struct ScheduleBench {
    private var driver: any Driver
    private var world: VirtualBench
    private var engine = InterlockEngine(rules: [], devices: ["valve": .valve])
    private(set) var wire = WireInstant.zero
    private(set) var replies: [UInt64: RelayReply.Outcome] = [:]
    private(set) var state: DeviceState?
    /// Wire seconds at which the pin really changed.
    private(set) var changes: [Double] = []

    init() {
        guard let entry = DriverCatalog.entry("flowlab-board") else { fatalError("no driver flowlab-board") }
        driver = entry.make("uno", DriverSettings(["board": .text("uno")]))
        let output = ConfigureOutputRequest(channel: 0, activeLow: 0, maxOnMilliseconds: 60_000)
        driver.fit([BoardChannel(number: 0, configuration: RelayMessage(type: 6, payload: output.payload))])
        var options = VirtualBench.Options()
        options.accessories = ["uno"]
        world = VirtualBench(seed: 1, options: options, start: Self.moment(.zero))
        take(driver.handle(.opened(identity: "test"), at: now))
    }

    private var now: Moment { Self.moment(wire) }
    private static func moment(_ wire: WireInstant) -> Moment {
        Moment(wire: wire, bench: BenchInstant(nanoseconds: wire.nanoseconds), wall: .zero)
    }

    mutating func ask(_ id: UInt64, isOn: Bool, at instant: WireInstant) throws {
        let permit = try engine.permit(.valve(.select(position: "open")), for: "valve", at: now)
        let words = SetOutputRequest(channel: 0, level: isOn ? 1 : 0, durationMilliseconds: isOn ? 60_000 : 0)
        let message = RelayMessage(type: SetOutputRequest.type, payload: words.payload)
        take(driver.relay(RelayRequest(id: id, message: message, at: instant), .permit(permit.stamp), at: now))
    }

    mutating func lose() { take(driver.handle(.closed(reason: "pulled"), at: now)) }
    var deadline: WireInstant? { driver.deadline }

    mutating func trip() { take(driver.dropActuation(at: now)) }

    mutating func run(_ span: Double) {
        let end = wire + .seconds(span)
        while let next = [world.nextOutput, driver.deadline].compactMap(\.self).min(), next <= end {
            wire = max(wire, next)
            for output in world.drainOutputs(upTo: wire) { take(driver.handle(.received(output.bytes), at: now)) }
            if let deadline = driver.deadline, deadline <= wire { take(driver.handle(.deadline, at: now)) }
            look()
        }
        wire = end
        look()
    }

    private mutating func look() {
        world.advance(to: now)
        for record in world.drainTruth() {
            guard let changed = record.accessories["uno"]?["D4_changed_s"]?.double, changed > 0,
                changed != changes.last
            else { continue }
            changes.append(changed)
        }
    }

    private mutating func take(_ effects: [DriverEffect]) {
        for effect in effects {
            switch effect {
            case .send(let bytes, _): world.send(bytes, to: "uno", at: now)
            case .relayed(let reply): replies[reply.id] = reply.outcome
            case .state(let new): state = new
            default: break
            }
        }
    }
}

extension Array {
    fileprivate subscript(safe index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
