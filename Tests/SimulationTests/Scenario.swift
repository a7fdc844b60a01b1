import Configuration
import DeviceModel
import Experiments
import FoundationEssentials
import Interlocks
import Quantities
import Simulation
import Synchronization
import Testing
import VirtualBench

/// The example bench under a virtual clock with a daemon on it, told in seconds of bench time.
struct Scenario {
    static let technician = Caller(uid: 1000, pid: 1, role: .technician)
    static let optimizer = Caller(uid: 2000, pid: 2, role: .optimizer)
    static let otherOptimizer = Caller(uid: 3000, pid: 3, role: .optimizer)
    static let observer = Caller(uid: 4000, pid: 4, role: .observer)
    /// Longer than any experiment of these tests.
    static let patience = 3000.0

    static let benchFile = #filePath.replacing(
        "Tests/SimulationTests/Scenario.swift", with: "examples/nanocrystal.toml")

    let definition: BenchDefinition
    var lab: SimulatedLab
    var generator: Generator
    private var submissions = 0

    /// A warm bench: one experiment is done on it, and the plate is steady at 140 degC. The bench is one of three, the
    /// seed chooses it and all that the test makes up.
    init(seed: UInt64, name: String = #function) throws {
        self = try WarmBench.scenario(seed: seed % 3)
        print("\(name): seed \(seed) on warm bench \(seed % 3)")
        generator = Generator(seed: seed, part: 200)
    }

    /// A bench that was just switched on.
    /// - Parameters:
    ///   - plate: degC at the start; near the set point, so that heating takes little of the test's time.
    ///   - changes: made to the text of the bench file first, old to new.
    ///   - echo: how the pumps end what they echo.
    ///   - shutter: the pin of the absorption spectrometer that moves its lamp's shutter.
    init(
        seed: UInt64, plate: Double, changes: [String: String] = [:], echo: ChemyxPump.EchoStyle = .cr,
        shutter: Int? = nil, name: String = #function
    ) throws {
        print("\(name): seed \(seed) on a new bench")
        definition = try Self.bench(changes)
        var options = VirtualBench.Options()
        options.plateTemperature = plate
        options.echoStyle = echo
        options.shutterPin = shutter
        lab = SimulatedLab(definition, seed: seed, options: options)
        generator = Generator(seed: seed, part: 200)
    }

    static let largeBenchFile = benchFile.replacing("nanocrystal.toml", with: "cloud-lab.toml")

    /// The large example bench, with all accessories that its file has.
    init(
        large seed: UInt64, plate: Double, changes: [String: String] = [:], name: String = #function
    ) throws {
        print("\(name): seed \(seed) on a new large bench")
        definition = try Self.bench(changes, file: Self.largeBenchFile)
        var options = VirtualBench.Options()
        options.plateTemperature = plate
        options.accessories = VirtualBench.accessories(on: Set(definition.devices.map(\.link.text)))
        lab = SimulatedLab(definition, seed: seed, options: options)
        generator = Generator(seed: seed, part: 200)
    }

    /// The example bench with some of its text changed; each must stand there once.
    static func bench(_ changes: [String: String], file: String = benchFile) throws -> BenchDefinition {
        var text = try String(contentsOfFile: file, encoding: .utf8)
        for (old, new) in changes {
            guard text.ranges(of: old).count == 1 else { throw Unexpected(what: "the bench file has not one \(old)") }
            text = text.replacing(old, with: new)
        }
        return try BenchFile.parse(text: text, name: "changed.toml").definition
    }

    // MARK: Recipes

    /// Near the middle of the seed lab's box and different for each call; about 900 uL/min in all, so that tau is short.
    mutating func recipe(celsius: Double = 140) -> Recipe {
        let copper = generator.uniform(90, 120)
        let acid = generator.uniform(10, 20)
        let cesium = generator.uniform(110, 150)
        return .flows(
            FlowsRecipe(
                temperatureC: celsius,
                flowsULMin: [
                    "cui": copper, "oa_cui": acid, "oam_cui": 0, "ode_cui": 225 - copper - acid, "cs_oleate": cesium,
                    "oa_cs": generator.uniform(20, 40),
                ]))
    }

    // MARK: Clients

    /// Asks, and lets the answer come.
    mutating func ask(_ request: ControlRequest, as caller: Caller = technician) -> ControlReply? {
        let token = lab.request(request, as: caller)
        run(0.05)
        return lab.replies[token]
    }

    /// Submits under a fresh key; the experiment's name.
    mutating func submit(_ recipe: Recipe? = nil, as caller: Caller = technician) throws -> String {
        submissions += 1
        let chosen = recipe ?? self.recipe()
        let submission = Submission(recipe: chosen, key: "key-\(submissions)", metadata: nil, campaign: nil)
        let reply = ask(.submit(submission), as: caller)
        guard case .submitted(let experiment, .queued, _)? = reply else {
            throw Unexpected(what: "submit was answered with \(String(describing: reply))")
        }
        return experiment
    }

    mutating func reset(_ interlock: InterlockName) -> ControlReply? { ask(.resetInterlock(interlock)) }

    /// The stable word of a refusal; nil when it was none.
    static func refusal(_ reply: ControlReply?) -> String? {
        guard case .refused(let error)? = reply else { return nil }
        return error.kind
    }

    /// The experiment goes on its way, and the plate is heated for it.
    mutating func expectStarts(_ id: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        try reach(.heating, of: id, within: 30)
        run(2)
        #expect(lab.truth.last?.heaterMode == .automatic, sourceLocation: sourceLocation)
    }

    static func isReset(_ reply: ControlReply?) -> Bool {
        if case .interlockReset? = reply { true } else { false }
    }

    // MARK: Time

    var now: Double { lab.now.bench.seconds }

    mutating func run(_ seconds: Double) { lab.run(until: lab.now.bench + .seconds(seconds)) }

    func state(of id: String) -> ExperimentState? { lab.archive.experiments[id]?.state }

    /// Runs until the experiment is in this state, as clients see it.
    mutating func reach(_ state: ExperimentState, of id: String, within seconds: Double = patience) throws {
        guard self.state(of: id) != state else { return }
        lab.run(until: lab.now.bench + .seconds(seconds)) { $0.archive.experiments[id]?.state == state }
        guard self.state(of: id) == state else {
            throw Unexpected(what: "\(id) is \(describe(id)) after \(seconds) s, not \(state)")
        }
    }

    /// Runs until the experiment has ended.
    @discardableResult
    mutating func finish(_ id: String, within seconds: Double = patience) throws -> ExperimentRecord {
        lab.run(until: lab.now.bench + .seconds(seconds)) { $0.archive.experiments[id]?.state.isFinal ?? false }
        guard let record = lab.archive.experiments[id], record.state.isFinal else {
            throw Unexpected(what: "\(id) is \(describe(id)) after \(seconds) s and has not ended")
        }
        return record
    }

    func describe(_ id: String) -> String {
        let record = lab.archive.experiments[id]
        return "\(record?.state.rawValue ?? "nowhere") (\(record?.error?.kind ?? "-"): \(record?.error?.detail ?? "-"))"
    }

    mutating func fault(_ device: String, _ fault: String, for seconds: Double? = nil, value: Double? = nil) throws {
        try lab.apply(FaultCommand(device: device, fault: fault, forSeconds: seconds, value: value))
    }

    // MARK: Looking

    var latched: [InterlockName] { lab.archive.latches.map(\.interlock) }

    /// The interlocks that the daemon itself says are latched.
    mutating func shownLatches() -> [InterlockName] {
        (lab.snapshot()?.interlocks ?? []).filter { $0.state == .latched }.map(\.name)
    }
}

