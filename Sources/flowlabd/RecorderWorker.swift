import Experiments
import Platform
import Quantities
import Recording
import RecordingFiles

/// The recorder's thread: it alone writes the ring. Where the disk takes nothing it tells so and tries again; the bench
/// goes on.
struct RecorderWorker {
    /// How long a disk that took nothing is left alone.
    static let pause = WireDuration.seconds(1)

    private let ring: SegmentRing
    private let posts: Posts
    private let board: RecorderBoard
    private let clock: BenchClockSource
    private let stop: StopFlag
    private let log: Log
    private var view: RecorderView
    /// The number of the next record, if none is lost.
    private var next: UInt64 = 1
    /// Since when the disk takes nothing, and what was lost meanwhile.
    private var failing: (tryAt: WireInstant, first: UInt64, lost: UInt64)?

    init(
        _ ring: SegmentRing, limitBytes: Int, _ posts: Posts, _ board: RecorderBoard, _ clock: BenchClockSource,
        _ stop: StopFlag, _ log: Log
    ) {
        self.ring = ring
        self.posts = posts
        self.board = board
        self.clock = clock
        self.stop = stop
        self.log = log
        view = RecorderView(
            isOn: true, limitBytes: limitBytes, bytes: ring.bytes, ring: ring.place.ring, directory: ring.place.kept,
            kept: ring.kept)
        board.publish(view)
    }

    /// The recorder's thread. As long as there is no place for the ring, it looks for one.
    static func run(
        _ place: RecorderPlace, _ limitBytes: Int, _ head: SegmentHead, _ posts: Posts, _ board: RecorderBoard,
        _ clock: BenchClockSource, _ stop: StopFlag, _ log: Log
    ) {
        var trouble: String?
        while !stop.isRaised {
            do throws(PlatformError) {
                let ring = try SegmentRing(place: place, limitBytes: limitBytes, head: head)
                if trouble != nil {
                    // The start of this run was among what is lost.
                    ring.missed()
                    _ = posts.toLoop.post(.recorder(trouble: nil))
                }
                var worker = RecorderWorker(ring, limitBytes: limitBytes, posts, board, clock, stop, log)
                return worker.run()
            } catch {
                if trouble == nil {
                    log.trouble("recorder", "nothing is recorded: \(error.description)")
                    _ = posts.toLoop.post(.recorder(trouble: error.description))
                }
                trouble = error.description
                board.publish(RecorderView(isOn: true, trouble: trouble, limitBytes: limitBytes))
                _ = posts.toRecorder.drain(max: posts.toRecorder.capacity)
                pauseThread(Self.pause)
            }
        }
    }

    mutating func run() {
        while true {
            _ = posts.toRecorder.wait(timeout: Daemon.workerPatience)
            // Before the mailbox is emptied: what was posted before the flag was raised is written.
            let isLast = stop.isRaised
            let messages = posts.toRecorder.drain(max: posts.toRecorder.capacity)
            for message in messages { take(message) }
            if !messages.isEmpty { publish() }
            if isLast { return ring.close() }
        }
    }

    private mutating func publish() {
        view.bytes = ring.bytes
        view.kept = ring.kept
        board.publish(view)
    }

    private mutating func take(_ message: RecorderMessage) {
        switch message {
        case .begin(let start): ring.begin(start)
        case .frame(let frame):
            // What is missing between two frames the loop had to drop.
            view.lost += frame.first > next ? frame.first - next : 0
            next = frame.first + frame.records
            write(frame)
        case .keep(let wish): keep(wish)
        }
    }

    private mutating func write(_ frame: RecordFrame) {
        if let failing, clock.now().wire < failing.tryAt { return lose(frame) }
        do throws(PlatformError) {
            if let failing {
                try ring.write(
                    .gap(instead: failing.first, lost: failing.lost, why: "the disk took nothing", at: clock.now()))
            }
            try ring.write(frame)
            if failing != nil { wrote() }
        } catch {
            if failing == nil { failed(error.description) }
            lose(frame)
        }
    }

    private mutating func lose(_ frame: RecordFrame) {
        let first = failing?.first ?? frame.first
        let isTry = failing.map { clock.now().wire >= $0.tryAt } ?? true
        let tryAt = isTry ? clock.now().wire + Self.pause : failing?.tryAt ?? .zero
        failing = (tryAt, first, (failing?.lost ?? 0) + frame.records)
        view.lost += frame.records
    }

    private mutating func failed(_ why: String) {
        ring.missed()
        log.trouble("recorder", "cannot write, and tries again; the bench goes on unrecorded: \(why)")
        view.trouble = why
        tell(why)
    }

    private mutating func wrote() {
        log.write(.info, "recorder", "writes again; \(failing?.lost ?? 0) records are missing")
        failing = nil
        view.trouble = nil
        tell(nil)
    }

    private mutating func keep(_ wish: RecordingWish) {
        do throws(PlatformError) {
            let (kept, dropped) = try ring.keep(wish)
            log.write(
                .info, "recorder", "\(wish.name): kept \(kept.segments) segments, \(kept.bytes) bytes: \(wish.reason)")
            for name in dropped { log.write(.notice, "recorder", "\(name) was dropped: there were too many") }
        } catch {
            log.trouble("recorder", "\(wish.name) could not be kept: \(error.description)")
        }
    }

    private func tell(_ trouble: String?) {
        while posts.toLoop.post(.recorder(trouble: trouble)) == .full, !stop.isRaised { yieldThread() }
    }
}
