import Configuration
import Glibc
import Platform
import Quantities

/// The locks that keep a pass to the safe state and a daemon apart: the daemon's own, as far as their places exist.
final class BenchClaim {
    /// What the kernel calls the pass, which tells it from a daemon.
    static let processName = "flowlabd-safe"
    /// An owner that is just dying has let go by then.
    static let patience = WireDuration.milliseconds(250)
    /// How long a killed owner may take to end.
    static let killPatience = WireDuration.milliseconds(2000)

    private let nameLock: HostLock?
    private let stateLock: BenchLock?
    /// A lock that could not be looked at: the ports have locks of their own, and a disk that cannot be read is no reason
    /// to leave a heater on.
    let warning: String?

    private convenience init(_ name: String, in place: NamePlace?, statePath: String) throws(PlatformError) {
        try self.init(
            nameLock: place.map { (place) throws(PlatformError) in try HostLock.bench(name, in: place.directory) },
            statePath: statePath, warning: nil)
    }

    /// - Parameter warning: why the name is not taken, where it is not.
    private init(nameLock: HostLock?, statePath: String, warning: String?) throws(PlatformError) {
        self.nameLock = nameLock
        do throws(PlatformError) {
            stateLock = try BenchLock.existing(path: statePath)
            self.warning = warning
        } catch {
            if case .inUse = error { throw error }
            stateLock = nil
            self.warning = error.description
        }
    }

    /// Any user of the host may take a name, and what holds it may be no daemon. Where the service manager says that the
    /// daemon is dead, that is enough; with `--force` the lock in the state directory decides, which only those can take
    /// who may look into it.
    /// - Parameters:
    ///   - isForced: a daemon that has the bench is killed first.
    ///   - isAfterService: the service manager says that the daemon is dead.
    /// - Throws: `inUse` with the owner's pid and what to do.
    static func take(
        _ bench: BenchFile, _ places: Places, isForced: Bool, isAfterService: Bool
    ) throws(PlatformError) -> BenchClaim {
        let (name, place) = (bench.definition.name, NamePlace(bench, places))
        do throws(PlatformError) {
            return try BenchClaim(name, in: place, statePath: places.lock)
        } catch {
            guard case .inUse(let subject, _, _) = error else { throw error }
            if let owner = try place?.owner(of: name) { try makeRoom(owner, subject, isForced: isForced) }
        }
        do throws(PlatformError) {
            return try wait(name, place, places.lock, isForced: isForced)
        } catch {
            guard case .inUse = error, isForced || isAfterService, (try place?.owner(of: name)) == nil else {
                throw error
            }
            let warning = "the name of the bench is held by what is no daemon of it: \(error.description)"
            let claim = try BenchClaim(nameLock: nil, statePath: places.lock, warning: warning)
            guard isAfterService || claim.stateLock != nil else { throw error }
            return claim
        }
    }

    private static func makeRoom(
        _ owner: borrowing LockOwner, _ subject: String, isForced: Bool
    ) throws(PlatformError) {
        if owner.name == processName { throw refusal(subject, owner) }
        guard isForced else { return }
        try owner.kill()
        guard !owner.waitUntilEnded(timeout: killPatience) else { return }
        let hint = "it was killed and does not end, as when a disk hangs: switch heat and pumps off by hand"
        throw .inUse(subject: subject, holder: owner.description, hint: hint)
    }

    /// A daemon that is just dying lets go in time; of one that lives, it is said what to do.
    private static func wait(
        _ name: String, _ place: NamePlace?, _ statePath: String, isForced: Bool
    ) throws(PlatformError) -> BenchClaim {
        let end = wireNow() + patience
        while true {
            do throws(PlatformError) {
                return try BenchClaim(name, in: place, statePath: statePath)
            } catch {
                guard case .inUse(let subject, let holder, let hint) = error else { throw error }
                guard wireNow() >= end else {
                    pauseThread(.milliseconds(5))
                    continue
                }
                if let owner = try place?.owner(of: name) { throw refusal(subject, owner) }
                let why = isForced ? "it cannot be seen to have this bench, and is not killed (try it as root); " : ""
                throw .inUse(subject: subject, holder: holder, hint: why + hint)
            }
        }
    }

    private static func refusal(_ subject: String, _ owner: borrowing LockOwner) -> PlatformError {
        let hint =
            owner.name == processName
            ? "that is --safe-state at work; it ends within 2 s"
            : "it has the devices: `flowlabctl stop-all` asks it for the safe state; if it hangs, --force kills it first"
        return .inUse(subject: subject, holder: owner.description, hint: hint)
    }
}

/// Where a bench has its name alone.
private struct NamePlace {
    /// nil: on the whole host.
    let directory: String?

    /// nil: a simulated bench whose state directory cannot exist, so that no daemon has it.
    init?(_ bench: BenchFile, _ places: Places) {
        guard bench.definition.isSimulated else {
            directory = nil
            return
        }
        let candidates: [String] = [places.above, places.directoryAbove]
        let existing = candidates.first { access($0, F_OK) == 0 }
        guard let existing else { return nil }
        directory = existing
    }

    func owner(of bench: String) throws(PlatformError) -> LockOwner? {
        try HostLock.benchOwner(bench, in: directory)
    }
}
