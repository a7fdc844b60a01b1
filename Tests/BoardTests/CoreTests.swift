import BoardProtocol
import Testing

/// The daemon's side against the firmware's core, which is another implementation of the same dictionary.
@Suite struct CoreTests {
    @Test func whoIsThere() throws {
        let host = CoreHost()
        let hello = try #require(host.answer(HelloRequest(session: 0x0a0b_0c0d)))
        #expect(hello.protocol == BoardDictionary.version)
        #expect(hello.dictionary == BoardDictionary.hash)
        #expect(hello.board == .other(CoreBoard.model))
        #expect(hello.bootCount == CoreBoard.bootCount)
        #expect(hello.resetCause == .powerOn)
        #expect(hello.serial == CoreBoard.serial)
        #expect(hello.serialText == "0102030405060708090a0b0c")
        #expect(hello.channels == UInt8(CoreBoard.bench.count))
        #expect(hello.capabilities == 0b111_1110)
        #expect(hello.session == 0x0a0b_0c0d)
        #expect(hello.state == .open)
        let booted = BootedEvent(
            board: .other(CoreBoard.model), bootCount: CoreBoard.bootCount, resetCause: .powerOn)
        #expect(host.events == [.booted(booted)])
        for (index, channel) in CoreBoard.bench.enumerated() {
            let told = try #require(host.answer(DescribeRequest(channel: UInt8(index))))
            #expect(told.kind == channel.kind)
            #expect(told.labelText == channel.label)
            #expect(told.maxRate == channel.maxRate)
            #expect(told.fullScale == channel.fullScale)
        }
    }

    static let output = ConfigureOutputRequest(channel: 0, activeLow: 1, maxOnMilliseconds: 5000)
    static let input = ConfigureInputRequest(
        channel: 2, activeLow: 0, debounceMilliseconds: 5, report: 1, emergencyStop: 0)
    static let analog = ConfigureAnalogRequest(channel: 3, average: 4)
    static let axis = ConfigureAxisRequest(
        channel: 4, inverted: 1, maxRate: 1_000_000, acceleration: 500, maxRunMilliseconds: 60_000, limitChannel: 2,
        homeBackward: 1, minimum: -100, maximum: 70_000)
    static let pump = ConfigureAxisRequest(
        channel: 5, inverted: 0, maxRate: 2_000_000, acceleration: 1000, maxRunMilliseconds: 3_600_000,
        limitChannel: UInt8(BoardDictionary.noChannel), homeBackward: 0, minimum: 0, maximum: 0)
    static let heater = ConfigureHeaterRequest(
        channel: 6, sensorChannel: 3, sensorZero: -50_000, sensorScale: 200_000, sensorLow: 5, sensorHigh: 1000,
        kp: 10, ki: 20, kd: 30, windowMilliseconds: 1000, maxOutput: 900, maxTemperature: 120_000, checkSeconds: 60,
        checkRise: 500, maxOnMilliseconds: 600_000)

    /// A session in which all is configured.
    private func ready(_ host: CoreHost = CoreHost(), session: UInt32) throws -> CoreHost {
        host.core.setAnalog(3, 400)
        _ = try #require(host.answer(HelloRequest(session: session)))
        _ = try #require(host.answer(ConfigureBeginRequest()))
        var sum = ConfigurationSum()
        func configure<Request: ConfigureRequest>(_ request: Request) throws where Request.Answer == EmptyAnswer {
            #expect(host.ask(request) == .answered(EmptyAnswer()), "\(request)")
            sum.add(request)
        }
        try configure(Self.output)
        try configure(Self.input)
        try configure(Self.analog)
        try configure(Self.axis)
        try configure(Self.pump)
        try configure(Self.heater)
        let committed = try #require(host.answer(sum.commit))
        #expect(committed.crc == sum.told)
        let beat = try #require(host.answer(HeartbeatRequest(session: session, eventsSeen: 0)))
        #expect(beat.configuration == sum.told)
        #expect(beat.state == .ready)
        return host
    }

    @Test func aConfigurationIsReadBackAsItWasSent() throws {
        let host = try ready(session: 5)
        func check<Request: ConfigureRequest>(_ request: Request) throws {
            let kept = try #require(host.answer(ReadConfigurationRequest(channel: request.channel)))
            #expect(kept.type == Request.type)
            #expect(Request(payload: kept.body) == request)
        }
        try check(Self.output)
        try check(Self.input)
        try check(Self.analog)
        try check(Self.axis)
        try check(Self.pump)
        try check(Self.heater)
        #expect(host.answer(ReadConfigurationRequest(channel: 1))?.type == 0)
    }

