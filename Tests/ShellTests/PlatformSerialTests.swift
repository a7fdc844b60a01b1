import Glibc
import Platform
import Testing

@Suite struct PlatformSerialTests {
    @Test func bytesPassRawBothWays() throws {
        let line = try PseudoTerminal()
        let port = try SerialPort(path: line.path, baud: .baud38400)
        var buffer = [UInt8](repeating: 0, count: 64)
        #expect(try port.read(into: &buffer) == .wouldBlock)
        #expect(try line.write(Array("a\r\n\u{3}\u{11}b".utf8)) != .wouldBlock)
        #expect(becomesReadable(port.rawDescriptor))
        #expect(try port.read(into: &buffer) == .bytes(6))
        #expect(Array(buffer.prefix(6)) == Array("a\r\n\u{3}\u{11}b".utf8))
        #expect(try port.write(Array("..status\n".utf8), from: 2) == .bytes(7))
        #expect(becomesReadable(line.rawDescriptor))
        #expect(try received(line) == "status\n")
        try port.close()
    }

    @Test(arguments: BaudRate.allCases) func everyBaudRateIsTaken(baud: BaudRate) throws {
        let line = try PseudoTerminal()
        try SerialPort(path: line.path, baud: baud).close()
    }

    @Test func aSecondOwnerIsRefusedAndToldWhoHasIt() throws {
        let line = try PseudoTerminal()
        let path = line.path
        let owner = try SerialPort(path: path, baud: .baud9600)
        let error = failure { () throws(PlatformError) in _ = try SerialPort(path: path, baud: .baud9600) }
        let text = error?.description ?? ""
        // Root passes TIOCEXCL and meets the lock; others are stopped at the door.
        #expect(text.contains("pid \(getpid())") || text.contains("fuser -v"), "\(text)")
        try owner.close()
        try SerialPort(path: path, baud: .baud9600).close()
    }

    /// Its other end keeps a pseudo-terminal open: what the first owner claimed would outlive him, and keep out the next
    /// one, who is not root.
    @Test func aPseudoTerminalIsLeftAsItWasFound() throws {
        let exclusive = UInt(0x8004_5440)  // TIOCGEXCL of ioctl_tty(2)
        let line = try PseudoTerminal()
        let holder = open(line.path, O_RDWR | O_NOCTTY)
        defer { close(holder) }
        do { _ = try SerialPort(path: line.path, baud: .baud9600) }
        var isClaimed: Int32 = 1
        #expect(ioctl(holder, exclusive, &isClaimed) == 0 && isClaimed == 0)
    }

    @Test func anUnpluggedPortIsAHangUp() throws {
        let line = try PseudoTerminal()
        let port = try SerialPort(path: line.path, baud: .baud115200)
        line.unplug()
        #expect(becomesReadable(port.rawDescriptor))
        var buffer = [UInt8](repeating: 0, count: 8)
        guard case .hangup = try port.read(into: &buffer) else {
            Issue.record("reading from an unplugged port")
            return
        }
        guard case .hangup(let reason) = try port.write([1]) else {
            Issue.record("writing to an unplugged port")
            return
        }
        #expect(reason.contains("errno 5"))
    }

    @Test func whatTheLineHeldBeforeIsDropped() throws {
        let line = try PseudoTerminal()
        let holder = open(line.path, O_RDWR | O_NOCTTY)
        defer { close(holder) }
        #expect(try line.write(Array("half a line of yesterday\n".utf8)) != .wouldBlock)
        #expect(becomesReadable(holder))
        let port = try SerialPort(path: line.path, baud: .baud9600)
        var buffer = [UInt8](repeating: 0, count: 64)
        #expect(try port.read(into: &buffer) == .wouldBlock)
    }

    @Test func theIdentitySeesThroughLinks() throws {
        let line = try PseudoTerminal()
        let other = try PseudoTerminal()
        let scratch = ScratchDirectory()
        let link = scratch.file("pump-cui")
        try #require(symlink(line.path, link) == 0)
        let byLink = try SerialPort(path: link, baud: .baud9600)
        let identity = byLink.identity
        try byLink.close()
        let direct = try SerialPort(path: line.path, baud: .baud9600)
        let another = try SerialPort(path: other.path, baud: .baud9600)
        #expect(direct.identity == identity)
        #expect(another.identity != identity)
        #expect(identity.isPseudoTerminal)
        #expect(identity.description.hasPrefix("\(line.path) dev="))
    }

    @Test func aMissingPortSaysWhatToDo() {
        let error = failure { () throws(PlatformError) in _ = try SerialPort(path: "/dev/flowlab/none", baud: .baud9600)
        }
        #expect(error?.errnoCode == ENOENT)
        #expect(error?.description.contains("/dev/flowlab/none") == true)
        #expect(error?.description.contains("plugged in") == true)
    }

    @Test func whatIsNoTerminalIsRefused() {
        let error = failure { () throws(PlatformError) in _ = try SerialPort(path: "/dev/null", baud: .baud9600) }
        #expect(error?.description.contains("expected a tty") == true)
    }
}
