import DeviceModel
import Hydraulics
import Quantities

/// Recipe to plan: pure, and the same for a dry run and for the real one.
public struct Planner: Sendable {
    /// Mean rates of the plate, for the predicted duration only: a 0.8 kg aluminium plate with 300 W.
    static let heatingKelvinPerSecond = 0.25
    static let coolingKelvinPerSecond = 0.07
    /// Expected bench time to start and confirm the pumps, and to wait a little longer for the proof of steady state.
    static let startUp = BenchDuration.seconds(6)
    /// A run may need so much more than is expected before the ledger calls a syringe too empty for it.
    static let reagentMargin = 1.1

    let definition: BenchDefinition
    let pumps: [String: PumpLimits]
    let heater: HeaterLimits?
    /// How references are taken; nil on a bench without absorption.
    let references: ReferencePlan?

    public init(_ definition: BenchDefinition) {
        self.definition = definition
        var pumps: [String: PumpLimits] = [:]
        var heater: HeaterLimits?
        for device in definition.devices {
            switch device.driver.limits {
            case .pump(let limits): pumps[device.name.text] = limits
            case .heater(let limits): if device.name == definition.procedure.heater { heater = limits }
            case .spectrometer, .io, .valve, .robot, .flowController, .light, .analyzer, .board, .stepper: break
            }
        }
        self.pumps = pumps
        self.heater = heater
        references = Self.referencePlan(definition, pumps)
    }

    /// The plan, and when it is feasible what the engine needs to run it. Everything that is wrong is said at once.
    public func plan(_ recipe: Recipe, from state: PlanningState) -> (report: PlanReport, execution: ExecutionPlan?) {
        switch recipe {
        case .flows(let flows): plan(Wish(flows, form: .flows), from: state)
        case .box(let box): plan(box, from: state)
        case .references: planReferences(from: state)
        }
    }

    /// A recipe in flows, whatever its form was; problems are named in its own words.
    struct Wish {
        enum Form { case flows, box }

        let temperatureC: Double
        let flowsULMin: [String: Double]
        let rampKMin: Double?
        let valves: [String: String]
        let sample: SampleWish?
        let form: Form

        init(_ flows: FlowsRecipe, form: Form) {
            temperatureC = flows.temperatureC
            flowsULMin = flows.flowsULMin
            rampKMin = flows.rampKMin
            valves = flows.valves ?? [:]
            sample = flows.sample
            self.form = form
        }
    }

    private func plan(_ recipe: BoxRecipe, from state: PlanningState) -> (PlanReport, ExecutionPlan?) {
        let problems = boxProblems(recipe)
        guard problems.isEmpty, let box = definition.box else { return (infeasible([:], problems), nil) }
        var flows = fitted(box.flows(at: recipe.x))
        flows.rampKMin = recipe.rampKMin
        flows.valves = recipe.valves
        flows.sample = recipe.sample
        return plan(Wish(flows, form: .box), from: state)
    }

    private func plan(_ wish: Wish, from state: PlanningState) -> (PlanReport, ExecutionPlan?) {
        var problems: [PlanProblem] = []
        let temperature = plannedTemperature(wish.temperatureC, &problems)
        problems += wish.rampKMin.flatMap { rampProblem($0, to: temperature, from: state.plate) }.map { [$0] } ?? []
        let given = given(wish.flowsULMin, &problems)
        let completed = definition.flowRules.complete(given, resolution: pumps.mapValues(\.resolution))
        problems += completed.problems.map {
            PlanProblem(
                kind: $0.kind.rawValue, name: "flows_ul_min.\($0.name)", value: $0.value, limit: $0.limit,
                unit: $0.unit.rawValue, hint: $0.hint)
        }
        let flows = completed.flows.filter { $0.value > .zero }
        // Where the rules leave no full set of flows, what was given is judged at least: everything is said at once.
        problems += limitProblems(completed.problems.isEmpty ? flows : given.filter { $0.value > .zero })
        let network = network(wish.valves, &problems)
        problems += deadEndProblems(network, flows) + fillProblem(network)
        let sample = plannedSample(wish.sample, flows, network, &problems)
        let residence = network.residenceTime(flows: flows, to: network.outlet)
        if residence == nil, problems.isEmpty { problems.append(noFlow()) }
        guard let residence, let temperature, let clock = network.volumeClock(to: network.outlet),
            completed.problems.isEmpty, problems.isEmpty
        else {
            return (infeasible(completed.problems.isEmpty ? completed.flows : [:], problems), nil)
        }
        var execution = execution(temperature, flows, residence, clock, sample, from: state)
        execution.ramp = ramp(wish.rampKMin, to: temperature, from: state.plate)
        execution.valves = network.positions
        let report = report(execution, completed.flows, network, form: wish.form, from: state)
        return (report, report.feasible ? execution : nil)
    }

