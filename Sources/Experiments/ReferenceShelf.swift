import DeviceModel
import Quantities
import Spectra

/// The dark and the reference spectrum that absorbance is computed with, and whether they may still be used.
struct ReferenceShelf: Sendable {
    enum Kind: String, CaseIterable, Sendable { case dark, reference }

    struct Kept: Sendable {
        let spectrum: Spectrum
        let frames: Int
        let at: WallInstant
        /// How old it was when this daemon learnt of it, and when that was.
        private let ageThen: BenchDuration
        private let learntAt: BenchInstant

        init(_ spectrum: Spectrum, frames: Int, at: WallInstant, age: BenchDuration = .zero, learntAt: BenchInstant) {
            self.spectrum = spectrum
            self.frames = frames
            self.at = at
            ageThen = age
            self.learntAt = learntAt
        }

        func age(at now: BenchInstant) -> BenchDuration { ageThen + (now - learntAt) }
    }

    let procedure: AbsorptionProcedure?
    /// The integration time of the measurements.
    let integration: BenchDuration
    private var kept: [Kind: Kept] = [:]
    /// Why the reference at hand is not true any more.
    private var refuted: String?

    /// - Parameter restored: across a restart age is counted by the calendar; one from the future may not be used.
    init(_ procedure: ExperimentProcedure, restored: [SpectrumRecord], at now: Moment) {
        self.procedure = procedure.absorption
        integration = procedure.burst.integration
        for record in restored where record.device == procedure.absorption?.spectrometer.text {
            guard let kind = Kind(rawValue: record.kind), let spectrum = Self.spectrum(record) else { continue }
            let age = now.wall - record.at
            guard age >= .zero else { continue }
            kept[kind] = Kept(
                spectrum, frames: record.frames, at: record.at, age: .seconds(age.seconds), learntAt: now.bench)
        }
    }

    private static func spectrum(_ record: SpectrumRecord) -> Spectrum? {
        guard let axis = try? WavelengthAxis(nanometers: record.wavelengthsNM.map(Double.init)) else { return nil }
        return try? Spectrum(axis: axis, counts: record.counts, integration: .seconds(record.integrationS))
    }

    mutating func keep(_ kind: Kind, _ spectrum: Spectrum, frames: Int, at now: Moment) {
        kept[kind] = Kept(spectrum, frames: frames, at: now.wall, learntAt: now.bench)
        if kind == .reference { refuted = nil }
    }

    /// The light has changed since the reference was taken: the next experiment takes another.
    mutating func refuteReference(_ why: String) { refuted = why }

    /// The last one, however old.
    func spectrum(_ kind: Kind) -> Spectrum? { kept[kind]?.spectrum }

    /// Both, if both may be used now.
    func pair(at now: BenchInstant) -> AbsorptionReferences? {
        guard let procedure, due(at: now).isEmpty, let dark = kept[.dark], let reference = kept[.reference] else {
            return nil
        }
        return AbsorptionReferences(
            dark: dark.spectrum, reference: reference.spectrum, driftLimit: procedure.referenceDriftLimit)
    }

    /// What must be taken before the next measurement; nothing on a bench without absorption. A reference is only as good
    /// as the dark it stands on.
    func due(at now: BenchInstant) -> Set<Kind> {
        guard procedure != nil else { return [] }
        return Set(Kind.allCases.filter { invalidity(of: $0, at: now) != nil })
    }

    func invalidity(of kind: Kind, at now: BenchInstant) -> String? {
        guard let procedure else { return nil }
        guard let kept = kept[kind] else { return "none was taken" }
        if kind == .reference, let refuted { return refuted }
        guard kept.spectrum.integration == integration else {
            return "taken with \(kept.spectrum.integration.seconds) s, measured is with \(integration.seconds) s"
        }
        let limit = kind == .dark ? procedure.darkMaximumAge : procedure.referenceMaximumAge
        let age = kept.age(at: now)
        return age > limit ? "\((age.seconds / 60).rounded()) min old, at most \(limit.seconds / 60) min" : nil
    }

    func views(at now: BenchInstant) -> [ReferenceView] {
        guard let device = procedure?.spectrometer else { return [] }
        return Kind.allCases.compactMap { kind in
            kept[kind].map {
                ReferenceView(
                    device: device, kind: kind.rawValue, time: $0.at.rfc3339, age: $0.age(at: now),
                    integration: $0.spectrum.integration, frames: $0.frames,
                    invalidBecause: invalidity(of: kind, at: now))
            }
        }
    }
}

/// A dark and a reference spectrum of one spectrometer, taken with one setting; raw counts.
public struct AbsorptionReferences: Hashable, Sendable {
    public let dark: Spectrum
    public let reference: Spectrum
    /// What the carrier between the droplets may absorb against the reference, either way [AU].
    public let driftLimit: Double

    public init(dark: Spectrum, reference: Spectrum, driftLimit: Double) {
        self.dark = dark
        self.reference = reference
        self.driftLimit = driftLimit
    }

    /// What is wrong with a reference against which the carrier absorbs so much; nil when it is still true, or no carrier
    /// was seen.
    func drift(_ carrierAbsorbance: Double?) -> String? {
        guard let seen = carrierAbsorbance, !(abs(seen) <= driftLimit) else { return nil }
        let rounded = (seen * 1000).rounded() / 1000
        return "reference_drift: the carrier absorbs \(rounded) AU against its own reference, at most \(driftLimit)"
    }
}
