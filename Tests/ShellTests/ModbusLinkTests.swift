import DeviceModel
import Interlocks
import ModbusLink
import Platform
import Quantities
import Testing

/// Pauses short enough that a test need not notice them.
private let eager = ModbusSettings(
    backOff: BackOff(firstPause: .milliseconds(1), longestPause: .milliseconds(2)), silencesToReconnect: 1)
private let patient = ModbusSettings(silencesToReconnect: 100)

@Suite struct ModbusLinkTests {
    @Test func registersAreWrittenAndReadBack() throws {
        let server = try ModbusServer()
        let bench = try ModbusBench(server)
        bench.post(1, .writeRegister(address: 2, value: 0xBEEF), try bench.authority(.hold(Temperature(celsius: 90))))
        bench.post(2, .writeRegisters(address: 3, values: [7, 8]), try bench.authority(.off))
        bench.post(3, .readHoldingRegisters(address: 2, count: 4))
        #expect(bench.outcome(of: 1) == .written)
        #expect(bench.outcome(of: 2) == .written)
        #expect(bench.outcome(of: 3) == .registers([0xBEEF, 7, 8, 0]))
        bench.bus.stop()
        #expect(bench.next() == .closed(reason: "the bus is stopping"))
        server.stop()
    }

    @Test func bitsAndInputRegistersAreReadAndCoilsWritten() throws {
        let server = try ModbusServer()
        let bench = try ModbusBench(server)
        bench.post(1, .writeCoil(address: 9, on: true), try bench.authority(.off))
        bench.post(2, .writeCoil(address: 1, on: false), try bench.authority(.off))
        bench.post(3, .readCoils(address: 1, count: 9))
        bench.post(4, .readDiscreteInputs(address: 2, count: 3))
        bench.post(5, .readInputRegisters(address: 4, count: 2))
        #expect(bench.outcome(of: 1) == .written)
        #expect(bench.outcome(of: 2) == .written)
        #expect(bench.outcome(of: 3) == .bits([Bool](repeating: false, count: 8) + [true]))
        #expect(bench.outcome(of: 4) == .bits([false, true, false]))
        #expect(bench.outcome(of: 5) == .registers([1234, 0]))
        bench.post(6, .readCoils(address: 5, count: 6))
        bench.post(7, .readDiscreteInputs(address: 0, count: 2001))
        #expect(bench.outcome(of: 6) == .exception(2))
        guard case .failed(let reason) = bench.outcome(of: 7) else {
            Issue.record("2001 inputs were asked for")
            return
        }
        #expect(reason.contains("2001 bits asked for"))
        bench.bus.stop()
        #expect(server.requests.first == [5, 0, 9, 0xff, 0])
        server.stop()
    }

    @Test func anExceptionIsAnAnswer() throws {
        let server = try ModbusServer()
        let bench = try ModbusBench(server)
        bench.post(1, .readHoldingRegisters(address: 100, count: 1))
        bench.post(2, .readHoldingRegisters(address: 0, count: 1))
        #expect(bench.outcome(of: 1) == .exception(2))
        #expect(bench.outcome(of: 2) == .registers([0]))
        bench.bus.stop()
        server.stop()
    }

    @Test func anImpossibleCountFailsWithoutTouchingTheWire() throws {
        let server = try ModbusServer()
        let bench = try ModbusBench(server)
        bench.post(1, .readHoldingRegisters(address: 0, count: 0))
        bench.post(2, .readHoldingRegisters(address: 0, count: 126))
        bench.post(3, .writeRegisters(address: 0, values: Array(repeating: 0, count: 124)))
        for id in UInt64(1)...3 {
            guard case .failed(let reason) = bench.outcome(of: id) else {
                Issue.record("request \(id) did not fail")
                continue
            }
            #expect(reason.contains("a request"))
        }
        bench.bus.stop()
        #expect(server.requests.isEmpty)
        server.stop()
    }

