import Archive
import ControlCore
import ControlServer
import DeviceModel
import Drivers
import Experiments
import Interlocks
import Quantities
import Simulation
import VirtualBench

/// The daemon's lives, what goes wrong, and the end.
extension Trial {
    func startDaemon() {
        guard daemon == nil, !isOver else { return }
        lives += 1
        do throws(ArchiveError) {
            let (fresh, effects) = try SimulatedDaemon.start(
                definition, life: lives, on: disk, stream: "stream-\(lives)", at: now)
            daemon = fresh
            log.note("daemon \(lives) starts", at: now)
            judge.daemonStarted(fresh.controller.watched(), at: now)
            perform(effects)
        } catch {
            log.note("daemon \(lives) cannot start: \(error)", at: now)
            judge.couldNotStart("\(error)", isTroubled: disk.isBroken || disk.isFull, at: now)
            queue.add(.startDaemon, at: now.wire + Self.restartAfter)
        }
    }

    func bury(losesPower: Bool, awayFor: WireDuration) {
        guard daemon != nil else { return }
        disk.whileFrozen { daemon = nil }
        if losesPower { disk.cutPower(seed: seed &+ UInt64(lives)) }
        leaveBench(awayFor, losesPower ? .power : .kill)
    }

    func endOrderly() {
        guard let daemon else { return }
        _ = daemon.keeper.work(daemon.archiveMail, at: now, isLast: true)
        log.note("daemon \(lives) ends in order", at: now)
        self.daemon = nil
        leaveBench(stoppedFor ?? Self.restartAfter, .order)
        stoppedFor = nil
    }

    func leaveBench(_ away: WireDuration, _ end: GasWatch.End) {
        for link in wire.open.sorted() { bench.disconnect(link.text) }
        wire.hangUp()
        judge.daemonEnded(end, at: now)
        for client in clients { client.daemonIsGone(self) }
        queue.add(.startDaemon, at: now.wire + away)
    }

    // MARK: Adversity

    func waits(_ adversity: Adversity) -> Bool {
        adversity.waitsForGas && !judge.gas.isOpen && isTroubled && now.wire < adversity.at + Adversity.longestWait
    }

    func befall(_ adversity: Adversity) {
        log.note("! \(adversity)", at: now)
        switch adversity.kind {
        case .fault(let command):
            judge.faultBegins(command, at: now)
            _ = try? bench.apply(command, at: now)
        case .kill(let losesPower, let away): bury(losesPower: losesPower, awayFor: away)
        case .stop(let away):
            stoppedFor = away
            deliver(.shutdown(reason: "the daemon was asked to end"))
        case .diskFull(let span): whileDisk(\.isFull, for: span)
        case .diskBroken(let span): whileDisk(\.isBroken, for: span)
        case .diskHangs(let span): diskHangsUntil = max(diskHangsUntil, now.wire + span)
        case .slowAnalysis(let by, let span): analysisSlower = (by, now.wire + span)
        case .heldUp(let span):
            judge.heldUp(for: span.seconds, at: now)
            heldUntil = max(heldUntil, now.wire + span)
        case .clockJump(let by): wallOffset = .init(nanoseconds: wallOffset.nanoseconds + by.nanoseconds)
        case .safeStateTrigger:
            deliver(
                .request(
                    RequestToken(number: .max), .triggerSafeState(reason: "a trial"),
                    Caller(uid: 5, pid: 5, role: .none)))
        }
    }

    func whileDisk(_ what: ReferenceWritableKeyPath<SimulatedDisk, Bool>, for span: WireDuration) {
        disk[keyPath: what] = true
        diskTrouble.append((now.wire + span, what))
    }

    /// Once a second.
    func lookAround() {
        for trouble in diskTrouble where trouble.end <= now.wire { disk[keyPath: trouble.what] = false }
        diskTrouble.removeAll { $0.end <= now.wire }
        guard let daemon else { return }
        daemon.sendBatches()
        switch daemon.toArchive.trouble(at: now.wire) {
        case .stalled(let text): deliver(.archiveFailed(text))
        case .full(let text): deliver(.shutdown(reason: text))
        case nil: break
        }
        guard let daemon = self.daemon else { return }
        judge.tick(daemon, queue, at: now)
        for client in clients { client.judge(self) }
    }

    /// Things still go wrong.
    var isTroubled: Bool { now.wire < end - WireDuration.seconds(Self.calm) }

    /// Somebody fills this syringe.
    func refill(_ device: String) {
        judge.refilled(device)
        _ = try? bench.apply(FaultCommand(device: device, fault: Fault.refill.rawValue), at: now)
    }

    // MARK: The end

    /// All faults are over for a quarter of an hour: what the bench and the archive must look like then.
    func finish() {
        for client in clients { client.judge(self) }
        judge.finish(daemon, bench, clients, at: now)
    }

    /// What came of a trial.
    public struct Outcome: Sendable {
        public let seed: UInt64
        public let violations: [String]
        public let benchSeconds: Double
        public let digest: UInt64
        public let lives: Int
        public let adversities: [String]
        public let log: [String]
        public let figures: [String: Int]
        /// Gas valves that were open when the host died, hung or lost a cable, and bench seconds until the last of them was
        /// closed.
        public let gasLeft: Int
        public let gasSeconds: Double
    }

    var outcome: Outcome {
        var digest = digest
        for client in clients { digest.add("\(client.digest)") }
        return Outcome(
            seed: seed, violations: judge.violations, benchSeconds: now.bench.seconds, digest: digest.value,
            lives: lives,
            adversities: adversities.indices.filter { isActive[$0] }.map {
                "\((adversities[$0].at - WireInstant.zero).seconds) \(adversities[$0])"
            },
            log: log.last, figures: judge.figures, gasLeft: judge.gas.leftByTheHost, gasSeconds: judge.gas.longest)
    }
}
