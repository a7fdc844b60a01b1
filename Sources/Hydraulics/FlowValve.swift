import Quantities

/// A valve of the network: where what reaches it goes, and what may reach it, depends on its position.
public struct FlowValve: Hashable, Sendable {
    /// What one position connects.
    public struct Way: Hashable, Sendable {
        /// Pumps that this position alone lets in, besides those of the common port.
        public let inlets: [String]
        /// nil: out of the network, as to a waste.
        public let tube: Tube?

        public init(inlets: [String] = [], tube: Tube?) {
            self.inlets = inlets
            self.tube = tube
        }
    }

    public let name: String
    /// Pumps on the common port.
    public let inlets: [String]
    /// By the names of the positions; one that is not here leads nowhere.
    public let ways: [String: Way]
    /// Every position that the valve has, sorted.
    public let positions: [String]
    /// Where it stands for a recipe that does not name it.
    public let home: String

    public init(name: String, inlets: [String], ways: [String: Way], positions: [String], home: String) {
        self.name = name
        self.inlets = inlets
        self.ways = ways
        self.positions = positions.sorted()
        self.home = home
    }

    /// The junction that it is in this position.
    func node(at position: String) -> FlowNode {
        let way = ways[position]
        return .junction(name, inlets: inlets + (way?.inlets ?? []), tube: way?.tube)
    }

    /// Pumps that this position shuts off.
    func shut(at position: String) -> [String] {
        ways.filter { $0.key != position }.flatMap(\.value.inlets).sorted()
    }
}

/// A pump that leads nowhere, and what shuts it off.
public struct DeadEnd: Hashable, Sendable {
    public let pump: String
    public let valve: String
    public let position: String

    public init(pump: String, valve: String, position: String) {
        self.pump = pump
        self.valve = valve
        self.position = position
    }
}

extension FlowNetwork {
    /// The same tubes with the valves in these positions; those that are not named stay as they are. Throws
    /// `NetworkError.problems` where the stream then does not lead from the origin to the outlet.
    public func switched(_ positions: [String: String]) throws(NetworkError) -> FlowNetwork {
        let all = self.positions.merging(positions) { $1 }
        guard all != self.positions else { return self }
        return try FlowNetwork(origin: origin, outlet: outlet, nodes: plainNodes, valves: valves, positions: all)
    }

    /// Pumps that would press against a shut end.
    public var deadEnds: [DeadEnd] { deadEnds(at: positions) }

    /// The same with the valves in any positions, also such that lead the stream elsewhere. A name that is no position
    /// leads nowhere.
    public func deadEnds(at wanted: [String: String]) -> [DeadEnd] {
        let positions = self.positions.merging(wanted) { $1 }
        let nodes = plainNodes + valves.map { $0.node(at: positions[$0.name] ?? $0.home) }
        let upstream = Self.upstreamPumps(nodes, Dictionary(nodes.map { ($0.name, $0) }) { first, _ in first })
        var found: [DeadEnd] = []
        for valve in valves {
            let position = positions[valve.name] ?? valve.home
            let behind = valve.ways[position] == nil ? upstream[valve.name] ?? [] : []
            found += (behind + valve.shut(at: position)).map {
                DeadEnd(pump: $0, valve: valve.name, position: position)
            }
        }
        return found.sorted { ($0.pump, $0.valve) < ($1.pump, $1.valve) }
    }
}
