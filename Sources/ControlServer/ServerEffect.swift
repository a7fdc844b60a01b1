import Experiments
import Quantities

/// Names one client connection; chosen by whoever accepts it, never used twice.
public struct ConnectionID: Hashable, Sendable {
    public let number: UInt64
    public init(number: UInt64) { self.number = number }
}

/// What the server wants done; in this order.
public enum ServerEffect: Sendable {
    /// Bytes for the socket; whoever writes them reports it with `written`.
    case send(ConnectionID, [UInt8])
    /// Close after what was sent has been written, as far as the peer takes it. The server has forgotten the connection.
    case close(ConnectionID)
    /// A request for the control loop; its answer comes back through `deliver(reply:for:at:)`.
    case post(RequestToken, ControlRequest, Caller)
    /// Somebody waits for an experiment; nobody is answered.
    case attends(experiment: String, Caller)
    /// A look at the store, which may take as long as a disk does; its answer comes back through `deliver(read:at:)`.
    case read(ReadRequest)
}

/// What does not change while the daemon runs.
public struct ServerIdentity: Sendable {
    public let bench: String
    public let isSimulated: Bool
    /// Id of the event stream: a new UUID at each start.
    public let stream: String
    public let started: Moment

    public init(bench: String, isSimulated: Bool, stream: String, started: Moment) {
        self.bench = bench
        self.isSimulated = isSimulated
        self.stream = stream
        self.started = started
    }
}
