import DeviceModel
import Hydraulics
import Quantities

/// Samples: where they may go, and what they cost.
extension Planner {
    /// Where a filled cuvette may be set down.
    var destinations: [String] {
        guard let sampling = definition.sampling, let robot = robotStations(of: sampling.robot) else { return [] }
        return definition.stations.filter {
            $0.kind == .place && $0.name != sampling.filler && robot.contains($0.name)
        }.map(\.name)
    }

    private func robotStations(of robot: DeviceName) -> [String]? {
        guard case .robot(let limits)? = definition.devices.first(where: { $0.name == robot })?.driver.limits else {
            return nil
        }
        return limits.stations
    }

    /// nil where none is wanted, and where it is impossible, which is a problem.
    func plannedSample(
        _ wish: SampleWish?, _ flows: [String: FlowRate], _ network: FlowNetwork, _ problems: inout [PlanProblem]
    ) -> PlannedSample? {
        guard let wish else { return nil }
        func problem(_ kind: String, _ hint: String) -> PlanProblem {
            PlanProblem(kind: kind, name: "sample.to", value: nil, limit: nil, unit: "", hint: hint)
        }
        guard let sampling = definition.sampling else {
            problems.append(problem("no_sampling", "this bench file has no [sampling]; leave sample out"))
            return nil
        }
        guard destinations.contains(wish.to) else {
            let known = destinations.joined(separator: ", ")
            problems.append(
                problem(
                    "unknown_station",
                    "\"\(wish.to.prefix(64))\" is no place where \(sampling.robot) can set down a cuvette; expected \(known)"
                ))
            return nil
        }
        guard let home = network.positions[sampling.valve.text], home != sampling.fill else { return nil }
        let (cell, valve) = (network.outlet, sampling.valve.text)
        guard let delivery = network.volumeClock(from: cell, to: valve) else {
            let hint = "with the valves as they stand nothing leads from \(cell) to \(valve); choose other positions"
            problems.append(problem("no_path", hint))
            return nil
        }
        guard let fillTime = sampling.volume / total(flows),
            let travel = network.travelTime(flows: flows, from: cell, to: valve)
        else { return nil }
        let swept = definition.procedure.requiredTau
        return PlannedSample(
            procedure: sampling, to: wish.to, home: home, fillTime: fillTime, delivery: delivery, sweptDelivery: swept,
            deliveryTime: travel * swept,
            turning: definition.procedure.flowingDeadline, analyzer: analyzer(at: wish.to),
            discard: analyzer(at: wish.to) == nil ? nil : sampling.discard)
    }

    /// Where the cuvettes are filled no recipe leaves the valve: without a cuvette the stream would run onto the table.
    func fillProblem(_ network: FlowNetwork) -> [PlanProblem] {
        guard let sampling = definition.sampling, network.positions[sampling.valve.text] == sampling.fill else {
            return []
        }
        return [
            PlanProblem(
                kind: "unknown_position", name: "valves.\(sampling.valve)", value: nil, limit: nil, unit: "",
                hint:
                    "at \(sampling.fill) the stream runs into the cuvette, or where none stands; leave the valve out, sample turns it"
            )
        ]
    }

    private func analyzer(at station: String) -> DeviceName? {
        definition.stations.first { $0.name == station }?.analyzer
    }

    /// What a sample needs beside the flow.
    func devices(of wish: SampleWish) -> [DeviceName] {
        (definition.sampling.map { [$0.robot] } ?? []) + (analyzer(at: wish.to).map { [$0] } ?? [])
    }

    /// What a sample adds to the time that the stream flows, when all goes well.
    func flowingEstimate(of sample: PlannedSample?) -> BenchDuration {
        sample.map { $0.flowingEstimate + Self.startUp } ?? .zero
    }

    /// And to the whole experiment.
    func estimate(of sample: PlannedSample?) -> BenchDuration {
        sample.map { flowingEstimate(of: $0) + SamplingProcedure.transferEstimate } ?? .zero
    }

    /// What recipes may say of samples; nothing on a bench that takes none.
    var sampleParameters: [RecipeForms.Parameter] {
        guard let sampling = definition.sampling, !destinations.isEmpty else { return [] }
        return [
            RecipeForms.Parameter(
                name: "sample.to", type: .categorical, minimum: nil, maximum: nil, unit: "", resolution: nil,
                choices: destinations, required: false,
                meaning:
                    "station for a cuvette with \(sampling.volume.microliters) uL of the measured product; none if left out"
            )
        ]
    }
}
