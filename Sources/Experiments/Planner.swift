import DeviceModel
import Hydraulics
import Quantities

/// What an experiment will do, in the engine's own terms.
public struct ExecutionPlan: Hashable, Sendable {
    public var temperature: Temperature
    /// The pumps that run, with their flows.
    public var flows: [String: FlowRate]
    /// The finite volume that each pump is given: what the longest run allowed may need, so that it stops alone.
    public var volumes: [String: Volume]
    public var residenceTime: BenchDuration
    public var settlingDeadline: BenchDuration
    public var clock: VolumeClock
}

/// What the planner must know of the bench's present state.
public struct PlanningState: Sendable {
    public var plate: Temperature?
    /// uL displaced since the syringes were full, by pump.
    public var displaced: [String: Volume]

    public init(plate: Temperature?, displaced: [String: Volume]) {
        self.plate = plate
        self.displaced = displaced
    }
}

/// Recipe to plan: pure, and the same for a dry run and for the real one.
public struct Planner: Sendable {
    /// Mean rates of the plate, for the predicted duration only: a 0.8 kg aluminium plate with 300 W.
    static let heatingKelvinPerSecond = 0.25
    static let coolingKelvinPerSecond = 0.07
    /// Expected bench time to start and confirm the pumps.
    static let startUp = BenchDuration.seconds(8)

    let definition: BenchDefinition
    let pumps: [String: PumpLimits]
    let heater: HeaterLimits?

    public init(_ definition: BenchDefinition) {
        self.definition = definition
        var pumps: [String: PumpLimits] = [:]
        var heater: HeaterLimits?
        for device in definition.devices {
            switch device.driver.limits {
            case .pump(let limits): pumps[device.name.text] = limits
            case .heater(let limits): if device.name == definition.procedure.heater { heater = limits }
            case .spectrometer: break
            }
        }
        self.pumps = pumps
        self.heater = heater
    }

    /// The plan, and when it is feasible what the engine needs to run it. Everything that is wrong is said at once.
    public func plan(_ recipe: Recipe, from state: PlanningState) -> (report: PlanReport, execution: ExecutionPlan?) {
        switch recipe {
        case .flows(let flows): plan(flows, from: state)
        case .box, .references: (infeasible([:], []), nil)
        }
    }

    private func plan(_ recipe: FlowsRecipe, from state: PlanningState) -> (PlanReport, ExecutionPlan?) {
        var problems: [PlanProblem] = []
        let temperature = plannedTemperature(recipe.temperatureC, &problems)
        let given = given(recipe.flowsULMin, &problems)
        let completed = definition.flowRules.complete(given, resolution: pumps.mapValues(\.resolution))
        problems += completed.problems.map {
            PlanProblem(
                kind: $0.kind.rawValue, name: "flows_ul_min.\($0.name)", value: $0.value, limit: $0.limit,
                unit: $0.unit.rawValue,
                hint: $0.hint)
        }
        let flows = completed.flows.filter { $0.value > .zero }
        // Where the rules leave no full set of flows, what was given is judged at least: everything is said at once.
        problems += limitProblems(completed.problems.isEmpty ? flows : given.filter { $0.value > .zero })
        let network = definition.network
        let residence = network.residenceTime(flows: flows, to: network.outlet)
        if residence == nil, problems.isEmpty {
            problems.append(
                PlanProblem(
                    kind: "no_flow", name: "flows_ul_min", value: 0, limit: nil, unit: "uL/min",
                    hint:
                        "a tube on the way from \(network.origin) to \(network.outlet) does not flow; give its pumps a flow"
                ))
        }
        guard problems.isEmpty, let residence, let temperature, let clock = network.volumeClock(to: network.outlet)
        else {
            return (infeasible(completed.problems.isEmpty ? completed.flows : [:], problems), nil)
        }
        let execution = execution(temperature, flows, residence, clock)
        let report = report(execution, completed.flows, from: state)
        return (report, report.feasible ? execution : nil)
    }

    // MARK: Limits

    private func plannedTemperature(_ celsius: Double, _ problems: inout [PlanProblem]) -> Temperature? {
        guard let heater else { return nil }
        let limits = heater.minimum.celsius...heater.maximum.celsius
        guard celsius.isFinite, limits.contains(celsius) else {
            let isLow = celsius < limits.lowerBound
            problems.append(
                PlanProblem(
                    kind: isLow ? "below_limit" : "above_limit", name: "temperature_c",
                    value: celsius.isFinite ? celsius : nil, limit: isLow ? limits.lowerBound : limits.upperBound,
                    unit: "degC", hint: "choose \(limits.lowerBound) to \(limits.upperBound) degC"))
            return nil
        }
        let lines = (celsius / heater.resolutionKelvin).rounded()
        return Temperature(celsius: (lines * heater.resolutionKelvin * 1e6).rounded() / 1e6)
    }

