import Glibc
import Platform
import Testing

@Suite struct PlatformTCPTests {
    @Test(arguments: ["127.0.0.1", "localhost"]) func connectsAndTalks(host: String) throws {
        let server = LoopbackServer()
        let link = try TCPConnection(connectingTo: TCPAddress(host: host, port: server.port))
        #expect(becomesWritable(link.rawDescriptor))
        #expect(try link.finishConnecting())
        let peer = server.accept()
        #expect(try link.write([1, 2, 3]) == .bytes(3))
        var buffer = [UInt8](repeating: 0, count: 8)
        #expect(read(peer.raw, &buffer, 8) == 3)
        #expect(try link.read(into: &buffer) == .wouldBlock)
        try peer.close()
        #expect(becomesReadable(link.rawDescriptor))
        #expect(try link.read(into: &buffer) == .hangup("end of file"))
        try link.close()
    }

    @Test func aRefusedConnectionSaysWhatToDo() throws {
        let address = try closedAddress()
        let error = failure { () throws(PlatformError) in
            let link = try TCPConnection(connectingTo: address)
            _ = becomesWritable(link.rawDescriptor)
            _ = try link.finishConnecting()
        }
        #expect(error?.errnoCode == ECONNREFUSED)
        #expect(error?.description.contains("is the device on") == true)
    }

    @Test(arguments: ["heater.lab.example", "", "256.1.1.1", "127.1"]) func namesAreRefused(host: String) {
        let error = failure { () throws(PlatformError) in _ = try TCPAddress(host: host, port: 502) }
        #expect(error?.description.contains("numeric") == true)
    }

    @Test func loopbackIsTold() throws {
        #expect(try TCPAddress(host: "127.8.0.1", port: 1).isLoopback)
        #expect(try TCPAddress(host: "::1", port: 1).isLoopback)
        #expect(try !TCPAddress(host: "192.168.1.20", port: 502).isLoopback)
        #expect(try TCPAddress(host: "::1", port: 502).description == "[::1]:502")
        #expect(failure { () throws(PlatformError) in _ = try TCPAddress(host: "::1", port: 0) } != nil)
    }

    /// A port that was free a moment ago.
    private func closedAddress() throws -> TCPAddress {
        let port = LoopbackServer().port
        return try TCPAddress(host: "127.0.0.1", port: port)
    }
}
