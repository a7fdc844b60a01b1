import DeviceModel
import Hydraulics
import Quantities
import SteadyState

/// What is known between the start of the flows and the measurement: how much has been swept, how steady it looks.
struct Settling: Hashable, Sendable {
    /// Probing starts this long before t_E, in units of tau, so that the proof needs little time after it.
    static let probeLeadTau = 0.35

    /// What each spectrometer's probes are judged by, and the value (counts per 100 ms, AU) below which drift is judged
    /// against that value, not against the mean: a recipe that makes nothing bright is a result too, and the noise of
    /// nothing is all drift.
    static let emission = (feature: "pl_peak", smallestScale: 1000.0)
    static let absorption = (feature: "abs_300", smallestScale: 0.1)

    /// The test of one spectrometer's feature.
    struct Watch: Hashable, Sendable {
        let feature: String
        var test: EquivalenceTest
        var probeInFlight = false
        /// What was wrong with the last probes, one a probe.
        var troubles: [ProbeTrouble] = []
        var nextProbe: BenchInstant
    }

    let startedAt: BenchInstant
    var clock: VolumeClock
    /// By spectrometer.
    private(set) var watches: [DeviceName: Watch]
    private let probeEvery: BenchDuration
    /// The last moment the plate was outside its band: what was made then must leave first.
    var lastOutOfBand: BenchInstant?
    /// The plate's worst deviation since it came back into its band; while it is outside, the present one.
    var worstDeviationKelvin = 0.0

    init(plan: ExecutionPlan, procedure: ExperimentProcedure, at now: BenchInstant) {
        startedAt = now
        clock = plan.clock
        probeEvery = procedure.probeEvery
        var watches: [DeviceName: Watch] = [:]
        for device in procedure.spectrometers {
            let isEmission = device == procedure.spectrometer
            let (feature, scale) = isEmission ? Self.emission : Self.absorption
            let limit = procedure.absorption.flatMap { isEmission ? nil : $0.steadyDriftLimit }
            watches[device] = Watch(
                feature: feature,
                test: EquivalenceTest(
                    window: procedure.steadySamples, limitFraction: limit ?? procedure.steadyDriftLimit,
                    smallestScale: scale),
                nextProbe: now)
        }
        self.watches = watches
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

    /// The spectrometers that are to take a probe now.
    mutating func probesDue(required: Double, at now: BenchInstant) -> [DeviceName] {
        guard isProbing(required: required) else { return [] }
        let due = watches.keys.sorted().filter { device in
            watches[device].map { !$0.probeInFlight && now >= $0.nextProbe } ?? false
        }
        for device in due {
            watches[device]?.probeInFlight = true
            watches[device]?.nextProbe = now + probeEvery
        }
        return due
    }

    /// A probe that the spectrometer did not deliver.
    mutating func probeFailed(_ device: DeviceName, _ why: String) {
        watches[device]?.probeInFlight = false
        watches[device]?.troubles.append(ProbeTrouble(kind: "command_failed", device: device, detail: why))
    }

    /// What keeps a spectrometer from telling whether the signal is steady: so many probes in a row came to nothing.
    var trouble: ProbeTrouble? {
        let lasting = watches.values.filter { $0.troubles.count >= Self.lastingTrouble }
        return lasting.compactMap(\.troubles.last).min { $0.device < $1.device }
    }
    static let lastingTrouble = 3

    /// Takes a probe's value. Too few droplets passing by say nothing; where the spectrum itself is no good, the window is
    /// emptied.
    mutating func took(_ reply: AnalysisReply) {
        guard var watch = watches[reply.device] else { return }
        watch.probeInFlight = false
        if reply.faults.isEmpty { watch.troubles = [] } else { watch.troubles.append(ProbeTrouble(reply)) }
        let value = reply.faults.isEmpty ? reply.feature(watch.feature)?.mean ?? .nan : .nan
        if !reply.flags.contains(.dropout) { watch.test.add(value, at: reply.at.bench) }
        watches[reply.device] = watch
    }

    /// When the next probe is due; nil while all are under way or would be of no use.
    func nextWake(required: Double) -> BenchInstant? {
        guard isProbing(required: required) else { return nil }
        return watches.values.filter { !$0.probeInFlight }.map(\.nextProbe).min()
    }

    /// Whether enough has been swept for probes to be of use.
    func isProbing(required: Double) -> Bool { clock.sweptResidenceTimes >= required - Self.probeLeadTau }

    /// Steady by volume, by temperature and by the test; nil as long as one is missing.
    func certificate(
        _ plan: ExecutionPlan, _ procedure: ExperimentProcedure, at now: BenchInstant
    ) -> Certificate? {
        guard clock.sweptResidenceTimes >= procedure.requiredTau,
            SteadyVerdict.combined(watches.values.map(\.test.verdict)) == .steady,
            temperatureIsProven(residence: plan.residenceTime, at: now)
        else { return nil }
        return statement("steady", plan, procedure, at: now)
    }

    func statement(
        _ verdict: String, _ plan: ExecutionPlan, _ procedure: ExperimentProcedure, at now: BenchInstant
    ) -> Certificate {
        // The feature that is furthest from steady speaks for all; ties by name.
        func share(_ watch: Watch) -> Double { Self.bound(watch) / watch.test.limitFraction }
        let worst = watches.sorted { $0.key < $1.key }.map(\.value).max { share($0) < share($1) }
        let bound = worst.map(Self.bound) ?? 1
        return Certificate(
            verdict: verdict, sweptTau: clock.sweptResidenceTimes, requiredTau: procedure.requiredTau,
            residenceTimeS: plan.residenceTime.seconds, elapsedS: (now - startedAt).seconds,
            temperatureDeviationK: worstDeviationKelvin, temperatureBandK: procedure.temperatureBandKelvin,
            statistic: worst?.feature ?? "", driftFraction: bound,
            driftLimit: worst?.test.limitFraction ?? procedure.steadyDriftLimit,
            samples: worst?.test.statistics?.n ?? 0)
    }

    /// The bound of the drift as a fraction; 1 as long as there is none.
    private static func bound(_ watch: Watch) -> Double {
        let bound = watch.test.statistics?.boundFraction ?? 1
        return bound.isFinite ? bound : 1
    }
}

/// Why a look of a spectrometer came to nothing.
struct ProbeTrouble: Hashable, Sendable {
    /// As in `ExperimentError`.
    let kind: String
    let device: DeviceName
    let detail: String

    init(kind: String, device: DeviceName, detail: String) {
        self.kind = kind
        self.device = device
        self.detail = detail
    }

    init(_ reply: AnalysisReply) {
        let why = reply.faults.joined(separator: ", ")
        self.init(
            kind: reply.flags.contains(.referenceDrift) ? "reference_drift" : "spectrum", device: reply.device,
            detail: "the burst of \(reply.device) cannot be used: \(why)")
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
