import Quantities

/// Finds everything that is wrong with the parts of a network, so that one start shows all mistakes of a bench file.
struct NetworkCheck {
    let origin: String
    let outlet: String
    let nodes: [FlowNode]
    private let byName: [String: FlowNode]
    private(set) var problems: [NetworkProblem] = []

    init(origin: String, outlet: String, nodes: [FlowNode]) {
        self.origin = origin
        self.outlet = outlet
        self.nodes = nodes
        byName = Dictionary(nodes.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        checkNames()
        checkPumps()
        for node in nodes { checkTube(of: node) }
        checkCycles()
        checkEnds()
    }

    private mutating func report(_ path: String, _ value: String, _ expected: String) {
        problems.append(NetworkProblem(path: path, value: value, expected: expected))
    }

    private mutating func checkNames() {
        var seen: Set<String> = []
        for node in nodes where !seen.insert(node.name).inserted {
            report(node.path, node.name, "a name that no other junction or detector has")
        }
    }

    private mutating func checkPumps() {
        var ownerOf: [String: String] = [:]
        for node in nodes {
            for pump in node.inlets {
                if let owner = ownerOf[pump] {
                    report("\(node.path).inlets", pump, "a pump that feeds one junction; it also feeds \(owner)")
                } else {
                    ownerOf[pump] = node.name
                }
            }
        }
    }

    private mutating func checkTube(of node: FlowNode) {
        guard let tube = node.tube else { return }
        if byName[tube.to] == nil {
            report("\(node.path).tube.to", tube.to, "one of \(nodes.map(\.name).sorted().joined(separator: ", "))")
        }
        if tube.sections.isEmpty {
            report("\(node.path).tube.sections", "none", "at least one section")
        }
        for section in tube.sections {
            checkSize(section.bore, "\(node.path).tube.\(section.name).id_mm")
            checkSize(section.length, "\(node.path).tube.\(section.name).length_mm")
        }
    }

    private mutating func checkSize(_ size: Length, _ path: String) {
        guard size.millimeters.isFinite, size.millimeters > 0 else {
            report(path, "\(size.millimeters)", "a size above 0 mm")
            return
        }
    }

    /// Each cycle is reported once, at its first node in the order given.
    private mutating func checkCycles() {
        var settled: Set<String> = []
        for node in nodes {
            var trail: [String] = []
            var next: FlowNode? = node
            while let here = next, !settled.contains(here.name), !trail.contains(here.name) {
                trail.append(here.name)
                next = here.tube.flatMap { byName[$0.to] }
            }
            if let back = next, let start = trail.firstIndex(of: back.name) {
                let cycle = (trail[start...] + [back.name]).joined(separator: " -> ")
                report("\(back.path).tube.to", cycle, "tubes that lead to an outlet, without a cycle")
            }
            settled.formUnion(trail)
        }
    }

    private mutating func checkEnds() {
        let names = nodes.map(\.name).sorted().joined(separator: ", ")
        if byName[origin] == nil { report("network.origin", origin, "one of \(names)") }
        if byName[outlet] == nil { report("network.outlet", outlet, "one of \(names)") }
        guard byName[origin] != nil, byName[outlet] != nil else { return }
        var seen: Set<String> = []
        var here = origin
        while here != outlet, seen.insert(here).inserted, let next = byName[here]?.tube?.to { here = next }
        if here != outlet {
            report("network.origin", origin, "a node from which the tubes lead to the outlet \(outlet)")
        }
    }
}
