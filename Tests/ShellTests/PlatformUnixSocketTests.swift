import Glibc
import Platform
import Quantities
import Testing

@Suite struct PlatformUnixSocketTests {
    @Test func clientAndServerExchangeLines() throws {
        let scratch = ScratchDirectory()
        let path = scratch.file("control.sock")
        let listener = try UnixListener(path: path, mode: 0o600)
        let nobody = try listener.accept() == nil
        #expect(nobody)
        var client = try UnixStream(connectingTo: path)
        #expect(becomesReadable(listener.rawDescriptor))
        guard let server = try listener.accept() else {
            Issue.record("nobody came")
            return
        }
        try client.writeAll(Array("hello\n".utf8), timeout: patience)
        var buffer = [UInt8](repeating: 0, count: 64)
        #expect(becomesReadable(server.raw))
        #expect(read(server.raw, &buffer, 64) == 6)
        write(server.raw, "one\n\ntw", 7)
        #expect(try client.readLine(timeout: patience) == Array("one".utf8))
        #expect(try client.readLine(timeout: patience) == [])
        let late = failure { () throws(PlatformError) in _ = try client.readLine(timeout: .milliseconds(1)) }
        #expect(late?.description.contains("no answer within 1 ms") == true)
        write(server.raw, "o\nhalf", 6)
        #expect(try client.readLine(timeout: patience) == Array("two".utf8))
        try server.close()
        #expect(try client.readLine(timeout: patience) == nil)
        try listener.close()
        #expect(access(path, F_OK) != 0)
    }

    @Test func aLineHasALimit() throws {
        let scratch = ScratchDirectory()
        let listener = try UnixListener(path: scratch.file("s"), mode: 0o600)
        let path = scratch.file("s")
        let reader = try lineReader(path)
        #expect(becomesReadable(listener.rawDescriptor))
        guard let server = try listener.accept() else {
            Issue.record("nobody came")
            return
        }
        for length in [UnixStream.longestLineBytes - 1, UnixStream.longestLineBytes] {
            var bytes = [UInt8](repeating: 0x61, count: length)
            bytes.append(0x0A)
            var sent = 0
            while sent < bytes.count, becomesWritable(server.raw) {
                sent += max(
                    0, bytes.withUnsafeBytes { write(server.raw, $0.baseAddress.map { $0 + sent }, $0.count - sent) })
            }
        }
        reader.thread.join()
        #expect(
            reader.results.drain(max: 9) == [
                "1048575 bytes", "line from \(path): longer than the limit of 1048576 bytes",
            ])
    }

    /// A client on a thread of its own that reads two lines.
    private func lineReader(_ path: String) throws -> (thread: WorkerThread, results: Mailbox<String>) {
        let results = try Mailbox<String>(name: "results", capacity: 4, overflow: .refuse)
        let thread = try WorkerThread(name: "reader") {
            do {
                var client = try UnixStream(connectingTo: path)
                for _ in 0..<2 { _ = results.post("\(try client.readLine(timeout: patience)?.count ?? -1) bytes") }
            } catch let error {
                _ = results.post("\(error)")
            }
        }
        return (thread, results)
    }

    @Test func aStaleSocketIsReplacedAndALiveOneIsNot() throws {
        let scratch = ScratchDirectory()
        let path = scratch.file("control.sock")
        let dead = try UnixListener(path: path, mode: 0o600)
        let live = failure { () throws(PlatformError) in _ = try UnixListener(path: path, mode: 0o600) }
        #expect(live?.description.contains("pid \(getpid())") == true)
        // Dropped without `close`, as by kill -9: the file stays behind.
        drop(dead)
        #expect(access(path, F_OK) == 0)
        let next = try UnixListener(path: path, mode: 0o660)
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_mode & 0o7777 == 0o660)
        try next.close()
    }

    @Test func aFileThatIsNoSocketIsLeftAlone() throws {
        let scratch = ScratchDirectory()
        let path = scratch.file("notes.txt")
        close(open(path, O_CREAT | O_WRONLY, 0o600))
        let error = failure { () throws(PlatformError) in _ = try UnixListener(path: path, mode: 0o600) }
        #expect(error?.description.contains("another kind of file") == true)
        #expect(access(path, F_OK) == 0)
    }

    @Test func aTooLongPathIsRefused() {
        let path = "/tmp/" + String(repeating: "x", count: 103)
        for error in [
            failure { () throws(PlatformError) in _ = try UnixListener(path: path, mode: 0o600) },
            failure { () throws(PlatformError) in _ = try UnixStream(connectingTo: path) },
        ] { #expect(error?.description.contains("(108 bytes)") == true) }
    }

    @Test func aMissingDaemonSaysWhatToDo() {
        let error = failure { () throws(PlatformError) in _ = try UnixStream(connectingTo: "/tmp/flowlab-no-such.sock")
        }
        #expect(error?.description.contains("is the daemon running") == true)
    }

    @Test func thePeerIsKnownWithAllItsGroups() throws {
        var pair: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
        let near = FileDescriptorOwner(owning: pair[0])
        let far = FileDescriptorOwner(owning: pair[1])
        let peer = try PeerCredentials(ofPeerOn: near.raw)
        #expect(peer.pid == getpid() && peer.uid == geteuid() && peer.gid == getegid())
        var own = [gid_t](repeating: 0, count: 65_536)
        let count = getgroups(Int32(own.count), &own)
        #expect(peer.groups.sorted() == own.prefix(Int(count)).sorted())
        #expect(peer.isMember(of: getegid()))
        #expect(!peer.isMember(of: 4_000_000_000))
        try far.close()
        let error = failure { () throws(PlatformError) in _ = try PeerCredentials(ofPeerOn: 1_000_000) }
        #expect(error?.errnoCode == EBADF)
    }

    @Test func groupsAreFoundByName() throws {
        #expect(try UnixGroup.identifier(named: "root") == 0)
        #expect(try UnixGroup.identifier(named: "no-such-group-here") == nil)
    }

    @Test func onlyAListeningSocketIsAdopted() throws {
        let scratch = ScratchDirectory()
        let bound = try UnixListener(path: scratch.file("s"), mode: 0o600)
        let adopted = try UnixListener(adopting: FileDescriptorOwner(owning: dup(bound.rawDescriptor)))
        let client = try UnixStream(connectingTo: scratch.file("s"))
        #expect(adopted.path == scratch.file("s"))
        #expect(becomesReadable(adopted.rawDescriptor))
        let accepted = try adopted.accept() != nil
        #expect(accepted)
        try client.close()
        let error = failure { () throws(PlatformError) in
            _ = try UnixListener(adopting: FileDescriptorOwner(owning: open("/dev/null", O_RDONLY)))
        }
        #expect(error?.description.contains("ListenStream=") == true)
    }

    private func drop(_ listener: consuming UnixListener) {}
}
