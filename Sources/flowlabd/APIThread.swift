import ControlServer
import Experiments
import Glibc
import Platform
import Quantities

/// The API thread: the listening and client sockets on a plain epoll, and the sans-I/O `ControlServer` between them and
/// the control loop. It touches no device.
struct APIThread: Sendable {
    let posts: Posts
    let clock: BenchClockSource
    let stop: StopFlag
    let identity: ServerIdentity
    let settings: Settings
    let recorder: RecorderBoard
    let log: Log

    func start(_ door: Door) throws(PlatformError) -> WorkerThread { try WorkerThread(name: "api") { serve(door) } }

    private func serve(_ door: Door) {
        defer { door.listener.removeFile() }
        do throws(PlatformError) {
            let service = try APIService(self, door)
            while !stop.isRaised { try service.turn() }
        } catch {
            log.write(.error, "api", "the API thread ended: \(error.description)")
            _ = posts.toLoop.post(.shutdown(reason: "the API thread ended: \(error.description)"))
        }
    }
}

/// Carries the listener into its thread.
final class Door: Sendable {
    let listener: UnixListener
    /// The service manager listens on it.
    let isPassed: Bool

    init(_ listener: consuming UnixListener, isPassed: Bool) {
        self.listener = listener
        self.isPassed = isPassed
    }
}

/// The sockets and their buffers.
final class APIService {
    private static let listenerToken: UInt64 = 0
    private static let mailboxToken: UInt64 = 1
    private static let readBytes = 64 * 1024
    /// What is read in one turn of all clients, and of each at least.
    private static let turnBytes = 128 * 1024
    private static let leastBytes = 2048
    /// Clients that went away whose last words are heard in one turn.
    private static let goodbyesPerTurn = 4
    /// What a peer that hung up may have left behind, in reads.
    private static let lastReads = 16
    /// What is left to be written to a client that the server has forgotten gets so much time, and so many of them stay:
    /// they count among no limit of the server any more.
    private static let farewell = WireDuration.seconds(5)
    private static let mostLeaving = 64
    /// How long nobody is let in once that failed.
    private static let shutFor = WireDuration.seconds(1)
    private static let sendFlags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
    /// Messages from the loop that one turn takes, and clients that it lets in: those who go make room between.
    private static let messagesPerTurn = 512
    private static let clientsPerTurn = 16

    private final class Client {
        let socket: FileDescriptorOwner
        var output: [UInt8] = []
        var isClosing = false
        var events: IOEvents = .readable

        init(_ socket: consuming FileDescriptorOwner) { self.socket = socket }
    }

    private let thread: APIThread
    private let door: Door
    private let server: ControlServer
    private var epoll: Epoll
    private var clients: [UInt64: Client] = [:]
    /// Clients that are not read from for now.
    private var paused: Set<UInt64> = []
    /// Clients that the server has forgotten and that have not taken their last answers, oldest first.
    private var leaving: [(id: UInt64, until: WireInstant)] = []
    /// The door is shut until then; nil: it is open.
    private var shutUntil: WireInstant?
    private var nextClient: UInt64 = 2
    private var buffer = [UInt8](repeating: 0, count: readBytes)
    private var ready: [Epoll.Event] = []
    /// When there is something to do at the latest, though nobody asks anything.
    private var lookAt = WireInstant.zero
    /// In this turn there was nothing but questions that were answered at once.
    private var isQuiet = false
    private var answer: [UInt8] = []
    /// What one client may be read of in this turn.
    private var share = readBytes
    private var goodbyes = 0
    /// What the control loop has still to be told of clients, in its order.
    private var news: [ControllerInput] = []

    init(_ thread: APIThread, _ door: Door) throws(PlatformError) {
        self.thread = thread
        self.door = door
        let posts = thread.posts
        let clock = thread.clock
        server = ControlServer(
            identity: thread.identity,
            published: { posts.board.current ?? PublishedSnapshot(.empty(at: clock.now())) },
            figures: { posts.figures.current(at: clock.now()) },
            recorder: { [recorder = thread.recorder] in recorder.current })
        epoll = try Epoll()
        try watchDoors()
    }

    private func watchDoors() throws(PlatformError) {
        try epoll.add(door.listener.rawDescriptor, .readable, token: Self.listenerToken)
        try epoll.add(thread.posts.toAPI.wakeDescriptor, .readable, token: Self.mailboxToken)
    }

