import DeviceModel
import ModbusLink
import Platform
import Quantities
import Testing

/// What the host says of a bus's port: it went, it came.
@Suite struct ModbusPlugTests {
    /// So long that nothing in a test waits it out.
    private static let patient = ModbusSettings(
        backOff: BackOff(firstPause: .seconds(600), longestPause: .seconds(600)))

    /// The line still answers: it is closed because of what the host says, not because of a time-out.
    @Test func aPortThatWentIsClosedAtOnce() throws {
        let slave = try SerialSlave { _, question in SerialFrames.honest(question) }
        let bench = try Self.bench(slave)
        #expect(bench.bus.node == slave.path)
        bench.bus.giveUp(node: slave.path, reason: "unplugged: \(slave.path) is gone")
        #expect(bench.next() == .closed(reason: "unplugged: \(slave.path) is gone"))
        #expect(bench.bus.node == nil)
        bench.post(1, .readHoldingRegisters(address: 1, count: 1))
        guard case .failed(let why) = bench.outcome(of: 1) else {
            Issue.record("a closed bus answered")
            return
        }
        #expect(why.contains("unplugged"))
        bench.bus.stop()
        slave.stop()
    }

    @Test func anotherPortThatWentIsNothingToIt() throws {
        let slave = try SerialSlave { _, question in SerialFrames.honest(question) }
        let bench = try Self.bench(slave)
        bench.bus.giveUp(node: "/dev/ttyUSB77", reason: "unplugged")
        bench.post(1, .readHoldingRegisters(address: 3, count: 1))
        #expect(bench.outcome(of: 1) == .registers([3]))
        bench.bus.stop()
        slave.stop()
    }

    /// A bus in its pause opens when its port comes.
    @Test func aPortThatCameIsOpenedAtOnce() throws {
        let slave = try SerialSlave { _, question in SerialFrames.honest(question) }
        let bench = try Self.bench(slave)
        bench.bus.giveUp(node: slave.path, reason: "unplugged")
        #expect(bench.next() == .closed(reason: "unplugged"))
        bench.bus.openNow()
        guard case .opened = bench.next() else {
            Issue.record("the port was not opened")
            return
        }
        bench.post(1, .readHoldingRegisters(address: 5, count: 1))
        #expect(bench.outcome(of: 1) == .registers([5]))
        bench.bus.stop()
        slave.stop()
    }

    private static func bench(_ slave: SerialSlave) throws -> ModbusBench {
        let bench = try ModbusBench(.rtu(path: slave.path, format: SerialFormat(baud: .baud38400)), patient)
        guard case .opened = bench.next() else { throw Unopened() }
        return bench
    }

    private struct Unopened: Error {}
}
