import BoardProtocol
import Testing

@Suite struct CRC16Tests {
    /// Check values of CRC-16/IBM-3740.
    @Test(
        arguments: [
            (Array("123456789".utf8), 0x29b1), ([], 0xffff), ([0x00], 0xe1f0), ([0x00, 0x00], 0x1d0f), ([0xff], 0xff00),
        ] as [([UInt8], UInt16)])
    func knownValues(bytes: [UInt8], sum: UInt16) {
        #expect(CRC16(bytes).value == sum)
    }
}

@Suite struct COBSTests {
    private static let run = (0x01...0xfe).map { UInt8($0) }

    /// The examples of Cheshire and Baker's paper, and blocks that are exactly full.
    @Test(
        arguments: [
            ([], [0x01]), ([0x00], [0x01, 0x01]), ([0x00, 0x00], [0x01, 0x01, 0x01]),
            ([0x11, 0x22, 0x00, 0x33], [0x03, 0x11, 0x22, 0x02, 0x33]),
            ([0x11, 0x22, 0x33, 0x44], [0x05, 0x11, 0x22, 0x33, 0x44]),
            ([0x11, 0x00, 0x00, 0x00], [0x02, 0x11, 0x01, 0x01, 0x01]),
            (run, [0xff] + run), ([0x00] + run, [0x01, 0xff] + run), (run + [0x00], [0xff] + run + [0x01, 0x01]),
            (run + [0xff], [0xff] + run + [0x02, 0xff]),
        ] as [([UInt8], [UInt8])])
    func knownValues(bytes: [UInt8], encoded: [UInt8]) {
        #expect(COBS.encode(bytes) == encoded)
        #expect(COBS.decode(encoded) == bytes)
    }

    @Test func theLastCodeByteAfterAFullBlockIsTaken() {
        #expect(COBS.decode([0xff] + Self.run + [0x01]) == Self.run)
    }

    @Test(arguments: [[], [0x00], [0x02], [0x03, 0x11], [0x02, 0x00], [0x01, 0x00, 0x01]] as [[UInt8]])
    func whatIsNoCOBSIsRefused(encoded: [UInt8]) {
        #expect(COBS.decode(encoded) == nil)
    }

    @Test(arguments: 1...5 as ClosedRange<UInt64>) func anyBytesComeBackWithoutAZero(seed: UInt64) {
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let zeros = Double.random(in: 0...1, using: &random)
            let bytes = random.bytes(.random(in: 0...600, using: &random)).map { byte in
                Double.random(in: 0...1, using: &random) < zeros ? 0 : byte
            }
            let encoded = COBS.encode(bytes)
            #expect(!encoded.contains(0))
            #expect(encoded.count <= bytes.count + 1 + bytes.count / 254)
            #expect(COBS.decode(encoded) == bytes)
        }
    }
}

@Suite struct FrameTests {
    /// Version 1, sequence 7, `hello` of session 2; from another encoder.
    @Test func aFrameIsWhatTheProtocolSays() {
        let frame = BoardFrame(sequence: 7, HelloRequest(session: 2))
        #expect(frame.body == [0x01, 0x07, 0x01, 0x02, 0x00, 0x00, 0x00, 0xc6, 0xd7])
        #expect(frame.bytes == [0x05, 0x01, 0x07, 0x01, 0x02, 0x01, 0x01, 0x03, 0xc6, 0xd7, 0x00])
    }

    @Test func framesAndNonsenseAreToldApart() {
        let hello = BoardFrame(sequence: 1, HelloRequest(session: 9))
        let stop = BoardFrame(sequence: 2, StopRequest())
        var damaged = hello.bytes
        damaged[3] ^= 0x10
        let long = [UInt8](repeating: 0x55, count: 500) + [0]
        let short = COBS.encode([1, 2, 3]) + [0]
        var reader = BoardFrameReader()
        let line = [0, 0] + hello.bytes + damaged + long + short + [0x09, 0x00] + [0] + stop.bytes
        let items = line.compactMap { reader.append($0) }
        #expect(items.count == 6)
        #expect(items.first == .frame(hello))
        #expect(items.last == .frame(stop))
        #expect(items[2] == .dropped(.tooLong))
        #expect(items[3] == .dropped(.tooShort(3)))
        #expect(items[4] == .dropped(.notCOBS))
        #expect(reader.dropped == 4)
        #expect(reader.isBetweenFrames)
    }

    @Test func anotherVersionIsAFrameStill() {
        var reader = BoardFrameReader()
        let other = BoardFrame(version: 9, sequence: 3, type: 0x81, payload: [20])
        #expect(reader.frames(in: other.bytes) == [other])
        #expect(HelloRequest.reply(in: other) == .refused(.badVersion))
    }

    @Test func theLongestFrameIsTakenAndAByteMoreIsNot() {
        let longest = BoardFrame(
            sequence: 0, type: 0x17, payload: [UInt8](repeating: 0xaa, count: BoardDictionary.payloadMax))
        #expect(longest.body.count == BoardDictionary.bodyMax)
        var reader = BoardFrameReader()
        #expect(reader.frames(in: longest.bytes) == [longest])
        var body = [UInt8](repeating: 0xaa, count: BoardDictionary.bodyMax - 1)
        let sum = CRC16(body).value
        body += [UInt8(sum >> 8), UInt8(truncatingIfNeeded: sum)]
        #expect(reader.frames(in: COBS.encode(body) + [0]).isEmpty)
        #expect(reader.dropped == 1)
    }

    /// Frames among noise: after a 0 the reader is in step whatever came, and nothing is taken that was not sent.
    @Test(arguments: 1...20 as ClosedRange<UInt64>) func damagedLines(seed: UInt64) {
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        var reader = BoardFrameReader()
        var sent: Set<BoardFrame> = []
        for sequence in 0..<400 {
            let frame = BoardFrame(
                sequence: UInt8(truncatingIfNeeded: sequence), type: .random(in: 1...255, using: &random),
                payload: random.bytes(.random(in: 0...64, using: &random)))
            sent.insert(frame)
            let damage = Int.random(in: 0..<4, using: &random)
            let found = reader.frames(in: random.damaged(frame.bytes, how: damage))
            #expect(found.allSatisfy { sent.contains($0) })
            guard damage == 0 else {
                // A lost 0 would join the next frame to this one.
                #expect(reader.frames(in: [0]).allSatisfy { sent.contains($0) })
                continue
            }
            #expect(found == [frame])
        }
        #expect(reader.dropped > 0)
        #expect(reader.frames(in: BoardFrame(sequence: 1, StopRequest()).bytes).count == 1)
    }
}

/// By the definition, bit by bit: each bit of the message, and 16 zeros.
func bitwiseCRC(_ bytes: [UInt8]) -> UInt16 {
    var register: UInt32 = 0xffff
    for byte in bytes {
        for bit in (0..<8).reversed() {
            let top = (register >> 15) & 1 ^ UInt32(byte >> bit) & 1
            register = (register << 1) & 0xffff
            if top == 1 { register ^= 0x1021 }
        }
    }
    return UInt16(register)
}
