import Experiments
import Quantities

/// How long the archive lets readings gather before it commits them: the more a commit takes, the longer, so that many
/// readings a second cost a small part of a core and few go to the disk as they come. What somebody waits for, and what
/// must be on the disk, waits for the next look at most.
public struct CommitPacing: Sendable {
    /// Of the time that the last commit took.
    static let rest = 15.0
    /// Readings and events are shown to clients once they are committed.
    public static let longestRest = WireDuration.milliseconds(8)

    /// Between two looks whether something came that waits for nothing.
    public static let look = WireDuration.milliseconds(1)

    private var notBefore = WireInstant.zero

    public init() {}

    /// A commit is over.
    public mutating func committed(from start: WireInstant, to end: WireInstant) {
        notBefore = end + min((end - start) * Self.rest, Self.longestRest)
    }

    /// How long `batches` may still gather; zero: they are due.
    public func patience(with batches: [ArchiveBatch], at now: WireInstant) -> WireDuration {
        guard now < notBefore, batches.allSatisfy(\.isOfReadingsOnly) else { return .zero }
        return notBefore - now
    }
}
