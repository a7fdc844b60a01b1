import Archive
import Configuration
import ControlServer
import DeviceModel
import Experiments
import Glibc
import Journal
import Platform
import Quantities
import Recording
import RecordingFiles

/// The composition root: makes the threads, the mailboxes and the files of one bench, and runs until asked to end.
final class Daemon {
    /// `SCHED_FIFO` priorities where the host permits them; the buses stand below the loop.
    static let loopPriority: Int32 = 60
    static let busPriority: Int32 = 50
    /// What the socket unit calls the control socket.
    static let socketName = "control"
    /// How long a worker sleeps at most before it looks at its stop flag.
    static let workerPatience = WireDuration.milliseconds(200)

    private let bench: BenchFile
    private let log: Log
    private let clock: BenchClockSource
    private let posts: Posts
    private let places: Places
    private let options: Options
    private let settings: Settings
    private let door: Door
    private let lock: BenchLock
    /// nil where somebody holds the name who cannot keep a service from its bench: any user of the host can.
    private let nameLock: HostLock?
    private let archive: Archive
    private let reader: ArchiveReader
    private let stop = StopFlag()

    init(_ bench: BenchFile, _ options: Options, _ log: Log) throws {
        self.bench = bench
        self.log = log
        self.options = options
        settings = Settings(bench, log)
        clock = try BenchClockSource(clockRate: bench.clockRate)
        posts = try Posts()
        places = Places(bench, options)
        try places.make()
        door = try Self.openSocket(places)
        lock = try BenchLock(path: places.lock)
        // Simulated benches of one name may run side by side where their directories lie apart: several people's tests.
        nameLock = try Self.takeName(bench, places, isService: door.isPassed, log)
        archive = try Archive(path: places.database)
        reader = try ArchiveReader(path: places.database)
        keepBenchFile()
    }

    /// The service manager runs one daemon a bench, and the lock in its state directory is nobody else's to take; ports have
    /// locks of their own.
    private static func takeName(
        _ bench: BenchFile, _ places: Places, isService: Bool, _ log: Log
    ) throws(PlatformError) -> HostLock? {
        do throws(PlatformError) {
            return try .bench(bench.definition.name, in: bench.definition.isSimulated ? places.above : nil)
        } catch {
            guard isService, case .inUse = error else { throw error }
            log.trouble("daemon", "going on without the name of the bench, which is taken: \(error.description)")
            return nil
        }
    }

    /// For the pass to the safe state after a death.
    private func keepBenchFile() {
        guard let source = bench.source else { return }
        do throws(PlatformError) {
            try KeptBench(state: places.state).keep(source)
        } catch {
            log.trouble("daemon", "what the bench file says is not kept for --safe-state: \(error.description)")
        }
    }

    func run() throws -> Int32 {
        let memory = lockMemory()
        let restored = try archive.restore()
        let loop = try EventLoop()
        let workers = try startWorkers()
        // Not waited for at the end: a program or a disk that hangs must not hold up the daemon.
        let helpers = try startHelpers()
        defer { withExtendedLifetime(helpers) {} }
        let board = RecorderBoard(RecorderView())
        let recording = try startRecorder(board)
        let recorder = recording.map { _ in LoopRecorder(links: bench.recordedLinks, posts.toRecorder) }
        let control = try ControlLoop(
            bench, restored: restored, clock: clock, posts: posts, loop: loop, settings: settings,
            recorder: recorder, log: log)
        let api = try startAPI(board)
        try listenToSignals(loop, control)
        let grant = WorkerThread.setCurrentPolicy(.realtimeFIFO(priority: Self.loopPriority))
        prefaultStack()
        sayReady(grant, memory)
        let code = try loop.run()
        ServiceNotifier.tell(.stopping)
        recorder?.handOver(at: clock.now())
        stop.raise()
        for worker in workers + [api] { worker.join() }
        recording?.join()
        log.write(JournalEntry(.info, "daemon", "ended", .ending, [.kind: "ended"]))
        return code
    }

    /// The control socket: the service manager's where it listens already, so that over a restart clients wait and are
    /// not refused; else one of its own, open to every local user, because anybody may ask for the safe state: the role
    /// of each is checked per call.
    private static func openSocket(_ places: Places) throws(PlatformError) -> Door {
        var passed = try PassedDescriptors()
        let socket = passed.take(named: socketName)
        guard passed.names.isEmpty else {
            throw .invalid(
                subject: "passed descriptors", value: passed.names.joined(separator: ", "),
                expected: "one of the name \(socketName) (FileDescriptorName=\(socketName) in the socket unit)")
        }
        if let socket { return Door(try UnixListener(adopting: socket), isPassed: true) }
        try places.makeRuntimeDirectory()
        return Door(try UnixListener(path: places.socket, mode: 0o666), isPassed: false)
    }