    private func given(_ flows: [String: Double], _ problems: inout [PlanProblem]) -> [String: FlowRate] {
        var result: [String: FlowRate] = [:]
        for (pump, value) in flows.sorted(by: { $0.key < $1.key }) {
            if pumps[pump] == nil {
                problems.append(
                    PlanProblem(
                        kind: "unknown_pump", name: "flows_ul_min.\(pump)", value: value, limit: nil, unit: "uL/min",
                        hint: "this bench has \(pumps.keys.sorted().joined(separator: ", "))"))
            } else if !value.isFinite || value < 0 {
                problems.append(
                    PlanProblem(
                        kind: "below_limit", name: "flows_ul_min.\(pump)", value: value.isFinite ? value : nil,
                        limit: 0,
                        unit: "uL/min", hint: "a flow is zero or more"))
            } else {
                result[pump] = FlowRate(microlitersPerMinute: value)
            }
        }
        return result
    }

    private func limitProblems(_ flows: [String: FlowRate]) -> [PlanProblem] {
        flows.sorted { $0.key < $1.key }.compactMap { pump, flow in
            guard let limits = pumps[pump] else { return nil }
            let (isLow, isHigh) = (flow < limits.minimum, flow > limits.maximum)
            guard isLow || isHigh else { return nil }
            let limit = isLow ? limits.minimum : limits.maximum
            return PlanProblem(
                kind: isLow ? "below_limit" : "above_limit", name: "flows_ul_min.\(pump)",
                value: flow.microlitersPerMinute, limit: limit.microlitersPerMinute, unit: "uL/min",
                hint: isLow
                    ? "the pump keeps no smaller flow; use 0 to leave it off" : "the syringe's bore allows no more")
        }
    }

    // MARK: The plan

    private func execution(
        _ temperature: Temperature, _ flows: [String: FlowRate], _ residence: BenchDuration, _ clock: VolumeClock
    ) -> ExecutionPlan {
        let procedure = definition.procedure
        let settling = residence * (procedure.requiredTau + procedure.settlingMarginTau) + .seconds(60)
        let longest = procedure.flowingDeadline + settling + procedure.measuringDeadline
        let volumes = flows.map { pump, flow in (pump, max(flow * longest, pumps[pump]?.smallestVolume ?? .zero)) }
        return ExecutionPlan(
            temperature: temperature, flows: flows, volumes: Dictionary(uniqueKeysWithValues: volumes),
            residenceTime: residence, settlingDeadline: settling, clock: clock)
    }

    private func report(
        _ execution: ExecutionPlan, _ all: [String: FlowRate], from state: PlanningState
    ) -> PlanReport {
        let procedure = definition.procedure
        let equilibrium = execution.residenceTime * procedure.requiredTau
        let burst = procedure.burst.integration * Double(procedure.burst.frames)
        let flowing = Self.startUp + procedure.flowRise + equilibrium + procedure.probeEvery * 2 + burst
        var report = PlanReport(
            feasible: true, executed: executed(execution), flowsULMin: all.mapValues(\.microlitersPerMinute),
            reactionTimeS: definition.network.residenceTime(flows: execution.flows, inSection: "reactor")?.seconds,
            residenceTimeS: execution.residenceTime.seconds, equilibriumTimeS: equilibrium.seconds,
            durationS: (heatingEstimate(to: execution.temperature, from: state.plate) + flowing).seconds,
            reagentsUL: [:], remainingAfterUL: [:], warnings: [], problems: [])
        for (pump, limits) in pumps.sorted(by: { $0.key < $1.key }) {
            let need = (execution.flows[pump] ?? .zero) * flowing
            let left = limits.capacity - (state.displaced[pump] ?? .zero)
            report.reagentsUL[pump] = rounded(need.microliters)
            report.remainingAfterUL[pump] = rounded((left - need).microliters)
            let bound = execution.volumes[pump] ?? .zero
            guard bound > left else { continue }
            report.problems.append(
                PlanProblem(
                    kind: "reagent_short", name: pump, value: bound.microliters, limit: left.microliters, unit: "uL",
                    hint:
                        "the syringe of \(pump) (\(limits.reagent)) does not hold what the longest run may need; refill it"
                ))
        }
        report.feasible = report.problems.isEmpty
        if !report.feasible { report.executed = nil }
        return report
    }

    private func executed(_ execution: ExecutionPlan) -> Recipe {
        let chosen = Set(definition.flowRules.givenPumps)
        let flows = pumps.keys.filter(chosen.contains).map { ($0, execution.flows[$0]?.microlitersPerMinute ?? 0) }
        return .flows(
            FlowsRecipe(
                temperatureC: execution.temperature.celsius, flowsULMin: Dictionary(uniqueKeysWithValues: flows)))
    }

    func heatingEstimate(to target: Temperature, from plate: Temperature?) -> BenchDuration {
        let change = target.celsius - (plate?.celsius ?? 25)
        let rate = change > 0 ? Self.heatingKelvinPerSecond : Self.coolingKelvinPerSecond
        return .seconds(change.magnitude / rate) + definition.procedure.temperatureHold
    }

    private func infeasible(_ flows: [String: FlowRate], _ problems: [PlanProblem]) -> PlanReport {
        PlanReport(
            feasible: false, executed: nil, flowsULMin: flows.mapValues(\.microlitersPerMinute), reactionTimeS: nil,
            residenceTimeS: nil, equilibriumTimeS: nil, durationS: nil, reagentsUL: [:], remainingAfterUL: [:],
            warnings: [], problems: problems)
    }

    private func rounded(_ microliters: Double) -> Double { (microliters * 100).rounded() / 100 }
}
