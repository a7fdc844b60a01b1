import Glibc
import Quantities
import VirtualBench
import Wire

/// The bench on real pseudo-terminals and sockets: one thread, one epoll.
final class Simulation {
    let arguments: Arguments
    var bench: VirtualBench
    let loop: EventLoop
    let files: SimulationFiles
    private let startedAt: Int64
    /// Nanoseconds since 1970 when the plant's time was 0.
    private let startedWall: Int64

    private var terminals: [String: (terminal: PseudoTerminal, watch: Int32)] = [:]
    private var folders: [String: FolderMirror] = [:]
    private var opens: OpenWatch
    var listeners: [Int32: String] = [:]
    private(set) var ports: [String: UInt16] = [:]
    private let faultListener: Int32
    private var clients: [Int32: Client] = [:]
    private var nextConnection = 1
    private var unplugged: Set<String> = []

    /// The plant is taken along at least this often, in nanoseconds of wall time.
    private static let tick: Int64 = 50_000_000

    init(_ arguments: Arguments) throws(SystemFailure) {
        self.arguments = arguments
        files = try SimulationFiles(directory: arguments.directory)
        faultListener = try listenUnix(files.faults)
        loop = try EventLoop()
        opens = try OpenWatch()
        startedAt = monotonicNanoseconds()
        startedWall = wallNanoseconds()
        let start = Self.moment(monotonicNanoseconds(), startedAt, arguments.speed)
        bench = VirtualBench(
            seed: arguments.seed, clockRate: arguments.speed, options: arguments.options, start: start)
        try files.openTruth()
        try loop.watch(opens.descriptor)
        try loop.watch(faultListener)
        for link in bench.links { try plug(link) }
        try announce(ready: true)
    }

    private static func moment(_ now: Int64, _ startedAt: Int64, _ speed: Double) -> Moment {
        let bench = Int64((Double(now - startedAt) * speed).rounded(.down))
        return Moment(
            wire: WireInstant(nanoseconds: now), bench: BenchInstant(nanoseconds: bench),
            wall: WallInstant(nanoseconds: wallNanoseconds()))
    }

    private var now: Moment { Self.moment(monotonicNanoseconds(), startedAt, arguments.speed) }

    /// Serves until a signal ends it.
    func run() throws(SystemFailure) {
        while true {
            try settle()
            guard case .events(let events) = loop.wait() else { break }
            for event in events { try handle(event) }
        }
        close()
    }

    private func close() {
        for (_, entry) in terminals { entry.terminal.close() }
        unlink(files.faults)
        try? announce(ready: false)
    }

    // MARK: Events

    private func handle(_ event: EventLoop.Event) throws(SystemFailure) {
        let descriptor = event.descriptor
        if descriptor == opens.descriptor {
            for watch in opens.update() {
                for entry in terminals.values where entry.watch == watch { entry.terminal.reset() }
            }
        } else if descriptor == faultListener {
            while let client = acceptClient(descriptor) { try admit(client, to: nil) }
        } else if let link = listeners[descriptor] {
            while let client = acceptClient(descriptor) { try admit(client, to: link) }
        } else if clients[descriptor] != nil {
            if event.isReadable { try read(from: descriptor) }
            if event.isWritable { try flush(descriptor) }
        } else if let link = terminals.first(where: { $0.value.terminal.master == descriptor })?.key {
            while case .bytes(let bytes) = receive(descriptor) { bench.send(bytes, to: link, at: now) }
        }
    }

    private func admit(_ descriptor: Int32, to link: String?) throws(SystemFailure) {
        clients[descriptor] = Client(link: link, connection: nextConnection)
        try loop.watch(descriptor)
        if let link { bench.connect(link, connection: nextConnection, at: now.wire) }
        nextConnection += 1
    }

    private func read(from descriptor: Int32) throws(SystemFailure) {
        while let client = clients[descriptor] {
            switch receive(descriptor) {
            case .nothing: return
            case .ended:
                // A last command may stand without its line feed.
                if client.link == nil && !client.input.isEmpty {
                    try receiveFaultLines([UInt8(ascii: "\n")], descriptor)
                }
                drop(descriptor)
                return
            case .bytes(let bytes):
                guard let link = client.link else {
                    try receiveFaultLines(bytes, descriptor)
                    continue
                }
                bench.send(bytes, to: link, connection: client.connection, at: now)
            }
        }
    }

    private func receiveFaultLines(_ bytes: [UInt8], _ descriptor: Int32) throws(SystemFailure) {
        clients[descriptor]?.input += bytes
        while let input = clients[descriptor]?.input, let end = input.firstIndex(of: UInt8(ascii: "\n")) {
            clients[descriptor]?.input.removeFirst(end + 1)
            guard end > 0 else { continue }
            try write(obey(Array(input[0..<end])), to: descriptor)
        }
        if let waiting = clients[descriptor]?.input.count, waiting > FaultLine.longest { drop(descriptor) }
    }

    private func obey(_ line: [UInt8]) -> [UInt8] {
        do {
            return FaultLine.encoded(try bench.apply(try FaultLine.command(line), at: now))
        } catch {
            return FaultLine.failure(error)
        }
    }

