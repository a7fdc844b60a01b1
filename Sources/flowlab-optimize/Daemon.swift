import ControlAPI
import ControlClient
import Glibc
import Quantities
import Wire

/// A daemon that may restart meanwhile: calls are made again, on a new connection, until it answers. Only calls that may
/// be made twice go through here: reads, and submits with a key.
final class Daemon {
    /// How long a daemon may be away before the campaign is given up.
    static let longestAbsence = WireDuration.seconds(600)
    static let firstWaitMilliseconds: UInt32 = 200
    static let longestWaitMilliseconds: UInt32 = 5000

    private let socket: String
    private var connection: DaemonConnection?
    private let say: (String) -> Void
    private var said = ""
    private(set) var reconnects = 0

    /// - Throws: when nobody answers at first; a typing error shall not wait ten minutes.
    init(socket: String, say: @escaping (String) -> Void) throws(ClientError) {
        self.socket = socket
        self.say = say
        self.connection = try DaemonConnection(socket: socket)
    }

    func call<Method: APIMethod>(
        _ method: Method.Type, _ params: Method.Params, patience: WireDuration = DaemonConnection.patience
    ) throws(ClientError) -> Method.Result {
        var wait = Self.firstWaitMilliseconds
        var waited: Int64 = 0
        while true {
            do throws(ClientError) {
                let daemon = try connected()
                let result = try daemon.call(method, params, patience: patience)
                said = ""
                return result
            } catch {
                let isThere = Self.isThere(error)
                guard isThere || error.isTransient && waited * 1_000_000 < Self.longestAbsence.nanoseconds
                else { throw error }
                if case .refused = error {} else { connection = nil }
                sayOnce(error.description)
                usleep(wait * 1000)
                waited += Int64(wait)
                wait = min(wait * 2, Self.longestWaitMilliseconds)
            }
        }
    }

    /// It takes nothing at the moment: others filled its queue, or its disk is full. That may last, and ends by itself.
    private static func isThere(_ error: ClientError) -> Bool {
        guard case .refused(let refusal) = error else { return false }
        return ["queue_full", "archive_unavailable"].contains(refusal.kind)
    }

    private func sayOnce(_ trouble: String) {
        guard trouble != said else { return }
        said = trouble
        say("\(trouble); trying again")
    }

    private func connected() throws(ClientError) -> DaemonConnection {
        if let connection { return connection }
        let new = try DaemonConnection(socket: socket)
        connection = new
        reconnects += 1
        return new
    }
}
