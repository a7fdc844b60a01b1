import CSystemd
import Glibc
import Quantities

/// An eventfd: any thread signals it, one thread waits on it. Signals that come before the next `clear` merge.
public final class WakeEvent: Sendable {
    private let descriptor: FileDescriptorOwner

    public init() throws(PlatformError) {
        let raw = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        guard raw >= 0 else {
            throw .system(operation: "create", subject: "an eventfd", errno: errno, hint: "raise LimitNOFILE")
        }
        descriptor = FileDescriptorOwner(owning: raw)
    }

    /// For a poll set: readable while a signal is pending.
    public var rawDescriptor: Int32 { descriptor.raw }

    /// Never blocks: a full counter (2^64 - 2 signals unread) is as awake as it gets.
    public func signal() { eventfd_write(descriptor.raw, 1) }

    /// Takes the pending signals. True when there was one.
    @discardableResult public func clear() -> Bool {
        var count: eventfd_t = 0
        return eventfd_read(descriptor.raw, &count) == 0
    }

    /// Blocks until a signal is pending, or `timeout` of wire time passes (nil: for ever). Does not clear. True when
    /// one is pending.
    public func wait(timeout: WireDuration?) -> Bool {
        waitUntilReady(descriptor.raw, for: Int16(POLLIN), timeout: timeout)
    }
}

/// Polls one descriptor; an interrupted wait goes on with what is left of its time. True when it is ready (or broken,
/// which the next read tells).
func waitUntilReady(_ descriptor: Int32, for events: Int16, timeout: WireDuration?) -> Bool {
    let deadline = timeout.map { wireNow() + $0 }
    while true {
        var entry = pollfd(fd: descriptor, events: events, revents: 0)
        let left = deadline.map { max(0, ($0 - wireNow()).nanoseconds) }
        let milliseconds = left.map { Int32(clamping: ($0 + 999_999) / 1_000_000) } ?? -1
        let ready = poll(&entry, 1, milliseconds)
        if ready > 0 { return true }
        if ready == 0 && milliseconds != Int32.max { return false }
        if ready < 0 && errno != EINTR { return false }
    }
}