/// Benches on which one experiment is done: made once, copied for each test. With the plate hot, and the controller's
/// integral at its place, the next experiment heats in little more than the hold time.
enum WarmBench {
    private static let made = Mutex<[UInt64: Scenario]>([:])

    static func scenario(seed: UInt64) throws -> Scenario {
        try made.withLock { made in
            if let scenario = made[seed] { return scenario }
            var scenario = try Scenario(seed: seed, plate: 139, name: "warm bench")
            let first = try scenario.finish(try scenario.submit())
            guard first.state == .done else {
                throw Unexpected(what: "no warm bench: \(scenario.describe("e-000001"))")
            }
            scenario.run(1)
            made[seed] = scenario
            return scenario
        }
    }
}

/// Something that a scenario needs did not come about.
struct Unexpected: Error, CustomStringConvertible {
    let what: String
    var description: String { what }
}

/// The states in which an experiment can be disturbed, with the bench seconds to wait in each before it is.
enum Stage: String, CaseIterable, CustomTestStringConvertible {
    case queued, heating, flowing, settling, measuring

    static let running = allCases.filter { $0 != .queued }

    var testDescription: String { rawValue }
    var state: ExperimentState { ExperimentState(rawValue: rawValue) ?? .queued }

    func delay(_ generator: inout Generator) -> Double {
        switch self {
        case .queued: 0
        case .heating: generator.uniform(0, 20)
        case .flowing: generator.uniform(0, 0.05)
        case .settling: generator.uniform(1, 60)
        case .measuring: generator.uniform(0, 1)
        }
    }
}

extension Scenario {
    /// An experiment that has reached this stage, some random time ago. For `queued` another one runs before it.
    mutating func experiment(in stage: Stage, as caller: Caller = technician) throws -> String {
        let id = try submit(as: caller)
        if stage == .queued { return try submit(as: caller) }
        try reach(stage.state, of: id)
        run(stage.delay(&generator))
        guard state(of: id) == stage.state else { throw Unexpected(what: "\(id) left \(stage) too soon") }
        return id
    }
}
