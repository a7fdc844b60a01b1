import Configuration
import Platform
import Synchronization

/// What of the bench file may change while the daemon runs, for any thread.
final class Settings: Sendable {
    private struct State {
        var roles: RoleMap
        var notify: [String]
    }

    private let state: Mutex<State>

    init(_ bench: BenchFile, _ log: Log) {
        state = Mutex(Self.read(bench, log))
    }

    /// Who may do what.
    var roles: RoleMap { state.withLock { $0.roles } }
    /// The program that alarms call, with its arguments; empty: none.
    var notify: [String] { state.withLock { $0.notify } }

    func take(_ bench: BenchFile, _ log: Log) {
        let fresh = Self.read(bench, log)
        state.withLock { $0 = fresh }
    }

    private static func read(_ bench: BenchFile, _ log: Log) -> State {
        State(roles: RoleMap(bench.roles, owner: ownUser(), log: log), notify: bench.definition.alarms.notify)
    }
}
