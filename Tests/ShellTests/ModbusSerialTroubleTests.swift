import DeviceModel
import ModbusLink
import Platform
import Quantities
import Synchronization
import Testing

/// What a unit on a serial line may do with a question in place of answering it.
enum SerialTrouble: String, CaseIterable, Sendable {
    case never, garbage, noiseBefore, half, checkSum, foreign, twice, otherFunction, otherCount, late

    /// What comes in place of the answer; nil where nothing does.
    func spoil(_ answer: [UInt8]) -> [UInt8] {
        switch self {
        case .never, .late: []
        case .garbage: [1, 0x7f, 0x55, 0xaa, 0xff, 0x00, 0x13, 0x37, 0xfe]
        case .noiseBefore: [0xff, 0x01] + answer
        case .half: Array(answer[..<4])
        case .checkSum: answer.dropLast() + [answer[answer.count - 1] ^ 1]
        case .foreign: SerialFrames.whole([9] + answer[1..<answer.count - 2])
        case .twice: answer + answer
        case .otherFunction: SerialFrames.whole([1, 4] + answer[2..<answer.count - 2])
        case .otherCount: SerialFrames.whole([1, 3, 2, 0, 0])
        }
    }

    /// What is said of it.
    var cause: String {
        switch self {
        case .never, .late: "Connection timed out"
        case .garbage, .checkSum: "Invalid CRC"
        case .noiseBefore: "an answer from unit 255, or noise"
        case .half: "a part of a reply, and then nothing"
        case .foreign: "an answer from unit 9, or noise"
        case .twice: "more bytes came than the reply has"
        case .otherFunction: "a reply to function 4, asked was 3"
        case .otherCount: "a reply with 2 bytes of data, asked for were 4"
        }
    }
}

private func open(_ slave: SerialSlave, _ settings: ModbusSettings = ModbusSettings()) throws -> ModbusBench {
    let bench = try ModbusBench(.rtu(path: slave.path, format: SerialFormat(baud: .baud115200)), settings)
    guard case .opened = bench.next() else {
        Issue.record("the port did not open")
        return bench
    }
    return bench
}

/// No wrong value ever comes off a serial line, and every trouble is named.
@Suite struct ModbusSerialTroubleTests {
    /// The question after a spoilt one has the same shape: another shape goes first, and then it is answered rightly. A
    /// late answer comes together with that to the next question.
    @Test(arguments: SerialTrouble.allCases) func oneTroubleCostsOneReading(_ trouble: SerialTrouble) throws {
        let held = Mutex<[UInt8]>([])
        let slave = try SerialSlave { number, question in
            let answer = SerialFrames.honest(question)
            if number == 1 {
                if trouble == .late { held.withLock { $0 = answer } }
                return trouble.spoil(answer)
            }
            return held.withLock { late in
                defer { late = [] }
                return late + answer
            }
        }
        let bench = try open(slave)
        bench.post(1, .readHoldingRegisters(address: 40, count: 1))
        bench.post(2, .readHoldingRegisters(address: 100, count: 2))
        bench.post(3, .readHoldingRegisters(address: 200, count: 2))
        bench.post(4, .readHoldingRegisters(address: 300, count: 2))
        bench.post(5, .readHoldingRegisters(address: 400, count: 4))
        bench.post(6, .readHoldingRegisters(address: 500, count: 2))
        #expect(bench.outcome(of: 1) == .registers([40]))
        guard case .failed(let why) = bench.outcome(of: 2) else {
            Issue.record("the spoilt question did not fail")
            return
        }
        #expect(why.hasPrefix("unit 1: ") && why.contains(trouble.cause), "\(why)")
        let third = bench.outcome(of: 3)
        let fourth = bench.outcome(of: 4)
        // A late answer spoils the probe as well, and leaves no other known shape; one of a new shape ends it.
        #expect(third == .registers([200, 201]) || (trouble == .late && third != .registers([100, 101])))
        #expect(fourth == .registers([300, 301]) || (trouble == .late && fourth != .registers([100, 101])))
        #expect(bench.outcome(of: 5) == .registers([400, 401, 402, 403]))
        #expect(bench.outcome(of: 6) == .registers([500, 501]))
        bench.bus.stop()
        slave.stop()
        #expect(slave.questions[2][3] == 40, "a question of another shape goes first")
    }

    /// A write's confirmation must be that write's.
    @Test func theConfirmationOfAnotherWriteIsNone() throws {
        let slave = try SerialSlave { _, question in SerialFrames.whole([1, 6, 0, 7, 0, 10]) }
        let bench = try open(slave)
        bench.post(1, .writeRegister(address: 7, value: 62), try bench.authority(.off))
        #expect(bench.outcome(of: 1) == .failed("unit 1: the confirmation of another write"))
        bench.bus.stop()
        slave.stop()
    }

