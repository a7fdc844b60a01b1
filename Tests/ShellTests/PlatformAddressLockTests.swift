import Glibc
import Platform
import Testing

@Suite struct HostLockTests {
    @Test func anAddressHasOneOwnerUntilTheLockGoes() throws {
        let address = try TCPAddress(host: "127.0.0.1", port: 50_299)
        var first: AddressLock? = try AddressLock(address)
        let refusal = failure { () throws(PlatformError) in _ = try AddressLock(address) }
        let text = refusal?.description ?? ""
        #expect(text.hasPrefix("127.0.0.1:50299 is in use by pid \(getpid()) ("), "\(text)")
        #expect(text.contains("take the device out of one bench file"), "\(text)")
        _ = try AddressLock(TCPAddress(host: "127.0.0.1", port: 50_298))
        withExtendedLifetime(first) {}
        first = nil
        _ = try AddressLock(address)
    }

    /// A name that begins as another one does is another one.
    @Test func theHolderOfALongerNameIsNotTaken() throws {
        let (one, two) = ("flowlab/test/\(getpid())/a", "flowlab/test/\(getpid())/a#b")
        let longer = try HostLock(two, subject: "two", hint: "")
        let shorter = try HostLock(one, subject: "one", hint: "")
        #expect(failure { () throws(PlatformError) in _ = try HostLock(one, subject: "one", hint: "h") } != nil)
        withExtendedLifetime((longer, shorter)) {}
    }

    @Test func aBenchHasItsNameAloneInItsPlace() throws {
        let (here, there) = (ScratchDirectory(), ScratchDirectory())
        let name = "lock-test-\(getpid())"
        let first = try HostLock.bench(name, in: here.path)
        let refusal = failure { () throws(PlatformError) in _ = try HostLock.bench(name, in: here.path + "/.") }
        #expect(refusal?.description.hasPrefix("bench \(name) is in use by pid \(getpid()) (") == true)
        #expect(refusal?.description.contains("another name") == true)
        let elsewhere = try HostLock.bench(name, in: there.path)
        let host = try HostLock.bench(name, in: nil)
        #expect(failure { () throws(PlatformError) in _ = try HostLock.bench(name, in: nil) } != nil)
        #expect(failure { () throws(PlatformError) in _ = try HostLock.bench(name, in: "/no/such") } != nil)
        withExtendedLifetime((first, elsewhere, host)) {}
    }
}
