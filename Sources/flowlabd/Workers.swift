import Archive
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

/// The archive thread: it alone writes the database. What it cannot write it keeps and tries again; nothing is dropped.
struct ArchiveWorker {
    /// Batches that one transaction takes.
    static let groupLimit = 256
    static let retryAfter = WireDuration.milliseconds(1000)

    let archive: Archive
    let posts: Posts
    let stop: StopFlag
    let log: Log
    private var isFailing = false
    private var waiting: [ArchiveBatch] = []

    init(archive: Archive, posts: Posts, stop: StopFlag, log: Log) {
        self.log = log
        self.archive = archive
        self.posts = posts
        self.stop = stop
    }

    mutating func run() {
        while true {
            if waiting.isEmpty { _ = posts.toArchive.wait(timeout: Daemon.workerPatience) }
            waiting += posts.toArchive.drain(max: Self.groupLimit)
            if waiting.isEmpty, stop.isRaised { return }
            guard let last = waiting.last else { continue }
            do throws(ArchiveError) {
                try archive.commit(waiting)
                waiting = []
                note(failure: nil)
                tell(.archived(batch: last.id))
            } catch {
                note(failure: "\(error)")
                tell(.archiveFailed("\(error)"))
                if stop.isRaised { return }
                pauseThread(Self.retryAfter)
            }
        }
    }

    /// Once when it begins and once when it is over; the journal lives on another disk, it is hoped.
    private mutating func note(failure: String?) {
        guard isFailing != (failure != nil) else { return }
        isFailing = failure != nil
        if let failure { log.write(.error, "archive", "cannot write, and tries again: \(failure)") }
        if failure == nil { log.write(.info, "archive", "writes again") }
    }

    private func tell(_ input: ControllerInput) {
        while posts.toLoop.post(input) == .full, !stop.isRaised { yieldThread() }
    }
}
