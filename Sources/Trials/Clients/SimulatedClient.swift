import ControlAPI
import Experiments
import Quantities
import Simulation
import VirtualBench
import Wire

/// A process at the control socket. What it does is its character's; here is how it asks and is answered.
class SimulatedClient {
    static let numberStride: UInt64 = 1000
    /// Beyond what a method may take, nobody waits.
    static let patience = WireDuration.seconds(APILimits.controlReplySeconds + 10)
    static let errandPatience = WireDuration.seconds(Errands.seconds + 10)

    struct Asked {
        let method: String
        let connection: UInt64
        let until: WireInstant
    }

    let index: Int
    let caller: Caller
    var generator: Generator
    var connections: [UInt64: ClientConnection] = [:]
    private var made: UInt64 = 0
    private var asked: [Int64: Asked] = [:]
    private var lastID: Int64 = 0
    /// Of all bytes that came.
    private(set) var digest: UInt64 = 0xcbf2_9ce4_8422_2325
    /// What the daemon owes and did not keep.
    private(set) var complaints: [String] = []

    init(_ index: Int, _ role: Role, _ generator: inout Generator) {
        self.index = index
        caller = Caller(uid: UInt32(1000 + index), pid: Int32(2000 + index), role: role)
        self.generator = Generator(seed: generator.next())
    }

    // MARK: What characters do

    /// Its turn; it comes again after `pause`.
    func turn(_ trial: Trial) {}
    func pause() -> WireDuration { .seconds(1) }
    func answered(_ method: String, _ id: Int64, _ result: JSONValue, _ trial: Trial) {}
    func refused(_ method: String, _ id: Int64, _ kind: String, _ error: JSONValue, _ trial: Trial) {}
    func event(_ params: JSONValue, _ trial: Trial) {}
    /// A connection ended, from the other side.
    func lost(_ connection: UInt64, _ trial: Trial) {}

    // MARK: Connections

    var connection: ClientConnection? { connections.values.min { $0.number < $1.number } }

    @discardableResult
    func connect(_ trial: Trial) -> ClientConnection? {
        made += 1
        let number = made * Self.numberStride + UInt64(index)
        let fresh = ClientConnection(number)
        connections[number] = fresh
        guard trial.connect(number, caller) else {
            connections[number] = nil
            return nil
        }
        return fresh
    }

    /// The process dies, or it has had enough.
    func hangUp(_ number: UInt64, _ trial: Trial) { say(.hangUp, on: number, trial) }

    func hungUp(_ number: UInt64) {
        connections[number] = nil
        asked = asked.filter { $0.value.connection != number }
    }

    func closed(_ number: UInt64, _ trial: Trial) {
        guard connections[number] != nil else { return }
        hungUp(number)
        lost(number, trial)
    }

    func daemonIsGone(_ trial: Trial) {
        for number in connections.keys.sorted() { closed(number, trial) }
    }

    // MARK: Asking

    @discardableResult
    func ask(
        _ trial: Trial, _ method: String, _ params: String = "{}", patience: WireDuration? = nil
    ) -> Int64? {
        guard let connection = connection else { return nil }
        lastID += 1
        let usual = Errands.methods.contains(method) ? Self.errandPatience : Self.patience
        let until = trial.now.wire + (patience ?? usual)
        asked[lastID] = Asked(method: method, connection: connection.number, until: until)
        let line = "{\"jsonrpc\":\"2.0\",\"id\":\(lastID),\"method\":\"\(method)\",\"params\":\(params)}\n"
        say(.bytes(Array(line.utf8)), on: connection.number, trial)
        return lastID
    }

    func say(_ words: ClientConnection.Words, on number: UInt64, _ trial: Trial) {
        guard let connection = connections[number] else { return }
        connection.words.append(words)
        trial.later(.fromClient(number), after: .microseconds(30))
    }

    func nextWords(_ number: UInt64) -> ClientConnection.Words? { connections[number]?.words.popFirst() }

    // MARK: Being told

    func receive(_ bytes: [UInt8], _ number: UInt64, _ trial: Trial) {
        guard let connection = connections[number] else { return }
        digest = bytes.reduce(digest) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        took(connection.receive(bytes), number, trial)
    }

    func resume(_ connection: ClientConnection, _ trial: Trial) { took(connection.resume(), connection.number, trial) }

    private func took(_ read: (taken: Int, lines: [[UInt8]]), _ number: UInt64, _ trial: Trial) {
        if read.taken > 0 { trial.daemon?.server.written(.init(number: number), bytes: read.taken) }
        for line in read.lines { hear(line, number, trial) }
    }

    private func hear(_ line: [UInt8], _ number: UInt64, _ trial: Trial) {
        guard let value = try? JSONParser.parse(line).value else {
            return complain("a line that is not JSON: \(String(decoding: line.prefix(200), as: UTF8.self))")
        }
        if line.count > APILimits.lineBytes { complain("a line of \(line.count) bytes") }
        if case .array(let replies) = value { return replies.forEach { hear(reply: $0, trial) } }
        if value["method"]?.text == "event" { return event(value["params"] ?? .null, trial) }
        hear(reply: value, trial)
    }

    private func hear(reply: JSONValue, _ trial: Trial) {
        if reply["error"]?["data"]?["kind"]?.text == "internal_error" {
            complain("internal_error: \(reply.jsonText.prefix(300))")
        }
        guard case .integer(let id)? = reply["id"] else { return }
        guard let asked = asked.removeValue(forKey: id) else {
            return complain("answered twice, or never asked: \(id)")
        }
        if let result = reply["result"] { return answered(asked.method, id, result, trial) }
        guard let error = reply["error"], let kind = error["data"]?["kind"]?.text, error["data"]?["hint"]?.text != nil
        else { return complain("\(asked.method): an error without kind and hint: \(reply.jsonText.prefix(300))") }
        refused(asked.method, id, kind, error, trial)
    }

    // MARK: Judging

    func complain(_ text: String) { complaints.append("client \(index): \(text)") }

    /// Once a second: every question is answered in time.
    func judge(_ trial: Trial) {
        for (id, question) in asked.sorted(by: { $0.key < $1.key }) where question.until < trial.now.wire {
            guard connections[question.connection]?.isReading ?? false else { continue }
            asked[id] = nil
            complain("\(question.method) was not answered in time")
        }
        for complaint in complaints { trial.judge.violated(complaint, at: trial.now) }
        complaints = []
    }

    // MARK: Who is there

    /// The clients of one trial; who works by hand is there where the bench has something for hands.
    static func crowd(_ generator: inout Generator, _ definition: BenchDefinition) -> [SimulatedClient] {
        var crowd: [SimulatedClient] = []
        let wishes = definition.network.valves.flatMap { valve in
            valve.positions.map { "\"\(valve.name)\":\"\($0)\"" }
        }
        for _ in 0..<(1 + generator.integer(3)) {
            crowd.append(Optimizer(crowd.count, valves: wishes, &generator))
        }
        crowd.append(Technician(crowd.count, .technician, &generator))
        for _ in 0..<(1 + generator.integer(2)) { crowd.append(Observer(crowd.count, .observer, &generator)) }
        for _ in 0..<generator.integer(3) {
            let role = [Role.none, .observer, .optimizer][generator.integer(3)]
            crowd.append(Stranger(crowd.count, role, &generator))
        }
        for hands in Operator.all(definition) { crowd.append(Operator(crowd.count, hands, &generator)) }
        return crowd
    }
}
