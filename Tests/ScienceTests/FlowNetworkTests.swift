import Hydraulics
import Quantities
import Testing

@Suite struct FlowNetworkTests {
    private func isClose(_ a: Double, _ b: Double, _ relative: Double = 1e-9) -> Bool {
        abs(a - b) <= relative * abs(b)
    }

    @Test func residenceTimeEqualsTheGoldenTauAtEveryPoint() throws {
        let network = try SeedBench.network()
        let golden = try Golden.load()
        #expect(golden.points.count == 27)
        for point in golden.points {
            let tau = try #require(network.residenceTime(flows: point.flows, to: "abs_cell"))
            #expect(isClose(tau.seconds, point.tau))
            let reaction = try #require(network.residenceTime(flows: point.flows, inSection: "reactor"))
            #expect(isClose(reaction.seconds, try #require(point.recipe["tR"])))
            let volume = try #require(network.arrivalVolume(flows: point.flows, to: "abs_cell"))
            #expect(isClose(volume.microliters, golden.geometry.equilibrium))
        }
    }

    @Test func volumesEqualTheGoldenGeometry() throws {
        let golden = try Golden.load().geometry
        let path = try #require(try SeedBench.network().path(from: "five_way", to: "abs_cell"))
        #expect(path.map(\.from) == ["five_way", "cross", "pl_cell"])
        #expect(isClose(path[0].volume.microliters, golden.cuLine))
        #expect(isClose((path[1].volume + path[2].volume).microliters, golden.segmented))
        #expect(isClose(path[1].sections[0].volume.microliters, golden.reactor))
    }

    @Test func flowsAddUpDownstream() throws {
        let network = try SeedBench.network()
        #expect(network.pumps(upstreamOf: "four_way") == ["cs_oleate", "oa_cs", "ode_cs"])
        #expect(network.pumps(upstreamOf: "abs_cell") == network.pumps)
        #expect(network.pumps.count == 8)
        #expect(network.pumps(upstreamOf: "nowhere") == [])
        let flows = ["cui": flow(10), "oa_cui": flow(5), "cs_oleate": flow(7), "pfo": flow(22)]
        #expect(network.flow(through: "five_way", flows: flows) == flow(15))
        #expect(network.flow(through: "cross", flows: flows) == flow(44))
    }

    @Test func withoutFlowOnThePathThereIsNoResidenceTime() throws {
        let network = try SeedBench.network()
        #expect(network.residenceTime(flows: ["cs_oleate": flow(100), "pfo": flow(100)], to: "abs_cell") == nil)
        #expect(network.residenceTime(flows: [:], inSection: "reactor") == nil)
        #expect(network.residenceTime(flows: ["cui": flow(1)], to: "four_way") == nil)
        #expect(network.residenceTime(flows: ["cui": flow(1)], to: "five_way") == .zero)
        #expect(network.residenceTime(flows: ["cui": flow(1)], inSection: "nowhere") == nil)
    }

    private func problems(origin: String = "a", outlet: String = "z", _ nodes: [FlowNode]) -> [NetworkProblem] {
        do throws(NetworkError) {
            _ = try FlowNetwork(origin: origin, outlet: outlet, nodes: nodes)
            return []
        } catch {
            switch error {
            case .problems(let problems): return problems
            }
        }
    }

    private func tube(_ to: String, bore: Double = 1, length: Double = 1) -> Tube {
        Tube(
            to: to,
            sections: [TubeSection(name: "s", bore: .init(millimeters: bore), length: .init(millimeters: length))])
    }

    @Test func everyProblemIsFoundAtOnce() {
        let found = problems([
            .junction("a", inlets: ["p", "q"], tube: tube("nowhere", bore: 0)),
            .junction("b", inlets: ["p"], tube: tube("c", length: -1)),
            .junction("c", inlets: [], tube: tube("b")),
            .detector("d", tube: Tube(to: "z", sections: [])),
            .detector("z", tube: nil),
        ])
        #expect(
            found.map(\.path) == [
                "network.junctions.b.inlets", "network.junctions.a.tube.to", "network.junctions.a.tube.s.id_mm",
                "network.junctions.b.tube.s.length_mm", "network.detectors.d.tube.sections",
                "network.junctions.b.tube.to", "network.origin",
            ])
        #expect(found[1].value == "nowhere" && found[1].expected == "one of a, b, c, d, z")
        #expect(found[5].value == "b -> c -> b")
        #expect(NetworkError.problems(found).description.contains("network.origin: found a, expected"))
    }

    @Test func unknownEndsDuplicatesAndSelfLoopsAreProblems() {
        #expect(problems(origin: "x", [.detector("z", tube: nil)]).map(\.path) == ["network.origin"])
        #expect(problems(origin: "z", outlet: "y", [.detector("z", tube: nil)]).map(\.path) == ["network.outlet"])
        let twice = problems(origin: "z", [.detector("z", tube: nil), .junction("z", inlets: [], tube: nil)])
        #expect(twice.map(\.path) == ["network.junctions.z"])
        let loop = problems(origin: "z", [.detector("z", tube: nil), .detector("l", tube: tube("l"))])
        #expect(loop.map(\.value) == ["l -> l"])
        let notNumbers = problems(
            origin: "z", [.detector("z", tube: nil), .detector("l", tube: tube("z", bore: .nan))])
        #expect(notNumbers.map(\.path) == ["network.detectors.l.tube.s.id_mm"])
    }
}
