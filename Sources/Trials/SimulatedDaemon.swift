import Archive
import ControlCore
import ControlServer
import DeviceModel
import Experiments
import Interlocks
import Quantities

/// One life of the daemon: all that `flowlabd` runs on its threads, and its mailboxes, without the threads.
///
/// What happens on another thread happens here some time later; how much later the trial says.
final class SimulatedDaemon {
    static let database = "archive.sqlite"
    /// As in the daemon.
    static let analysisMailbox = 16
    static let archiveMailbox = 4096
    static let messagesPerTurn = 512

    /// Which life it is; what was under way for an earlier one is nobody's.
    let life: Int
    var controller: BenchController
    /// The last trip epoch that the loop has published.
    var epoch = TripEpoch(count: 1)
    let server: ControlServer
    let reader: ArchiveReader
    var keeper: ArchiveKeeper

    /// The loop's side of the archive, and the archive's mailbox.
    var toArchive = ArchiveQueue()
    var archiveMail: [ArchiveBatch] = []
    var archiveTurnIsDue = false
    var apiMail: [APIMessage] = []
    var apiTurnAt: WireInstant?
    /// When turns are under way, wanted or not any more.
    var apiTurns: Set<WireInstant> = []
    var analysing = 0
    /// What the control loop has still to be told of clients.
    var news: [ControllerInput] = []
    var isShutDown = false

    enum APIMessage {
        case reply(RequestToken, ControlReply)
        case read(ReadAnswer)
        case event(BenchEvent)
        case readings(UInt64, [DeviceModel.Reading])
    }

    /// - Throws: when the archive cannot be opened, as on a full disk.
    static func start(
        _ definition: BenchDefinition, life: Int, on disk: SimulatedDisk, stream: String, at now: Moment
    ) throws(ArchiveError) -> (SimulatedDaemon, [ControllerEffect]) {
        let archive = try Archive(path: database, fileSystem: disk.name)
        let reader = try ArchiveReader(path: database, fileSystem: disk.name)
        let restored = try archive.restore()
        var controller = BenchController(definition, restored: restored, at: now)
        let effects = controller.start(restored, at: now)
        let daemon = SimulatedDaemon(life, controller, reader, ArchiveKeeper(archive: archive), definition, stream, now)
        return (daemon, effects)
    }

    private init(
        _ life: Int, _ controller: BenchController, _ reader: ArchiveReader, _ keeper: ArchiveKeeper,
        _ definition: BenchDefinition, _ stream: String, _ now: Moment
    ) {
        self.life = life
        self.controller = controller
        self.reader = reader
        self.keeper = keeper
        let board = SnapshotBoard(now)
        server = ControlServer(
            identity: ServerIdentity(
                bench: definition.name, isSimulated: definition.isSimulated, stream: stream, started: now),
            published: { board.published }, figures: { BenchFigures(at: board.now) })
        self.board = board
        board.daemon = self
    }

    private let board: SnapshotBoard

    /// Shows the bench as it is when somebody looks.
    private final class SnapshotBoard {
        weak var daemon: SimulatedDaemon?
        var now: Moment
        private var last: PublishedSnapshot?
        init(_ now: Moment) { self.now = now }

        var published: PublishedSnapshot {
            if let last, last.bench.at == now { return last }
            guard let bench = daemon?.controller.snapshot(at: now) else {
                preconditionFailure("a server outlives nobody")
            }
            let fresh = PublishedSnapshot(bench)
            last = fresh
            return fresh
        }
    }

    /// Before anything of this moment is done.
    func isNow(_ now: Moment) { board.now = now }

    /// What is due by time alone.
    var deadline: WireInstant? {
        let (bench, wire) = controller.deadlines
        guard let bench else { return wire }
        let instant = WireInstant(nanoseconds: bench.nanoseconds)
        return wire.map { min($0, instant) } ?? instant
    }

    /// As many as the mailbox takes, in their order.
    func sendBatches() {
        while let first = toArchive.first, archiveMail.count < Self.archiveMailbox {
            archiveMail.append(first)
            toArchive.posted()
        }
    }
}
