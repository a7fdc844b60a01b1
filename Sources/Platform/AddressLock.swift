/// Keeps two owners off one network device: a serial port has its own lock, a TCP address has none.
public final class AddressLock: Sendable {
    private let lock: HostLock

    /// - Throws: `inUse` when another daemon of this host owns the address.
    public init(_ address: TCPAddress) throws(PlatformError) {
        lock = try HostLock(
            "flowlab/tcp/\(address.numericHost):\(address.port)", subject: "\(address)",
            hint: "a device has one owner; stop that daemon, or take the device out of one bench file")
    }
}
