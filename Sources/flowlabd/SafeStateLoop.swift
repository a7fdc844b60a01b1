import Configuration
import ControlCore
import DeviceModel
import Drivers
import Interlocks
import ModbusLink
import Platform
import Quantities

/// A pass to the safe state on the bench's own links, with an event loop of its own.
final class SafeStateLoop {
    /// A bus that did not open, or a slave that was silent, is tried again while there is time.
    static let busSettings = ModbusSettings(
        backOff: BackOff(firstPause: .milliseconds(100), longestPause: .milliseconds(400)))

    private enum Input {
        case start
        case link(LinkName, LinkEvent)
        case time
    }

    private let loop: EventLoop
    private let clock: BenchClockSource
    private let epoch: SharedTripEpoch
    private var pass: SafeStatePass
    private var links: Links?
    private var deadline: DeadlineSource?
    private var inbox: [Input] = []
    private var isStepping = false

    init(_ bench: BenchFile) throws(PlatformError) {
        loop = try EventLoop()
        clock = try BenchClockSource(clockRate: bench.clockRate)
        pass = SafeStatePass(devices: bench.definition.devices, at: clock.now())
        epoch = SharedTripEpoch(pass.epoch)
        let events = try Links.BusEvents(name: "bus-events", capacity: 1024, overflow: .refuse)
        links = try Links(
            bench, loop: loop, epoch: epoch, busEvents: events, busSettings: Self.busSettings
        ) { [weak self] in self?.step(.link($0, $1)) }
        deadline = try loop.addDeadline { [weak self] _ in self?.step(.time) }
    }

    /// Returns when every device has shown its safe state, or time is up. Threads of buses may still wait for a slave.
    func run() throws(PlatformError) -> SafeStateReport {
        step(.start)
        _ = try loop.run()
        return pass.report(at: clock.now())
    }

    /// One event, to completion. An event that an action gives rise to waits until the step is over.
    private func step(_ input: Input) {
        inbox.append(input)
        guard !isStepping else { return }
        isStepping = true
        while !inbox.isEmpty { perform(handle(inbox.removeFirst())) }
        isStepping = false
        if pass.isOver(at: clock.now()) { return loop.exit(code: 0) }
        deadline?.arm(at: pass.deadline)
    }

    private func handle(_ input: Input) -> [(LinkName, LinkAction)] {
        switch input {
        case .start: pass.start(at: clock.now())
        case .link(let link, let event): pass.handle(event, on: link, at: clock.now())
        case .time: pass.advance(to: clock.now())
        }
    }

    private func perform(_ actions: [(LinkName, LinkAction)]) {
        epoch.publish(pass.epoch)
        for (link, action) in actions { links?.perform(action, on: link) }
    }
}
