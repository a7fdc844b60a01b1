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
