import ControlAPI
import ControlServer
import Experiments
import Quantities
import Wire

/// The server with the whole pure daemon behind it, and some clients before it, of whom each may do its worst.
///
/// Every complete line with an id gets exactly one reply, replies are JSON within the limit, and `safe_state.trigger` is
/// asked for whatever surrounds it.
final class ServerBench {
    struct Client {
        var input: [UInt8] = []
        var expected: [JSONValue] = []
        var judge = ReplyJudge()
        var output: [UInt8] = []
        var isSubscriber = false
        /// Does not take what it is sent.
        var isDeaf = false
        var untaken = 0
        var isHalfClosed = false
        /// The server has let it go.
        var isClosed = false
    }

    static let roles: [Role] = [.technician, .optimizer, .observer, .none]

    private let daemon = DaemonBehind()
    private let server: ControlServer
    private(set) var clients: [UInt64: Client] = [:]
    private var places: [UInt64]
    private var nextClient: UInt64 = 5
    private var current = 0
    private var expectedTriggers = 0
    private var seenTriggers = 0
    /// What the control loop was asked and has not looked at yet.
    private var posts: [(RequestToken, ControlRequest, Caller)] = []
    private var isLoopBusy = false
    /// What the store was asked while its disk hangs.
    private var questions: [ReadRequest] = []
    private var isDiskStuck = false

    init() throws(BrokenPromise) {
        let daemon = daemon
        server = ControlServer(
            identity: ServerIdentity(bench: "fuzz", isSimulated: true, stream: "stream", started: daemon.now),
            published: { daemon.published }, figures: { BenchFigures(at: daemon.now) })
        places = (1...UInt64(Self.roles.count)).map { $0 }
        for place in places.indices { try connect(place) }
    }

    // MARK: What a script can do

    func send(_ bytes: [UInt8]) throws(BrokenPromise) {
        let id = places[current]
        guard let client = clients[id], !client.isClosed, !client.isHalfClosed, !bytes.isEmpty else { return }
        if !server.acceptsInput(ConnectionID(number: id)) { takeOutput(of: id) }
        clients[id]?.input += bytes
        while let end = clients[id]?.input.firstIndex(of: 0x0a) {
            expect(Array(clients[id]?.input[..<end] ?? []), from: id)
            clients[id]?.input.removeFirst(end + 1)
        }
        try perform(server.receive(ConnectionID(number: id), bytes, at: daemon.now))
    }

    func select(_ place: Int) { current = place }

    func halfClose() throws(BrokenPromise) {
        let id = places[current]
        guard let client = clients[id], !client.isClosed, !client.isHalfClosed else { return }
        clients[id]?.isHalfClosed = true
        expect(client.input, from: id)
        clients[id]?.input = []
        try perform(server.halfClosed(ConnectionID(number: id), at: daemon.now))
    }

    /// Goes without a word; another one takes the place.
    func replaceClient() throws(BrokenPromise) {
        server.disconnected(ConnectionID(number: places[current]))
        clients[places[current]] = nil
        places[current] = nextClient
        nextClient += 1
        try connect(current)
    }

    func toggleDeaf() {
        let id = places[current]
        clients[id]?.isDeaf.toggle()
        if clients[id]?.isDeaf == false { takeOutput(of: id) }
    }

    func toggleLoop() throws(BrokenPromise) {
        isLoopBusy.toggle()
        try workOff()
    }

    func toggleArchive() throws(BrokenPromise) {
        daemon.isArchiveSlow.toggle()
        try perform(daemon.archive())
    }

    func toggleDisk() throws(BrokenPromise) {
        isDiskStuck.toggle()
        try workOff()
    }

    func wait(_ seconds: Double) throws(BrokenPromise) {
        try perform(daemon.wait(.seconds(seconds)))
        try perform(server.advance(to: daemon.now))
    }

