/// What a burst of frames says about the droplets.
public struct BurstEstimate: Hashable, Sendable {
    /// One a frame: true where the frame counts as droplet.
    public let droplets: [Bool]
    /// The mean over droplet frames: for emission counts per 100 ms above dark, for absorption raw counts. Nil when no
    /// frame could be used.
    public let spectrum: Spectrum?
    /// Empty when no frame could be used.
    public let features: [Feature]
    public let flags: MeasurementFlags
    /// Of absorption: what the carrier between the droplets absorbs against the reference [AU]; 0 for a reference that
    /// is still true. Nil where no carrier was seen.
    public let carrierAbsorbance: Double?

    init(
        droplets: [Bool], spectrum: Spectrum?, features: [Feature], flags: MeasurementFlags,
        carrierAbsorbance: Double? = nil
    ) {
        self.droplets = droplets
        self.spectrum = spectrum
        self.features = features
        self.flags = flags
        self.carrierAbsorbance = carrierAbsorbance
    }

    public var frameCount: Int { droplets.count }
    public var dropletCount: Int { droplets.count { $0 } }

    public func feature(_ name: String) -> Feature? { features.first { $0.name == name } }

    static func nothing(frames: Int) -> BurstEstimate {
        BurstEstimate(droplets: Array(repeating: false, count: frames), spectrum: nil, features: [], flags: .dropout)
    }
}

/// Limits that emission and absorption share.
public enum BurstLimits {
    /// Counts from which a pixel of a 16-bit detector is taken as saturated.
    public static let saturatedCounts: Float = 65_500
    /// Fewer droplet frames than this flag a dropout.
    public static let fewestDroplets = 5

    static func flags(_ frames: [[Float]], segmented: Bool) -> MeasurementFlags {
        var flags: MeasurementFlags = segmented ? [] : .unsegmented
        if frames.count < fewestDroplets { flags.insert(.dropout) }
        if frames.contains(where: isSaturated) { flags.insert(.saturated) }
        return flags
    }

    private static func isSaturated(_ frame: [Float]) -> Bool {
        frame.reduce(0, max) >= saturatedCounts
    }
}

extension BurstEstimate {
    /// Several bursts of one spectrometer, a little apart in time, as one measurement: the mean of the bursts' means. A light
    /// source wanders slowly, so that the frames of one burst are no independent samples of it: the standard error is that
    /// of the bursts among each other. Bursts in which nothing could be used count as missing.
    ///
    /// Throws `emptyBurst` without estimates, and when the spectra have different lengths.
    public init(combining estimates: [BurstEstimate]) throws(SpectraError) {
        guard let first = estimates.first else { throw .emptyBurst }
        let usable = estimates.filter { !$0.flags.contains(.dropout) }
        let isTooFew = usable.count * 2 < estimates.count
        guard usable.count > 1 else {
            let only = usable.first ?? first
            self.init(
                droplets: only.droplets, spectrum: only.spectrum, features: only.features,
                flags: isTooFew ? only.flags.union(.dropout) : only.flags, carrierAbsorbance: only.carrierAbsorbance)
            return
        }
        let names = usable[0].features.map(\.name)
        var flags: MeasurementFlags = usable.contains { $0.flags.contains(.saturated) } ? .saturated : []
        if usable.allSatisfy({ $0.flags.contains(.unsegmented) }) { flags.insert(.unsegmented) }
        if isTooFew { flags.insert(.dropout) }
        let carriers = usable.compactMap(\.carrierAbsorbance)
        self.init(
            droplets: estimates.flatMap(\.droplets), spectrum: try Self.mean(of: usable),
            features: names.compactMap { name in Self.combined(usable.compactMap { $0.feature(name) }) }, flags: flags,
            carrierAbsorbance: carriers.isEmpty ? nil : MeanAndError(carriers).mean)
    }

    private static func combined(_ features: [Feature]) -> Feature? {
        guard let first = features.first, features.count > 1 else { return features.first }
        let means = MeanAndError(features.map(\.mean))
        return Feature(
            name: first.name, mean: means.mean, sem: means.sem, n: features.reduce(0) { $0 + $1.n }, unit: first.unit)
    }

    /// Weighted by the droplet frames of each.
    private static func mean(of estimates: [BurstEstimate]) throws(SpectraError) -> Spectrum? {
        let weighted = estimates.compactMap { estimate in
            estimate.spectrum.map { (spectrum: $0, weight: Double(estimate.dropletCount)) }
        }
        guard let first = weighted.first?.spectrum else { return nil }
        let total = weighted.reduce(0) { $0 + $1.weight }
        var sum = [Double](repeating: 0, count: first.counts.count)
        for (spectrum, weight) in weighted {
            guard spectrum.counts.count == sum.count else {
                throw .lengthMismatch(what: "burst", found: spectrum.counts.count, expected: sum.count)
            }
            for pixel in sum.indices { sum[pixel] += Double(spectrum.counts[pixel]) * weight / total }
        }
        return try Spectrum(axis: first.axis, counts: sum.map(Float.init), integration: first.integration)
    }
}
