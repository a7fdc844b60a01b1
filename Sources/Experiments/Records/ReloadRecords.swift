/// What became of reading the bench file anew.
public struct ReloadOutcome: Hashable, Sendable {
    /// Paths of keys that have changed and hold now.
    public let applied: [String]
    /// Paths of keys that have changed and hold after the next start.
    public let needsRestart: [String]

    public init(applied: [String], needsRestart: [String]) {
        self.applied = applied
        self.needsRestart = needsRestart
    }
}
