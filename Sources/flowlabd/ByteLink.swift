import Configuration
import ControlCore
import Drivers
import Interlocks
import ModbusLink
import Platform
import Quantities

/// A serial port or a TCP connection, open.
protocol ByteChannel: AnyObject {
    var rawDescriptor: Int32 { get }
    var identity: String { get }
    /// Of a serial port: the node that is open.
    var node: String? { get }
    /// True once bytes may flow.
    func finishOpening() throws(PlatformError) -> Bool
    func read(into buffer: inout [UInt8]) throws(PlatformError) -> TransferResult
    func write(_ bytes: [UInt8], from offset: Int) throws(PlatformError) -> TransferResult
}

final class SerialChannel: ByteChannel {
    private let port: SerialPort

    init(path: String, format: SerialFormat, clockRate: Double) throws(PlatformError) {
        port = try SerialPort(path: path, format: format)
        try port.requireFit(forClockRate: clockRate)
    }

    var rawDescriptor: Int32 { port.rawDescriptor }
    var identity: String { port.identity.description }
    var node: String? { port.identity.node }
    func finishOpening() throws(PlatformError) -> Bool { true }
    func read(into buffer: inout [UInt8]) throws(PlatformError) -> TransferResult { told(try port.read(into: &buffer)) }
    func write(_ bytes: [UInt8], from offset: Int) throws(PlatformError) -> TransferResult {
        told(try port.write(bytes, from: offset))
    }

    /// The kernel hangs up a port whose adapter goes, often before udev says so.
    private func told(_ result: TransferResult) -> TransferResult {
        guard case .hangup(let how) = result else { return result }
        return .hangup("unplugged? \(port.identity.node) hung up: \(how)")
    }
}

final class TCPChannel: ByteChannel {
    private let lock: AddressLock
    private let connection: TCPConnection

    init(host: String, port: UInt16) throws(PlatformError) {
        let address = try TCPAddress(host: host, port: port)
        lock = try AddressLock(address)
        connection = try TCPConnection(connectingTo: address)
    }

    var rawDescriptor: Int32 { connection.rawDescriptor }
    var identity: String { "tcp \(connection.address)" }
    var node: String? { nil }
    func finishOpening() throws(PlatformError) -> Bool { try connection.finishConnecting() }
    func read(into buffer: inout [UInt8]) throws(PlatformError) -> TransferResult { try connection.read(into: &buffer) }
    func write(_ bytes: [UInt8], from offset: Int) throws(PlatformError) -> TransferResult {
        try connection.write(bytes, from: offset)
    }
}

/// One byte link on the control loop: never blocks, reports what happens as link events.
final class ByteLink: Link {
    /// What one turn of the loop reads from one link at most, so that a babbling device cannot starve the others.
    static let readLimit = 16 * 1024
    /// Unwritten bytes a link may hold; a device that does not take them is lost.
    static let writeLimit = 64 * 1024

    private struct PendingWrite {
        let bytes: [UInt8]
        let authority: WriteAuthority
        var offset = 0
    }

    private let openChannel: () throws(PlatformError) -> any ByteChannel
    private let loop: EventLoop
    private let epoch: SharedTripEpoch
    private let report: (LinkEvent) -> Void
    private var channel: (any ByteChannel)?
    private var source: IOSource?
    private var isReady = false
    private var pending: [PendingWrite] = []
    private var buffer = [UInt8](repeating: 0, count: readLimit)

    init(
        loop: EventLoop, epoch: SharedTripEpoch, open: @escaping () throws(PlatformError) -> any ByteChannel,
        report: @escaping (LinkEvent) -> Void
    ) {
        self.loop = loop
        self.epoch = epoch
        openChannel = open
        self.report = report
    }

    func perform(_ action: LinkAction) {
        switch action {
        case .open: open()
        case .close: close()
        case .send(let bytes, let authority):
            pending.append(PendingWrite(bytes: bytes, authority: authority))
            writePending()
        case .flush(let current): pending.removeAll { $0.offset == 0 && !$0.authority.isValid(in: current) }
        case .modbus: preconditionFailure("a byte link carries bytes; the bench file gives a Modbus driver a bus")
        }
    }

    func portWent(_ node: String) {
        if channel?.node == node { lost(unplugged(node)) }
    }

    func portCame() { report(.present) }

    private func open() {
        close()
        do throws(PlatformError) {
            let channel = try openChannel()
            source = try loop.addIO(channel.rawDescriptor, [.readable, .writable]) { [weak self] in self?.ready($0) }
            self.channel = channel
        } catch {
            report(.closed(reason: error.description))
        }
    }

    private func close() {
        source?.remove()
        source = nil
        channel = nil
        isReady = false
        pending = []
    }

    private func lost(_ reason: String) {
        close()
        report(.closed(reason: reason))
    }

    private func ready(_ events: IOEvents) {
        do throws(PlatformError) {
            if !isReady { try finishOpening() }
            if isReady, !events.isDisjoint(with: [.readable, .hangup, .error]) { try readAvailable() }
            if isReady, events.contains(.writable) { writePending() }
        } catch {
            lost(error.description)
        }
    }

    private func finishOpening() throws(PlatformError) {
        guard let channel, try channel.finishOpening() else { return }
        isReady = true
        try source?.modify(.readable)
        report(.opened(identity: channel.identity))
    }

    private func readAvailable() throws(PlatformError) {
        guard let channel else { return }
        switch try channel.read(into: &buffer) {
        case .bytes(let count): report(.received(Array(buffer[..<count])))
        case .wouldBlock: break
        case .hangup(let how): lost(how)
        }
    }

    /// Writes what waits, in order. A write that a trip has made void since it was queued is dropped here, at the wire.
    private func writePending() {
        guard isReady, let channel else { return }
        do throws(PlatformError) {
            while let first = pending.first {
                if first.offset == 0, !first.authority.isValid(in: epoch.current) {
                    pending.removeFirst()
                    continue
                }
                switch try channel.write(first.bytes, from: first.offset) {
                case .bytes(let count):
                    pending[0].offset += count
                    if pending[0].offset == first.bytes.count { pending.removeFirst() }
                case .wouldBlock:
                    guard pending.reduce(0, { $0 + $1.bytes.count - $1.offset }) <= Self.writeLimit else {
                        return lost("the device takes no bytes: \(Self.writeLimit) wait")
                    }
                    try source?.modify([.readable, .writable])
                    return
                case .hangup(let how): return lost(how)
                }
            }
            try source?.modify(.readable)
        } catch {
            lost(error.description)
        }
    }
}
