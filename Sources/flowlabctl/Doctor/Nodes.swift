import ControlClient
import Glibc
import Platform

/// Users, groups and the rights of files, as this host has them.
enum Nodes {
    /// - Parameter user: for whom the directories above are tried.
    static func look(at path: String, for user: UserFacts?) -> Look<NodeFacts> {
        var status = stat()
        guard stat(path, &status) == 0 else {
            return errno == ENOENT || errno == ENOTDIR ? .missing : .unseen(String(cString: strerror(errno)))
        }
        var node = facts(path, status)
        node.barrier = user.flatMap { barrier(before: path, $0) }
        node.hasAccessList = HostLook.hasAccessList(path)
        return .seen(node)
    }

    static func facts(_ path: String, _ status: stat) -> NodeFacts {
        NodeFacts(
            path: path, uid: status.st_uid, owner: userName(status.st_uid), gid: status.st_gid,
            group: groupName(status.st_gid), mode: status.st_mode & 0o7777)
    }

    /// The first directory on the real way to `path` that the user may not search.
    private static func barrier(before path: String, _ user: UserFacts) -> String? {
        guard user.uid != 0, let real = HostLook.resolved(path) else { return nil }
        var directory = ""
        for part in real.split(separator: "/").dropLast() {
            directory += "/" + part
            var status = stat()
            guard stat(directory, &status) == 0 else { return nil }
            let shift: UInt32 = status.st_uid == user.uid ? 6 : user.groups.contains(status.st_gid) ? 3 : 0
            if status.st_mode >> shift & 1 == 0, !HostLook.hasAccessList(directory) { return directory }
        }
        return nil
    }

    // MARK: Names

    static func user(named name: String) -> Look<UserFacts> {
        guard let entry = getpwnam(name) else { return .missing }
        let (uid, gid) = (entry.pointee.pw_uid, entry.pointee.pw_gid)
        var count: Int32 = 256
        var groups = [gid_t](repeating: 0, count: Int(count))
        guard getgrouplist(name, gid, &groups, &count) >= 0 else {
            return .unseen("its groups are more than \(groups.count)")
        }
        return .seen(UserFacts(name: name, uid: uid, groups: Array(groups.prefix(Int(count)))))
    }

    /// Who runs this program.
    static var caller: UserFacts {
        var groups = [gid_t](repeating: 0, count: 1024)
        let count = getgroups(Int32(groups.count), &groups)
        return UserFacts(
            name: userName(getuid()), uid: getuid(), groups: [getgid()] + groups.prefix(Int(max(0, count))))
    }

    static func userName(_ uid: uid_t) -> String {
        getpwuid(uid).map { String(cString: $0.pointee.pw_name) } ?? String(uid)
    }

    static func groupName(_ gid: gid_t) -> String {
        getgrgid(gid).map { String(cString: $0.pointee.gr_name) } ?? String(gid)
    }

    /// Those of the names that there are.
    static func groups(_ names: Set<String>) -> [String: UInt32] {
        var found: [String: UInt32] = [:]
        for name in names { found[name] = getgrnam(name).map(\.pointee.gr_gid) }
        return found
    }
}
