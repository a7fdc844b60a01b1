import DeviceModel
import Hydraulics
import Quantities

extension BenchReader {
    /// nil when there is no usable network; its problems are reported.
    func readNetwork(devices: [DevicePart]) -> FlowNetwork? {
        guard let table = document.top.table("network", required: "a table [network] with origin and outlet") else {
            return nil
        }
        let origin = table.read(BenchKeys.origin)
        let outlet = table.read(BenchKeys.outlet)
        let junctionTables = table.namedTables("junctions", required: "a table for each, as [network.junctions.cross]")
        let junctions = junctionTables.map {
            (line: document.line($1.path) ?? Int.max, node: readJunction($0, $1, devices))
        }
        let detectors = table.namedTables("detectors", required: "a table for each, as [network.detectors.spec_pl]")
            .map { (line: document.line($1.path) ?? Int.max, node: readDetector($0, $1, devices)) }
        let nodes = (junctions + detectors).sorted { $0.line < $1.line }
        let valves = readValves(table, devices)
        checkPumpsUsed(junctionTables.map(\.table), valves ?? [], devices)
        guard let origin, let outlet, let valves, nodes.allSatisfy({ $0.node != nil }) else { return nil }
        do {
            return try FlowNetwork(origin: origin, outlet: outlet, nodes: nodes.compactMap(\.node), valves: valves)
        } catch {
            report(error)
            return nil
        }
    }

    /// `[flow_rules]`.
    func readFlowRules(network: FlowNetwork?) -> FlowRules? {
        guard let table = document.top.table("flow_rules", required: "a table [flow_rules]") else { return nil }
        let balanced = table.read(BenchKeys.balanced)
        let balancingPump = table.read(BenchKeys.balancingPump)
        let carrierPump = table.read(BenchKeys.carrierPump)
        guard let network, let balanced, let balancingPump, let carrierPump else { return nil }
        do {
            return try FlowRules(
                network: network, balanced: balanced, balancingPump: balancingPump, carrierPump: carrierPump)
        } catch {
            report(error)
            return nil
        }
    }

    private func report(_ error: NetworkError) {
        switch error {
        case .problems(let problems):
            for problem in problems {
                let path = problem.path.replacing(prefix: "network.rules.", with: "flow_rules.")
                document.report(path, ": found \(problem.value); expected \(problem.expected)")
            }
        }
    }

    private func readJunction(_ name: String, _ table: Table, _ devices: [DevicePart]) -> FlowNode? {
        checkName(name, of: table)
        let inlets = table.read(BenchKeys.inlets)
        let tube = readTube(table)
        checkInlets(inlets ?? [], table, devices)
        guard let inlets, tube.isGood else { return nil }
        return .junction(name, inlets: inlets, tube: tube.tube)
    }

    func checkInlets(_ inlets: [String], _ table: Table, _ devices: [DevicePart]) {
        let pumps = names(of: .pump, devices)
        for inlet in inlets where !pumps.contains(inlet) && isSettled(inlet, devices) {
            let place = table.path(of: BenchKeys.inlets.name)
            document.report(place, ": \"\(inlet)\" is no pump of this bench; expected \(oneOf(pumps, given: inlet))")
        }
    }

    private func readDetector(_ name: String, _ table: Table, _ devices: [DevicePart]) -> FlowNode? {
        let tube = readTube(table)
        let known = names(of: .spectrometer, devices)
        if !known.contains(name), isSettled(name, devices) {
            document.report(table.path, ": no spectrometer of this bench; expected \(oneOf(known, given: name))")
        }
        return tube.isGood ? .detector(name, tube: tube.tube) : nil
    }

    /// The tube that leaves a node, if one does.
    func readTube(_ node: Table) -> (tube: Tube?, isGood: Bool) {
        guard node.has("tube") else {
            _ = node.raw("tube")
            return (nil, true)
        }
        guard let table = node.table("tube") else { return (nil, false) }
        let to = table.read(BenchKeys.tubeTo)
        let sections = readSections(table)
        guard let to, let sections else { return (nil, false) }
        if let plain = sections.only { return (Tube(to: to, bore: plain.bore, length: plain.length), true) }
        return (Tube(to: to, sections: sections.named), true)
    }

    /// Either one plain tube (`id_mm`, `length_mm`), or `sections`.
    private func readSections(_ table: Table) -> (named: [TubeSection], only: TubeSection?)? {
        guard table.has("sections") else {
            _ = table.raw("sections")
            return readSection(table, named: "").map { ([], $0) }
        }
        for key in [BenchKeys.bore.name, BenchKeys.length.name] where table.has(key) {
            _ = table.raw(key)
            document.report(table.path(of: key), ": stands beside sections; expected it in each section")
        }
        let tables = table.tableArray("sections")
        let sections = tables.compactMap { item in
            let name = item.read(BenchKeys.sectionName)
            return readSection(item, named: name ?? "").flatMap { name == nil ? nil : $0 }
        }
        if tables.isEmpty, case .array(let items) = table.raw("sections"), items.isEmpty {
            table.wrong("sections", expected: "at least one section")
        }
        return sections.isEmpty || sections.count < tables.count ? nil : (sections, nil)
    }

    private func readSection(_ table: Table, named name: String) -> TubeSection? {
        let bore = table.read(BenchKeys.bore)
        let length = table.read(BenchKeys.length)
        guard let bore, let length else { return nil }
        return TubeSection(name: name, bore: Length(millimeters: bore), length: Length(millimeters: length))
    }

    /// Not said while the inlets of some junction cannot be read: the pump may be among them.
    private func checkPumpsUsed(_ junctions: [Table], _ valves: [FlowValve], _ devices: [DevicePart]) {
        let inlets = junctions.compactMap { table in table.members["inlets"].flatMap(BenchKeys.inlets.convert) }
        guard inlets.count == junctions.count else { return }
        let used = Set(inlets.joined()).union(valves.flatMap { $0.inlets + $0.ways.values.flatMap(\.inlets) })
        for device in devices where device.entry?.deviceClass == .pump && !used.contains(device.name) {
            document.report(
                device.table.path, ": a pump that feeds no junction; expected it in some network.junctions.X.inlets")
        }
    }

    func names(of kind: DeviceClass, _ devices: [DevicePart]) -> [String] {
        devices.filter { $0.entry?.deviceClass == kind }.map(\.name)
    }

    /// Whether a reference can be judged: a device whose driver is not known may be of any class.
    func isSettled(_ name: String, _ devices: [DevicePart]) -> Bool {
        guard let device = devices.first(where: { $0.name == name }) else { return true }
        return device.entry != nil
    }
}

extension String {
    fileprivate func replacing(prefix: String, with other: String) -> String {
        hasPrefix(prefix) ? other + dropFirst(prefix.count) : self
    }
}
