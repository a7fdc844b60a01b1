import ControlCore
import DeviceModel
import Drivers
import Experiments
import Interlocks
import Quantities
import Recording
import Testing
import VirtualBench

@Suite struct FormatTests {
    static let links: [LinkName] = ["heater", "pump_cui"]

    static func moment(_ nanoseconds: Int64, wall: Int64 = 0) -> Moment {
        Moment(
            wire: WireInstant(nanoseconds: nanoseconds), bench: BenchInstant(nanoseconds: nanoseconds * 20),
            wall: WallInstant(nanoseconds: 1_700_000_000_000_000_000 + nanoseconds + wall))
    }

    private static let modbus: [ModbusReply.Outcome] = [
        .registers([0, 1, 65_535]), .bits([true, false, true]), .written, .exception(2), .failed("time-out"),
        .refusedByTrip,
    ]
    private static let operations: [ModbusRequest.Operation] = [
        .readCoils(address: 1, count: 2), .readDiscreteInputs(address: 3, count: 4),
        .readHoldingRegisters(address: 360, count: 2), .readInputRegisters(address: 65_535, count: 125),
        .writeCoil(address: 7, on: true), .writeRegister(address: 8, value: 9),
        .writeRegisters(address: 10, values: [11, 12]),
    ]

    /// Every kind of record comes back as it was written.
    @Test func everyRecordComesBack() throws {
        var encoder = RecordEncoder(links: Self.links)
        var written: [ControllerInput] = [
            .time, .link("heater", .opened(identity: "tcp 1.2.3.4:502")), .link("heater", .closed(reason: "gone")),
            .link("pump_cui", .received([0, 10, 255])), .link("pump_cui", .deadline), .archived(batch: 77),
            .archiveFailed("full"), .clientGone(9), .shutdown(reason: "asked"), .recorder(trouble: nil),
            .recorder(trouble: "no room"), .link("pump_cui", .present),
            .attends(experiment: "e-000001", Caller(uid: 1, pid: 2, role: .observer, client: 3)),
        ]
        written += Self.modbus.map { .link("heater", .modbus(ModbusReply(id: 5, outcome: $0))) }
        written += Self.requests.map {
            .request(RequestToken(number: 8), $0, Caller(uid: 1, pid: 2, role: .technician))
        }
        let actions: [LinkAction] =
            [.open, .close, .send([1, 2], .query), .flush(TripEpoch(count: 300))]
            + Self.operations.map { .modbus(ModbusRequest(id: 1, unit: 2, operation: $0), .query, urgent: true) }
        for (index, input) in written.enumerated() {
            let effects = index == 3 ? actions.map { ControllerEffect.link("heater", $0) } : []
            encoder.step(
                input, effects, at: Self.moment(Int64(index) * 20_000_017, wall: index == 7 ? -5_000_000_000 : 0))
        }
        let frame = try next(&encoder)
        #expect(frame.records == UInt64(written.count + actions.count))
        let records = try items(RecordingFormat.head + frame.bytes, links: Self.links).compactMap(\.record)
        var inputs: [ControllerInput] = []
        var moments: [Moment] = []
        var done: [RecordedAction] = []
        for record in records {
            switch record {
            case .input(.plain(let input), let now):
                inputs.append(input)
                moments.append(now)
            case .action(let link, let action):
                #expect(link == "heater")
                done.append(action)
            case .input, .gap: Issue.record("unexpected \(record)")
            }
        }
        #expect(done == actions.map(RecordedAction.init))
        #expect(inputs.count == written.count)
        var again = RecordEncoder(links: Self.links)
        for (index, (input, expected)) in zip(inputs, written).enumerated() {
            // The order in which a dictionary prints itself is no part of it; that of its JSON is sorted.
            if case .request = expected {} else { #expect("\(input)" == "\(expected)") }
            let effects = index == 3 ? actions.map { ControllerEffect.link("heater", $0) } : []
            again.step(input, effects, at: moments[index])
        }
        #expect(try next(&again).bytes == frame.bytes)
        let (asked, wanted) = (inputs.compactMap(Self.submission), written.compactMap(Self.submission))
        #expect(asked == wanted && asked.count == 1)
        #expect(moments[5] == Self.moment(5 * 20_000_017))
        #expect(moments[7] == Self.moment(7 * 20_000_017, wall: -5_000_000_000))
    }

    private static func submission(_ input: ControllerInput) -> Submission? {
        if case .request(_, .submit(let submission), _) = input { submission } else { nil }
    }

    private static var requests: [ControlRequest] {
        let submission = Submission(
            recipe: ReplayTests.recipe, key: "k \"x\"\n", metadata: .object(["n": .integer(.max), "d": .number(0.1)]),
            campaign: nil, priority: -3, ifClientGone: .safe)
        return [
            .plan(.references), .submit(submission), .cancel(experiment: "e-1"), .recipeForms, .exitMaintenance,
            .attach(Attachment(submission: submission, features: [:], source: "s")), .emptyWaste(note: nil),
            .bypassInterlock("a", person: "b", reason: "c", span: .seconds(0.1)),
            .act(.move(PumpMove(flow: FlowRate(microlitersPerMinute: 0.1), volume: nil)), on: "cui"),
            .act(.acquire(BurstRequest(frames: 3, integration: .milliseconds(8))), on: nil),
            .act(.lamp(on: true), on: "x"), .act(.heat(Temperature(celsius: -0.0)), on: "heater"), .act(.stop, on: nil),
            .enterMaintenance(person: "p", reason: "r", span: .seconds(60), takesOver: true),
            .acquireLease(LeaseWish(devices: ["a"], person: "p", reason: "r", span: .seconds(1))),
            .renewLease("l", span: nil), .dumpRecorder(reason: ""), .reload,
            .refill(Refill(device: "d", volumeUL: 1.5, batch: nil, lot: "l", componentsMM: ["cs": 1e-9], note: nil)),
        ]
    }

    /// Five frames, the third of them damaged in every of its bytes in turn: the others are read, the hole is named.
    @Test func aFlippedBitCostsItsFrameAndIsNamed() throws {
        let frames = Self.frames(5)
        let before = RecordingFormat.head.count + frames[0].count + frames[1].count
        let whole = RecordingFormat.head + frames.joined()
        #expect(try items(whole, links: Self.links).count == 10)
        for offset in 0..<frames[2].count {
            var bytes = whole
            bytes[before + offset] ^= UInt8(1 << (offset % 8))
            let found = try items(bytes, links: Self.links)
            #expect(found.compactMap(\.number) == [1, 2, 3, 4, 7, 8, 9, 10], "byte \(offset)")
            #expect(found.compactMap(\.damage).count == 1, "byte \(offset)")
        }
    }

    /// Cut at every byte, as a power loss may: what is whole is read, and a torn end is named as one.
    @Test func aTornTailIsNamed() throws {
        let frames = Self.frames(2)
        let whole = RecordingFormat.head + frames.joined()
        let second = RecordingFormat.head.count + frames[0].count
        for end in second..<whole.count {
            let rest = [UInt8](repeating: 0, count: 64)
            let found = try items(Array(whole[..<end]) + rest, links: Self.links)
            #expect(found.compactMap(\.number) == [1, 2], "cut at \(end)")
            let isTorn = whole[second..<end].contains { $0 != 0 }
            #expect(found.compactMap(\.damage).contains { $0.contains("torn") } == isTorn, "cut at \(end)")
        }
    }

    @Test func anotherVersionAndAnotherFileAreRefused() {
        var bytes = RecordingFormat.head
        bytes[12] = 99
        #expect(throws: RecordingError.otherVersion("f", found: 99)) { try SegmentReader(bytes, file: "f") }
        #expect(throws: RecordingError.notARecording("f")) { try SegmentReader(Array("hello".utf8), file: "f") }
        #expect(throws: RecordingError.notARecording("f")) { try SegmentReader([], file: "f") }
    }

    /// Bytes that chance makes, whole and inside of sound frames: reading ends, and nothing traps.
    @Test(arguments: [1, 2, 3] as [UInt64]) func garbageIsRead(seed: UInt64) throws {
        print("garbage: seed \(seed)")
        var generator = Generator(seed: seed, part: 1)
        for _ in 0..<200 {
            var bytes = RecordingFormat.head + Self.frames(3).joined()
            for _ in 0..<20 {
                let place = Int(generator.uniform(16, Double(bytes.count)))
                bytes[place] = UInt8(generator.uniform(0, 256))
            }
            _ = try? items(bytes, links: Self.links)
        }
    }

    /// Moments that no clock shows, under sound checksums: what holds them is refused or named, and nothing traps.
    @Test(arguments: [Int64.min, -1, Int64.max]) func momentsThatNoClockShows(nanoseconds: Int64) throws {
        let (wire, bench) = (WireInstant(nanoseconds: nanoseconds), BenchInstant(nanoseconds: 0))
        let moment = Moment(wire: wire, bench: bench, wall: WallInstant(nanoseconds: nanoseconds))
        let head = SegmentHead(
            daemon: "0.0.0", bench: "b", simulated: true, clockRate: 1, run: "r", part: 0, links: Self.links,
            started: moment)
        #expect { try items(RecordingFormat.head + head.frame) } throws: { "\($0)".contains("no clock shows") }
        var encoder = RecordEncoder(links: Self.links)
        encoder.step(.time, [], at: Self.moment(5))
        encoder.step(.time, [], at: moment)
        let found = try items(RecordingFormat.head + next(&encoder).bytes, links: Self.links)
        #expect(found.compactMap(\.number) == [1] && found.compactMap(\.damage).count == 1, "\(found)")
    }

    @Test func aGapIsRecordedWithItsCount() throws {
        var encoder = RecordEncoder(links: Self.links)
        encoder.step(.time, [], at: Self.moment(1))
        let lost = try next(&encoder)
        encoder.gap(lost: lost.records, "the recorder's thread was behind", at: Self.moment(2))
        encoder.step(.time, [], at: Self.moment(3))
        let frame = try next(&encoder)
        let found = try items(RecordingFormat.head + frame.bytes, links: Self.links)
        #expect(found.compactMap(\.number) == [2, 3])
        guard case .gap(1, "the recorder's thread was behind")? = found.first?.record else {
            Issue.record("\(found)")
            return
        }
        #expect(RecordLine(try #require(found.first?.record))?.text.contains("1 records are missing") == true)
    }

    @Test func peopleReadTextHexAndModbus() {
        let set = RecordedAction.send(Array("set rate 10\r\n".utf8), .permit(epoch: 3, makesSafe: false))
        #expect(RecordText.text(set) == "\"set rate 10\\r\\n\" (permit of epoch 3)")
        #expect(RecordText.text([0xC1, 0xC0, 0x00]) == "hex c1 c0 00")
        let write = ModbusRequest(id: 4, unit: 1, operation: .writeRegisters(address: 2160, values: [0x430C, 0]))
        #expect(
            RecordText.text(RecordedAction(.modbus(write, .query, urgent: false)))
                == "modbus #4 unit 1 fn 16 write registers 2160 = [17164 0] = 140.0 high word first")
    }

    private func next(_ encoder: inout RecordEncoder) throws -> RecordFrame {
        let frame = encoder.take()
        return try #require(frame)
    }

    static func frames(_ count: Int) -> [[UInt8]] {
        var encoder = RecordEncoder(links: links)
        return (0..<count).compactMap { index in
            let now = moment(Int64(index) * 250_000_000)
            encoder.step(
                .link("pump_cui", .received([1, 2, 3])), [.link("pump_cui", .send([65, 66], .query))], at: now)
            return encoder.take()?.bytes
        }
    }
}