    private func drop(_ descriptor: Int32) {
        guard let client = clients.removeValue(forKey: descriptor) else { return }
        if let link = client.link { bench.disconnect(link, connection: client.connection) }
        Glibc.close(descriptor)
    }

    // MARK: Output

    /// Brings the bench to the present, sends what is due, keeps the truth, and sets the next wake.
    private func settle() throws(SystemFailure) {
        let moment = now
        bench.advance(to: moment)
        for output in bench.drainOutputs(upTo: moment.wire) { try deliver(output) }
        files.write(bench.drainTruth())
        try replug()
        for (link, folder) in folders {
            if let request = folder.next(at: moment.wire.nanoseconds) { bench.send(request, to: link, at: now) }
        }
        let tick = moment.wire.nanoseconds + Self.tick
        let work = [bench.nextOutput, bench.nextExposure].compactMap { $0?.nanoseconds }
        loop.wake(at: work.reduce(tick, min))
    }

    private func deliver(_ output: VirtualBench.Output) throws(SystemFailure) {
        if let folder = folders[output.link] { return folder.take(output.bytes) }
        if let entry = terminals[output.link] {
            // Like a serial line: what nobody listens to, or what does not fit, is lost.
            if opens.hasClient(entry.watch) { _ = transmit(entry.terminal.master, output.bytes[...]) }
            return
        }
        let client = clients.first { $0.value.link == output.link && $0.value.connection == output.connection }
        guard let descriptor = client?.key else { return }
        if output.closes { clients[descriptor]?.isClosing = true }
        try write(output.bytes, to: descriptor)
    }

    private func write(_ bytes: [UInt8], to descriptor: Int32) throws(SystemFailure) {
        clients[descriptor]?.output += bytes
        try flush(descriptor)
    }

    private func flush(_ descriptor: Int32) throws(SystemFailure) {
        guard let client = clients[descriptor] else { return }
        guard let count = transmit(descriptor, client.output[...]), client.output.count < Client.longestOutput else {
            drop(descriptor)
            return
        }
        clients[descriptor]?.output.removeFirst(count)
        let isDone = count == client.output.count
        if isDone && client.isClosing {
            drop(descriptor)
        } else {
            try loop.change(descriptor, output: !isDone)
        }
    }

    // MARK: Connectors

    private func replug() throws(SystemFailure) {
        for link in bench.links {
            let isPlugged = bench.isPlugged(link)
            if !isPlugged && unplugged.insert(link).inserted { unplug(link) }
            if isPlugged && unplugged.remove(link) != nil {
                try plug(link)
                try announce(ready: true)
            }
        }
    }

    private func plug(_ link: String) throws(SystemFailure) {
        if VirtualBench.transport(of: link) == .folder {
            folders[link] = try FolderMirror(path: files.terminal(link))
            return
        }
        guard isSerial(link) else {
            let (descriptor, port) = try listenTCP(port: ports[link] ?? 0)
            ports[link] = port
            listeners[descriptor] = link
            return try loop.watch(descriptor)
        }
        let terminal = try PseudoTerminal(name: files.terminal(link))
        try loop.watch(terminal.master)
        terminals[link] = (terminal, try opens.add(terminal.path))
    }

    private func isSerial(_ link: String) -> Bool {
        if let transport = VirtualBench.transport(of: link) { return transport == .serial }
        return link.hasPrefix("pump_") || (link == "heater" && arguments.options.heaterLink == .rtu)
    }

    private func unplug(_ link: String) {
        folders.removeValue(forKey: link)?.takeAway()
        if let entry = terminals.removeValue(forKey: link) {
            opens.remove(entry.watch)
            entry.terminal.close()
        }
        for (descriptor, name) in listeners where name == link {
            listeners[descriptor] = nil
            Glibc.close(descriptor)
        }
        for (descriptor, client) in clients where client.link == link { drop(descriptor) }
    }

    // MARK: Where things are

    private func speaksModbus(_ link: String) -> Bool {
        ["heater", "io"].contains(link) || VirtualBench.transport(of: link) == .modbus
    }

    private func announce(ready: Bool) throws(SystemFailure) {
        var links: [String: JSONValue] = [:]
        for (link, entry) in terminals {
            links[link] = .object([
                "kind": .string(link == "heater" ? "modbus-rtu" : "serial"),
                "path": .string(entry.terminal.name), "pty": .string(entry.terminal.path),
            ])
        }
        for (link, folder) in folders {
            links[link] = .object(["kind": .string("folder"), "path": .string(folder.path)])
        }
        for (link, port) in ports {
            links[link] = .object([
                "kind": .string(speaksModbus(link) ? "modbus-tcp" : "tcp"), "host": .string("127.0.0.1"),
                "port": .integer(Int64(port)),
            ])
        }
        try files.writeEndpoints([
            "ready": .bool(ready), "seed": .integer(Int64(bitPattern: arguments.seed)),
            "speed": .number(arguments.speed), "clock_rate": .number(arguments.speed),
            "started_unix_s": .number(Double(startedWall) / 1e9), "pid": .integer(Int64(getpid())),
            "faults": .string(files.faults), "truth": .string(files.truth), "links": .object(links),
        ])
    }
}
