import Quantities
import Wire

/// The states of an experiment, in the order of a good run.
public enum ExperimentState: String, Hashable, Sendable, Codable, CaseIterable {
    /// `referencing` is passed through only when dark or reference spectra are due.
    case queued, referencing, heating, flowing, settling, measuring
    /// Passed through only where the recipe wants a sample.
    case sampling, done
    /// Waits, but is not started until it is released.
    case held
    /// The machine's fault; it may be tried again.
    case failed
    case cancelled, interrupted
    /// Somebody withdrew it, before it ran or afterwards: it does not count.
    case abandoned
    /// A prior or external result that was given to the daemon.
    case attached

    public var isFinal: Bool {
        switch self {
        case .done, .failed, .cancelled, .interrupted, .abandoned, .attached: true
        case .queued, .referencing, .heating, .flowing, .settling, .measuring, .sampling, .held: false
        }
    }

    /// It waits in the queue, whether it may be started or not.
    public var isWaiting: Bool { self == .queued || self == .held }
}

/// Everything that is known of one experiment; the shape that clients see.
public struct ExperimentRecord: Hashable, Sendable, Codable {
    /// `e-000042`
    public var experiment: String
    public var state: ExperimentState
    /// The client's idempotency key.
    public var key: String?
    public var campaign: String?
    public var metadata: JSONValue?
    /// -100 to 100; higher runs first.
    public var priority: Int
    /// Where it was measured.
    public var origin: Origin
    /// Where an external result comes from, in its giver's words.
    public var source: String?
    /// uid of the caller who submitted it.
    public var submittedBy: UInt32
    /// What becomes of it when its client has gone; nil: as the bench file says.
    public var ifClientGone: ClientGonePolicy?
    /// As asked.
    public var recipe: Recipe
    /// As run, rounded to the devices' resolution.
    public var executed: Recipe
    public var plan: PlanReport
    /// What the devices reported while measuring; nil until then.
    public var measured: MeasuredConditions?
    /// nil until there is a certificate: without one there is no result.
    public var features: [String: FeatureValue]?
    public var certificate: Certificate?
    /// nil until there is a sample.
    public var sample: SampleRecord?
    /// What is there of its data, apart from how it ended.
    public var data: DataCompleteness
    /// What was seen before it ended badly; for people, never a result.
    public var partialFeatures: [String: FeatureValue]?
    /// What is remarkable about the measurement: `saturated`, `dropout`, `unsegmented`, `secondary_population`,
    /// `low_flow`.
    public var flags: [String]
    /// The number of its end among all ends of this archive; nil until it has ended.
    public var sequence: Int?
    public var transitions: [TransitionRecord]
    public var error: ExperimentError?
    public var simulated: Bool

    public init(
        experiment: String, key: String?, campaign: String?, metadata: JSONValue?, submittedBy: UInt32, recipe: Recipe,
        executed: Recipe, plan: PlanReport, simulated: Bool, priority: Int = 0, origin: Origin = .bench,
        source: String? = nil, ifClientGone: ClientGonePolicy? = nil
    ) {
        self.ifClientGone = ifClientGone
        self.experiment = experiment
        self.state = .queued
        self.key = key
        self.campaign = campaign
        self.metadata = metadata
        self.submittedBy = submittedBy
        self.recipe = recipe
        self.executed = executed
        self.plan = plan
        self.transitions = []
        self.simulated = simulated
        self.priority = priority
        self.origin = origin
        self.source = source
        self.data = .none
        self.flags = []
    }

    enum CodingKeys: String, CodingKey {
        case experiment, state, key, campaign, metadata, recipe, executed, plan, measured, features, certificate, sample
        case transitions, error, simulated, priority, origin, source, data, flags, sequence
        case submittedBy = "submitted_by"
        case partialFeatures = "partial_features"
        case ifClientGone = "if_client_gone"
    }

    public enum Origin: String, Hashable, Sendable, Codable { case bench, external }

    public enum DataCompleteness: String, Hashable, Sendable, Codable {
        /// All features, with a certificate.
        case complete
        /// Something was seen or moved before it ended.
        case partial
        case none
    }
}

public struct TransitionRecord: Hashable, Sendable, Codable {
    public var state: ExperimentState
    /// RFC 3339, UTC.
    public var time: String
    /// Bench time since the daemon started, s.
    public var benchS: Double
    public var cause: String

    public init(state: ExperimentState, time: String, benchS: Double, cause: String) {
        self.state = state
        self.time = time
        self.benchS = benchS
        self.cause = cause
    }

    enum CodingKeys: String, CodingKey {
        case state, time, cause
        case benchS = "bench_s"
    }
}

