import ControlAPI
import ControlServer
import DeviceModel
import Experiments
import Interlocks
import Quantities
import Wire

enum Sample {
    static let recipe = Recipe.flows(FlowsRecipe(temperatureC: 140, flowsULMin: ["cui": 80]))
    static let recipeJSON = "{\"kind\":\"flows\",\"temperature_c\":140,\"flows_ul_min\":{\"cui\":80}}"

    static func moment(_ seconds: Double) -> Moment {
        Moment(
            wire: .zero + .seconds(seconds), bench: .zero + .seconds(seconds * 30),
            wall: WallInstant(nanoseconds: 1_790_000_000_000_000_000) + .seconds(seconds))
    }

    static func figures() -> BenchFigures {
        var loop = LoopFigures()
        for microseconds in [20, 30, 1500] as [Int64] {
            loop.lateness.add(WireDuration(nanoseconds: microseconds * 1000))
        }
        let boxes = [MailboxFigures(name: "to-archive", capacity: 4096, waiting: 0, highWater: 12, refused: 0)]
        return BenchFigures(at: moment(0), loop: loop, mailboxes: boxes)
    }

    static func plan(feasible: Bool = true) -> PlanReport {
        PlanReport(
            feasible: feasible, executed: feasible ? recipe : nil, flowsULMin: ["cui": 80], reactionTimeS: 30,
            residenceTimeS: 61.5, equilibriumTimeS: 73.8, durationS: 300, reagentsUL: [:], remainingAfterUL: [:],
            warnings: [], problems: [])
    }

    static func record(
        _ number: Int, _ state: ExperimentState = .queued, by uid: UInt32 = 1000, campaign: String? = nil
    ) -> ExperimentRecord {
        let digits = String(number)
        let id = "e-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
        var record = ExperimentRecord(
            experiment: id, key: nil, campaign: campaign, metadata: nil, submittedBy: uid, recipe: recipe,
            executed: recipe,
            plan: plan(), simulated: true)
        record.state = state
        if state == .done {
            record.features = ["abs_300": FeatureValue(mean: 0.41, sem: 0.002, n: 25, unit: "AU")]
            record.certificate = Certificate(
                verdict: "steady", sweptTau: 1.21, requiredTau: 1.2, residenceTimeS: 61.5, elapsedS: 80,
                temperatureDeviationK: 0.1, temperatureBandK: 0.5, statistic: "abs_300", driftFraction: 0.004,
                driftLimit: 0.02, samples: 12)
        }
        return record
    }

    static func spectrum(_ id: String, kind: String = "droplet", pixels: Int) -> SpectrumRecord {
        let numbers = (0..<pixels).map { Float($0) }
        return SpectrumRecord(
            experiment: id, device: "spec_pl", kind: kind, integrationS: 0.03, frames: 25,
            at: moment(10).wall, wavelengthsNM: numbers, counts: numbers)
    }

    static func snapshot() -> BenchSnapshot {
        let now = moment(10)
        let device = DeviceView(
            name: "heater", deviceClass: .heater, driver: "watlow", link: "bus", state: .ready, since: moment(1),
            limits: .heater(
                HeaterLimits(
                    minimum: Temperature(celsius: 20), maximum: Temperature(celsius: 160), resolutionKelvin: 0.1)),
            readBack: "output 0 %", isSafe: true)
        return BenchSnapshot(
            at: now, devices: [device],
            readings: [
                Reading("heater.power", .nan, .percent, at: moment(2)),
                Reading("heater.temperature", 140.02, .celsius, at: moment(9.5)),
            ], interlocks: interlocks(), running: nil, queued: ["e-000003"], held: [],
            heldBecause: "the bench has tripped",
            alarms: [Alarm(id: "archive", text: "slow", priority: .high, since: moment(3))],
            ledger: ledger(), references: references())
    }

