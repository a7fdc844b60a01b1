import CSystemd
import Glibc
import Quantities

/// One thing an `EventLoop` waits for.
public class EventSource {
    /// Deadlines run before descriptors that are ready in the same turn: the control tick is not to wait behind traffic.
    static let deadlinePriority: Int64 = -10

    fileprivate var source: OpaquePointer?
    weak var loop: EventLoop?

    fileprivate init() {}

    deinit { detach() }

    /// Stops for good; the handler will not be called again. Fine from within the handler itself.
    public func remove() {
        detach()
        loop?.forget(self)
    }

    func detach() {
        sd_event_source_disable_unref(source)
        source = nil
    }

    fileprivate var opaque: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

    fileprivate func check(_ code: Int32, _ what: String) throws(PlatformError) {
        guard code < 0 else { return }
        throw .system(operation: "watch", subject: what, errno: -code, hint: "")
    }
}

/// The object behind a callback's user data. The loop keeps sources alive while they are attached; the strong reference
/// made here keeps one alive that removes itself.
private func source<Source: EventSource>(_ data: UnsafeMutableRawPointer?, as type: Source.Type) -> Source? {
    data.map { Unmanaged<Source>.fromOpaque($0).takeUnretainedValue() }
}

/// A watched descriptor.
public final class IOSource: EventSource {
    public let descriptor: Int32
    private let handler: (IOEvents) -> Void

    init(descriptor: Int32, handler: @escaping (IOEvents) -> Void) {
        self.descriptor = descriptor
        self.handler = handler
    }

    func attach(to loop: EventLoop, events: IOEvents) throws(PlatformError) {
        let code = sd_event_add_io(
            loop.event, &source, descriptor, events.rawValue,
            { _, _, ready, data in
                if let me = Platform.source(data, as: IOSource.self) { me.handler(IOEvents(rawValue: ready)) }
                return 0
            }, opaque)
        try check(code, "descriptor \(descriptor)")
    }

    /// Watches for `events` from now on; an empty set leaves hang-ups and errors.
    public func modify(_ events: IOEvents) throws(PlatformError) {
        guard let source else { return }
        try check(sd_event_source_set_io_events(source, events.rawValue), "descriptor \(descriptor)")
    }
}

/// A one-shot timer on the wire clock, with an accuracy of 1 us. It does not repeat: the handler arms it again.
public final class DeadlineSource: EventSource {
    private static let accuracyMicroseconds: UInt64 = 1
    private let handler: (WireInstant) -> Void

    init(handler: @escaping (WireInstant) -> Void) { self.handler = handler }

    func attach(to loop: EventLoop) throws(PlatformError) {
        let code = sd_event_add_time(
            loop.event, &source, CLOCK_MONOTONIC, UInt64.max, Self.accuracyMicroseconds,
            { _, _, data in
                if let me = Platform.source(data, as: DeadlineSource.self) { me.handler(wireNow()) }
                return 0
            }, opaque)
        try check(code, "a deadline")
        sd_event_source_set_priority(source, Self.deadlinePriority)
        sd_event_source_set_enabled(source, Int32(SD_EVENT_OFF))
    }

    /// Fires once, at `deadline` or as soon as the loop can after it; replaces an earlier deadline.
    public func arm(at deadline: WireInstant) {
        let microseconds = UInt64(clamping: max(0, deadline.nanoseconds)) / 1000
        let roundedUp = deadline.nanoseconds % 1000 > 0 ? microseconds + 1 : microseconds
        sd_event_source_set_time(source, roundedUp)
        sd_event_source_set_enabled(source, Int32(SD_EVENT_ONESHOT))
    }

    public func disarm() { sd_event_source_set_enabled(source, Int32(SD_EVENT_OFF)) }
}

/// A watched signal.
public final class SignalSource: EventSource {
    private let handler: () -> Void

    init(handler: @escaping () -> Void) { self.handler = handler }

    func attach(to loop: EventLoop, signal: Int32) throws(PlatformError) {
        let code = sd_event_add_signal(
            loop.event, &source, signal,
            { _, _, data in
                if let me = Platform.source(data, as: SignalSource.self) { me.handler() }
                return 0
            }, opaque)
        try check(code, "signal \(signal)")
    }
}
