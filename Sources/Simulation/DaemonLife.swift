import Experiments
import Interlocks
import Quantities
import VirtualBench

/// What only a test can do: break the bench, look at the snapshot, kill the daemon and start another one.
extension SimulatedLab {
    public var isDaemonRunning: Bool { controller != nil }

    /// What API readers would see now; nil while no daemon runs.
    public mutating func snapshot() -> BenchSnapshot? { controller?.snapshot(at: now) }

    /// How the daemon itself is doing; nil while none runs.
    public func figures() -> BenchFigures? { controller?.figures(at: now) }

    /// Makes something go wrong on the bench at this moment.
    public mutating func apply(_ fault: FaultCommand) throws(FaultError) {
        _ = try bench.apply(fault, at: now)
    }

    /// `kill -9`: the daemon is gone at this instant, and the bench goes on alone. Its links hang up, what was under way
    /// to it is lost.
    /// - Parameter losingUncommitted: whether the batches on their way to the disk are lost as well. Either may happen.
    public mutating func kill(losingUncommitted: Bool = true) {
        if !losingUncommitted { commit(upTo: .max) }
        uncommitted = []
        agenda = Agenda()
        busFreeAt = [:]
        controller = nil
        for link in openLinks.sorted() { bench.disconnect(link) }
        openLinks = []
    }

    /// Somebody, or a time server, sets the host's clock. Bench and wire clocks go on as before.
    public mutating func jumpWallClock(by span: WireDuration) {
        wallOffset = .init(nanoseconds: wallOffset.nanoseconds + span.nanoseconds)
        moveClock(to: now.wire)
    }

    static let fullDisk = ControllerInput.archiveFailed("database or disk is full")

    /// From now on nothing can be written; the daemon learns of it with its next batch, or at once.
    public mutating func fillDisk() {
        isDiskFull = true
        agenda.add(Self.fullDisk, at: now.wire + Self.commitTime)
    }

    /// There is room again: what was kept back is written.
    public mutating func makeRoomOnDisk() {
        isDiskFull = false
        guard let last = uncommitted.last else { return }
        agenda.add(.archived(batch: last.id), at: now.wire + Self.commitTime)
    }

    /// Starts a daemon on the same bench with what the archive has kept. One that still runs is killed first.
    /// - Parameter changed: the bench as its changed file has it; nil: the same as before.
    public mutating func restart(with changed: BenchDefinition? = nil) {
        if isDaemonRunning { kill() }
        if let changed { definition = changed }
        isShutDown = false
        archive.startDaemon()
        watch.startDaemon()
        startDaemon(archive.restored)
    }

    mutating func startDaemon(_ restored: RestoredState) {
        var fresh = BenchController(definition, restored: restored, at: now)
        let effects = fresh.start(restored, at: now)
        controller = fresh
        watchSteps(.started(restored, effects, at: now))
        perform(effects)
    }

    /// The daemon has said that it may end: what the archive was given it still writes.
    mutating func endOrderly() {
        kill(losingUncommitted: false)
        isShutDown = true
    }

    mutating func commit(upTo batch: UInt64) {
        while let first = uncommitted.first, first.id <= batch {
            archive.commit(first)
            uncommitted.removeFirst()
        }
    }
}
