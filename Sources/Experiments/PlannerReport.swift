import DeviceModel
import Hydraulics
import Quantities

/// A plan in the client's words: what it takes, and what of it is remarkable.
extension Planner {
    func report(
        _ execution: ExecutionPlan, _ all: [String: FlowRate], _ network: FlowNetwork, form: Wish.Form,
        from state: PlanningState
    ) -> PlanReport {
        let flowing = flowingEstimate(execution.residenceTime) + flowingEstimate(of: execution.sample)
        let cost = cost(execution, flowing, from: state)
        var needs = Dictionary(uniqueKeysWithValues: pumps.keys.map { ($0, (execution.flows[$0] ?? .zero) * flowing) })
        if state.areReferencesDue, let references { add(references, to: &needs) }
        var report = PlanReport(
            feasible: true, executed: executed(execution, form), temperatureC: execution.temperature.celsius,
            flowsULMin: all.mapValues(\.microlitersPerMinute),
            reactionTimeS: network.residenceTime(flows: execution.flows, inSection: "reactor")?.seconds,
            residenceTimeS: execution.residenceTime.seconds,
            equilibriumTimeS: (execution.residenceTime * definition.procedure.requiredTau).seconds,
            durationS: cost.durationS, reagentsUL: [:], remainingAfterUL: [:], cost: cost,
            warnings: warnings(execution, needs, from: state), problems: ledgerProblems(needs, from: state))
        book(needs, in: &report, from: state)
        return report
    }

    func report(references: ReferencePlan, from state: PlanningState) -> PlanReport {
        let time = references.flowing(definition.procedure) + references.burstTime
        var needs: [String: Volume] = [:]
        add(references, to: &needs)
        var report = PlanReport(
            feasible: true, executed: .references, flowsULMin: references.flows.mapValues(\.microlitersPerMinute),
            reactionTimeS: nil, residenceTimeS: references.residenceTime.seconds, equilibriumTimeS: nil,
            durationS: time.seconds, reagentsUL: [:], remainingAfterUL: [:],
            cost: PlanCost(
                durationS: time.seconds, heatingS: 0, flowingS: references.flowing(definition.procedure).seconds,
                referencesS: time.seconds, switching: .init(temperatureK: 0, heatingS: 0)),
            warnings: [], problems: ledgerProblems(needs, from: state))
        book(needs, in: &report, from: state)
        return report
    }

    func infeasible(_ flows: [String: FlowRate], _ problems: [PlanProblem]) -> PlanReport {
        PlanReport(
            feasible: false, executed: nil, flowsULMin: flows.mapValues(\.microlitersPerMinute), reactionTimeS: nil,
            residenceTimeS: nil, equilibriumTimeS: nil, durationS: nil, reagentsUL: [:], remainingAfterUL: [:],
            warnings: [], problems: problems)
    }

    private func book(_ needs: [String: Volume], in report: inout PlanReport, from state: PlanningState) {
        for (pump, limits) in pumps {
            let need = needs[pump] ?? .zero
            report.reagentsUL[pump] = rounded(need)
            report.remainingAfterUL[pump] = rounded((state.remaining[pump] ?? limits.capacity) - need)
        }
        report.wasteUL = rounded(needs.sorted { $0.key < $1.key }.reduce(.zero) { $0 + $1.value })
        report.feasible = report.problems.isEmpty
        if !report.feasible { report.executed = nil }
    }

    private func add(_ references: ReferencePlan, to needs: inout [String: Volume]) {
        let time = references.flowing(definition.procedure)
        for (pump, flow) in references.flows { needs[pump] = (needs[pump] ?? .zero) + flow * time }
    }

