import Quantities

/// One tube of a path through the network, with what drives it.
public struct PathTube: Hashable, Sendable {
    public let from: String
    public let to: String
    public let sections: [TubeSection]
    /// The pumps whose flow passes through the tube, sorted.
    public let pumps: [String]

    public var volume: Volume { sections.reduce(.zero) { $0 + $1.volume } }
}

/// The tubes of a bench as a directed graph: pumps deliver into junctions, each node has at most one outgoing tube.
///
/// Plug flow throughout: liquids are taken as incompressible, and what enters a junction leaves it.
public struct FlowNetwork: Hashable, Sendable {
    /// The node at which residence times start.
    public let origin: String
    /// The node at which the stream is last seen.
    public let outlet: String
    /// In the order given, the valves last, each as the junction that its position makes it.
    public let nodes: [FlowNode]
    public let valves: [FlowValve]
    /// Of every valve, by its name.
    public let positions: [String: String]
    /// Without the valves.
    let plainNodes: [FlowNode]
    private let byName: [String: FlowNode]
    private let upstream: [String: [String]]

    /// Throws `NetworkError.problems` with everything that is wrong, not only the first thing. Valves stand at home.
    public init(
        origin: String, outlet: String, nodes: [FlowNode], valves: [FlowValve] = []
    ) throws(NetworkError) {
        let home = Dictionary(valves.map { ($0.name, $0.home) }, uniquingKeysWith: { first, _ in first })
        try self.init(origin: origin, outlet: outlet, nodes: nodes, valves: valves, positions: home)
    }

    init(
        origin: String, outlet: String, nodes plain: [FlowNode], valves: [FlowValve], positions: [String: String]
    ) throws(NetworkError) {
        let nodes = plain + valves.map { $0.node(at: positions[$0.name] ?? $0.home) }
        let check = NetworkCheck(origin: origin, outlet: outlet, nodes: nodes)
        guard check.problems.isEmpty else { throw .problems(check.problems) }
        plainNodes = plain
        self.valves = valves
        self.positions = positions
        self.origin = origin
        self.outlet = outlet
        self.nodes = nodes
        byName = Dictionary(nodes.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        upstream = Self.upstreamPumps(nodes, byName)
    }

    /// Every pump of the network, sorted.
    public var pumps: [String] {
        let shut = valves.flatMap { $0.shut(at: positions[$0.name] ?? $0.home) }
        return (nodes.flatMap(\.inlets) + shut).sorted()
    }

    public func node(_ name: String) -> FlowNode? { byName[name] }

    /// The pumps whose liquid reaches `node`, its own inlets included, sorted; empty for an unknown node.
    public func pumps(upstreamOf node: String) -> [String] { upstream[node] ?? [] }

    /// The flow that leaves `node` when each pump delivers `flows[pump]`; a pump that is not listed delivers nothing.
    public func flow(through node: String, flows: [String: FlowRate]) -> FlowRate {
        pumps(upstreamOf: node).reduce(.zero) { $0 + (flows[$1] ?? .zero) }
    }

    /// The tubes from one node to another, in order: empty when they are the same, nil when no tube leads there.
    public func path(from start: String, to end: String) -> [PathTube]? {
        guard byName[start] != nil, byName[end] != nil else { return nil }
        var tubes: [PathTube] = []
        var here = start
        while here != end {
            guard let tube = byName[here]?.tube else { return nil }
            tubes.append(
                PathTube(from: here, to: tube.to, sections: tube.sections, pumps: pumps(upstreamOf: here)))
            here = tube.to
        }
        return tubes
    }

    /// tau: the time from the origin to `node`, the sum of V/Q over the tubes between. Nil when no tube leads there, or
    /// when nothing flows in a tube on the way.
    public func residenceTime(flows: [String: FlowRate], to node: String) -> BenchDuration? {
        travelTime(flows: flows, from: origin, to: node)
    }

    /// The same from any node.
    public func travelTime(flows: [String: FlowRate], from start: String, to node: String) -> BenchDuration? {
        guard let tubes = path(from: start, to: node) else { return nil }
        var seconds = 0.0
        for tube in tubes {
            let flow = flow(through: tube.from, flows: flows)
            guard flow > .zero else { return nil }
            seconds += tube.volume.microliters / flow.microlitersPerSecond
        }
        return .seconds(seconds)
    }

    /// The time a fluid element spends in one named section (a reactor); the first of that name in the order of the nodes. Nil for an unknown section or without flow.
    public func residenceTime(flows: [String: FlowRate], inSection name: String) -> BenchDuration? {
        for node in nodes {
            guard let section = node.tube?.sections.first(where: { $0.name == name }) else { continue }
            return section.volume / flow(through: node.name, flows: flows)
        }
        return nil
    }

    /// The volume that passes `node` while a fluid element travels there from the origin: residence time x flow. For two
    /// equal precursor streams and a carrier that equals both, 4 V(origin line) + V(segmented line), at every flow.
    public func arrivalVolume(flows: [String: FlowRate], to node: String) -> Volume? {
        residenceTime(flows: flows, to: node).map { flow(through: node, flows: flows) * $0 }
    }

    /// A volume clock for the path from the origin to `node`; nil when no tube leads there.
    public func volumeClock(to node: String) -> VolumeClock? { volumeClock(from: origin, to: node) }

    /// The same from any node.
    public func volumeClock(from start: String, to node: String) -> VolumeClock? {
        path(from: start, to: node).map { tubes in
            VolumeClock(path: tubes.map { PathSegment(volume: $0.volume, pumps: $0.pumps) })
        }
    }

    static func upstreamPumps(_ nodes: [FlowNode], _ byName: [String: FlowNode]) -> [String: [String]] {
        var reaching: [String: [String]] = [:]
        for node in nodes where !node.inlets.isEmpty {
            var next: FlowNode? = node
            var seen: Set<String> = []
            while let here = next, seen.insert(here.name).inserted {
                reaching[here.name, default: []] += node.inlets
                next = here.tube.flatMap { byName[$0.to] }
            }
        }
        return reaching.mapValues { $0.sorted() }
    }
}
