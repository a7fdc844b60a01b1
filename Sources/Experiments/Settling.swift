import DeviceModel
import Hydraulics
import Quantities
import SteadyState

/// What is known between the start of the flows and the measurement: how much has been swept, how steady it looks.
struct Settling: Hashable, Sendable {
    /// Probing starts this long before t_E, in units of tau, so that the proof needs little time after it.
    static let probeLeadTau = 0.35

    /// Below this many counts per 100 ms drift is judged against this figure, not against the mean: a recipe that makes
    /// nothing bright is a result too, and the noise of nothing is all drift.
    static let darkCounts = 1000.0

    let startedAt: BenchInstant
    var clock: VolumeClock
    var test: EquivalenceTest
    var probeInFlight = false
    var nextProbe: BenchInstant
    /// The last moment the plate was outside its band: what was made then must leave first.
    var lastOutOfBand: BenchInstant?
    /// The plate's worst deviation since it came back into its band; while it is outside, the present one.
    var worstDeviationKelvin = 0.0

    init(plan: ExecutionPlan, procedure: ExperimentProcedure, at now: BenchInstant) {
        startedAt = now
        clock = plan.clock
        test = EquivalenceTest(
            window: procedure.steadySamples, limitFraction: procedure.steadyDriftLimit,
            smallestScale: Self.darkCounts)
        nextProbe = now
    }

    mutating func judgeTemperature(_ deviation: Double, band: Double, at now: BenchInstant) {
        if deviation > band {
            lastOutOfBand = now
            worstDeviationKelvin = deviation
        } else {
            // What was worse than the band is over: a certificate of steadiness speaks of what came after it.
            worstDeviationKelvin = worstDeviationKelvin > band ? deviation : max(worstDeviationKelvin, deviation)
        }
    }

    /// Whether all that is in the line was made within the band.
    func temperatureIsProven(residence: BenchDuration, at now: BenchInstant) -> Bool {
        lastOutOfBand.map { now - $0 >= residence } ?? true
    }

    func wantsProbe(required: Double, at now: BenchInstant) -> Bool {
        !probeInFlight && now >= nextProbe && isProbing(required: required)
    }

    /// When the next probe is due; nil while one is under way or would be of no use.
    func nextWake(required: Double) -> BenchInstant? {
        isProbing(required: required) && !probeInFlight ? nextProbe : nil
    }

    /// Whether enough has been swept for probes to be of use.
    func isProbing(required: Double) -> Bool { clock.sweptResidenceTimes >= required - Self.probeLeadTau }

    /// Steady by volume, by temperature and by the test; nil as long as one is missing.
    func certificate(
        _ plan: ExecutionPlan, _ procedure: ExperimentProcedure, at now: BenchInstant
    ) -> Certificate? {
        guard clock.sweptResidenceTimes >= procedure.requiredTau, test.verdict == .steady,
            temperatureIsProven(residence: plan.residenceTime, at: now)
        else { return nil }
        return statement("steady", plan, procedure, at: now)
    }

    func statement(
        _ verdict: String, _ plan: ExecutionPlan, _ procedure: ExperimentProcedure, at now: BenchInstant
    ) -> Certificate {
        let statistics = test.statistics
        let bound = statistics?.boundFraction ?? 1
        return Certificate(
            verdict: verdict, sweptTau: clock.sweptResidenceTimes, requiredTau: procedure.requiredTau,
            residenceTimeS: plan.residenceTime.seconds, elapsedS: (now - startedAt).seconds,
            temperatureDeviationK: worstDeviationKelvin, temperatureBandK: procedure.temperatureBandKelvin,
            statistic: "pl_peak", driftFraction: bound.isFinite ? bound : 1, driftLimit: procedure.steadyDriftLimit,
            samples: statistics?.n ?? 0)
    }
}

/// How long the plate has been steady: within its band, and not drifting through it. A plate on its way to an overshoot
/// crosses the band too.
struct SteadyPlate: Hashable, Sendable {
    /// The readings since `since` lie within this share of the band.
    static let driftShare = 0.5

    let since: BenchInstant
    private let low: Double
    private let high: Double

    init(_ earlier: SteadyPlate?, _ reading: Reading, band: Double) {
        let low = min(earlier?.low ?? reading.value, reading.value)
        let high = max(earlier?.high ?? reading.value, reading.value)
        let isDrifting = high - low > band * Self.driftShare
        self.since = isDrifting ? reading.at.bench : earlier?.since ?? reading.at.bench
        self.low = isDrifting ? reading.value : low
        self.high = isDrifting ? reading.value : high
    }
}
