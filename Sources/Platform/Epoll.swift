import CSystemd
import Glibc
import Quantities

/// A plain epoll set for the API thread: twice sd-event's rate at many clients. Level-triggered; one thread waits.
public struct Epoll: ~Copyable, Sendable {
    /// One descriptor that is ready.
    public struct Event: Equatable, Sendable {
        /// What the owner registered with the descriptor.
        public let token: UInt64
        public let events: IOEvents
    }

    private let descriptor: FileDescriptorOwner
    private var ready: [epoll_event]

    /// - Parameter eventsPerWait: how many ready descriptors one `wait` reports at most; the rest come next time.
    public init(eventsPerWait: Int = 64) throws(PlatformError) {
        precondition(eventsPerWait > 0, "a wait reports one event or more")
        let raw = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard raw >= 0 else {
            throw .system(operation: "create", subject: "an epoll set", errno: errno, hint: "raise LimitNOFILE")
        }
        descriptor = FileDescriptorOwner(owning: raw)
        ready = Array(repeating: epoll_event(), count: eventsPerWait)
    }

    /// Watches `watched`, which stays the caller's: remove it before closing it.
    public func add(_ watched: Int32, _ events: IOEvents, token: UInt64) throws(PlatformError) {
        try control(EPOLL_CTL_ADD, watched, events, token)
    }

    public func modify(_ watched: Int32, _ events: IOEvents, token: UInt64) throws(PlatformError) {
        try control(EPOLL_CTL_MOD, watched, events, token)
    }

    public func remove(_ watched: Int32) throws(PlatformError) {
        try control(EPOLL_CTL_DEL, watched, [], 0)
    }

    /// Waits for something to be ready, or for `timeout` of wire time (nil: for ever), and hands each ready descriptor to
    /// `body`. An interrupted wait is an empty one.
    public mutating func wait(timeout: WireDuration?, _ body: (Event) -> Void) throws(PlatformError) {
        let milliseconds = timeout.map { Int32(clamping: (max(0, $0.nanoseconds) + 999_999) / 1_000_000) } ?? -1
        let count = epoll_wait(descriptor.raw, &ready, Int32(ready.count), milliseconds)
        guard count >= 0 || errno == EINTR else {
            throw .system(operation: "wait on", subject: "the epoll set", errno: errno, hint: "")
        }
        for index in 0..<max(0, Int(count)) {
            body(Event(token: ready[index].data.u64, events: IOEvents(rawValue: ready[index].events)))
        }
    }

    private func control(_ operation: Int32, _ watched: Int32, _ events: IOEvents, _ token: UInt64)
        throws(PlatformError)
    {
        var event = epoll_event()
        event.events = events.rawValue
        event.data.u64 = token
        guard epoll_ctl(descriptor.raw, operation, watched, &event) == 0 else {
            throw .system(operation: "watch", subject: "descriptor \(watched)", errno: errno, hint: "")
        }
    }
}
