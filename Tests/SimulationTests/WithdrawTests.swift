import ControlCore
import DeviceModel
import Drivers
import Quantities
import Testing
import VirtualBench

/// A pump that draws back, judged by what its syringe then holds.
@Suite struct WithdrawTests {
    /// It delivers 1000 uL, draws 400 uL back, and stops by itself: the books see what went out, and nothing that came back.
    @Test(arguments: ChemyxPump.EchoStyle.allCases) func thePlungerMovesBack(echo: ChemyxPump.EchoStyle) throws {
        var loop = try PumpLoop(echo: echo)
        loop.run(3)
        let full = loop.held
        try loop.issue(.run(flow: Self.flow(6000), volume: Volume(microliters: 1000)))
        loop.run(25)
        let before = loop.held
        #expect((full - before - 1000).magnitude < 5, "\(full - before) uL went out")
        try loop.issue(.withdraw(flow: Self.flow(2000), volume: Volume(microliters: 400)))
        loop.run(5)
        #expect(loop.read("flow") == -2000 && loop.read("flow.set_point") == -2000)
        loop.run(20)
        #expect((loop.held - before - 400).magnitude < 5, "\(loop.held - before) uL came back")
        #expect(loop.read("flow") == 0 && loop.read("flow.set_point") == 0)
        #expect((try #require(loop.read("volume")) - 1000).magnitude < 1)
        #expect(loop.outcomes == [.done, .done])
    }

    /// A trip ends it as it ends a run.
    @Test func aTripStopsIt() throws {
        var loop = try PumpLoop(echo: .cr)
        loop.run(3)
        try loop.issue(.run(flow: Self.flow(6000), volume: Volume(microliters: 1000)))
        loop.run(25)
        try loop.issue(.withdraw(flow: Self.flow(1000), volume: Volume(microliters: 900)))
        loop.run(3)
        loop.trip()
        loop.run(1)
        let held = loop.held
        loop.run(20)
        #expect((loop.held - held).magnitude < 1)
        #expect(loop.core.unproven.isEmpty && loop.read("flow") == 0)
    }

    private static func flow(_ microlitersPerMinute: Double) -> FlowRate {
        FlowRate(microlitersPerMinute: microlitersPerMinute)
    }
}

/// One pump of the example bench on its simulated device, with nothing above the core.
private struct PumpLoop {
    private static let step = WireDuration.milliseconds(10)
    var core: ControlCore
    var bench: VirtualBench
    private(set) var outcomes: [CommandOutcome] = []
    private var wire = WireInstant.zero
    private let link: LinkName
    private let name: DeviceName

    init(echo: ChemyxPump.EchoStyle) throws {
        let device = try #require(try Scenario.bench([:]).devices.first { $0.name.text == "cui" })
        (link, name) = (device.link, device.name)
        let limits = CoreLimits(
            staleAfter: .seconds(2), verifyWithin: .seconds(3), reconnectFirst: .seconds(1),
            reconnectLongest: .seconds(30))
        let start = Moment(wire: .zero, bench: .zero, wall: .zero)
        core = ControlCore(devices: [device], rules: [], limits: limits, restored: [], at: start)
        var options = VirtualBench.Options()
        options.echoStyle = echo
        bench = VirtualBench(seed: 1, options: options, start: start)
        perform(core.start(at: start))
    }

    /// What the syringe really holds, uL.
    var held: Double { bench.plant.remaining[0] }

    private var now: Moment { Moment(wire: wire, bench: BenchInstant(nanoseconds: wire.nanoseconds), wall: .zero) }

    func read(_ quantity: String) -> Double? {
        core.reading(SignalName(.pump, name, quantity), at: now).flatMap { $0.quality == .good ? $0.value : nil }
    }

    mutating func issue(_ command: PumpCommand) throws { perform(try core.issue(.pump(command), to: name, at: now).1) }

    mutating func trip() { perform(core.triggerSafeState(reason: "a drill", at: now)) }

    mutating func run(_ seconds: Double) {
        let end = wire + .seconds(seconds)
        while wire < end {
            wire = wire + Self.step
            bench.advance(to: now)
            for output in bench.drainOutputs(upTo: wire) where output.link == link.text {
                perform(core.handle(.received(output.bytes), on: link, at: now))
            }
            perform(core.advance(to: now))
        }
    }

    private mutating func perform(_ effects: [CoreEffect]) {
        for effect in effects {
            switch effect {
            case .link(_, .open): perform(core.handle(.opened(identity: "virtual"), on: link, at: now))
            case .link(let link, .send(let bytes, _)): bench.send(bytes, to: link.text, at: now)
            case .notice(.finished(_, _, let outcome)): outcomes.append(outcome)
            case .link, .notice: continue
            }
        }
    }
}
