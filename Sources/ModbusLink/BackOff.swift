import Quantities

/// When to try again what does not answer: at once the first time, then after a pause that doubles up to a limit.
public struct BackOff: Hashable, Sendable {
    public let firstPause: WireDuration
    public let longestPause: WireDuration
    private var pause: WireDuration
    private var dueAt: WireInstant?

    public init(firstPause: WireDuration = .milliseconds(1000), longestPause: WireDuration = .milliseconds(10_000)) {
        precondition(firstPause > .zero && longestPause >= firstPause, "a back-off grows from above zero")
        self.firstPause = firstPause
        self.longestPause = longestPause
        pause = firstPause
    }

    /// When the pause ends; nil while there is none.
    public var next: WireInstant? { dueAt }

    public func isDue(at now: WireInstant) -> Bool { dueAt.map { now >= $0 } ?? true }

    public mutating func failed(at now: WireInstant) {
        dueAt = now + pause
        pause = min(longestPause, pause + pause)
    }

    public mutating func succeeded() {
        dueAt = nil
        pause = firstPause
    }
}