/// A feature of the spectra: mean and standard error over `n` droplet frames.
public struct FeatureValue: Hashable, Sendable, Codable {
    public var mean: Double
    public var sem: Double
    public var n: Int
    public var unit: String

    public init(mean: Double, sem: Double, n: Int, unit: String) {
        self.mean = mean
        self.sem = sem
        self.n = n
        self.unit = unit
    }
}

public struct MeasuredConditions: Hashable, Sendable, Codable {
    public var temperatureC: Double
    public var flowsULMin: [String: Double]
    /// Displaced since the flows started, by the pumps' own report.
    public var volumesUL: [String: Double]

    public init(temperatureC: Double, flowsULMin: [String: Double], volumesUL: [String: Double]) {
        self.temperatureC = temperatureC
        self.flowsULMin = flowsULMin
        self.volumesUL = volumesUL
    }

    enum CodingKeys: String, CodingKey {
        case temperatureC = "temperature_c"
        case flowsULMin = "flows_ul_min"
        case volumesUL = "volumes_ul"
    }
}

/// Why the bench may be believed to have been at steady state when this was measured.
public struct Certificate: Hashable, Sendable, Codable {
    /// `steady`; anything else is stored, flagged, and never returned as a result.
    public var verdict: String
    /// Residence times displaced through the path by the volume clock when the measurement began.
    public var sweptTau: Double
    public var requiredTau: Double
    public var residenceTimeS: Double
    /// Bench time from the start of the flows to the measurement.
    public var elapsedS: Double
    /// Largest distance of the plate from its set point since the flows settled, K.
    public var temperatureDeviationK: Double
    public var temperatureBandK: Double
    /// The feature that the equivalence test watched.
    public var statistic: String
    /// (|slope| + 1.7 SE) x window, as a fraction of the mean.
    public var driftFraction: Double
    public var driftLimit: Double
    public var samples: Int

    public init(
        verdict: String, sweptTau: Double, requiredTau: Double, residenceTimeS: Double, elapsedS: Double,
        temperatureDeviationK: Double, temperatureBandK: Double, statistic: String, driftFraction: Double,
        driftLimit: Double, samples: Int
    ) {
        self.verdict = verdict
        self.sweptTau = sweptTau
        self.requiredTau = requiredTau
        self.residenceTimeS = residenceTimeS
        self.elapsedS = elapsedS
        self.temperatureDeviationK = temperatureDeviationK
        self.temperatureBandK = temperatureBandK
        self.statistic = statistic
        self.driftFraction = driftFraction
        self.driftLimit = driftLimit
        self.samples = samples
    }

    enum CodingKeys: String, CodingKey {
        case verdict, statistic, samples
        case sweptTau = "swept_tau"
        case requiredTau = "required_tau"
        case residenceTimeS = "residence_time_s"
        case elapsedS = "elapsed_s"
        case temperatureDeviationK = "temperature_deviation_k"
        case temperatureBandK = "temperature_band_k"
        case driftFraction = "drift_fraction"
        case driftLimit = "drift_limit"
    }
}

/// Why an experiment did not end well.
public struct ExperimentError: Hashable, Sendable, Codable {
    /// A stable word: `trip`, `deadline`, `device_lost`, `flow_lost`, `command_failed`, `not_steady`, `spectrum`,
    /// `reference_drift`, `transfer_failed`, `interrupted`.
    public var kind: String
    public var device: String?
    public var detail: String
    public var hint: String

    public init(kind: String, device: String?, detail: String, hint: String) {
        self.kind = kind
        self.device = device
        self.detail = detail
        self.hint = hint
    }
}

/// One stored spectrum, the mean over frames of a burst.
public struct SpectrumRecord: Hashable, Sendable, Codable {
    public let experiment: String
    public let device: String
    /// `droplet`: mean of the frames taken as droplet (emission above dark, scaled to 100 ms; absorption in raw counts);
    /// `carrier`: of the others; `absorbance`: of the droplets, AU; `dark` and `reference`: raw counts of a procedure.
    public let kind: String
    public let integrationS: Double
    public let frames: Int
    public let at: WallInstant
    public let wavelengthsNM: [Float]
    public let counts: [Float]

    public init(
        experiment: String, device: String, kind: String, integrationS: Double, frames: Int, at: WallInstant,
        wavelengthsNM: [Float], counts: [Float]
    ) {
        self.experiment = experiment
        self.device = device
        self.kind = kind
        self.integrationS = integrationS
        self.frames = frames
        self.at = at
        self.wavelengthsNM = wavelengthsNM
        self.counts = counts
    }

    /// RFC 3339, UTC.
    public var time: String { at.rfc3339 }
}