    /// All is quiet: every wait ends, and the accounts must close.
    func end() throws(BrokenPromise) {
        isLoopBusy = false
        isDiskStuck = false
        daemon.isArchiveSlow = false
        try workOff()
        try perform(daemon.archive())
        for id in clients.keys.sorted() {
            clients[id]?.isDeaf = false
            takeOutput(of: id)
        }
        try wait(APILimits.waitSeconds + 1)
        try promise(
            seenTriggers == expectedTriggers, "\(expectedTriggers) triggers of the safe state, \(seenTriggers) posted")
        for (id, client) in clients.sorted(by: { $0.key < $1.key }) where !client.isClosed || client.isHalfClosed {
            let (expected, found) = (counted(client.expected), counted(client.judge.ids))
            try promise(expected == found, "client \(id): replies \(found), expected \(expected)")
        }
    }

    // MARK: Clients

    private func connect(_ place: Int) throws(BrokenPromise) {
        let id = places[place]
        clients[id] = Client()
        let caller = Caller(uid: 1000 + UInt32(place), pid: 1, role: Self.roles[place])
        try perform(server.connect(ConnectionID(number: id), caller))
    }

    private func expect(_ line: [UInt8], from id: UInt64) {
        let oracle = RequestOracle(line: line)
        clients[id]?.expected += oracle.replies
        expectedTriggers += oracle.triggers
        if oracle.asksForEvents { clients[id]?.isSubscriber = true }
    }

    private func takeOutput(of id: UInt64) {
        guard let count = clients[id]?.untaken else { return }
        clients[id]?.untaken = 0
        server.written(ConnectionID(number: id), bytes: count)
    }

    private func counted(_ ids: [JSONValue]) -> [String: Int] {
        Dictionary(ids.map { ($0.jsonText, 1) }, uniquingKeysWith: +)
    }

    // MARK: Effects

    private func perform(_ effects: [ServerEffect]) throws(BrokenPromise) {
        for effect in effects {
            switch effect {
            case .send(let id, let bytes): try take(bytes, for: id.number)
            case .close(let id):
                guard let client = clients[id.number] else { continue }
                try promise(client.isDeaf || client.isHalfClosed, "a client that behaves is closed")
                clients[id.number]?.isClosed = true
            case .post(let token, let request, let caller):
                if case .triggerSafeState = request { seenTriggers += 1 }
                posts.append((token, request, caller))
            case .attends: continue
            case .read(let request): questions.append(request)
            }
        }
        try workOff()
    }

    private func take(_ bytes: [UInt8], for id: UInt64) throws(BrokenPromise) {
        guard var client = clients[id] else { throw BrokenPromise(description: "bytes for a client that is gone") }
        try promise(!client.isClosed, "bytes for a client that was closed")
        try promise(bytes.last == 0x0a, "a line without its end")
        for line in bytes.split(separator: 0x0a) {
            try client.judge.take(line: Array(line), isSubscriber: client.isSubscriber)
        }
        client.untaken += bytes.count
        clients[id] = client
        if !client.isDeaf { takeOutput(of: id) }
    }

    private func workOff() throws(BrokenPromise) {
        while !isLoopBusy, !posts.isEmpty {
            let (token, request, caller) = posts.removeFirst()
            try perform(daemon.ask(token, request, caller))
        }
        while !isDiskStuck, !questions.isEmpty {
            let question = questions.removeFirst()
            try perform(server.deliver(read: question.answered(by: daemon.store), at: daemon.now))
        }
        if server.hasWork { try perform(server.work(at: daemon.now)) }
    }

    private func perform(_ answers: [DaemonBehind.Answer]) throws(BrokenPromise) {
        for answer in answers {
            switch answer {
            case .reply(let token, let reply):
                try perform(server.deliver(reply: reply, for: token, at: daemon.now))
            case .event(let event): try perform(server.deliver(events: [event]))
            case .readings(let first, let readings):
                try perform(server.deliver(readings: readings, firstSequence: first))
            }
        }
    }
}
