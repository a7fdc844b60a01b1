import Experiments
import Platform

/// Who may do what, by the Unix groups that the bench file names. Root and the user who runs the daemon are admins.
struct RoleMap: Sendable {
    private let groups: [(role: Role, group: UInt32)]
    private let owner: UInt32

    /// A group that the host does not have gives nobody a role; that is said once, here.
    init(_ roles: [Role: [String]], owner: UInt32, log: Log) {
        var groups: [(Role, UInt32)] = []
        for (role, names) in roles.sorted(by: { $0.key > $1.key }) {
            for name in names {
                guard let group = try? UnixGroup.identifier(named: name) else {
                    log.write(
                        .warning, "api",
                        "group \(name) does not exist on this host: it gives nobody the role \(role.rawValue)")
                    continue
                }
                groups.append((role, group))
            }
        }
        self.groups = groups
        self.owner = owner
    }

    /// nil when the peer is already gone.
    func caller(on descriptor: Int32) -> Caller? {
        guard let peer = try? PeerCredentials(ofPeerOn: descriptor) else { return nil }
        return Caller(uid: peer.uid, pid: peer.pid, role: role(of: peer))
    }

    private func role(of peer: PeerCredentials) -> Role {
        if peer.uid == 0 || peer.uid == owner { return .admin }
        return groups.first { peer.isMember(of: $0.group) }?.role ?? .none
    }
}
