import CSystemd
import Glibc

/// The descriptors that systemd passed to the process (`FileDescriptorName=` of the socket unit, or the unit's name).
public struct PassedDescriptors: Sendable {
    private var byName: [(name: String, descriptor: Int32)] = []

    /// Claims the passed descriptors; call once, before threads start, since the environment is cleared of them.
    public init() throws(PlatformError) {
        var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        let count = sd_listen_fds_with_names(1, &names)
        guard count >= 0 else {
            throw .system(operation: "take", subject: "the passed descriptors", errno: -count, hint: "check LISTEN_FDS")
        }
        for index in 0..<Int(count) {
            let name = names?[index].map { String(cString: $0) } ?? "unknown"
            byName.append((name, SD_LISTEN_FDS_START + Int32(index)))
            free(names?[index])
        }
        free(names)
    }

    /// The names not taken yet, in the order passed.
    public var names: [String] { byName.map(\.name) }

    /// The first descriptor of that name, owned by the caller from now on; nil when there is none (left).
    public mutating func take(named name: String) -> FileDescriptorOwner? {
        guard let index = byName.firstIndex(where: { $0.name == name }) else { return nil }
        return FileDescriptorOwner(owning: byName.remove(at: index).descriptor)
    }
}
