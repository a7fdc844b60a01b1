import Quantities

/// How a client bears that its daemon is away, as over a restart.
public struct ClientPatience: Sendable {
    /// How long a daemon that was there may be away. With zero each call tries once, and the next one connects anew.
    public var absence: WireDuration
    /// Whether that also holds before it was ever there. Else a path at which nobody listens is an error at once: it may be
    /// a slip.
    public var waitsAtFirst: Bool
    /// How long a connection may wait for its first answer. A socket that systemd keeps open over a restart takes
    /// connections while nobody reads them.
    public var greeting: WireDuration
    /// Whether a connection that was lost is made anew: not where the daemon keeps something with it, as a lease.
    public var reconnects: Bool
    /// Kinds of refusals that pass like an absence: `busy`, `timeout`. A person is told of them instead.
    public var passing: Set<String>
    /// Kinds of refusals that are waited out, however long they last: others filled the queue, the disk is full.
    public var refusals: Set<String>

    public init(
        absence: WireDuration = usual, waitsAtFirst: Bool = false, greeting: WireDuration = .seconds(10),
        reconnects: Bool = true, passing: Set<String> = [], refusals: Set<String> = []
    ) {
        self.absence = absence
        self.waitsAtFirst = waitsAtFirst
        self.greeting = greeting
        self.reconnects = reconnects
        self.passing = passing
        self.refusals = refusals
    }

    /// A restart takes some seconds, a host that boots a minute.
    public static let usual = WireDuration.seconds(60)
}

/// The attempts at one call, or at keeping one subscription.
struct Attempts {
    static let firstPause = WireDuration.milliseconds(50)
    static let longestPause = WireDuration.seconds(2)

    let patience: ClientPatience
    /// Of the call, or of the loss.
    private(set) var since: WireInstant?
    private var next = WireDuration.zero

    init(_ patience: ClientPatience, since: WireInstant?) {
        self.patience = patience
        self.since = since
    }

    /// How long the daemon may be away from `now` on.
    func left(at now: WireInstant) -> WireDuration { max(.zero, (since ?? now) + patience.absence - now) }

    /// How long to pause before the next attempt; nil: there is none. The first one is made at once, the pauses grow then.
    /// - Parameters:
    ///   - wasThere: whether the daemon was ever connected.
    ///   - mayAskAgain: of the call, also when it may be done.
    mutating func pause(
        after error: ClientError, wasThere: Bool, mayAskAgain: Bool, at now: WireInstant
    ) -> WireDuration? {
        switch error {
        case .notUnderstood, .outcomeUnknown: return nil
        case .cannotConnect: return wasThere || patience.waitsAtFirst ? step(at: now) : nil
        case .lost: return step(at: now)
        case .refused(let refusal):
            if patience.refusals.contains(refusal.kind) { return max(grow(), Self.firstPause) }
            // Of what timed out in the daemon nobody knows whether it was done.
            let isPassing = patience.passing.contains(refusal.kind) && (refusal.kind != "timeout" || mayAskAgain)
            return isPassing ? step(at: now) : nil
        }
    }

    private mutating func step(at now: WireInstant) -> WireDuration? {
        since = since ?? now
        let left = left(at: now)
        return left > .zero ? min(grow(), left) : nil
    }

    private mutating func grow() -> WireDuration {
        let pause = next
        next = pause == .zero ? Self.firstPause : min(pause * 2, Self.longestPause)
        return pause
    }
}
