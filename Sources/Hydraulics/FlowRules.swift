import Quantities

/// One way in which flows break the rules of the bench.
public struct FlowRuleProblem: Hashable, Sendable {
    /// Stable words for clients.
    public enum Kind: String, Hashable, Sendable, Codable {
        case unknownPump = "unknown_pump"
        /// Negative, not a number, or beyond any pump.
        case badFlow = "bad_flow"
        /// The second stream is already larger than the first without its balancing pump.
        case streamOverfull = "stream_overfull"
        /// A flow was given that differs from the one that follows from the rules.
        case conflictsWithRules = "conflicts_with_rules"
        /// Measured flows are off the rules.
        case unbalanced
    }

    public let kind: Kind
    /// The pump or the junction.
    public let name: String
    public let value: Double
    public let limit: Double
    public let unit: Unit
    /// What is wrong and what to do about it.
    public let hint: String

    public init(kind: Kind, name: String, value: Double, limit: Double, unit: Unit, hint: String) {
        self.kind = kind
        self.name = name
        self.value = value
        self.limit = limit
        self.unit = unit
        self.hint = hint
    }
}

/// A full set of flows, and what is wrong with it.
public struct CompletedFlows: Hashable, Sendable {
    /// Every pump of the rules, on its own grid. Meaningful only without problems.
    public let flows: [String: FlowRate]
    /// Empty when the flows are feasible.
    public let problems: [FlowRuleProblem]
}

/// The flow rules of a segmented-flow bench: two precursor streams run 1:1, kept so by one pump (the solvent of the second
/// stream), and the carrier equals the total precursor flow. Both are needed for long-term stability of the segments.
public struct FlowRules: Hashable, Sendable {
    /// The pumps of the first stream, sorted.
    public let firstStream: [String]
    /// The pumps of the second stream, the balancing pump among them, sorted.
    public let secondStream: [String]
    public let balancingPump: String
    public let carrierPump: String
    private let junctions: [String]

    /// `balanced` names two junctions of the network; all that flows into the second is made equal to all that flows
    /// into the first. Throws `NetworkError.problems` when names do not fit the network.
    public init(
        network: FlowNetwork, balanced: [String], balancingPump: String, carrierPump: String
    ) throws(NetworkError) {
        let problems = Self.problems(network, balanced, balancingPump, carrierPump)
        guard problems.isEmpty, balanced.count == 2 else { throw .problems(problems) }
        junctions = balanced
        firstStream = network.pumps(upstreamOf: balanced[0])
        secondStream = network.pumps(upstreamOf: balanced[1])
        self.balancingPump = balancingPump
        self.carrierPump = carrierPump
    }

    /// The pumps whose flow a client chooses, sorted.
    public var givenPumps: [String] {
        (firstStream + secondStream).filter { $0 != balancingPump }.sorted()
    }

    /// Every pump, sorted.
    public var pumps: [String] { (firstStream + secondStream + [carrierPump]).sorted() }

    /// Rounds each given flow to its pump's resolution and lets the balancing pump and the carrier follow; on a common
    /// grid both rules then hold exactly. A given pump that is left out stands still. The two that follow may be given
    /// too, if they agree with the rules up to the rounding.
    ///
    /// `resolution` lists the smallest step of each pump; one that is not listed has a step of 0.001 uL/min.
    public func complete(_ given: [String: FlowRate], resolution: [String: FlowRate]) -> CompletedFlows {
        let grid = FlowGrid(resolution: resolution)
        var problems = unknownPumps(in: given)
        var steps: [String: Int64] = [:]
        for pump in givenPumps {
            let flow = given[pump] ?? .zero
            let micro = grid.micro(flow, pump)
            if let problem = Self.problem(ofGiven: pump, flow, micro) { problems.append(problem) }
            steps[pump] = micro
        }
        let first = firstStream.reduce(0) { $0 + (steps[$1] ?? 0) }
        let rest = secondStream.reduce(0) { $0 + (steps[$1] ?? 0) }
        let balance = grid.rounded(first - rest, balancingPump)
        steps[balancingPump] = balance
        if balance < 0 { problems.append(overfullStream(rest: rest, first: first)) }
        steps[carrierPump] = grid.rounded(first + rest + balance, carrierPump)
        let flows = steps.mapValues(FlowGrid.flow)
        for pump in [balancingPump, carrierPump] {
            guard let wanted = given[pump], let derived = flows[pump] else { continue }
            // Every other flow may have been rounded by half a step.
            let roundings = Double(grid.step(pump)) / 1e6 * Double(pumps.count)
            if !(abs((wanted - derived).microlitersPerMinute) <= roundings) {
                problems.append(Self.disagreement(pump, wanted, derived))
            }
        }
        return CompletedFlows(flows: flows, problems: problems)
    }

