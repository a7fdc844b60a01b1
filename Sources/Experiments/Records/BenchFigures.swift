import ControlCore
import Quantities

/// How the daemon itself is doing: its loop, its links, its mailboxes. Taken now and then, so that nobody who asks
/// disturbs the loop.
public struct BenchFigures: Sendable {
    public var at: Moment
    public var loop: LoopFigures
    /// Sorted by name.
    public var links: [LinkFigures]
    public var mailboxes: [MailboxFigures]

    public init(
        at: Moment, loop: LoopFigures = LoopFigures(), links: [LinkFigures] = [], mailboxes: [MailboxFigures] = []
    ) {
        self.at = at
        self.loop = loop
        self.links = links
        self.mailboxes = mailboxes
    }
}

/// How punctual the control loop is.
public struct LoopFigures: Sendable {
    public var scanPeriod: WireDuration
    /// How long after its deadline the loop woke, for each deadline.
    public var lateness: DurationHistogram
    /// Deadlines that it met more than one scan period late.
    public var overruns: UInt64

    public init(
        scanPeriod: WireDuration = ScanRate.standard, lateness: DurationHistogram = DurationHistogram(),
        overruns: UInt64 = 0
    ) {
        self.scanPeriod = scanPeriod
        self.lateness = lateness
        self.overruns = overruns
    }
}

/// One mailbox between two threads.
public struct MailboxFigures: Hashable, Sendable {
    public let name: String
    public let capacity: Int
    /// Elements that wait now, and the most that ever did.
    public let waiting: Int
    public let highWater: Int
    /// Elements for which there was no room.
    public let refused: Int

    public init(name: String, capacity: Int, waiting: Int, highWater: Int, refused: Int) {
        self.name = name
        self.capacity = capacity
        self.waiting = waiting
        self.highWater = highWater
        self.refused = refused
    }
}

/// How often the control loop looks at its bench at least.
public enum ScanRate {
    /// What a bench file may ask for, in Hz.
    public static let hertz: ClosedRange<Int64> = 10...1000
    public static let standardHertz: Int64 = 50
    public static let standard = period(standardHertz)

    public static func period(_ hertz: Int64) -> WireDuration { WireDuration(nanoseconds: 1_000_000_000 / hertz) }
}

extension BenchController {
    /// Of the loop and the links; the mailboxes are not the controller's.
    public func figures(at now: Moment) -> BenchFigures {
        BenchFigures(
            at: now,
            loop: LoopFigures(
                scanPeriod: definition.scanPeriod, lateness: own.punctuality.lateness,
                overruns: own.punctuality.overruns),
            links: core.linkFigures)
    }
}