    private static func ledger() -> LedgerView {
        var contents = LedgerRecord.Syringe(reagent: "cui", componentsMM: ["cu": 7.5], filledUL: 50_000)
        contents.usedUL = 49_000
        contents.uncertainUL = 12
        contents.batch = "B7"
        return LedgerView(
            syringes: [SyringeView(device: "cui", capacityUL: 50_000, contents: contents, isLow: true)],
            wasteCapacityUL: 500_000, waste: LedgerRecord.Waste(usedUL: 20_000))
    }

    private static func references() -> [ReferenceView] {
        [
            ReferenceView(
                device: "spec_abs", kind: "dark", time: moment(5).wall.rfc3339, age: .seconds(150),
                integration: .milliseconds(15), frames: 100, invalidBecause: nil),
            ReferenceView(
                device: "spec_abs", kind: "reference", time: moment(5).wall.rfc3339, age: .seconds(150),
                integration: .milliseconds(10), frames: 100, invalidBecause: "taken at 10 ms, measured at 15 ms"),
        ]
    }

    private static func interlocks() -> [InterlockStatus] {
        let input = InputTest(
            signal: "heater.temperature", condition: .above(165), unit: .celsius, hysteresis: 1,
            staleAfter: .seconds(5))
        let cause = InterlockCause(inputs: [input], delay: .zero)
        let rule = InterlockRule(
            name: "plate-over-temperature", cause: cause, effects: [.heaterOff], response: "Check the thermocouple.")
        var engine = InterlockEngine(rules: [rule], devices: ["heater": .heater])
        _ = engine.observe(Reading("heater.temperature", 171.3, .celsius, at: moment(5)), at: moment(5))
        return engine.statuses
    }
}

/// What the control loop has published last.
final class Board {
    var published = PublishedSnapshot(Sample.snapshot())
}

/// A server with its surroundings in memory.
final class Harness {
    let board = Board()
    let store = FakeStore()
    let server: ControlServer
    private(set) var posts: [(token: RequestToken, request: ControlRequest, caller: Caller)] = []
    var sent: [UInt64: [UInt8]] = [:]
    private(set) var closed: Set<UInt64> = []
    var now = Sample.moment(10)
    /// The disk hangs: what is asked waits.
    var isStoreStuck = false
    private(set) var questions: [ReadRequest] = []
    /// As the control loop numbers what happens.
    var sequence: UInt64 = 0

    init(role: Role = .technician, uid: UInt32 = 1000) {
        server = ControlServer(
            identity: ServerIdentity(bench: "test", isSimulated: true, stream: "stream-1", started: Sample.moment(0)),
            published: { [board] in board.published }, figures: Sample.figures, recorder: { Sample.recorder })
        connect(1, role: role, uid: uid)
    }

    func connect(_ connection: UInt64, role: Role = .technician, uid: UInt32 = 1000) {
        perform(server.connect(ConnectionID(number: connection), Caller(uid: uid, pid: 1, role: role)))
    }

    func perform(_ effects: [ServerEffect], takesOutput: Bool = true) {
        carryOut(effects, takesOutput)
        repeat {
            while server.hasWork { carryOut(server.work(at: now), takesOutput) }
            while !isStoreStuck, !questions.isEmpty {
                let question = questions.removeFirst()
                carryOut(server.deliver(read: question.answered(by: store), at: now), takesOutput)
            }
        } while server.hasWork
    }

    private func carryOut(_ effects: [ServerEffect], _ takesOutput: Bool) {
        for effect in effects {
            switch effect {
            case .send(let id, let bytes):
                sent[id.number, default: []] += bytes
                if takesOutput { server.written(id, bytes: bytes.count) }
            case .close(let id): closed.insert(id.number)
            case .post(let token, let request, let caller): posts.append((token, request, caller))
            case .attends: continue
            case .read(let request): questions.append(request)
            }
        }
    }

    func freeStore() {
        isStoreStuck = false
        perform([])
    }

