import Archive
import Experiments
import Glibc
import Platform
import Quantities
import Synchronization

/// Readings at a steady rate into a new archive, through a mailbox and the keeper, as in the daemon: ten signals change in
/// each step, and each step is a batch.
final class ArchiveLoad: Sendable {
    static let signalsPerStep = 10

    private let perSecond: Double
    private let mailbox: Mailbox<ArchiveBatch>
    private let archive: Archive
    private let isOver = Atomic<Bool>(false)
    private let state = Mutex((cpu: 0.0, committed: UInt64(0), commits: 0, failure: ""))

    init(path: String, perSecond: Double) throws {
        self.perSecond = perSecond
        mailbox = try Mailbox(name: "to-archive", capacity: 4096, overflow: .refuse)
        archive = try Archive(path: path)
    }

    /// One JSON line: share of a core of the archive's thread in percent, readings a second, commits a second.
    func run(seconds: Double) throws -> String {
        let worker = try WorkerThread(name: "archive") { [self] in work() }
        let clock = try BenchClockSource(clockRate: 1)
        let steps = Int(perSecond / Double(Self.signalsPerStep) * seconds)
        let start = wireNow()
        for step in 1...max(1, steps) {
            let due = start + .seconds(Double(step) * Double(Self.signalsPerStep) / perSecond)
            let left = due - wireNow()
            if left > .zero { pause(left) }
            while mailbox.post(Self.batch(UInt64(step), at: clock.now())) == .full { pause(.milliseconds(1)) }
        }
        let elapsed = (wireNow() - start).seconds
        isOver.store(true, ordering: .releasing)
        worker.join()
        let (cpu, committed, commits, failure) = state.withLock { $0 }
        guard failure.isEmpty, committed == UInt64(steps) else {
            throw Trouble(text: "\(committed) committed; \(failure)")
        }
        let rate = Double(steps * Self.signalsPerStep) / elapsed
        return "{\"percent\":\(cpu / elapsed * 100),\"rate\":\(rate),\"commits\":\(Double(commits) / elapsed)}"
    }

    private static func batch(_ number: UInt64, at now: Moment) -> ArchiveBatch {
        let group = Int(number % 5)
        let writes = (0..<signalsPerStep).map { index in
            ArchiveWrite.reading(
                signal: "pump.p\(group)\(index).flow", value: Double(number) / 7, unit: "uL/min", quality: "good",
                at: now)
        }
        return ArchiveBatch(id: number, writes: writes)
    }

    private func work() {
        var keeper = ArchiveKeeper(archive: archive)
        var pacing = CommitPacing()
        let before = threadSeconds()
        guard let clock = try? BenchClockSource(clockRate: 1) else { return }
        while true {
            let isLast = isOver.load(ordering: .acquiring)
            if !isLast { _ = mailbox.wait(timeout: .milliseconds(200)) }
            var batches = mailbox.drain(max: mailbox.capacity)
            while !batches.isEmpty, !isLast, pacing.patience(with: batches, at: wireNow()) > .zero {
                pause(CommitPacing.look)
                batches += mailbox.drain(max: mailbox.capacity)
            }
            let start = wireNow()
            for report in keeper.work(batches, at: clock.now(), isLast: isLast) { note(report) }
            if !batches.isEmpty { pacing.committed(from: start, to: wireNow()) }
            if isLast { break }
        }
        state.withLock { $0.cpu = threadSeconds() - before }
    }

    private func note(_ report: ArchiveKeeper.Report) {
        state.withLock { state in
            switch report {
            case .committed(let batch): (state.committed, state.commits) = (batch, state.commits + 1)
            case .failed(let text), .full(let text), .upkeepFailed(let text): state.failure = text
            }
        }
    }
}

/// What clients ask of an archive, in a process of its own: the last hour of a signal, page by page, and one experiment.
struct ArchiveQuestions {
    private let reader: ArchiveReader
    private let newest: WallInstant

    /// - Parameter newest: the end of the last hour, as the archive was filled with.
    init(path: String, newest: WallInstant) throws {
        _ = try Archive(path: path)
        reader = try ArchiveReader(path: path)
        self.newest = newest
    }

    /// One JSON line: medians in us, and how many points and experiments were found.
    func run(rounds: Int) throws -> String {
        var history: [Double] = []
        var experiment: [Double] = []
        var (points, found) = (0, 0)
        for round in 0..<max(1, rounds) {
            history.append(try timed { points = try lastHour() })
            let name = "e-00000\(1 + round % 9)"
            experiment.append(try timed { found += try reader.experiment(name) == nil ? 0 : 1 })
        }
        return
            "{\"hour_us\":\(median(history)),\"points\":\(points),\"experiment_us\":\(median(experiment)),\"found\":\(found)}"
    }

    private func lastHour() throws -> Int {
        let page = try reader.history(
            of: "heater.temperature", from: newest - .seconds(3600), to: WallInstant(nanoseconds: .max), limit: 1000)
        return page.count
    }

    private func timed(_ body: () throws -> Void) throws -> Double {
        let start = wireNow()
        try body()
        return (wireNow() - start).seconds * 1e6
    }

    private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}
