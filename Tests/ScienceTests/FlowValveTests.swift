import Hydraulics
import Quantities
import Testing

/// Valves in the network of the seed lab: a loop in the copper line, a selector for the second stream, an outlet.
@Suite struct FlowValveTests {
    private static let loop = FlowValve(
        name: "loop_valve", inlets: [],
        ways: [
            "direct": .init(tube: tube("cross", 100)), "loop": .init(tube: tube("cross", 900)),
            "aside": .init(tube: nil),
        ], positions: ["direct", "loop", "aside", "plugged"], home: "direct")
    private static let feed = FlowValve(
        name: "feed_valve", inlets: ["ode_cs"],
        ways: [
            "oleate": .init(inlets: ["cs_oleate"], tube: tube("cross", 500)),
            "acid": .init(inlets: ["oa_cs"], tube: tube("cross", 500)),
        ], positions: ["oleate", "acid"], home: "oleate")

    private static func tube(_ to: String, _ length: Double) -> Tube {
        Tube(to: to, bore: SeedBench.millimeters(0.508), length: SeedBench.millimeters(length))
    }

    private static func network() throws -> FlowNetwork {
        let nodes: [FlowNode] =
            SeedBench.nodes.filter { !["five_way", "four_way"].contains($0.name) } + [
                .junction("five_way", inlets: SeedBench.cuPumps, tube: tube("loop_valve", 600))
            ]
        return try FlowNetwork(origin: "five_way", outlet: "abs_cell", nodes: nodes, valves: [loop, feed])
    }

    private let flows = ["cui": flow(60), "cs_oleate": flow(60), "pfo": flow(120)]

    @Test func aValveAtHomeIsATubeLikeAnother() throws {
        let plain = try SeedBench.network().residenceTime(flows: flows, to: "abs_cell")
        let valved = try Self.network().residenceTime(flows: flows, to: "abs_cell")
        #expect(abs((plain?.seconds ?? 0) - (valved?.seconds ?? 1)) < 1e-9)
    }

    /// 800 mm more of 0.508 mm are 162.15 uL: at 60 uL/min 162.15 s.
    @Test func aLongerWayTakesItsTime() throws {
        let home = try Self.network()
        let loop = try home.switched(["loop_valve": "loop"])
        let more =
            (loop.residenceTime(flows: flows, to: "abs_cell")?.seconds ?? 0)
            - (home.residenceTime(flows: flows, to: "abs_cell")?.seconds ?? 0)
        #expect(abs(more - 162.147) < 0.01)
        #expect(loop.positions == ["loop_valve": "loop", "feed_valve": "oleate"])
        #expect(loop.pumps == home.pumps, "the same pumps, wherever the valves stand")
    }

    @Test func aPositionWithoutAWayIsADeadEnd() throws {
        let network = try Self.network()
        #expect(network.deadEnds == [DeadEnd(pump: "oa_cs", valve: "feed_valve", position: "oleate")])
        let plugged = network.deadEnds(at: ["loop_valve": "plugged"]).map(\.pump)
        #expect(plugged == ["cui", "oa_cs", "oa_cui", "oam_cui", "ode_cui"])
        #expect(throws: NetworkError.self) { try network.switched(["loop_valve": "plugged"]) }
        #expect(throws: NetworkError.self) { try network.switched(["loop_valve": "aside"]) }
    }

    @Test func aSelectorLetsInOnePumpAtATime() throws {
        let acid = try Self.network().switched(["feed_valve": "acid"])
        #expect(acid.pumps(upstreamOf: "feed_valve") == ["oa_cs", "ode_cs"])
        #expect(acid.deadEnds.map(\.pump) == ["cs_oleate"])
        #expect(acid.flow(through: "cross", flows: ["cs_oleate": flow(5), "oa_cs": flow(7)]) == flow(7))
    }

    /// Only `deadEnds(at:)` may be asked of positions that lead in a circle.
    @Test func aCircleEnds() throws {
        let back = FlowValve(
            name: "loop_valve", inlets: [],
            ways: ["direct": .init(tube: Self.tube("cross", 1)), "back": .init(tube: Self.tube("five_way", 1))],
            positions: ["direct", "back"], home: "direct")
        let nodes: [FlowNode] =
            SeedBench.nodes.filter { $0.name != "five_way" } + [
                .junction("five_way", inlets: SeedBench.cuPumps, tube: Self.tube("loop_valve", 600))
            ]
        let network = try FlowNetwork(origin: "five_way", outlet: "abs_cell", nodes: nodes, valves: [back])
        #expect(network.deadEnds(at: ["loop_valve": "back"]).isEmpty)
        #expect(throws: NetworkError.self) { try network.switched(["loop_valve": "back"]) }
    }
}
