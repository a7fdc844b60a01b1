import ControlAPI
import Experiments
import Quantities

/// What the server knows of one client.
final class Connection {
    private(set) var caller: Caller
    /// Came when all connections were taken: only the safe state may be asked for.
    var isSurplus: Bool
    var input = LineBuffer()
    /// Lines whose turn has not come.
    var lines: ArraySlice<LineBuffer.Line> = []
    /// Bytes that were handed out and not yet reported as written.
    var unwritten = 0
    /// Requests that wait for an answer.
    var outstanding = 0
    /// Of these, those that the store has, and those whose turn has not come.
    var readsInFlight = 0
    var laterReads: ArraySlice<StoreQuestion> = []
    var subscription: Subscription?
    /// The peer sends no more, but still reads.
    var isHalfClosed = false
    /// The control loop was asked something: it must hear when this client goes.
    var hasPosted = false

    init(caller: Caller, isSurplus: Bool) {
        self.caller = caller
        self.isSurplus = isSurplus
    }

    /// The bench file gives its groups another role.
    func take(_ role: Role) {
        caller = Caller(uid: caller.uid, pid: caller.pid, role: role, client: caller.client)
    }

    /// Nothing more will ever be sent.
    var isFinished: Bool { isHalfClosed && lines.isEmpty && outstanding == 0 && subscription == nil }
}

/// Where an answer goes.
struct Destination {
    /// Tells this request from all others.
    let number: UInt64
    let connection: ConnectionID
    /// nil: a notification, which gets no answer.
    let id: [UInt8]?
    /// The batch whose answer it is part of.
    let batch: UInt64?
}

/// The answers of one batch, until all are there; in the order of their requests.
struct Batch {
    let connection: ConnectionID
    var missing: Int
    fileprivate(set) var replies: [(number: UInt64, bytes: [UInt8])] = []
    /// Of the line so far: brackets and LF.
    var bytes = 3

    /// Keeps the line within its limit: an answer that would leave no room for an error in place of each one still
    /// missing is itself replaced by an error.
    mutating func append(_ outcome: Reply.Outcome, id: [UInt8], number: UInt64) {
        var reply = Reply.object(outcome, id: id)
        let reserved = missing * (Reply.errorBytes + APILimits.idBytes)
        if bytes + reply.count + 1 + reserved > APILimits.lineBytes {
            reply = Reply.object(.failure(Reply.tooLargeForBatch), id: id)
        }
        replies.append((number, reply))
        bytes += reply.count + 1
    }

    /// nil when nobody wanted an answer.
    var line: [UInt8]? {
        guard !replies.isEmpty else { return nil }
        let inOrder = replies.sorted { $0.number < $1.number }.map(\.bytes)
        return Array("[".utf8) + Array(inOrder.joined(separator: Array(",".utf8))) + Array("]\n".utf8)
    }
}

/// A request at the control loop.
struct Posted {
    let destination: Destination
    let method: String
    let patience: WireDuration
    let deadline: WireInstant
}

/// A client that waits for an experiment's end.
struct Waiting {
    let destination: Destination
    let experiment: String
    let deadline: WireInstant
    /// There is such an experiment.
    var isKnown = false
}
