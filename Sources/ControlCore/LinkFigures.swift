import DeviceModel
import Quantities

/// What went over one link since the daemon started, as the control loop sees it: the ways through mailboxes and threads
/// count as well.
///
/// An exchange on a Modbus bus is a request and its reply. On a byte link, where only the driver knows which bytes
/// answer what, it is what was sent in one step and the first bytes that came after it: of a pump that echoes, the echo.
public struct LinkFigures: Sendable {
    public let name: LinkName
    public internal(set) var isOpen = false
    /// Exchanges that were answered, and how long each took.
    public private(set) var roundTrips = DurationHistogram()
    /// Exchanges without an answer or with one that was none, openings that failed, and losses of the open link.
    public private(set) var errors: UInt64 = 0
    /// How often it was opened again.
    public private(set) var reconnects: UInt64 = 0
    private var wasOpen = false
    /// Of a byte link: since when an answer is due.
    private var sentAt: WireInstant?

    init(_ name: LinkName) { self.name = name }

    mutating func opened() {
        if wasOpen { reconnects += 1 }
        isOpen = true
        wasOpen = true
        sentAt = nil
    }

    /// Lost, or not opened.
    mutating func closed() {
        isOpen = false
        errors += 1
        sentAt = nil
    }

    /// Bytes were handed to the link. Those that were still due are not waited for any more.
    mutating func sent(at now: WireInstant) {
        if let sentAt, sentAt < now { errors += 1 }
        sentAt = now
    }

    /// Bytes came; those that nobody asked for are not counted.
    mutating func received(at now: WireInstant) {
        guard let asked = sentAt else { return }
        sentAt = nil
        roundTrips.add(now - asked)
    }

    mutating func answered(_ outcome: ModbusReply.Outcome, askedAt: WireInstant, at now: WireInstant) {
        switch outcome {
        case .registers, .bits, .written, .exception: roundTrips.add(now - askedAt)
        case .failed: errors += 1
        case .refusedByTrip: break
        }
    }
}

extension ControlCore {
    /// Sorted by name.
    public var linkFigures: [LinkFigures] { traffic }
}