    private func executed(_ execution: ExecutionPlan, _ form: Wish.Form) -> Recipe {
        if form == .box, let box = definition.box {
            let point = box.point(temperature: execution.temperature.celsius, flows: execution.flows)
            return .box(
                BoxRecipe(
                    x: point, rampKMin: execution.ramp?.kelvinPerMinute, valves: named(execution.valves),
                    sample: execution.sample.map { SampleWish(to: $0.to) }))
        }
        let chosen = Set(definition.flowRules.givenPumps)
        let flows = pumps.keys.filter(chosen.contains).map { ($0, execution.flows[$0]?.microlitersPerMinute ?? 0) }
        return .flows(
            FlowsRecipe(
                temperatureC: execution.temperature.celsius, flowsULMin: Dictionary(uniqueKeysWithValues: flows),
                rampKMin: execution.ramp?.kelvinPerMinute, valves: named(execution.valves),
                sample: execution.sample.map { SampleWish(to: $0.to) }))
    }

    // MARK: Times

    /// From the first pump's start to the last one's stop, when all goes well.
    func flowingEstimate(_ residence: BenchDuration) -> BenchDuration {
        let procedure = definition.procedure
        return Self.startUp + procedure.flowRise + residence * procedure.requiredTau + procedure.probeEvery
            + procedure.measuringTime
    }

    private func cost(_ execution: ExecutionPlan, _ flowing: BenchDuration, from state: PlanningState) -> PlanCost {
        let target = execution.temperature
        let heating = heatingEstimate(to: target, from: state.plate, slowly: execution.ramp)
        let carrying = estimate(of: execution.sample) - flowingEstimate(of: execution.sample)
        let references =
            state.areReferencesDue ? references.map { $0.flowing(definition.procedure) + $0.burstTime } ?? .zero : .zero
        // The plate heats while the references are taken.
        let before = max(heating, references + definition.procedure.temperatureHold)
        let change = state.plate.map { (target.celsius - $0.celsius).magnitude } ?? 0
        return PlanCost(
            durationS: (before + flowing + carrying).seconds, heatingS: heating.seconds, flowingS: flowing.seconds,
            referencesS: references.seconds,
            switching: .init(
                temperatureK: (change * 100).rounded() / 100,
                heatingS: (heating - definition.procedure.temperatureHold).seconds))
    }

    func heatingEstimate(
        to target: Temperature, from plate: Temperature?, slowly ramp: PlannedRamp? = nil
    ) -> BenchDuration {
        let change = target.celsius - (plate ?? Self.room).celsius
        let rate = change > 0 ? Self.heatingKelvinPerSecond : Self.coolingKelvinPerSecond
        let atOnce = BenchDuration.seconds(change.magnitude / rate)
        let slowest = self.ramp(ramp?.kelvinPerMinute, to: target, from: plate)?.duration ?? .zero
        return max(atOnce, slowest) + definition.procedure.temperatureHold
    }

    // MARK: Warnings

    private func warnings(
        _ execution: ExecutionPlan, _ needs: [String: Volume], from state: PlanningState
    ) -> [String] {
        var warnings: [String] = []
        if execution.isBelowMixingFlow, let least = definition.procedure.mixingFlow {
            let flow = (total(execution.flows).microlitersPerMinute * 10).rounded() / 10
            warnings.append(
                "total flow \(flow) uL/min is below \(least.microlitersPerMinute) uL/min: mixing limits the reaction there"
            )
        }
        if let plate = state.plate, plate.celsius - execution.temperature.celsius > 2 {
            let minutes =
                heatingEstimate(
                    to: execution.temperature, from: plate, slowly: execution.ramp
                ).seconds / 60
            warnings.append(
                "the plate is at \((plate.celsius * 10).rounded() / 10) degC and cools by itself: about \(minutes.rounded()) min"
            )
        }
        let short = needs.keys.sorted().filter { pump in
            guard let need = needs[pump], need > .zero, let queued = state.queued[pump], queued > .zero else {
                return false
            }
            return need * Self.reagentMargin + queued > state.remaining[pump] ?? pumps[pump]?.capacity ?? .zero
        }
        if !short.isEmpty {
            warnings.append("with what waits before it, these run short: \(short.joined(separator: ", "))")
        }
        return warnings
    }
}
