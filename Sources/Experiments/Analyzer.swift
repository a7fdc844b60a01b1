import DeviceModel
import Quantities
import Spectra

/// Work for the analysis thread: a burst in, numbers out, some time later.
public struct AnalysisRequest: Sendable {
    public enum Purpose: Hashable, Sendable {
        /// A look during settling; its value feeds the steady-state test and is not kept.
        case probe
        case measurement
    }

    public let id: UInt64
    public let purpose: Purpose
    public let burst: SpectrumBurst

    public init(id: UInt64, purpose: Purpose, burst: SpectrumBurst) {
        self.id = id
        self.purpose = purpose
        self.burst = burst
    }
}

public struct AnalysisReply: Sendable {
    public let id: UInt64
    public let purpose: AnalysisRequest.Purpose
    public let estimate: BurstEstimate?
    /// Why there is no estimate, or what is wrong with it (`saturated`, `dropout`).
    public let faults: [String]
    /// The middle of the burst.
    public let at: Moment
    public let integration: BenchDuration

    public init(
        id: UInt64, purpose: AnalysisRequest.Purpose, estimate: BurstEstimate?, faults: [String], at: Moment,
        integration: BenchDuration
    ) {
        self.id = id
        self.purpose = purpose
        self.estimate = estimate
        self.faults = faults
        self.at = at
        self.integration = integration
    }
}

/// Turns bursts into features. Pure, so that the simulator can run it, and slow, so that the daemon gives it a thread.
public enum Analyzer {
    /// - Parameter now: stamps a burst without frames; the others carry their own time.
    public static func analyse(_ request: AnalysisRequest, at now: Moment) -> AnalysisReply {
        let burst = request.burst
        let middle = burst.frames.isEmpty ? now : burst.frames[burst.frames.count / 2].at
        var estimate: BurstEstimate?
        var faults: [String] = []
        do throws(SpectraError) {
            let result = try EmissionAnalysis().analyse(try spectra(of: burst))
            estimate = result
            faults = [.saturated, .dropout].filter { result.flags.contains($0) }.flatMap(\.names)
        } catch {
            faults = [error.description]
        }
        if repeatsItself(burst) { faults.append("the spectrometer sends the same frame again and again") }
        return AnalysisReply(
            id: request.id, purpose: request.purpose, estimate: estimate, faults: faults, at: middle,
            integration: burst.integration)
    }

    /// Noise makes each frame a little different; one that is the same to the last count was not taken anew.
    private static func repeatsItself(_ burst: SpectrumBurst) -> Bool {
        zip(burst.frames, burst.frames.dropFirst()).contains { $0.counts == $1.counts }
    }

    private static func spectra(of burst: SpectrumBurst) throws(SpectraError) -> Burst {
        let calibration = WavelengthCalibration(coefficients: burst.wavelengthCoefficients)
        let axis = try WavelengthAxis(calibration: calibration, pixels: burst.frames.first?.counts.count ?? 0)
        let frames = burst.frames.map { frame in frame.counts.map(Float.init) }
        return try Burst(axis: axis, frames: frames, integration: burst.integration)
    }
}