    @Test func aSilentSlaveIsLeftAloneForAWhileExceptForUrgentWrites() throws {
        let server = try ModbusServer()
        let bench = try ModbusBench(server, patient)
        server.be(.mute)
        bench.post(1, .readHoldingRegisters(address: 0, count: 1))
        bench.post(2, .readHoldingRegisters(address: 0, count: 1))
        #expect(bench.outcome(of: 1) == .failed("unit 1: Connection timed out (errno 110)"))
        #expect(bench.outcome(of: 2) == .failed("unit 1 does not answer; it is asked again within 10 s"))
        #expect(server.requests.count == 1)
        server.be(.answering)
        bench.post(3, .writeRegister(address: 0, value: 0), try bench.authority(.off), urgent: true)
        #expect(bench.outcome(of: 3) == .written)
        // It answered, so questions go through again.
        bench.post(4, .readHoldingRegisters(address: 0, count: 1))
        #expect(bench.outcome(of: 4) == .registers([0]))
        bench.bus.stop()
        server.stop()
    }

    @Test func aSilentConnectionIsMadeAnew() throws {
        let server = try ModbusServer()
        let bench = try ModbusBench(server, eager)
        server.be(.mute)
        bench.post(1, .readHoldingRegisters(address: 0, count: 1))
        #expect(bench.outcome(of: 1) != nil)
        #expect(bench.next() == .closed(reason: "1 requests in a row without an answer"))
        server.be(.answering)
        #expect(bench.next() == .opened(identity: "tcp 127.0.0.1:\(server.port)"))
        bench.post(2, .readHoldingRegisters(address: 0, count: 1))
        #expect(bench.outcome(of: 2) == .registers([0]))
        bench.bus.stop()
        server.stop()
    }

    @Test func aCutConnectionFailsItsRequestAndIsMadeAnewWithoutReplay() throws {
        let server = try ModbusServer(gated: true)
        let settings = ModbusSettings(backOff: eager.backOff)
        let bench = try ModbusBench(server, settings)
        bench.post(1, .writeRegister(address: 0, value: 5), try bench.authority(.hold(Temperature(celsius: 50))))
        #expect(server.arrived.wait(timeout: patience))
        server.dropClient()
        server.release()
        guard case .failed = bench.outcome(of: 1) else {
            Issue.record("a cut request did not fail")
            return
        }
        guard case .closed = bench.next(), case .opened = bench.next() else {
            Issue.record("the link was not made anew")
            return
        }
        server.release()
        bench.post(2, .readHoldingRegisters(address: 0, count: 1))
        #expect(bench.outcome(of: 2) != nil)
        #expect(server.requests.map(\.first) == [6, 3])
        bench.bus.stop()
        server.stop()
    }

    @Test func withoutALinkRequestsFailAtOnceAndSayWhy() throws {
        let port = LoopbackServer().port
        let bench = try ModbusBench(.tcp(TCPAddress(host: "127.0.0.1", port: port)))
        guard case .unreachable(let reason) = bench.next() else {
            Issue.record("nobody listened, and it was not told")
            return
        }
        #expect(reason.contains("Connection refused"))
        bench.post(1, .readHoldingRegisters(address: 0, count: 1))
        #expect(bench.outcome(of: 1) == .failed("modbus tcp 127.0.0.1:\(port) is not open: \(reason)"))
        bench.bus.stop()
    }

    @Test func backOffDoublesUpToItsLimit() {
        var backOff = BackOff()
        var now = WireInstant.zero
        #expect(backOff.isDue(at: now))
        for seconds in [1, 2, 4, 8, 10, 10] as [Double] {
            backOff.failed(at: now)
            #expect(backOff.next == now + .seconds(seconds))
            #expect(!backOff.isDue(at: now))
            now = now + .seconds(seconds)
            #expect(backOff.isDue(at: now))
        }
        backOff.succeeded()
        backOff.failed(at: now)
        #expect(backOff.next == now + .seconds(1))
    }
}

/// What a trip does to a bus.
@Suite struct ModbusTripTests {
    @Test func aPermitFromBeforeTheTripIsNeverWritten() throws {
        let server = try ModbusServer()
        let bench = try ModbusBench(server)
        let stale = try bench.authority(.hold(Temperature(celsius: 150)))
        let safe = try bench.authority(.off)
        bench.trip()
        bench.post(1, .writeRegister(address: 0, value: 150), stale)
        bench.post(2, .writeRegister(address: 1, value: 62), safe)
        bench.post(3, .readHoldingRegisters(address: 0, count: 2))
        #expect(bench.outcome(of: 1) == .refusedByTrip)
        #expect(bench.outcome(of: 2) == .written)
        #expect(bench.outcome(of: 3) == .registers([0, 62]))
        #expect(server.requests.map(\.first) == [6, 3])
        bench.bus.stop()
        server.stop()
    }