    private func listenToSignals(_ loop: EventLoop, _ control: ControlLoop) throws(PlatformError) {
        for signal in [SIGTERM, SIGINT] {
            try loop.addSignal(signal) { [posts] in
                ServiceNotifier.tell(.stopping)
                let text = "asked to end: an experiment that runs is interrupted, devices are stopped"
                _ = posts.toJournal.post(JournalEntry(.notice, "daemon", text, .ending, [.kind: "asked"]))
                control.step(.shutdown(reason: "the daemon was asked to end"))
            }
        }
        try loop.addSignal(SIGHUP) { [posts] in
            // Where so many wait already, one of them reads what is to be read.
            _ = posts.toReloader.post(.signal)
        }
    }

    private func startWorkers() throws(PlatformError) -> [WorkerThread] {
        let (posts, clock, stop, archive, reader, log) = (posts, clock, stop, archive, reader, log)
        let analysis = try WorkerThread(name: "analysis") { AnalysisWorker.run(posts, clock, stop) }
        let writer = try WorkerThread(name: "archive") {
            var worker = ArchiveWorker(archive: archive, posts: posts, clock: clock, stop: stop, log: log)
            worker.run()
        }
        let reading = try WorkerThread(name: "reading") { ReadingWorker.run(reader, posts, stop) }
        let journal = try WorkerThread(name: "journal") { JournalWorker.run(posts, stop, log) }
        return [analysis, writer, reading, journal]
    }

    /// nil where the bench file switches it off, or where there is no place for it: the bench goes on without.
    private func startRecorder(_ board: RecorderBoard) throws -> WorkerThread? {
        let limit = bench.definition.recorder.limitBytes
        guard limit > 0 else { return nil }
        let head = SegmentHead(
            daemon: BuildInfo.version, bench: bench.definition.name, simulated: bench.definition.isSimulated,
            clockRate: bench.clockRate, run: try randomUUID(), part: 0, links: bench.recordedLinks,
            started: clock.now())
        let place = RecorderPlace(state: places.state)
        let (posts, clock, stop, log) = (posts, clock, stop, log)
        return try WorkerThread(name: "recorder") {
            RecorderWorker.run(place, limit, head, posts, board, clock, stop, log)
        }
    }

    private func startHelpers() throws(PlatformError) -> [WorkerThread] {
        let notifier = Notifier(
            bench: bench.definition.name, settings: settings, posts: posts, stop: stop, log: log)
        let reloader = Reloader(bench, options, settings, posts, stop, log)
        return [
            try WorkerThread(name: "notifier") { notifier.run() },
            try WorkerThread(name: "reloader") { reloader.run() },
        ]
    }

    private func startAPI(_ board: RecorderBoard) throws -> WorkerThread {
        let identity = ServerIdentity(
            bench: bench.definition.name, isSimulated: bench.definition.isSimulated, stream: try randomUUID(),
            started: clock.now())
        let thread = APIThread(
            posts: posts, clock: clock, stop: stop, identity: identity, settings: settings, recorder: board,
            log: log)
        return try thread.start(door)
    }

    private func sayReady(_ grant: SchedulingGrant, _ memory: MemoryLock) {
        let socket = door.listener.path ?? places.socket
        let text = "bench \(bench.definition.name) serves \(socket); archive \(places.database)"
        log.write(JournalEntry(.info, "daemon", text, .ready, [.kind: "ready"]))
        if case .refused(let reason) = grant { log.write(.notice, "daemon", "no real-time priority: \(reason)") }
        if case .refused(let reason) = memory { log.write(.notice, "daemon", "memory is not locked: \(reason)") }
        ServiceNotifier.notify(.ready, .status("serving \(socket)"))
    }
}

/// Where this daemon keeps things.
struct Places {
    let database: String
    let lock: String
    let socket: String
    /// Where the state directory lies, once it is there.
    let above: String
    /// The same by its name alone.
    let directoryAbove: String
    let state: String

    init(_ bench: BenchFile, _ options: Options) {
        let name = bench.definition.name
        state = options.stateDirectory ?? bench.statePath ?? "/var/lib/flowlab/\(name)"
        socket = options.socket ?? bench.socketPath ?? "/run/flowlab/\(name)/control.sock"
        database = state + "/archive.sqlite"
        lock = state + "/lock"
        above = state + "/.."
        directoryAbove = parent(of: state)
    }

    /// Makes the state directory, if it is not there yet.
    func make() throws(PlatformError) { try makeDirectory(state, mode: 0o750) }

    /// Makes the directory of the socket, if it is not there yet.
    func makeRuntimeDirectory() throws(PlatformError) { try makeDirectory(parent(of: socket), mode: 0o755) }
}

private func parent(of path: String) -> String { String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) }

/// Makes a directory and its parents; one that exists is left as it is.
private func makeDirectory(_ path: String, mode: mode_t) throws(PlatformError) {
    var made = ""
    for part in path.split(separator: "/") {
        made += (made.isEmpty && !path.hasPrefix("/") ? "" : "/") + part
        guard mkdir(made, mode) != 0, errno != EEXIST else { continue }
        throw .system(
            operation: "create", subject: made, errno: errno, hint: "use --state and --socket, or run as a user who may"
        )
    }
}

extension BenchFile {
    /// In the order in which recordings number them.
    var recordedLinks: [LinkName] { links.keys.sorted() }
}
