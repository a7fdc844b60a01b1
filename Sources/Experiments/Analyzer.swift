import DeviceModel
import Quantities
import Spectra

/// Work for the analysis thread: bursts of one spectrometer in, numbers out, some time later.
public struct AnalysisRequest: Sendable {
    public enum Purpose: Hashable, Sendable {
        /// A look during settling; its value feeds the steady-state test and is not kept.
        case probe
        case measurement
        /// The mean of all frames, for later measurements.
        case dark, reference
    }

    /// What the frames show.
    public enum Method: Hashable, Sendable {
        case emission
        case absorption(AbsorptionReferences)
        /// The mean of all frames: a dark or a reference. The other one of the two, where it is at hand, must go with it.
        case average(other: Spectrum?)
    }

    public let id: UInt64
    public let device: DeviceName
    public let purpose: Purpose
    public let method: Method
    public let bursts: [SpectrumBurst]

    public init(id: UInt64, device: DeviceName, purpose: Purpose, method: Method, bursts: [SpectrumBurst]) {
        self.id = id
        self.device = device
        self.purpose = purpose
        self.method = method
        self.bursts = bursts
    }
}

public struct AnalysisReply: Sendable {
    public let id: UInt64
    public let device: DeviceName
    public let purpose: AnalysisRequest.Purpose
    public let features: [Feature]
    /// Frames that were taken as droplet; of a dark or a reference all that could be used.
    public let frames: Int
    /// By the kinds of `SpectrumRecord`: `droplet`, `absorbance`, `dark`, `reference`.
    public let spectra: [String: Spectrum]
    public let flags: MeasurementFlags
    /// Why there is nothing to use, or what is wrong with it (`saturated`, `dropout`).
    public let faults: [String]
    /// The middle of the bursts.
    public let at: Moment
    /// Why nobody looked; nil when somebody did.
    public let unanswered: String?

    /// The answer to what could not be looked at.
    public init(_ request: AnalysisRequest, unanswered why: String, at now: Moment) {
        self.init(
            id: request.id, device: request.device, purpose: request.purpose, features: [], frames: 0, spectra: [:],
            flags: [], faults: [why], at: now, unanswered: why)
    }

    init(
        id: UInt64, device: DeviceName, purpose: AnalysisRequest.Purpose, features: [Feature], frames: Int,
        spectra: [String: Spectrum], flags: MeasurementFlags, faults: [String], at: Moment,
        unanswered: String? = nil
    ) {
        self.id = id
        self.device = device
        self.purpose = purpose
        self.features = features
        self.frames = frames
        self.spectra = spectra
        self.flags = flags
        self.faults = faults
        self.at = at
        self.unanswered = unanswered
    }

    public func feature(_ name: String) -> Feature? { features.first { $0.name == name } }
}