    /// One silence may be noise on the question; two are a dead unit, which must not hold up the others.
    @Test func theSecondSilenceEarnsAPauseAndTheOthersGoOn() throws {
        let slave = try SerialSlave { _, question in question[0] == 2 ? [] : SerialFrames.honest(question) }
        let bench = try open(slave)
        for id in [1, 2, 3] as [UInt64] {
            bench.post(id, .readHoldingRegisters(address: UInt16(id), count: UInt16(id)), unit: 2)
            bench.post(10 + id, .readHoldingRegisters(address: UInt16(id), count: 1))
        }
        for id in [1, 2, 3] as [UInt64] {
            let why = id == 3 ? "does not answer; it is asked again within 10 s" : "Connection timed out (errno 110)"
            #expect(bench.outcome(of: id) == .failed(id == 3 ? "unit 2 \(why)" : "unit 2: \(why)"))
            #expect(bench.outcome(of: 10 + id) == .registers([UInt16(id)]))
        }
        bench.bus.stop()
        slave.stop()
        #expect(slave.questions.map(\.first) == [2, 1, 2, 1, 1])
    }

    /// A unit that nothing is known of: the same question may be asked again, another of its shape may not.
    @Test func withoutAnotherShapeAnAmbiguousQuestionIsNotAsked() throws {
        let slave = try SerialSlave { number, question in number == 0 ? [] : SerialFrames.honest(question) }
        let bench = try open(slave)
        bench.post(1, .readHoldingRegisters(address: 100, count: 2))
        bench.post(2, .readHoldingRegisters(address: 200, count: 2))
        bench.post(3, .readHoldingRegisters(address: 100, count: 2))
        bench.post(4, .readHoldingRegisters(address: 200, count: 2))
        #expect(bench.outcome(of: 1) == .failed("unit 1: Connection timed out (errno 110)"))
        let why = "Connection timed out (errno 110); its answer may still come, and nothing is asked for 2 s"
        #expect(bench.outcome(of: 2) == .failed("unit 1: \(why)"))
        #expect(bench.outcome(of: 3) == .registers([100, 101]))
        #expect(bench.outcome(of: 4) == .registers([200, 201]))
        bench.bus.stop()
        slave.stop()
    }

    /// Whatever a unit does, in whatever order, what is told as read is what was asked for.
    @Test(arguments: [1, 2, 3] as [UInt64]) func noSequenceOfTroublesGivesAWrongValue(seed: UInt64) throws {
        print("troubles on a serial line, seed \(seed)")
        let unit = Mutex(TroubledUnit(seed: seed))
        let slave = try SerialSlave { _, question in unit.withLock { $0.answer(question) } }
        let settings = ModbusSettings(
            responseTimeout: .milliseconds(60),
            backOff: BackOff(firstPause: .milliseconds(1), longestPause: .milliseconds(2)),
            latestReply: TroubledUnit.latest * 3)
        let bench = try open(slave, settings)
        var dice = Dice(seed: seed &+ 100)
        var (answered, id) = (0, UInt64(0))
        while answered < 25, id < 500_000 {
            id += 1
            let count = [1, 2, 2, 2, 2, 4, 6, 8][dice.below(8)]
            let address = UInt16(id * 10 % 65_000)
            bench.post(id, .readHoldingRegisters(address: address, count: UInt16(count)))
            guard case .registers(let words)? = bench.outcome(of: id) else { continue }
            answered += 1
            #expect(words == (0..<UInt16(count)).map { address + $0 }, "question \(id)")
        }
        #expect(answered == 25, "\(id) questions, \(slave.questions.count) of them asked")
        bench.bus.stop()
        slave.stop()
    }
}

/// Answers in the order of the questions, well three times out of four; for stretches of time it lags behind by up to three
/// questions. It gives no answer that is older than `latest`.
private struct TroubledUnit {
    static let latest = WireDuration.milliseconds(200)
    /// Not a reply of another shape than was asked for: nothing on the line could tell it from a late one.
    private static let troubles = SerialTrouble.allCases.filter { $0 != .otherCount && $0 != .late }

    private var dice: Dice
    private var waiting: [(answer: [UInt8], at: WireInstant)] = []
    /// How many answers it holds back.
    private var lag = 0

    init(seed: UInt64) { dice = Dice(seed: seed) }

    mutating func answer(_ question: [UInt8]) -> [UInt8] {
        let now = wireNow()
        let good = SerialFrames.honest(question)
        let trouble = dice.below(4) > 0 ? nil : Self.troubles[dice.below(Self.troubles.count)]
        if dice.below(8) == 0 { lag = lag == 0 ? 1 + dice.below(3) : 0 }
        waiting.append((trouble?.spoil(good) ?? good, now))
        waiting.removeAll { now - $0.at > Self.latest }
        let count = max(0, waiting.count - lag)
        defer { waiting.removeFirst(count) }
        return waiting[..<count].flatMap(\.answer)
    }
}

/// Chance from a seed.
private struct Dice {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func below(_ limit: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % limit
    }
}
