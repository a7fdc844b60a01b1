import DeviceModel
import Experiments
import Testing
import VirtualBench

/// One named way in which a bench goes wrong, and what a correct daemon makes of it: told and judged by the plant's truth.
struct FaultScenario: Sendable {
    /// The same for all, and chosen for none.
    static let seeds: [UInt64] = [1, 2]
    /// degC; nothing on this bench is built for more.
    static let hottestPlate = 175.0

    /// On which bench, and how far its experiment has come, before the first act.
    let bench: Bench
    let begins: Beginning
    let name: String
    /// What goes wrong, in one plain sentence.
    let sentence: String
    let acts: [Act]
    let ends: Ending
    /// Latched at the end, each of them; with none here, nothing may be latched.
    let latches: [InterlockName]
    /// More of them may be latched.
    let mayLatch: [InterlockName]
    /// Shown at the end, each of them.
    let alarms: [String]
    let promises: [Promise]
    /// degC; what the plate may have had at most.
    let hottest: Double
    /// Seconds that are looked at from the first act on, at least.
    let lasts: Double

    init(
        _ name: String, _ sentence: String, on bench: Bench = .warm, in begins: Beginning, _ acts: [Act],
        ends: Ending, latches: [InterlockName] = [], mayLatch: [InterlockName] = [], alarms: [String] = [],
        _ promises: Promise..., hottest: Double = hottestPlate, lasts: Double = 30
    ) {
        self.bench = bench
        self.begins = begins
        self.name = name
        self.sentence = sentence
        self.acts = acts
        self.ends = ends
        self.latches = latches
        self.mayLatch = mayLatch
        self.alarms = alarms
        self.promises = promises
        self.hottest = hottest
        self.lasts = lasts
    }

    /// Nothing can be submitted on it before somebody has refilled, or emptied the waste.
    var isUsedUp: Bool {
        switch begins {
        case .scarce, .scarceWaste: true
        case .idle, .stage, .references, .warmingUp: false
        }
    }

    /// For good.
    var unpluggedPump: PumpName? {
        for case .fault(let device, .unplug, _, nil) in acts {
            if let pump = PumpName(rawValue: device) { return pump }
        }
        return nil
    }

    var allowedLatches: Set<InterlockName> { Set(latches + mayLatch) }

    /// Nothing of readings is kept where the disk is full for so long; who looked on sees a gap.
    var hasLongOutage: Bool { acts.contains { if case .fillDisk = $0 { lasts > 500 } else { false } } }

    enum Bench: Hashable, Sendable {
        /// One experiment is done on it, and the plate is steady.
        case warm
        /// Just switched on, the plate at so many degC; with changes of the bench file, old to new.
        case new(plate: Double, changes: [String: String] = [:], echo: ChemyxPump.EchoStyle = .cr)
    }

    enum Beginning: Hashable, Sendable {
        /// The experiment is submitted after the acts.
        case idle(celsius: Double = 140)
        case stage(Stage)
        case references(ReferenceStep)
        /// The pump's syringe holds this share of what the experiment needs; it has settled for 20 s.
        case scarce(PumpName, share: Double)
        /// The waste has room for this share of what the experiment needs; it has settled for 20 s.
        case scarceWaste(share: Double)
        /// Carrier flows for the reference, and the plate is on its way.
        case warmingUp
    }

    /// How the experiment ends.
    enum Ending: Sendable {
        /// With a result, which is that of the parcels in the cells.
        case done
        case failed([String], device: String? = nil)
        /// With a true result, or as one of these: both are right, and the seed decides.
        case doneOrFailed([String])
        case interrupted
        /// It was not begun.
        case waits
    }
}

/// What must have come true so many seconds after a moment, and stay so to the end.
struct Promise: Sendable {
    enum What: Sendable {
        case pumpsStand, partnersStand(of: PumpName), heaterOff, contactorOpen
        /// All of it.
        case safe
    }
    enum Moment: Sendable {
        case firstAct, lastAct
        /// The sensor has first shown more than the plate may have.
        case hot
        case end
    }

    let what: What
    let within: Double
    let since: Moment

    static func safe(within: Double, since: Moment = .firstAct) -> Promise {
        Promise(what: .safe, within: within, since: since)
    }

    static func pumpsStand(within: Double, since: Moment = .firstAct) -> Promise {
        Promise(what: .pumpsStand, within: within, since: since)
    }

    static func partnersStand(of pump: PumpName, within: Double) -> Promise {
        Promise(what: .partnersStand(of: pump), within: within, since: .firstAct)
    }

    static func heaterOff(within: Double, since: Moment = .firstAct) -> Promise {
        Promise(what: .heaterOff, within: within, since: since)
    }

    static func contactorOpen(within: Double) -> Promise {
        Promise(what: .contactorOpen, within: within, since: .firstAct)
    }
}

/// Scenarios one below the other; each is a statement, so that the compiler looks at them one by one.
@resultBuilder enum CatalogueBuilder {
    static func buildBlock(_ scenarios: FaultScenario...) -> [FaultScenario] { scenarios }
}

/// One scenario with one seed.
struct FaultRun: Sendable, CustomTestStringConvertible {
    let scenario: FaultScenario
    let seed: UInt64

    var testDescription: String { "\(scenario.name) seed \(seed)" }
}