    @Test func aWriteThatWaitsBehindAPollDoesNotOutliveTheTrip() throws {
        let server = try ModbusServer(gated: true)
        let bench = try ModbusBench(server)
        bench.post(1, .readHoldingRegisters(address: 0, count: 1))
        #expect(server.arrived.wait(timeout: patience))
        bench.post(2, .writeRegister(address: 0, value: 150), try bench.authority(.hold(Temperature(celsius: 150))))
        bench.trip()
        bench.post(3, .writeRegister(address: 1, value: 62), try bench.authority(.off), urgent: true)
        for _ in 0..<3 { server.release() }
        #expect(bench.outcome(of: 1) != nil)
        server.release()
        #expect(bench.outcome(of: 3) != nil)
        #expect(bench.outcome(of: 2) == .refusedByTrip)
        bench.bus.stop()
        #expect(server.requests == [[3, 0, 0, 0, 1], [6, 0, 1, 0, 62]])
        server.stop()
    }

    @Test func aFlushAnswersWaitingWritesAndKeepsTheRest() throws {
        let server = try ModbusServer(gated: true)
        let bench = try ModbusBench(server)
        bench.post(1, .readHoldingRegisters(address: 0, count: 1))
        #expect(server.arrived.wait(timeout: patience))
        bench.post(2, .readHoldingRegisters(address: 1, count: 1))
        bench.post(3, .writeRegister(address: 2, value: 9), try bench.authority(.hold(Temperature(celsius: 90))))
        bench.post(4, .writeRegister(address: 3, value: 62), try bench.authority(.off))
        bench.bus.flush()
        bench.post(5, .writeRegister(address: 4, value: 8), try bench.authority(.hold(Temperature(celsius: 80))))
        server.release()
        #expect(bench.outcome(of: 1) != nil)
        #expect(bench.outcome(of: 3) == .refusedByTrip)
        for id in [2, 4, 5] as [UInt64] {
            server.release()
            #expect(bench.outcome(of: id) != nil)
        }
        bench.bus.stop()
        #expect(server.requests.map { $0[0...2] } == [[3, 0, 0], [3, 0, 1], [6, 0, 3], [6, 0, 4]])
        server.stop()
    }

    @Test func urgentGoesFirstAndAFullQueueRefuses() throws {
        let server = try ModbusServer(gated: true)
        let bench = try ModbusBench(server, ModbusSettings(queueCapacity: 2))
        bench.post(1, .readHoldingRegisters(address: 0, count: 1))
        #expect(server.arrived.wait(timeout: patience))
        #expect(bench.bus.busySince != nil)
        bench.post(2, .readHoldingRegisters(address: 1, count: 1))
        bench.post(3, .readHoldingRegisters(address: 2, count: 1))
        let one = ModbusRequest(id: 4, unit: 1, operation: .readHoldingRegisters(address: 3, count: 1))
        #expect(bench.bus.post(one, .query, urgent: false, owner: 0) == .full)
        bench.post(5, .writeRegister(address: 4, value: 62), try bench.authority(.off), urgent: true)
        for id in [1, 5, 2, 3] as [UInt64] {
            server.release()
            #expect(bench.outcome(of: id) != nil)
        }
        #expect(bench.bus.load == (2, 1))
        bench.bus.stop()
        server.stop()
    }

    @Test func stoppingAnswersWhatWaitsAndStillMakesSafe() throws {
        let server = try ModbusServer(gated: true)
        let bench = try ModbusBench(server)
        bench.post(1, .readHoldingRegisters(address: 0, count: 1))
        #expect(server.arrived.wait(timeout: patience))
        bench.post(2, .readHoldingRegisters(address: 1, count: 1))
        bench.post(3, .writeRegister(address: 4, value: 62), try bench.authority(.off), urgent: true)
        let bus = bench.bus
        let stopper = try WorkerThread(name: "stopper") { bus.stop() }
        server.release()
        #expect(bench.outcome(of: 1) != nil)
        server.release()
        var outcomes: [UInt64: ModbusReply.Outcome] = [:]
        while case .reply(let reply, _) = bench.next() {
            outcomes[reply.id] = reply.outcome
            server.release()
        }
        stopper.join()
        #expect(outcomes.count == 2)
        #expect(server.requests.contains { $0[0] == 6 })
        server.stop()
    }
}