/// Turns bursts into features. Pure, so that the simulator can run it, and slow, so that the daemon gives it a thread.
public enum Analyzer {
    /// - Parameter now: stamps bursts without frames; the others carry their own time.
    public static func analyse(_ request: AnalysisRequest, at now: Moment) -> AnalysisReply {
        let moments = request.bursts.flatMap(\.frames).map(\.at)
        let middle = moments.isEmpty ? now : moments[moments.count / 2]
        func reply(
            _ features: [Feature] = [], frames: Int = 0, spectra: [String: Spectrum] = [:],
            flags: MeasurementFlags = [], faults: [String]
        ) -> AnalysisReply {
            AnalysisReply(
                id: request.id, device: request.device, purpose: request.purpose, features: features, frames: frames,
                spectra: spectra, flags: flags, faults: faults, at: middle)
        }
        var faults: [String] = []
        if request.bursts.contains(where: repeatsItself) {
            faults.append("the spectrometer sends the same frame again and again")
        }
        do throws(SpectraError) {
            let bursts = try spectra(of: request.bursts)
            switch request.method {
            case .average(let other):
                let (mean, frames) = try average(bursts)
                if let other {
                    let isDark = request.purpose == .dark
                    try AbsorptionAnalysis.check(dark: isDark ? mean : other, reference: isDark ? other : mean)
                }
                if mean.counts.contains(where: { $0 >= BurstLimits.saturatedCounts }) { faults.append("saturated") }
                return reply(frames: frames, spectra: [request.purpose.kind: mean], faults: faults)
            case .emission:
                let result = try combined(bursts) { burst throws(SpectraError) in try EmissionAnalysis().analyse(burst)
                }
                let sides = request.purpose == .measurement ? try sideFeatures(of: result) : []
                return reply(
                    result.features + sides, frames: result.dropletCount, spectra: result.droplet, flags: result.flags,
                    faults: faults + result.flags.faults)
            case .absorption(let references):
                let analysis = AbsorptionAnalysis(dark: references.dark, reference: references.reference)
                let result = try combined(bursts) { burst throws(SpectraError) in try analysis.analyse(burst) }
                let drift = references.drift(result.carrierAbsorbance)
                var spectra = result.droplet
                if let droplet = result.spectrum { spectra["absorbance"] = try analysis.spectrum(of: droplet) }
                return reply(
                    result.features, frames: result.dropletCount, spectra: spectra,
                    flags: drift == nil ? result.flags : result.flags.union(.referenceDrift),
                    faults: faults + result.flags.faults + (drift.map { [$0] } ?? []))
            }
        } catch {
            return reply(faults: faults + [error.description])
        }
    }

    /// Noise makes each frame a little different; one that is the same to the last count was not taken anew.
    private static func repeatsItself(_ burst: SpectrumBurst) -> Bool {
        zip(burst.frames, burst.frames.dropFirst()).contains { $0.counts == $1.counts }
    }

    private static func spectra(of bursts: [SpectrumBurst]) throws(SpectraError) -> [Burst] {
        var result: [Burst] = []
        for burst in bursts {
            let calibration = WavelengthCalibration(coefficients: burst.wavelengthCoefficients)
            let axis = try WavelengthAxis(calibration: calibration, pixels: burst.frames.first?.counts.count ?? 0)
            let frames = burst.frames.map { frame in frame.counts.map(Float.init) }
            result.append(try Burst(axis: axis, frames: frames, integration: burst.integration))
        }
        return result
    }

    private static func average(_ bursts: [Burst]) throws(SpectraError) -> (Spectrum, frames: Int) {
        guard let first = bursts.first else { throw .emptyBurst }
        let all = try Burst(axis: first.axis, frames: bursts.flatMap(\.frames), integration: first.integration)
        guard let mean = all.average else { throw .emptyBurst }
        return (mean, all.frames.count)
    }

    private static func combined(
        _ bursts: [Burst], _ analyse: (Burst) throws(SpectraError) -> BurstEstimate
    ) throws(SpectraError) -> BurstEstimate {
        var estimates: [BurstEstimate] = []
        for burst in bursts { estimates.append(try analyse(burst)) }
        return try BurstEstimate(combining: estimates)
    }

    private static func sideFeatures(of estimate: BurstEstimate) throws(SpectraError) -> [Feature] {
        guard let spectrum = estimate.spectrum, let fit = try ThreeGaussianFit(spectrum) else { return [] }
        return fit.sideFeatures(n: estimate.dropletCount)
    }
}

extension BurstEstimate {
    fileprivate var droplet: [String: Spectrum] { spectrum.map { ["droplet": $0] } ?? [:] }
}

extension MeasurementFlags {
    /// Those that forbid a result.
    fileprivate var faults: [String] { [.saturated, .dropout].filter(contains).flatMap(\.names) }
}

extension AnalysisRequest.Purpose {
    /// As `SpectrumRecord` names it.
    fileprivate var kind: String {
        switch self {
        case .probe, .measurement: "droplet"
        case .dark: "dark"
        case .reference: "reference"
        }
    }
}
