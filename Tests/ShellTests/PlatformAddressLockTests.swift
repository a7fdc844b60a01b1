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

    @Test func theOwnerOfABenchIsWhoHasItsLockOpen() throws {
        let here = ScratchDirectory()
        let name = "owner-test-\(getpid())"
        #expect(Self.owner(of: name, in: here.path) == nil)
        let lock = try HostLock.bench(name, in: here.path)
        #expect(Self.owner(of: name, in: here.path) == getpid())
        withExtendedLifetime(lock) {}
    }

    /// A pid that somebody wrote beside the lock is not its owner's.
    @Test func whoIsOnlyNamedIsNotTheOwner() throws {
        let bench = "forged-\(getpid())"
        let forged = try HostLock("flowlab/bench/\(bench)#1", subject: "a sign", hint: "")
        #expect(Self.owner(of: bench, in: nil) == nil)
        let lock = try HostLock.bench(bench, in: nil)
        #expect(Self.owner(of: bench, in: nil) == getpid())
        withExtendedLifetime((forged, lock)) {}
    }

    private static func owner(of bench: String, in place: String?) -> Int32? {
        guard let owner = try? HostLock.benchOwner(bench, in: place) else { return nil }
        return owner.pid
    }
}
