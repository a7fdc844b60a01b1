import CSystemd
import Glibc
import Quantities

/// What a descriptor is ready for, or is watched for.
public struct IOEvents: OptionSet, Hashable, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static let readable = IOEvents(rawValue: EPOLLIN.rawValue)
    public static let writable = IOEvents(rawValue: EPOLLOUT.rawValue)
    /// The other end hung up. Always reported, asked for or not.
    public static let hangup = IOEvents(rawValue: EPOLLHUP.rawValue)
    /// An error is pending on the descriptor. Always reported, asked for or not.
    public static let error = IOEvents(rawValue: EPOLLERR.rawValue)
}

/// The control loop: descriptors, one-shot deadlines, signals and wake-ups on one thread, over sd-event.
///
/// Sources live as long as the loop, or until `remove()`. Everything here is called on the thread that runs the loop;
/// other threads reach it through a `WakeEvent` or a `Mailbox`. Handlers run to completion and must not block.
public final class EventLoop {
    let event: OpaquePointer
    private var sources: [ObjectIdentifier: EventSource] = [:]

    public init() throws(PlatformError) {
        var made: OpaquePointer?
        let code = sd_event_new(&made)
        guard code >= 0, let made else {
            throw .system(operation: "create", subject: "the event loop", errno: -code, hint: "raise LimitNOFILE")
        }
        event = made
    }

    deinit {
        for source in sources.values { source.detach() }
        sd_event_unref(event)
    }

    /// Blocks `signals` for the calling thread and all it starts later. Call it first in the program: a signal that one
    /// thread leaves unblocked goes there and never reaches the loop.
    public static func blockSignals(_ signals: [Int32]) throws(PlatformError) {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal) }
        let code = pthread_sigmask(SIG_BLOCK, &set, nil)
        guard code == 0 else {
            throw .system(operation: "block", subject: "signals \(signals)", errno: code, hint: "")
        }
    }

    /// Runs until `exit(code:)`, and returns its code.
    public func run() throws(PlatformError) -> Int32 {
        let code = sd_event_loop(event)
        guard code >= 0 else {
            throw .system(operation: "run", subject: "the event loop", errno: -code, hint: "")
        }
        return code
    }

    /// Ends `run()` after the present handler. `code` is zero or more.
    public func exit(code: Int32) {
        precondition(code >= 0, "an exit code is zero or more")
        sd_event_exit(event, code)
    }

    /// Watches a descriptor, which stays the caller's: remove the source before closing it. `handler` gets what the
    /// descriptor is ready for, level-triggered.
    @discardableResult public func addIO(
        _ descriptor: Int32, _ events: IOEvents, handler: @escaping (IOEvents) -> Void
    ) throws(PlatformError) -> IOSource {
        let source = IOSource(descriptor: descriptor, handler: handler)
        try source.attach(to: self, events: events)
        keep(source)
        return source
    }

    /// A one-shot timer, disarmed at first. `handler` gets the wire time at which it runs.
    public func addDeadline(handler: @escaping (WireInstant) -> Void) throws(PlatformError) -> DeadlineSource {
        let source = DeadlineSource(handler: handler)
        try source.attach(to: self)
        keep(source)
        return source
    }

    /// Calls `handler` on the loop for each arrival of `signal`, which is blocked here if it is not yet (see
    /// `blockSignals`).
    @discardableResult public func addSignal(
        _ signal: Int32, handler: @escaping () -> Void
    ) throws(PlatformError) -> SignalSource {
        try Self.blockSignals([signal])
        let source = SignalSource(handler: handler)
        try source.attach(to: self, signal: signal)
        keep(source)
        return source
    }

    /// Calls `handler` on the loop after another thread signalled `wake`; the signal is taken first.
    @discardableResult public func addWake(
        _ wake: WakeEvent, handler: @escaping () -> Void
    ) throws(PlatformError) -> IOSource {
        try addIO(wake.rawDescriptor, .readable) { _ in
            if wake.clear() { handler() }
        }
    }

    private func keep(_ source: EventSource) {
        source.loop = self
        sources[ObjectIdentifier(source)] = source
    }

    func forget(_ source: EventSource) { sources[ObjectIdentifier(source)] = nil }
}