    func turn() throws(PlatformError) {
        ready.removeAll(keepingCapacity: true)
        try epoll.wait(timeout: max(lookAt - wireNow(), .zero)) { ready.append($0) }
        isQuiet = !ready.isEmpty
        share = min(Self.readBytes, max(Self.leastBytes, Self.turnBytes / max(1, ready.count)))
        goodbyes = 0
        for event in ready {
            switch event.token {
            case Self.listenerToken:
                isQuiet = false
                try acceptClients()
            case Self.mailboxToken:
                isQuiet = false
                takeMessages()
            case let id: serve(id, event.events)
            }
        }
        if isQuiet, wireNow() < lookAt { return }
        try lookAfterAll()
    }

    /// What is done between the clients' turns.
    private func lookAfterAll() throws(PlatformError) {
        try endFarewells(at: wireNow())
        perform(server.work(at: thread.clock.now()))
        perform(server.advance(to: thread.clock.now()))
        news += server.takeDeparted().map { .clientGone($0.number) }
        tellNews()
        // A client whose lines were too many is read again once they are fewer.
        for id in paused { if let client = clients[id] { watch(id, client) } }
        let latest = wireNow() + Daemon.workerPatience
        lookAt = min(server.deadline ?? latest, latest)
    }

    // MARK: Clients

    /// When no descriptor or no memory is left, those who are here go on, and the door opens again a moment later.
    private func acceptClients() throws(PlatformError) {
        do throws(PlatformError) {
            try acceptSome()
        } catch {
            thread.log.write(.warning, "api", "nobody is let in for a moment: \(error.description)")
            try epoll.remove(door.listener.rawDescriptor)
            shutUntil = wireNow() + Self.shutFor
        }
    }

    private func acceptSome() throws(PlatformError) {
        for _ in 0..<Self.clientsPerTurn {
            guard let socket = try door.listener.accept() else { return }
            if let leaving = server.nextToClose, let client = clients[leaving.number] { hear(leaving.number, client) }
            let id = nextClient
            nextClient += 1
            guard let caller = thread.settings.roles.caller(on: socket.raw) else { continue }
            do throws(PlatformError) {
                try epoll.add(socket.raw, .readable, token: id)
            } catch {
                thread.log.write(.warning, "api", "a client was turned away: \(error.description)")
                continue
            }
            clients[id] = Client(socket)
            perform(server.connect(ConnectionID(number: id), caller))
        }
    }

    private func serve(_ id: UInt64, _ events: IOEvents) {
        guard let client = clients[id] else { return }
        if events != .readable { isQuiet = false }
        if !events.isDisjoint(with: [.hangup, .error]) { return hungUp(id, client) }
        if events.contains(.writable) { flush(id, client) }
        if events.contains(.readable) { read(id, client) }
    }

    /// The peer is gone altogether, not only its writing side: what it still said is heard, and its waits end.
    private func hungUp(_ id: UInt64, _ client: Client) {
        // The others are told again in the next turn.
        goodbyes += 1
        guard goodbyes <= Self.goodbyesPerTurn else { return }
        hear(id, client)
        drop(id)
    }

