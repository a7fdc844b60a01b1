import ControlAPI

/// Why a call has no result.
public enum ClientError: Error, CustomStringConvertible {
    /// Nobody answers at the socket.
    case cannotConnect(socket: String, detail: String)
    /// The connection broke, or stayed silent for too long; what was asked may have been done.
    case lost(socket: String, detail: String)
    /// The answer is not what this client understands.
    case notUnderstood(detail: String)
    /// The daemon refused.
    case refused(APIError)

    public var description: String {
        switch self {
        case .cannotConnect(let socket, let detail): "cannot connect to \(socket): \(detail)"
        case .lost(let socket, let detail): "lost the daemon at \(socket): \(detail)"
        case .notUnderstood(let detail): "the daemon's answer is not understood: \(detail)"
        case .refused(let error): "\(error.kind): \(error.detail)"
        }
    }

    /// Whether connecting anew may help.
    public var isTransient: Bool {
        switch self {
        case .cannotConnect, .lost: true
        case .notUnderstood: false
        case .refused(let error): ["busy", "timeout"].contains(error.kind)
        }
    }
}
