import FoundationEssentials
import Glibc
import Platform
import Quantities
import Testing

/// Serialized: these change the environment of the process.
@Suite(.serialized) struct PlatformServiceTests {
    @Test func messagesAreAssignmentsOneALine() {
        let at = WireInstant(nanoseconds: 1_234_567_890)
        #expect(ServiceNotifier.State.ready.message == "READY=1")
        #expect(ServiceNotifier.State.stopping.message == "STOPPING=1")
        #expect(ServiceNotifier.State.watchdog.message == "WATCHDOG=1")
        #expect(ServiceNotifier.State.reloading(at: at).message == "RELOADING=1\nMONOTONIC_USEC=1234567")
        #expect(ServiceNotifier.State.status("held:\nREADY=1").message == "STATUS=held: READY=1")
    }

    /// The socket that a service manager listens on.
    private func manager(at path: String) throws -> FileDescriptorOwner {
        let manager = FileDescriptorOwner(owning: socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0))
        let raw = manager.raw
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(raw, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(bound == 0)
        return manager
    }

    @Test func theManagerGetsThem() throws {
        let scratch = ScratchDirectory()
        let path = scratch.file("notify")
        let manager = try self.manager(at: path)
        let raw = manager.raw
        #expect(!ServiceNotifier.notify(.ready))
        setenv("NOTIFY_SOCKET", path, 1)
        defer { unsetenv("NOTIFY_SOCKET") }
        #expect(ServiceNotifier.notify(.ready, .status("running e-000001")))
        #expect(ServiceNotifier.notify(.watchdog))
        var buffer = [UInt8](repeating: 0, count: 256)
        let first = recv(raw, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        #expect(String(decoding: buffer.prefix(max(0, first)), as: UTF8.self) == "READY=1\nSTATUS=running e-000001")
        let second = recv(raw, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        #expect(String(decoding: buffer.prefix(max(0, second)), as: UTF8.self) == "WATCHDOG=1")
    }

    /// A manager that takes nothing must not stop the control loop, which also feeds the watchdog.
    @Test func aManagerThatHangsHoldsUpNobody() throws {
        let scratch = ScratchDirectory()
        let path = scratch.file("notify")
        let manager = try self.manager(at: path)
        let raw = manager.raw
        setenv("NOTIFY_SOCKET", path, 1)
        defer { unsetenv("NOTIFY_SOCKET") }
        #expect(ServiceNotifier.tell(.stopping, .status("x")))
        var buffer = [UInt8](repeating: 0, count: 256)
        let first = recv(raw, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        #expect(String(decoding: buffer.prefix(max(0, first)), as: UTF8.self) == "STOPPING=1\nSTATUS=x")
        // Nobody reads: the queue is full after some, and the rest is said to nobody.
        let taken = (0..<100_000).prefix { _ in ServiceNotifier.tell(.watchdog) }.count
        #expect(taken > 0 && taken < 100_000)
    }

    @Test func theWatchdogIsThisProcessOnly() {
        #expect(ServiceNotifier.watchdogTimeout == nil)
        setenv("WATCHDOG_USEC", "2000000", 1)
        setenv("WATCHDOG_PID", String(getpid()), 1)
        #expect(ServiceNotifier.watchdogTimeout == .milliseconds(2000))
        setenv("WATCHDOG_PID", String(getpid() + 1), 1)
        #expect(ServiceNotifier.watchdogTimeout == nil)
        unsetenv("WATCHDOG_USEC")
        unsetenv("WATCHDOG_PID")
    }

    @Test func withoutSystemdNoDescriptorsArePassed() throws {
        var passed = try PassedDescriptors()
        #expect(passed.names.isEmpty)
        let taken = passed.take(named: "control") != nil
        #expect(!taken)
    }

    @Test func aLogLineHasTimeLevelAndComponent() {
        let time = WallInstant(nanoseconds: 1_795_216_690_042_999_999)
        let line = Log.line(time, .warning, "pump.cui", "no answer")
        #expect(line == "\(time.rfc3339) warning pump.cui: no answer")
        #expect(line.wholeMatch(of: /20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z warning .*/) != nil)
    }

    @Test func textFromADeviceCannotForgeAnEntry() {
        let line = Log.line(.zero, .info, "link", "got \"\r\n2026-01-01T00:00:00.000Z critical\u{1B}\"")
        #expect(line == "1970-01-01T00:00:00.000Z info link: got \"\\r\\n2026-01-01T00:00:00.000Z critical\\u{1b}\"")
    }

    @Test func graverLevelsAreGreater() {
        #expect(LogLevel.critical > .error && LogLevel.error > .warning && LogLevel.info > .debug)
    }

    @Test func oneBenchHasOneOwner() throws {
        let scratch = ScratchDirectory()
        let path = scratch.file("bench.lock")
        let lock = try BenchLock(path: path)
        #expect(BenchLock.recordedOwner(path: path) == getpid())
        let error = failure { () throws(PlatformError) in _ = try BenchLock(path: path) }
        #expect(error?.description.contains("pid \(getpid())") == true)
        #expect(error?.description.contains("stop that daemon") == true)
        lock.release()
        #expect(BenchLock.recordedOwner(path: path) == nil)
        try BenchLock(path: path).release()
    }

    /// A pass to the safe state takes the lock of the daemon before it, and writes nothing.
    @Test func anExistingBenchLockIsTakenAsItIs() throws {
        let scratch = ScratchDirectory()
        let path = scratch.file("bench.lock")
        try #require(Self.takesExisting(path) == false)
        let owner = try BenchLock(path: path)
        let error = failure { () throws(PlatformError) in _ = try BenchLock.existing(path: path) }
        #expect(error?.description.contains("pid \(getpid())") == true)
        let text = "4711\n"
        _ = consume owner
        try text.write(toFile: path, atomically: false, encoding: .utf8)
        #expect(try Self.takesExisting(path))
        #expect(BenchLock.recordedOwner(path: path) == 4711)
    }

    /// Whether there is a lock to take; it is given back at once.
    private static func takesExisting(_ path: String) throws -> Bool {
        guard let lock = try BenchLock.existing(path: path) else { return false }
        _ = consume lock
        return true
    }

    @Test func aBenchLockNeedsItsDirectory() {
        let error = failure { () throws(PlatformError) in _ = try BenchLock(path: "/tmp/flowlab-no-such/bench.lock") }
        #expect(error?.description.contains("RuntimeDirectory=") == true)
    }

    @Test func aDescriptorHasOneOwner() throws {
        let raw = open("/dev/null", O_RDONLY)
        let owner = FileDescriptorOwner(owning: raw)
        let kept = owner.release()
        #expect(fcntl(kept, F_GETFD) >= 0)
        try FileDescriptorOwner(owning: kept).close()
    }
}
