import CSystemd
import Glibc
import Quantities

/// Tells the service manager how the daemon is (`sd_notify(3)`). Without `NOTIFY_SOCKET` it says nothing, to nobody.
///
/// The watchdog is fed by an explicit call from the loop's own tick, so that it proves the loop's liveness and nothing
/// else's. Say `ready` before the first feeding.
public enum ServiceNotifier {
    public enum State: Equatable, Sendable {
        case ready
        case status(String)
        case stopping
        /// A reload began; `ready` ends it. The manager wants the monotonic time to order the two.
        case reloading(at: WireInstant)
        case watchdog

        /// The assignments as the protocol wants them, one a line. A status is kept to one line, or it could assign.
        public var message: String {
            switch self {
            case .ready: "READY=1"
            case .status(let text): "STATUS=" + text.split(whereSeparator: \.isNewline).joined(separator: " ")
            case .stopping: "STOPPING=1"
            case .reloading(let at): "RELOADING=1\nMONOTONIC_USEC=\(at.nanoseconds / 1000)"
            case .watchdog: "WATCHDOG=1"
            }
        }
    }

    /// Sends `states` in one message. True when a manager listens and took it.
    @discardableResult public static func notify(_ states: State...) -> Bool {
        sd_notify(0, states.map(\.message).joined(separator: "\n")) > 0
    }

    /// The same without ever waiting for the manager: when its queue is full (it hangs, or others fill it), nothing is said.
    /// For the control loop, which has a plate to look after.
    @discardableResult public static func tell(_ states: State...) -> Bool {
        NotifySocket.send(states.map(\.message).joined(separator: "\n"))
    }

    /// How long the manager waits for the next feeding; nil when it does not watch this process. Feed at a third of it.
    public static var watchdogTimeout: WireDuration? {
        var microseconds: UInt64 = 0
        guard sd_watchdog_enabled(0, &microseconds) > 0 else { return nil }
        return WireDuration(nanoseconds: Int64(clamping: microseconds.multipliedReportingOverflow(by: 1000).0))
    }
}
