import CModbus
import DeviceModel
import Interlocks
import ModbusLink
import Platform
import Quantities
import Synchronization
import Testing

private let patient = ModbusSettings(silencesToReconnect: 100)

private func bench(_ slave: SerialSlave, _ settings: ModbusSettings = ModbusSettings()) throws -> ModbusBench {
    let bench = try ModbusBench(.rtu(path: slave.path, format: SerialFormat(baud: .baud38400)), settings)
    guard case .opened(let identity) = bench.next(), identity.hasPrefix(slave.path) else {
        Issue.record("the port did not open")
        return bench
    }
    return bench
}

/// A bus over a serial line.
@Suite struct ModbusSerialTests {
    /// libmodbus's own server as the judge of our frames.
    @Test func aSlaveOnASerialLineAnswersByItsUnit() throws {
        let line = try PseudoTerminal()
        let path = line.path
        let raw = line.rawDescriptor
        let slave = try WorkerThread(name: "rtu-slave") { serveTwoRequests(raw) }
        let bench = try ModbusBench(.rtu(path: path, format: SerialFormat(baud: .baud38400)), patient)
        guard case .opened(let identity) = bench.next() else {
            Issue.record("the port did not open")
            return
        }
        #expect(identity.hasPrefix(path))
        let refused = failure { () throws(PlatformError) in _ = try SerialPort(path: path, baud: .baud9600) }
        #expect(refused != nil)
        bench.post(2, .writeRegister(address: 1, value: 1234), try bench.authority(.off))
        bench.post(3, .readHoldingRegisters(address: 0, count: 2))
        #expect(bench.outcome(of: 2) == .written)
        #expect(bench.outcome(of: 3) == .registers([0, 1234]))
        slave.join()
        bench.post(1, .readHoldingRegisters(address: 0, count: 1), unit: 9)
        #expect(bench.outcome(of: 1) == .failed("unit 9: Connection timed out (errno 110)"))
        bench.bus.stop()
    }

    /// Frames captured from other masters: process value, set point 25 degC, mode off.
    @Test func framesAreThoseOfOtherMasters() throws {
        let slave = try SerialSlave { _, question in SerialFrames.honest(question) }
        let bench = try bench(slave)
        bench.post(1, .readHoldingRegisters(address: 2820, count: 2))
        bench.post(2, .writeRegisters(address: 2782, values: [0, 0x41c8]), try bench.authority(.off))
        bench.post(3, .writeRegister(address: 2730, value: 62), try bench.authority(.off))
        #expect(bench.outcome(of: 1) == .registers([2820, 2821]))
        #expect(bench.outcome(of: 2) == .written)
        #expect(bench.outcome(of: 3) == .written)
        bench.bus.stop()
        slave.stop()
        let expected: [[UInt8]] = [
            [0x01, 0x03, 0x0b, 0x04, 0x00, 0x02, 0x87, 0xee],
            [0x01, 0x10, 0x0a, 0xde, 0x00, 0x02, 0x04, 0x00, 0x00, 0x41, 0xc8, 0x30, 0x19],
            [0x01, 0x06, 0x0a, 0xaa, 0x00, 0x3e, 0x2b, 0xe2],
        ]
        #expect(slave.questions == expected)
    }

    /// Frames of the vendor's wiki for a board of eight relays: relay 0 on, all read.
    @Test func relayFramesAreThoseOfTheVendor() throws {
        let slave = try SerialSlave { _, question in
            question[1] == 1 ? SerialFrames.whole([1, 1, 1, 0x81]) : Array(question)
        }
        let bench = try bench(slave)
        bench.post(1, .writeCoil(address: 0, on: true), try bench.authority(.off))
        bench.post(2, .readCoils(address: 0, count: 8))
        bench.post(3, .readCoils(address: 0, count: 9))
        #expect(bench.outcome(of: 1) == .written)
        #expect(bench.outcome(of: 2) == .bits([true, false, false, false, false, false, false, true]))
        #expect(bench.outcome(of: 3) == .failed("unit 1: a reply with 1 bytes of data, asked for were 2"))
        bench.bus.stop()
        slave.stop()
        let expected: [[UInt8]] = [
            [0x01, 0x05, 0x00, 0x00, 0xff, 0x00, 0x8c, 0x3a], [0x01, 0x01, 0x00, 0x00, 0x00, 0x08, 0x3d, 0xcc],
        ]
        #expect(slave.questions.prefix(2) == expected[...])
    }

