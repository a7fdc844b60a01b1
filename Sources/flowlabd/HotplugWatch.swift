import Platform

/// Listens to udev on the control loop, so that a pulled plug is noticed at once and one that is put in is tried at once.
/// Without it the daemon does the same later: at the next write or time-out, and at the next reconnect.
final class HotplugWatch {
    /// What one turn of the loop takes, so that a hub with many ports does not hold it up.
    static let eventsPerTurn = 32

    private let monitor: HotplugMonitor

    /// - Returns: nil where the host lets nobody listen; the journal says so, and where there is no udev to listen to.
    init?(_ loop: EventLoop, log: Log, onEvent: @escaping (HotplugMonitor.Event) -> Void) {
        if !HotplugMonitor.isUdevRunning { Self.explain("no udev runs here", log) }
        do throws(PlatformError) {
            monitor = try HotplugMonitor()
            try loop.addIO(monitor.rawDescriptor, .readable) { [weak self] _ in self?.drain(onEvent) }
        } catch {
            Self.explain(error.description, log)
            return nil
        }
    }

    private func drain(_ onEvent: (HotplugMonitor.Event) -> Void) {
        for _ in 0..<Self.eventsPerTurn {
            guard let event = monitor.next() else { return }
            onEvent(event)
        }
    }

    private static func explain(_ why: String, _ log: Log) {
        log.write(
            .info, "hotplug",
            "\(why): a plug that is pulled or put in is noticed at the next time-out or reconnect, not at once")
    }
}
