import Platform
import Testing

@Suite struct AddressLockTests {
    @Test func anAddressHasOneOwnerUntilTheLockGoes() throws {
        let address = try TCPAddress(host: "127.0.0.1", port: 50_299)
        var first: AddressLock? = try AddressLock(address)
        #expect(throws: PlatformError.self) { try AddressLock(address) }
        _ = try AddressLock(TCPAddress(host: "127.0.0.1", port: 50_298))
        withExtendedLifetime(first) {}
        first = nil
        _ = try AddressLock(address)
    }
}
