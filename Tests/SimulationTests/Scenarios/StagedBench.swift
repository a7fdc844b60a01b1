import Experiments
import Synchronization
import VirtualBench

/// A bench at which a scenario begins, with its experiment, if there is one already.
struct StagedBench {
    var lab: Scenario
    var experiment: String?

    /// Made once for each beginning and seed, copied for each scenario: most of a run is the way to where it begins.
    private static let made = Mutex<[Key: StagedBench]>([:])

    private struct Key: Hashable {
        let bench: FaultScenario.Bench
        let begins: FaultScenario.Beginning
        let seed: UInt64
    }

    static func bench(for run: FaultRun) throws -> (Scenario, String?) {
        let key = Key(bench: run.scenario.bench, begins: run.scenario.begins, seed: run.seed)
        let staged = try made.withLock { made in
            if let staged = made[key] { return staged }
            var lab = try bench(key.bench, seed: key.seed, name: "\(key.begins)")
            let id = try experiment(key.begins, on: &lab)
            let staged = StagedBench(lab: lab, experiment: id)
            made[key] = staged
            return staged
        }
        return (staged.lab, staged.experiment)
    }

    private static func bench(_ bench: FaultScenario.Bench, seed: UInt64, name: String) throws -> Scenario {
        switch bench {
        case .warm: try Scenario(seed: seed, name: name)
        case .new(let plate, let changes, let echo):
            try Scenario(seed: seed, plate: plate, changes: changes, echo: echo, name: name)
        }
    }

    private static func experiment(_ begins: FaultScenario.Beginning, on lab: inout Scenario) throws -> String? {
        switch begins {
        case .idle: return nil
        case .stage(let stage): return try lab.experiment(in: stage)
        case .references(let step): return try lab.references(in: step)
        case .scarce(let pump, let share): return try lab.experiment(with: share, of: pump)
        case .scarceWaste(let share): return try lab.experiment(withWaste: share)
        case .warmingUp:
            let id = try lab.submit()
            try lab.reach(.referencing, of: id)
            lab.run(15)
            return id
        }
    }
}

extension Scenario {
    /// An experiment that has settled for 20 s with little more in one syringe than it needs.
    fileprivate mutating func experiment(with share: Double, of pump: PumpName) throws -> String {
        let recipe = recipe()
        guard let need = try plan(recipe).reagentsUL[pump.rawValue] else {
            throw Unexpected(what: "\(pump) is not needed")
        }
        guard case .refilled? = refill(pump.rawValue, microliters: need * share) else {
            throw Unexpected(what: "\(pump) was not refilled")
        }
        return try settling(recipe)
    }

    /// The same with little more room in the waste.
    fileprivate mutating func experiment(withWaste share: Double) throws -> String {
        let recipe = recipe()
        guard let need = try plan(recipe).wasteUL, let used = lab.archive.ledger?.waste.usedUL else {
            throw Unexpected(what: "nothing goes to the waste")
        }
        let room = (used + need * share) / 1000
        lab.restart(with: try Self.bench(["waste_capacity_ml = 1000": "waste_capacity_ml = \(room)"]))
        run(5)
        return try settling(recipe)
    }

    private mutating func settling(_ recipe: Recipe) throws -> String {
        let id = try submit(recipe)
        try reach(.settling, of: id)
        run(20)
        return id
    }
}