    private func hear(_ id: UInt64, _ client: Client) {
        for _ in 0..<Self.lastReads {
            let count = recv(client.socket.raw, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            guard count > 0, clients[id] != nil else { break }
            perform(server.receive(ConnectionID(number: id), Array(buffer[..<count]), at: thread.clock.now()))
        }
        perform(server.hearOut(ConnectionID(number: id), at: thread.clock.now()))
    }

    private func read(_ id: UInt64, _ client: Client) {
        guard server.acceptsInput(ConnectionID(number: id)) else { return watch(id, client) }
        let count = recv(client.socket.raw, &buffer, share, Int32(MSG_DONTWAIT))
        if count > 0, answerAtOnce(id, client, count) { return }
        isQuiet = false
        if count > 0 {
            perform(server.takeIn(ConnectionID(number: id), Array(buffer[..<count]), at: thread.clock.now()))
        } else if count == 0 {
            perform(server.halfClosed(ConnectionID(number: id), at: thread.clock.now()))
        } else if errno != EAGAIN, errno != EINTR {
            drop(id)
        }
        if let client = clients[id] { watch(id, client) }
    }

    /// Most questions are known ones: they have nothing to do with the rest of the turn.
    private func answerAtOnce(_ id: UInt64, _ client: Client, _ count: Int) -> Bool {
        answer.removeAll(keepingCapacity: true)
        guard client.output.isEmpty,
            server.answerAtOnce(buffer, count, from: ConnectionID(number: id), at: thread.clock.now(), into: &answer)
        else { return false }
        let taken = Glibc.send(client.socket.raw, answer, answer.count, Self.sendFlags)
        guard taken < answer.count else { return true }
        client.output = Array(answer[max(0, taken)...])
        server.handedOut(ConnectionID(number: id), bytes: client.output.count)
        flush(id, client)
        return true
    }

    private func drop(_ id: UInt64) {
        guard let client = clients.removeValue(forKey: id) else { return }
        isQuiet = false
        paused.remove(id)
        if client.isClosing { leaving.removeAll { $0.id == id } }
        try? epoll.remove(client.socket.raw)
        server.disconnected(ConnectionID(number: id))
    }

    // MARK: The loop's side

    /// What a client moved by hand is stopped when it goes: none is forgotten because the loop is busy.
    private func tellNews() {
        while let first = news.first, thread.posts.toLoop.post(first) != .full { news.removeFirst() }
    }

    private func takeMessages() {
        for message in thread.posts.toAPI.drain(max: Self.messagesPerTurn) {
            switch message {
            case .reply(let token, let reply):
                perform(server.deliver(reply: reply, for: token, at: thread.clock.now()))
            case .read(let answer): perform(server.deliver(read: answer, at: thread.clock.now()))
            case .event(let event): perform(server.deliver(events: [event]))
            case .readings(let first, let readings): perform(server.deliver(readings: readings, firstSequence: first))
            case .rolesChanged: reconsiderRoles()
            }
        }
    }

    /// Those who are connected have the role that the bench file gives them now.
    private func reconsiderRoles() {
        let roles = thread.settings.roles
        for (id, client) in clients {
            guard let caller = roles.caller(on: client.socket.raw) else { continue }
            perform(server.changeRole(of: ConnectionID(number: id), to: caller.role))
        }
    }

    private func perform(_ effects: [ServerEffect]) {
        for effect in effects {
            switch effect {
            case .send(let connection, let bytes):
                if let client = clients[connection.number] { send(bytes, to: connection.number, client) }
            case .close(let connection): closeWhenWritten(connection.number)
            case .post(let token, let request, let caller):
                guard thread.posts.toLoop.post(.request(token, request, caller)) == .full else { continue }
                let busy = ControlError(
                    kind: "busy", detail: "the control loop has too many requests", hint: "try again in a moment")
                perform(server.deliver(reply: .refused(busy), for: token, at: thread.clock.now()))
            case .attends(let experiment, let caller):
                news.append(.attends(experiment: experiment, caller))
            case .read(let request):
                guard thread.posts.toReader.post(request) == .full else { continue }
                perform(server.deliver(read: request.refused, at: thread.clock.now()))
            }
        }
    }

    /// At once as far as the socket takes it; only what is left is kept.
    private func send(_ bytes: [UInt8], to id: UInt64, _ client: Client) {
        guard client.output.isEmpty else {
            client.output += bytes
            return flush(id, client)
        }
        let count = Glibc.send(client.socket.raw, bytes, bytes.count, Self.sendFlags)
        if count > 0 { server.written(ConnectionID(number: id), bytes: count) }
        guard count < bytes.count else { return }
        client.output = Array(bytes[max(0, count)...])
        flush(id, client)
    }

    private func closeWhenWritten(_ id: UInt64) {
        guard let client = clients[id] else { return }
        guard !client.isClosing else { return }
        client.isClosing = true
        if client.output.isEmpty { return drop(id) }
        leaving.append((id, wireNow() + Self.farewell))
        if leaving.count > Self.mostLeaving { drop(leaving.removeFirst().id) }
    }

    /// Who has not taken its last answers by now never will.
    private func endFarewells(at now: WireInstant) throws(PlatformError) {
        while let first = leaving.first, first.until <= now {
            leaving.removeFirst()
            drop(first.id)
        }
        guard let until = shutUntil, until <= now else { return }
        shutUntil = nil
        try epoll.add(door.listener.rawDescriptor, .readable, token: Self.listenerToken)
    }

    private func flush(_ id: UInt64, _ client: Client) {
        while !client.output.isEmpty {
            let count = Glibc.send(client.socket.raw, client.output, client.output.count, Self.sendFlags)
            if count > 0 {
                client.output.removeFirst(count)
                server.written(ConnectionID(number: id), bytes: count)
            } else if errno == EINTR {
                continue
            } else if errno == EAGAIN {
                break
            } else {
                return drop(id)
            }
        }
        if client.isClosing, client.output.isEmpty { return drop(id) }
        watch(id, client)
    }

    /// Reads only from clients that take their answers, writes only where something waits.
    private func watch(_ id: UInt64, _ client: Client) {
        var wanted: IOEvents = []
        if server.acceptsInput(ConnectionID(number: id)) {
            wanted.insert(.readable)
            paused.remove(id)
        } else {
            paused.insert(id)
        }
        if !client.output.isEmpty { wanted.insert(.writable) }
        guard wanted != client.events else { return }
        client.events = wanted
        try? epoll.modify(client.socket.raw, wanted, token: id)
    }
}