    private func planReferences(from state: PlanningState) -> (PlanReport, ExecutionPlan?) {
        guard let references else {
            let problem = PlanProblem(
                kind: "no_absorption", name: "kind", value: nil, limit: nil, unit: "",
                hint: "this bench file names no absorption_spectrometer in [experiments]; no references are needed")
            return (infeasible([:], [problem]), nil)
        }
        let report = report(references: references, from: state)
        return (report, report.feasible ? .referencesOnly : nil)
    }

    private func noFlow() -> PlanProblem {
        let network = definition.network
        return PlanProblem(
            kind: "no_flow", name: "flows_ul_min", value: 0, limit: nil, unit: "uL/min",
            hint: "a tube on the way from \(network.origin) to \(network.outlet) does not flow; give its pumps a flow")
    }

    // MARK: The plan

    private func execution(
        _ temperature: Temperature, _ flows: [String: FlowRate], _ residence: BenchDuration, _ clock: VolumeClock,
        _ sample: PlannedSample?, from state: PlanningState
    ) -> ExecutionPlan {
        let procedure = definition.procedure
        let settling = residence * (procedure.requiredTau + procedure.settlingMarginTau) + .seconds(60)
        let sampling = sample?.longestFlowing ?? .zero
        let longest = procedure.flowingDeadline + settling + procedure.measuringDeadline + sampling
        return ExecutionPlan(
            temperature: temperature, flows: flows, volumes: volumes(flows, for: longest, from: state),
            residenceTime: residence, settlingDeadline: settling, clock: clock, sample: sample,
            isBelowMixingFlow: procedure.mixingFlow.map { total(flows) < $0 } ?? false)
    }

    private func volumes(
        _ flows: [String: FlowRate], for longest: BenchDuration, from state: PlanningState
    ) -> [String: Volume] {
        var volumes: [String: Volume] = [:]
        for (pump, flow) in flows {
            let left = state.remaining[pump] ?? pumps[pump]?.capacity ?? .zero
            volumes[pump] = max(min(flow * longest, left), pumps[pump]?.smallestVolume ?? .zero)
        }
        return volumes
    }

    func total(_ flows: [String: FlowRate]) -> FlowRate {
        flows.sorted { $0.key < $1.key }.reduce(.zero) { $0 + $1.value }
    }

    /// The way of the carrier, or of whatever the bench file lets flow for a reference, to the cell.
    private static func referencePlan(
        _ definition: BenchDefinition, _ pumps: [String: PumpLimits]
    ) -> ReferencePlan? {
        guard let absorption = definition.procedure.absorption else { return nil }
        let (network, flows) = (definition.network, absorption.flows)
        let cell = absorption.spectrometer.text
        let ways = network.nodes.filter { node in node.inlets.contains { flows[$0] != nil } }.compactMap { node in
            network.path(from: node.name, to: cell)
        }
        func time(_ way: [PathTube]) -> BenchDuration {
            way.reduce(.zero) { sum, tube in
                let flow = tube.pumps.reduce(FlowRate.zero) { $0 + (flows[$1] ?? .zero) }
                return sum + (tube.volume / flow ?? .zero)
            }
        }
        guard let longest = ways.max(by: { time($0) < time($1) }) else { return nil }
        let residence = time(longest)
        let procedure = definition.procedure
        let sweep = residence * (absorption.sweptTau * 1.5) + .seconds(60)
        let most = procedure.flowingDeadline + sweep + procedure.measuringDeadline
        let volumes = flows.map { pump, flow in (pump, max(flow * most, pumps[pump]?.smallestVolume ?? .zero)) }
        return ReferencePlan(
            spectrometer: absorption.spectrometer, flows: flows, volumes: Dictionary(uniqueKeysWithValues: volumes),
            clock: VolumeClock(path: longest.map { PathSegment(volume: $0.volume, pumps: $0.pumps) }),
            sweptTau: absorption.sweptTau, residenceTime: residence, sweepDeadline: sweep,
            valves: network.positions,
            burst: BurstRequest(frames: absorption.frames, integration: procedure.burst.integration))
    }
}
