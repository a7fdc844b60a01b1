import ControlAPI
import ControlServer
import DeviceModel
import Experiments
import Interlocks
import Journal
import ModbusLink
import Platform
import Quantities
import Synchronization

/// What the API thread is told. Boxed: there is room for many, of which few ever wait.
indirect enum APIMessage: Sendable {
    case reply(RequestToken, ControlReply)
    case read(ReadAnswer)
    case event(BenchEvent)
    case readings(UInt64, [Reading])
    /// Groups give other roles than before.
    case rolesChanged
}

/// The last snapshot, for any thread.
final class SnapshotBoard: Sendable {
    private let latest: Mutex<PublishedSnapshot?>

    init() { latest = Mutex(nil) }

    /// The one before is let go outside the lock.
    func publish(_ snapshot: BenchSnapshot) {
        let fresh = PublishedSnapshot(snapshot)
        _ = latest.withLock { latest in
            defer { latest = fresh }
            return latest
        }
    }

    var current: PublishedSnapshot? { latest.withLock { $0 } }
}

/// What is counted of the daemon, for any thread. The loop puts its part here now and then.
final class FiguresBoard: Sendable {
    private struct State {
        var figures: BenchFigures?
        var gauges: [any MailboxGauge] = []
    }

    private let state = Mutex(State())

    func publish(_ figures: BenchFigures) { state.withLock { $0.figures = figures } }

    func add(_ gauges: [any MailboxGauge]) { state.withLock { $0.gauges += gauges } }

    /// The mailboxes are as they are now.
    func current(at now: Moment) -> BenchFigures {
        let (published, gauges) = state.withLock { ($0.figures, $0.gauges) }
        var figures = published ?? BenchFigures(at: now)
        figures.mailboxes = gauges.map {
            MailboxFigures(
                name: $0.name, capacity: $0.capacity, waiting: $0.count, highWater: $0.highWater, refused: $0.dropped)
        }
        return figures
    }
}

/// Every mailbox of the daemon, with its capacity and its overflow rule.
struct Posts: Sendable {
    /// Requests, acknowledgements and analyses for the loop. Full: a request is refused as busy; the archive and the
    /// analysis thread wait and try again.
    let toLoop: Mailbox<ControllerInput>
    /// From the bus threads. Full: the event is lost and the driver's time-out deals with it.
    let busEvents: Mailbox<(LinkName, ModbusBusEvent)>
    /// To the API thread. Full: refused, and the subscriber sees the missing sequence numbers as a gap.
    let toAPI: Mailbox<APIMessage>
    /// To the archive. Full: the loop keeps the batch and tries again (`ArchiveQueue`), and ends the daemon in order when
    /// too many wait.
    let toArchive: Mailbox<ArchiveBatch>
    /// Questions for the reading thread. Full: a question is refused as busy.
    let toReader: Mailbox<ReadRequest>
    /// To the analysis thread. Full: the burst counts as not usable.
    let toAnalysis: Mailbox<AnalysisRequest>
    /// Alarms that call somebody. Full: the journal says whom nobody called.
    let toNotifier: Mailbox<AlarmChange>
    /// To the recorder. Full: the loop records a gap instead, and tells a wish to keep something again.
    let toRecorder: Mailbox<RecorderMessage>
    /// To the journal's thread. Full: the entry is lost, and the journal says how many were.
    let toJournal: Mailbox<JournalEntry>
    /// To the thread that reads the bench file anew. Full: refused as busy; so many reloads wait already.
    let toReloader: Mailbox<ReloadWish>
    let board: SnapshotBoard
    let figures: FiguresBoard

    init() throws(PlatformError) {
        toLoop = try Mailbox(name: "to-loop", capacity: 1024, overflow: .refuse)
        busEvents = try Mailbox(name: "bus-events", capacity: 1024, overflow: .refuse)
        toAPI = try Mailbox(name: "to-api", capacity: 16_384, overflow: .refuse)
        toArchive = try Mailbox(name: "to-archive", capacity: 4096, overflow: .refuse)
        toReader = try Mailbox(name: "to-reader", capacity: 1024, overflow: .refuse)
        toAnalysis = try Mailbox(name: "to-analysis", capacity: 16, overflow: .refuse)
        toNotifier = try Mailbox(name: "to-notifier", capacity: 64, overflow: .refuse)
        toRecorder = try Mailbox(name: "to-recorder", capacity: 256, overflow: .refuse)
        toJournal = try Mailbox(name: "to-journal", capacity: 2048, overflow: .refuse)
        toReloader = try Mailbox(name: "to-reloader", capacity: 8, overflow: .refuse)
        board = SnapshotBoard()
        figures = FiguresBoard()
        figures.add([
            toLoop, busEvents, toAPI, toArchive, toReader, toAnalysis, toNotifier, toRecorder, toJournal, toReloader,
        ])
    }
}