    /// Checks measured flows: the two streams against each other, the carrier against the precursors. `tolerance` is a
    /// fraction (0.1 for 10 %) of the flow that should be there.
    public func violations(_ flows: [String: FlowRate], tolerance: Double) -> [FlowRuleProblem] {
        let first = total(firstStream, flows)
        let second = total(secondStream, flows)
        let carrier = total([carrierPump], flows)
        return [
            Self.deviation(
                junctions[1], second, from: first, tolerance,
                "The streams must run 1:1: bring the pumps into \(junctions[1]) to the flow of \(junctions[0])."),
            Self.deviation(
                carrierPump, carrier, from: first + second, tolerance,
                "The carrier must equal the total precursor flow: check \(carrierPump)."),
        ].compactMap { $0 }
    }

    private func total(_ pumps: [String], _ flows: [String: FlowRate]) -> FlowRate {
        pumps.reduce(.zero) { $0 + (flows[$1] ?? .zero) }
    }
}

extension FlowRules {
    private func unknownPumps(in given: [String: FlowRate]) -> [FlowRuleProblem] {
        given.keys.sorted().filter { !pumps.contains($0) }.map { name in
            FlowRuleProblem(
                kind: .unknownPump, name: name, value: given[name]?.microlitersPerMinute ?? 0, limit: 0,
                unit: .microlitersPerMinute,
                hint: "No such pump under the flow rules; the pumps are \(givenPumps.joined(separator: ", ")).")
        }
    }

    /// A flow is judged on its grid, so that the rounding errors of a client's arithmetic are no fault.
    private static func problem(ofGiven pump: String, _ flow: FlowRate, _ micro: Int64) -> FlowRuleProblem? {
        let value = flow.microlitersPerMinute
        if micro >= 0, abs(value) <= FlowGrid.greatest.microlitersPerMinute { return nil }
        return FlowRuleProblem(
            kind: .badFlow, name: pump, value: value, limit: value < 0 ? 0 : FlowGrid.greatest.microlitersPerMinute,
            unit: .microlitersPerMinute, hint: "A flow must be a number from 0 up; correct the flow of \(pump).")
    }

    private func overfullStream(rest: Int64, first: Int64) -> FlowRuleProblem {
        FlowRuleProblem(
            kind: .streamOverfull, name: balancingPump, value: FlowGrid.flow(first - rest).microlitersPerMinute,
            limit: 0, unit: .microlitersPerMinute,
            hint: "The stream into \(junctions[1]) already exceeds that into \(junctions[0]): "
                + "lower \(secondStream.filter { $0 != balancingPump }.joined(separator: ", ")) or raise "
                + "\(firstStream.joined(separator: ", ")).")
    }

    private static func disagreement(_ pump: String, _ wanted: FlowRate, _ derived: FlowRate) -> FlowRuleProblem {
        FlowRuleProblem(
            kind: .conflictsWithRules, name: pump, value: wanted.microlitersPerMinute,
            limit: derived.microlitersPerMinute, unit: .microlitersPerMinute,
            hint: "The flow of \(pump) follows from the flow rules; leave it out.")
    }

    private static func deviation(
        _ name: String, _ flow: FlowRate, from expected: FlowRate, _ tolerance: Double, _ hint: String
    ) -> FlowRuleProblem? {
        let difference = abs((flow - expected).microlitersPerMinute)
        if difference <= tolerance * abs(expected.microlitersPerMinute) { return nil }
        return FlowRuleProblem(
            kind: .unbalanced, name: name, value: flow.microlitersPerMinute, limit: expected.microlitersPerMinute,
            unit: .microlitersPerMinute, hint: hint)
    }

    private static func problems(
        _ network: FlowNetwork, _ balanced: [String], _ balancingPump: String, _ carrierPump: String
    ) -> [NetworkProblem] {
        guard balanced.count == 2, balanced.allSatisfy({ network.node($0) != nil }), balanced[0] != balanced[1] else {
            return [
                NetworkProblem(
                    path: "network.rules.balanced", value: balanced.joined(separator: ", "),
                    expected: "two different junctions of the network")
            ]
        }
        let first = network.pumps(upstreamOf: balanced[0])
        let second = network.pumps(upstreamOf: balanced[1])
        var problems: [NetworkProblem] = []
        if !Set(first).isDisjoint(with: second) {
            let value = balanced.joined(separator: ", ")
            problems.append(.init(path: "network.rules.balanced", value: value, expected: "streams that do not join"))
        }
        if !second.contains(balancingPump) {
            let expected = "one of \(second.joined(separator: ", "))"
            problems.append(.init(path: "network.rules.balancing_pump", value: balancingPump, expected: expected))
        }
        if !network.pumps.contains(carrierPump) || (first + second).contains(carrierPump) {
            let expected = "a pump outside the balanced streams"
            problems.append(.init(path: "network.rules.carrier_pump", value: carrierPump, expected: expected))
        }
        return problems
    }
}
