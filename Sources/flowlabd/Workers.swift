import Archive
import ControlServer
import Experiments
import Platform
import Quantities
import Synchronization

/// Ends a worker's thread: set the flag, then wake its mailbox by any post.
final class StopFlag: Sendable {
    private let flag = Atomic<Bool>(false)
    func raise() { flag.store(true, ordering: .releasing) }
    var isRaised: Bool { flag.load(ordering: .acquiring) }
}

/// The analysis thread: features and fits, however long they take.
enum AnalysisWorker {
    static func run(_ posts: Posts, _ clock: BenchClockSource, _ stop: StopFlag) {
        while !stop.isRaised {
            guard posts.toAnalysis.wait(timeout: Daemon.workerPatience) else { continue }
            posts.toAnalysis.drain(max: 4) { request in
                deliver(Analyzer.analyse(request, at: clock.now()), posts, stop)
            }
        }
    }

    private static func deliver(_ reply: AnalysisReply, _ posts: Posts, _ stop: StopFlag) {
        while posts.toLoop.post(.analysed(reply)) == .full, !stop.isRaised { yieldThread() }
    }
}

/// The reading thread: what clients ask of the archive, which may hang as long as its disk does.
enum ReadingWorker {
    static func run(_ reader: ArchiveReader, _ posts: Posts, _ stop: StopFlag) {
        while !stop.isRaised {
            guard posts.toReader.wait(timeout: Daemon.workerPatience) else { continue }
            posts.toReader.drain(max: 4) { deliver($0.answered(by: reader), posts, stop) }
        }
    }

    private static func deliver(_ answer: ReadAnswer, _ posts: Posts, _ stop: StopFlag) {
        while posts.toAPI.post(.read(answer)) == .full, !stop.isRaised { yieldThread() }
    }
}

/// The archive thread: it alone writes the database. What it cannot write it keeps and tries again; nothing is dropped.
struct ArchiveWorker {
    /// How long it leaves the mailbox alone while it cannot write.
    static let failingPause = WireDuration.milliseconds(200)

    let posts: Posts
    let clock: BenchClockSource
    let stop: StopFlag
    let log: Log
    private var keeper: ArchiveKeeper
    private var isFailing = false
    private var pacing = CommitPacing()

    init(archive: Archive, posts: Posts, clock: BenchClockSource, stop: StopFlag, log: Log) {
        keeper = ArchiveKeeper(archive: archive)
        self.posts = posts
        self.clock = clock
        self.stop = stop
        self.log = log
    }

    mutating func run() {
        while true {
            wait()
            // Before the mailbox is emptied: what was posted before the flag was raised is written.
            let isLast = stop.isRaised
            var batches = posts.toArchive.drain(max: posts.toArchive.capacity)
            gather(&batches)
            let start = wireNow()
            report(keeper.work(batches, at: clock.now(), isLast: isLast))
            if !batches.isEmpty { pacing.committed(from: start, to: wireNow()) }
            if isLast { return end() }
            if batches.isEmpty { report(keeper.rest(at: clock.now())) }
        }
    }

    private func wait() {
        if keeper.isFailing { return pauseThread(Self.failingPause) }
        let patience = min(max(keeper.deadline - wireNow(), .zero), Daemon.workerPatience)
        _ = posts.toArchive.wait(timeout: patience)
    }

    /// More readings may come before these are committed. Looked at now and then, so that each does not wake the thread.
    private func gather(_ batches: inout [ArchiveBatch]) {
        while !batches.isEmpty, !stop.isRaised, pacing.patience(with: batches, at: wireNow()) > .zero {
            pauseThread(CommitPacing.look)
            batches += posts.toArchive.drain(max: posts.toArchive.capacity)
        }
    }

    private mutating func report(_ reports: [ArchiveKeeper.Report]) {
        for report in reports {
            switch report {
            case .committed(let batch):
                note(failure: nil)
                tell(.archived(batch: batch))
            case .failed(let text):
                note(failure: text)
                tell(.archiveFailed(text))
            case .full(let text):
                log.trouble("archive", text)
                tell(.shutdown(reason: text))
            case .upkeepFailed(let text):
                log.write(.warning, "archive", "old samples could not be drawn together: \(text)")
            }
        }
    }

    /// Once when it begins and once when it is over; the journal lives on another disk, it is hoped.
    private mutating func note(failure: String?) {
        guard isFailing != (failure != nil) else { return }
        isFailing = failure != nil
        if let failure { log.trouble("archive", "cannot write, and tries again: \(failure)") }
        if failure == nil { log.write(.info, "archive", "writes again") }
    }

    /// What was not written was never shown as done to anybody; still it must not go without a word.
    private func end() {
        guard !keeper.backlog.isEmpty else { return }
        log.trouble("archive", "ended without having written: \(keeper.backlog.summary)")
    }

    private func tell(_ input: ControllerInput) {
        while posts.toLoop.post(input) == .full, !stop.isRaised { yieldThread() }
    }
}
