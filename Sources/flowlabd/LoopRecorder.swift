import Configuration
import DeviceModel
import Experiments
import Platform
import Quantities
import Recording
import Synchronization

/// What the recorder's thread is told.
enum RecorderMessage: Sendable {
    /// What the daemon starts from; the first of all.
    case begin(RunStart)
    case frame(RecordFrame)
    case keep(RecordingWish)
}

/// The recorder as readers see it, for any thread.
final class RecorderBoard: Sendable {
    private let latest: Mutex<RecorderView>

    init(_ view: RecorderView) { latest = Mutex(view) }

    func publish(_ view: RecorderView) { latest.withLock { $0 = view } }

    var current: RecorderView { latest.withLock { $0 } }
}

/// The flight recorder's end on the control loop: steps go into a buffer, and the buffer to the recorder's thread. It never
/// waits: where the thread does not follow, a gap is recorded instead.
final class LoopRecorder {
    /// A buffer that is so full goes to the thread at once.
    static let fullBytes = 48 * 1024
    private static let capacity = 64 * 1024
    /// One that is so old goes with the next step or tick: after a kill no more is missing than this and a tick.
    static let patience = WireDuration.milliseconds(200)

    private let mailbox: Mailbox<RecorderMessage>
    private var encoder: RecordEncoder
    private var lost: UInt64 = 0
    /// Wishes that the mailbox had no room for.
    private var wishes: [RecordingWish] = []

    init(links: [LinkName], _ mailbox: Mailbox<RecorderMessage>) {
        self.mailbox = mailbox
        encoder = RecordEncoder(links: links, capacity: Self.capacity)
    }

    func began(_ start: RunStart, _ effects: [ControllerEffect]) {
        _ = mailbox.post(.begin(start))
        encoder.start(effects, at: start.started)
    }

    func step(_ input: ControllerInput, _ effects: [ControllerEffect], at now: Moment) {
        encoder.step(input, effects, at: now)
        for case .keepRecording(let wish) in effects { wishes.append(wish) }
        let isOld = encoder.began.map { now.wire - $0 >= Self.patience } ?? false
        if isOld || encoder.count >= Self.fullBytes || !wishes.isEmpty { handOver(at: now) }
    }

    /// Also what is not old yet: the daemon ends.
    func handOver(at now: Moment) {
        if let frame = encoder.take(), mailbox.post(.frame(frame)) == .full {
            lost += frame.records
            encoder.gap(lost: lost, "the recorder's thread was behind", at: now)
        } else {
            lost = 0
        }
        while let wish = wishes.first, mailbox.post(.keep(wish)) == .accepted { wishes.removeFirst() }
    }
}