    @Test func commandsAndEventsMeanTheSameOnBothSides() throws {
        let host = try ready(session: 6)
        let on = SetOutputRequest(channel: 0, level: 1, durationMilliseconds: 300)
        #expect(host.answer(on) == SetOutputRequest.Answer(level: 1, remainingMilliseconds: 300))
        #expect(host.answer(HeartbeatRequest(session: 6, eventsSeen: 0))?.active == 1)
        let moved = host.answer(MoveRequest(channel: 4, mode: .relative, position: 90, rate: 100_000))
        #expect(moved?.target == 90)
        #expect(host.ask(MoveRequest(channel: 4, mode: .absolute, position: 1, rate: 100_000)) == .refused(.busy))
        #expect(host.answer(PumpRequest(channel: 5, rate: 500_000, steps: -7))?.target == -7)
        let warm = SetHeaterRequest(channel: 6, target: 60_000, ramp: 100, durationMilliseconds: 10_000)
        #expect(host.ask(warm) == .answered(EmptyAnswer()))
        let read = try #require(host.answer(ReadRequest(channel: 6)))
        #expect(read.kind == .heater)
        #expect(read.active == 1)
        let later = SetOutputRequest(channel: 0, level: 0, durationMilliseconds: 0)
        let at = host.core.now &+ 400_000
        #expect(host.answer(ScheduleRequest(at: at, later))?.free == 7)
        let scheduled = host.sequence
        host.wait(milliseconds: 500, session: 6)
        #expect(
            host.events.contains { event in
                guard case .executed(let done) = event else { return false }
                return done.request == scheduled && done.status == .ok && done.at == at && done.done &- at < 2000
            })
        #expect(
            host.events.contains { event in
                guard case .ended(let ended) = event else { return false }
                return ended.channel == 0 && ended.reason == .expired
            })
        #expect(host.answer(ChannelStopRequest(channel: 4))?.active == 0)
        #expect(host.answer(StopRequest())?.active == 0)
        #expect(host.strays.isEmpty)
    }

    @Test func aDeadHostIsAFaultThatANewSessionEnds() throws {
        let host = try ready(session: 7)
        _ = host.core.wait(milliseconds: 1100)
        #expect(host.ask(MoveRequest(channel: 4, mode: .relative, position: 1, rate: 1000)) == .refused(.faulted))
        let beat = try #require(host.answer(HeartbeatRequest(session: 7, eventsSeen: 0)))
        #expect(beat.fault == .deadMan)
        #expect(beat.state == .fault)
        #expect(host.ask(ClearRequest(session: 7)) == .refused(.sameSession))
        #expect(
            host.events.contains { if case .faulted(let event) = $0 { event.fault == .deadMan } else { false } })
        #expect(host.answer(HelloRequest(session: 8))?.fault == .deadMan)
        #expect(host.answer(ClearRequest(session: 8))?.state == .open)
    }

    @Test func stampsAreThoseOfTheLastByteAndOfTheFirst() throws {
        let core = CoreBoard(at: .max - 2500)
        var reader = BoardFrameReader()
        _ = reader.frames(in: core.poll())
        let bytes = BoardFrame(sequence: 1, ClockRequest()).bytes
        #expect(core.receive(bytes.dropLast()).isEmpty)
        let earlier = core.wait(milliseconds: 3)
        #expect(earlier.isEmpty)
        let received = core.now
        let frame = try #require(reader.frames(in: core.receive(bytes.suffix(1))).first)
        #expect(ClockRequest.reply(in: frame) == .answered(ClockRequest.Answer(received: received, sent: core.now)))
    }

    /// These end what is configured, or are a fault when they come too late.
    private static let endings = [HelloRequest.name, ConfigureBeginRequest.name, ScheduleRequest.name]

    /// Random messages of the right form: each is answered as itself, and what is answered is decoded.
    @Test(arguments: 1...10 as ClosedRange<UInt64>) func everyRequestIsUnderstood(seed: UInt64) throws {
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let host = CoreHost()
        var answered: [String: Int] = [:]
        var commands = 0
        for round in 1...20 as ClosedRange<UInt32> {
            _ = try ready(host, session: round << 8)
            for step in 0..<200 {
                guard let request = BoardDictionary.requests.randomElement(using: &random) else { continue }
                if step < 150, Self.endings.contains(request.name) { continue }
                if isAnswered(request, host, &random) { answered[request.name, default: 0] += 1 }
                if step < 150, command(host, &random) { commands += 1 }
                if step % 20 == 0 { host.wait(milliseconds: 250, session: round << 8) }
            }
            _ = host.answer(HelloRequest(session: round << 8 | 1))
            _ = host.answer(ClearRequest(session: round << 8 | 1))
        }
        print(
            "seed \(seed): \(answered.values.reduce(0, +)) and \(commands) commands answered with ok, \(host.events.count) events"
        )
        #expect(answered.count >= 9, "only \(answered.keys.sorted())")
        #expect(commands > 500)
        #expect(host.events.count > 100)
        #expect(host.strays.isEmpty)
    }

    private func isAnswered<Request: BoardRequest>(
        _ type: Request.Type, _ host: CoreHost, _ random: inout SeededGenerator
    ) -> Bool {
        let payloads = MessageTests.lengths.map { random.payload($0) }
        guard let request = payloads.lazy.compactMap({ Request(payload: $0) }).randomElement(using: &random) else {
            Issue.record("\(type) takes no payload")
            return false
        }
        return isAnswered(request, host)
    }

    /// One that a board most often takes.
    private func command(_ host: CoreHost, _ random: inout SeededGenerator) -> Bool {
        let rate = UInt32.random(in: 1000...900_000, using: &random)
        let time = UInt32.random(in: 1...5000, using: &random)
        let off = SetOutputRequest(channel: 0, level: 0, durationMilliseconds: 0)
        switch Int.random(in: 0..<7, using: &random) {
        case 0: return isAnswered(SetOutputRequest(channel: 0, level: 1, durationMilliseconds: time), host)
        case 1:
            let way = Int32.random(in: -50...50, using: &random)
            return isAnswered(MoveRequest(channel: 4, mode: .relative, position: way, rate: rate), host)
        case 2: return isAnswered(HomeRequest(channel: 4, rate: rate, maxSteps: time), host)
        case 3:
            let steps = Int32.random(in: -900...900, using: &random)
            return isAnswered(PumpRequest(channel: 5, rate: rate, steps: steps), host)
        case 4:
            let target = Int32.random(in: 0...120_000, using: &random)
            let heat = SetHeaterRequest(channel: 6, target: target, ramp: 100, durationMilliseconds: time)
            return isAnswered(heat, host)
        case 5: return isAnswered(ScheduleRequest(at: host.core.now &+ time * 100, off), host)
        default: return isAnswered(ChannelStopRequest(channel: .random(in: 0...6, using: &random)), host)
        }
    }

    private func isAnswered<Request: BoardRequest>(_ request: Request, _ host: CoreHost) -> Bool {
        switch host.ask(request) {
        case .answered: return true
        case .refused(let status):
            // The length of what is scheduled is that of another message.
            let isForm = [.unknownMessage, .badVersion, .stale].contains(status)
            let isLength = status == .badLength && Request.self != ScheduleRequest.self
            #expect(!isForm && !isLength && BoardStatus.known.contains(status), "\(request): \(status)")
        case .malformed(let payload): Issue.record("\(request): an answer that is not decoded: \(payload)")
        case nil: Issue.record("\(request): no answer")
        }
        return false
    }

    /// Noise, damaged frames and whole ones of any type and version: both sides take the same bytes as frames, and
    /// drop the same.
    @Test(arguments: 1...20 as ClosedRange<UInt64>) func bothSidesDropTheSame(seed: UInt64) throws {
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let core = CoreBoard()
        var host = BoardFrameReader()
        _ = host.frames(in: core.poll())
        var reference = BoardFrameReader()
        var dropped = 0
        for _ in 0..<600 {
            let line = noise(&random)
            let frames = reference.frames(in: line)
            let answers = host.frames(in: core.receive(line)).filter(\.isAnswer)
            let asked = frames.filter(\.isRequest)
            #expect(answers.map(\.sequence) == asked.map(\.sequence))
            #expect(answers.map(\.type) == asked.map { $0.type | BoardFrame.answerBit })
            dropped += frames.count - asked.count
        }
        #expect(host.dropped == 0)
        // What is half on the line is ended first.
        #expect(reference.frames(in: [0]).isEmpty == host.frames(in: core.receive([0])).filter(\.isAnswer).isEmpty)
        let session = UInt32.random(in: 1 ... .max, using: &random)
        let hello = host.frames(in: core.receive(BoardFrame(sequence: 1, HelloRequest(session: session)).bytes))
        #expect(hello.first.flatMap { HelloRequest.reply(in: $0) } != nil)
        let request = HeartbeatRequest(session: session, eventsSeen: 0)
        let beat = host.frames(in: core.receive(BoardFrame(sequence: 2, request).bytes)).filter(\.isAnswer).first
        guard let beat, case .answered(let answer) = HeartbeatRequest.reply(in: beat) else {
            Issue.record("seed \(seed): no heartbeat")
            return
        }
        let counted = UInt16(truncatingIfNeeded: reference.dropped + dropped)
        print("seed \(seed): \(counted) dropped on both sides")
        #expect(answer.dropped == counted)
        #expect(counted > 100)
    }

    private func noise(_ random: inout SeededGenerator) -> [UInt8] {
        let version: UInt8 = Int.random(in: 0..<8, using: &random) == 0 ? .random(in: 0...3, using: &random) : 1
        let frame = BoardFrame(
            version: version, sequence: .random(in: 0...255, using: &random),
            type: .random(in: 0...0xff, using: &random), payload: random.bytes(.random(in: 0...64, using: &random)))
        switch Int.random(in: 0..<8, using: &random) {
        case 0: return random.bytes(.random(in: 0...100, using: &random))
        case 1: return random.bytes(.random(in: 0...100, using: &random)).map { $0 % 4 }
        case 2: return random.bytes(.random(in: 60...90, using: &random)).map { $0 | 1 } + [0]
        case 3:
            // A body that is too short or too long, with a right CRC.
            var body = random.bytes(Bool.random(using: &random) ? 2 : 68)
            let sum = CRC16(body).value
            body += [UInt8(sum >> 8), UInt8(truncatingIfNeeded: sum)]
            return COBS.encode(body) + [0]
        case let how: return random.damaged(frame.bytes, how: max(0, how - 4))
        }
    }
}