    /// Eight coils and eight inputs come in replies of one length, but of different functions.
    @Test func bitsThatComeLateAreNotTakenForOthers() throws {
        let slave = try SerialSlave { number, question in
            number == 1 ? [] : SerialFrames.whole([question[0], question[1], 1, UInt8(number)])
        }
        let bench = try bench(slave)
        bench.post(1, .readCoils(address: 0, count: 8))
        bench.post(2, .readDiscreteInputs(address: 0, count: 8))
        bench.post(3, .readDiscreteInputs(address: 8, count: 5))
        #expect(bench.outcome(of: 1) == .bits([Bool](repeating: false, count: 8)))
        guard case .failed = bench.outcome(of: 2) else {
            Issue.record("silence was an answer")
            return
        }
        #expect(bench.outcome(of: 3) == .bits([true, true, false, false, false]))
        bench.bus.stop()
        slave.stop()
        #expect(slave.questions.map { $0[1] } == [1, 2, 1, 2], "a question of another shape goes first")
    }

    @Test func anExceptionIsAnAnswer() throws {
        let slave = try SerialSlave { _, _ in [0x01, 0x83, 0x02, 0xc0, 0xf1] }
        let bench = try bench(slave)
        bench.post(1, .readHoldingRegisters(address: 9, count: 1))
        #expect(bench.outcome(of: 1) == .exception(2))
        bench.bus.stop()
        slave.stop()
    }

    /// The next question leaves a write alone for 30 ms.
    @Test func aWriteIsFollowedByQuiet() throws {
        let slave = try SerialSlave { _, question in SerialFrames.honest(question) }
        let bench = try bench(slave)
        bench.post(1, .writeRegister(address: 7, value: 62), try bench.authority(.off))
        bench.post(2, .readHoldingRegisters(address: 8, count: 1))
        #expect(bench.outcome(of: 1) == .written)
        #expect(bench.outcome(of: 2) == .registers([8]))
        bench.bus.stop()
        slave.stop()
        #expect(slave.times.count == 2 && slave.times[1] - slave.times[0] >= 30_000_000)
    }

    @Test(arguments: SerialFormat.Parity.allCases, SerialFormat.StopBits.allCases)
    func aPseudoTerminalTakesEveryFormat(_ parity: SerialFormat.Parity, _ stopBits: SerialFormat.StopBits) throws {
        let slave = try SerialSlave { _, question in SerialFrames.honest(question) }
        let format = SerialFormat(baud: .baud9600, parity: parity, stopBits: stopBits)
        let bench = try ModbusBench(.rtu(path: slave.path, format: format, clockRate: 30))
        guard case .opened = bench.next() else {
            Issue.record("\(format) did not open")
            return
        }
        bench.post(1, .readHoldingRegisters(address: 5, count: 2))
        #expect(bench.outcome(of: 1) == .registers([5, 6]))
        bench.bus.stop()
        slave.stop()
    }

    @Test func anUnpluggedAdapterClosesTheLink() throws {
        let line = try PseudoTerminal()
        let bench = try ModbusBench(.rtu(path: line.path, format: SerialFormat(baud: .baud9600)))
        guard case .opened = bench.next() else {
            Issue.record("the port did not open")
            return
        }
        line.unplug()
        bench.post(1, .readHoldingRegisters(address: 5, count: 2))
        #expect(bench.outcome(of: 1) == .failed("Input/output error (errno 5)"))
        #expect(bench.next() == .closed(reason: "Input/output error (errno 5)"))
        bench.bus.stop()
    }
}

/// Unit 1 with ten registers; ends after two requests of its own.
private func serveTwoRequests(_ descriptor: Int32) {
    guard let context = modbus_new_rtu("/dev/null", 38400, CChar(bitPattern: UInt8(ascii: "N")), 8, 1),
        let registers = modbus_mapping_new(0, 0, 10, 0)
    else { return }
    modbus_set_slave(context, 1)
    modbus_set_socket(context, descriptor)
    modbus_set_indication_timeout(context, UInt32(patience.seconds), 0)
    var request = [UInt8](repeating: 0, count: Int(MODBUS_RTU_MAX_ADU_LENGTH))
    var left = 2
    while left > 0 {
        let length = modbus_receive(context, &request)
        guard length > 0 else { break }
        modbus_reply(context, request, length, registers)
        left -= 1
    }
    modbus_set_socket(context, -1)
    modbus_mapping_free(registers)
    modbus_free(context)
}
