import BoardProtocol
import Testing

/// The messages that are made from the dictionary.
@Suite struct MessageTests {
    static let lengths = 0...BoardDictionary.payloadMax

    @Test(arguments: 1...5 as ClosedRange<UInt64>) func everyMessageComesBack(seed: UInt64) {
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        for request in BoardDictionary.requests { comesBack(request, &random) }
        for event in BoardDictionary.events { comesBack(event, &random) }
        for request in BoardDictionary.requests { answerComesBack(request, &random) }
    }

    private func answerComesBack<Request: BoardRequest>(_ request: Request.Type, _ random: inout SeededGenerator) {
        comesBack(Request.Answer.self, &random)
    }

    /// Of a length that it takes, bytes give a message, and the message gives bytes that are the same message.
    private func comesBack<Fields: BoardFields>(_ type: Fields.Type, _ random: inout SeededGenerator) {
        var taken = 0
        for count in Self.lengths {
            let bytes = random.bytes(count)
            guard let fields = Fields(payload: bytes) else { continue }
            taken += 1
            #expect(fields.payload.count == count, "\(type)")
            #expect(Fields(payload: fields.payload) == fields, "\(type)")
        }
        #expect(taken > 0, "\(type) takes nothing")
    }

    /// By hand from the dictionary.
    @Test func bytesAreWhereTheDictionaryHasThem() {
        let move = MoveRequest(channel: 3, mode: .relative, position: -2, rate: 0x0102_0304)
        #expect(move.payload == [3, 1, 0xfe, 0xff, 0xff, 0xff, 4, 3, 2, 1])
        #expect(MoveRequest.type == 17)
        let heartbeat = HeartbeatRequest(session: 0x0403_0201, eventsSeen: 5)
        #expect(heartbeat.payload == [1, 2, 3, 4, 5] + [UInt8](repeating: 0, count: 16))
        let schedule = ScheduleRequest(at: 0x0a, SetOutputRequest(channel: 1, level: 1, durationMilliseconds: 256))
        #expect(schedule.payload == [0x0a, 0, 0, 0, 16, 1, 1, 0, 1, 0, 0])
        let ended = EndedEvent(payload: [2, 1, 0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0])
        #expect(ended == EndedEvent(channel: 2, reason: .expired, value: -1, time: 1))
        let described = DescribeRequest.Answer(payload: [4, 0x44, 0x32, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0])
        #expect(described?.labelText == "D2")
        #expect(described?.kind == .stepper)
    }

    /// The clock takes the middle: both frames must be equally long.
    @Test func heartbeatAndClockAreAsLongBothWays() {
        let beat = HeartbeatRequest.Answer(
            received: 1, sent: 2, state: .ready, fault: .none, active: 0, inputs: 0, queued: 0, events: 0,
            configuration: 0, dropped: 0)
        let answer = BoardFrame(sequence: 1, answerTo: HeartbeatRequest.self, status: .ok, fields: beat)
        #expect(answer.bytes.count == BoardFrame(sequence: 1, HeartbeatRequest(session: 1, eventsSeen: 0)).bytes.count)
        let time = ClockRequest.Answer(received: 1, sent: 2)
        let told = BoardFrame(sequence: 1, answerTo: ClockRequest.self, status: .ok, fields: time)
        #expect(told.bytes.count == BoardFrame(sequence: 1, ClockRequest()).bytes.count)
    }

    @Test func anAnswerBelongsToItsRequest() {
        let output = SetOutputRequest.Answer(level: 1, remainingMilliseconds: 500)
        let taken = BoardFrame(sequence: 1, answerTo: SetOutputRequest.self, status: .ok, fields: output)
        #expect(SetOutputRequest.reply(in: taken) == .answered(output))
        #expect(MoveRequest.reply(in: taken) == nil)
        let refused = BoardFrame(sequence: 1, answerTo: SetOutputRequest.self, status: .outOfRange, fields: nil)
        #expect(SetOutputRequest.reply(in: refused) == .refused(.outOfRange))
        let cut = BoardFrame(sequence: 1, type: SetOutputRequest.answerType, payload: [0, 1])
        #expect(SetOutputRequest.reply(in: cut) == .malformed(payload: [0, 1]))
        let empty = BoardFrame(sequence: 1, type: SetOutputRequest.answerType, payload: [])
        #expect(SetOutputRequest.reply(in: empty) == .malformed(payload: []))
        let done = BoardFrame(sequence: 4, answerTo: ConfigureBeginRequest.self, status: .ok, fields: EmptyAnswer())
        #expect(ConfigureBeginRequest.reply(in: done) == .answered(EmptyAnswer()))
    }

    @Test func eventsAreTold() {
        let faulted = FaultedEvent(fault: .deadMan, channel: 255, value: 0, time: 77)
        #expect(BoardEvent(BoardFrame(sequence: 3, faulted)) == .faulted(faulted))
        #expect(BoardEvent(BoardFrame(sequence: 3, type: FaultedEvent.type, payload: [1])) == nil)
        #expect(BoardEvent(BoardFrame(sequence: 3, type: 0xff, payload: [])) == nil)
        #expect(BoardEvent(BoardFrame(sequence: 3, StopRequest())) == nil)
    }

    /// Every code stands for itself, also one that this release does not know, and has words.
    @Test func codesAreKept() {
        for code in 0...255 as ClosedRange<UInt8> {
            #expect(BoardStatus(code: code).code == code)
            #expect(BoardFault(code: code).code == code)
            #expect(BoardModel(code: code).code == code)
            #expect(!BoardStatus(code: code).words.isEmpty)
            #expect(!BoardFault(code: code).words.isEmpty)
            #expect(!BoardEnded(code: code).words.isEmpty)
            #expect(!BoardResetCause(code: code).words.isEmpty)
        }
        let words = BoardStatus.known.map(\.words)
        #expect(Set(words).count == words.count)
    }

    @Test func aConfigurationIsSummedOverTypeAndPayload() {
        var sum = ConfigurationSum()
        sum.add(ConfigureOutputRequest(channel: 1, activeLow: 0, maxOnMilliseconds: 1000))
        sum.add(ConfigureAnalogRequest(channel: 2, average: 8))
        let bytes: [UInt8] = [6, 1, 0, 0xe8, 3, 0, 0, 8, 2, 8]
        #expect(sum.commit == ConfigureCommitRequest(count: 2, crc: bitwiseCRC(bytes)))
        #expect(sum.told == bitwiseCRC(bytes))
    }

    /// What is scheduled fits the room that a board keeps for it.
    @Test func whatMayBeScheduledFits() {
        let bodies = [
            SetOutputRequest(channel: 0, level: 0, durationMilliseconds: 0).payload,
            MoveRequest(channel: 0, mode: .absolute, position: 0, rate: 0).payload,
            HomeRequest(channel: 0, rate: 0, maxSteps: 0).payload, PumpRequest(channel: 0, rate: 0, steps: 0).payload,
            ChannelStopRequest(channel: 0).payload,
        ]
        #expect(bodies.allSatisfy { $0.count <= BoardDictionary.scheduledBodyMax })
    }
}