    func send(_ bytes: [UInt8], on connection: UInt64 = 1, takesOutput: Bool = true) {
        perform(server.receive(ConnectionID(number: connection), bytes, at: now), takesOutput: takesOutput)
    }

    func send(_ text: String, on connection: UInt64 = 1) { send(Array(text.utf8), on: connection) }

    /// What was sent since the last look, by line; every line must be JSON within the limit.
    func lines(_ connection: UInt64 = 1) throws -> [JSONValue] {
        let bytes = sent.removeValue(forKey: connection) ?? []
        var lines: [JSONValue] = []
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            guard line.count < APILimits.lineBytes else { throw Broken.line("longer than the limit") }
            lines.append(try JSONParser.parse(Array(line)).value)
        }
        return lines
    }

    enum Broken: Error { case line(String) }

    /// Sends one request with id 7 and gives its only answer. A result must have the shape that the table declares.
    func ask(_ method: String, _ params: String = "{}", on connection: UInt64 = 1) throws -> JSONValue {
        send("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"\(method)\",\"params\":\(params)}\n", on: connection)
        let lines = try lines(connection)
        guard lines.count == 1, lines[0]["id"] == .integer(7) else { throw Broken.line("\(lines)") }
        if let result = lines[0]["result"] { try MethodTable.shapes(of: method)?.result.check(result) }
        return lines[0]
    }

    /// Sends one request that the control loop answers; the request that was posted and the answer to it.
    func post(_ method: String, _ params: String, _ reply: ControlReply) throws -> (ControlRequest, JSONValue) {
        send("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"\(method)\",\"params\":\(params)}\n")
        let early = try lines()
        guard early.isEmpty, let request = posts.last?.request else { throw Broken.line("\(early)") }
        answer(reply)
        let late = try lines()
        guard late.count == 1 else { throw Broken.line("\(late)") }
        if let result = late[0]["result"] { try MethodTable.shapes(of: method)?.result.check(result) }
        return (request, late[0])
    }

    func event(_ topic: String, _ data: [String: JSONValue] = [:], takesOutput: Bool = true) {
        sequence += 1
        let event = BenchEvent(sequence: sequence, topic: topic, at: now, data: .object(data))
        perform(server.deliver(events: [event]), takesOutput: takesOutput)
    }

    func readings(_ readings: [Reading]) {
        perform(server.deliver(readings: readings, firstSequence: sequence + 1))
        sequence += UInt64(readings.count)
    }

    func advance(to seconds: Double) {
        now = Sample.moment(seconds)
        perform(server.advance(to: now))
    }

    /// Answers the request that was posted last.
    func answer(_ reply: ControlReply) {
        guard let post = posts.last else { return }
        perform(server.deliver(reply: reply, for: post.token, at: now))
    }
}

extension JSONValue {
    var kind: String { self["error"]?["data"]?["kind"]?.text ?? "" }
    var detail: String { self["error"]?["data"]?["detail"]?.text ?? "" }
    var hint: String { self["error"]?["data"]?["hint"]?.text ?? "" }
    var code: Double? { self["error"]?["code"]?.double }
    var result: JSONValue { self["result"] ?? .null }
    subscript(index: Int) -> JSONValue? {
        if case .array(let elements) = self, elements.indices.contains(index) { elements[index] } else { nil }
    }
    var count: Int {
        switch self {
        case .array(let elements): elements.count
        case .object(let members): members.count
        default: 0
        }
    }
}

extension Sample {
    static let wish = RecordingWish(cause: "plate-over-temperature", reason: "171.3 degC", at: moment(5))

    static let recorder = RecorderView(
        isOn: true, limitBytes: 512_000_000, bytes: 16_000_000, lost: 3, ring: "/state/recorder",
        directory: "/state/recordings", kept: [KeptRecording(wish: wish, segments: 2, bytes: 20_000_000)])
}
