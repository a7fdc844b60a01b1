import ControlAPI

/// Why a call has no result.
public enum ClientError: Error, CustomStringConvertible {
    /// Nobody answers at the socket.
    case cannotConnect(socket: String, detail: String)
    /// The connection broke, or stayed silent for too long; what was asked changes nothing, may be asked again, or did not
    /// go out.
    case lost(socket: String, detail: String)
    /// The connection broke, or stayed silent for too long, while the daemon had a change: it may be done or not, and is
    /// not asked for again.
    case outcomeUnknown(socket: String, method: String, detail: String)
    /// The answer is not what this client understands.
    case notUnderstood(detail: String)
    /// The daemon refused.
    case refused(APIError)

    public var description: String {
        switch self {
        case .cannotConnect(let socket, let detail): "cannot connect to \(socket): \(detail)"
        case .lost(let socket, let detail): "lost the daemon at \(socket): \(detail)"
        case .outcomeUnknown(let socket, let method, let detail):
            "lost the daemon at \(socket): \(detail); whether it has done \(method) is not known, and it was not asked again"
        case .notUnderstood(let detail): "the daemon's answer is not understood: \(detail)"
        case .refused(let error): "\(error.kind): \(error.detail)"
        }
    }

    /// Whether connecting anew may help.
    public var isTransient: Bool {
        switch self {
        case .cannotConnect, .lost: true
        case .outcomeUnknown, .notUnderstood: false
        case .refused(let error): ["busy", "timeout"].contains(error.kind)
        }
    }

    /// After a change of which nobody knows whether it was done: the command that shows it.
    public static func look(after method: String) -> String {
        let shows = [
            "experiments.": "flowlabctl experiments", "campaigns.": "flowlabctl campaigns",
            "interlocks.": "flowlabctl interlocks", "alarms.": "flowlabctl alarms", "reagents.": "flowlabctl reagents",
            "maintenance.": "flowlabctl maintenance", "lease.": "flowlabctl leases", "pumps.": "flowlabctl devices",
            "heaters.": "flowlabctl devices", "spectrometers.": "flowlabctl devices",
            "recorder.": "flowlabctl recorder list",
        ]
        let command = shows.first { method.hasPrefix($0.key) }?.value ?? "flowlabctl status"
        return
            "\(command) shows how it is now, and flowlabctl audit what was carried out; then decide whether to ask again"
    }
}
