import ControlAPI
import Wire

/// What JSON-RPC 2.0 and the small print of `docs/api.md` promise for one line, told apart from the server's own code.
struct RequestOracle {
    /// The ids that must come back, each once.
    private(set) var replies: [JSONValue] = []
    /// How often the safe state must be asked for.
    private(set) var triggers = 0
    private(set) var asksForEvents = false

    init(line: [UInt8]) {
        if line.allSatisfy({ [0x20, 0x09, 0x0d].contains($0) }) { return }
        guard let parsed = try? JSONParser.parse(line) else {
            replies = [.null]
            return
        }
        guard case .array(let elements) = parsed.value else {
            add(parsed.value, idBytes: parsed.numericIDs[0])
            return
        }
        if (1...APILimits.batchRequests).contains(elements.count) {
            for (index, element) in elements.enumerated() { add(element, idBytes: parsed.numericIDs[index]) }
        } else {
            replies = [.null]
            triggers = elements.count { $0["method"]?.text == SafeStateTrigger.name }
        }
    }

    private mutating func add(_ value: JSONValue, idBytes: [UInt8]?) {
        guard case .object(let members) = value else {
            replies.append(.null)
            return
        }
        if members["method"]?.text == SafeStateTrigger.name { triggers += 1 }
        if members["method"]?.text == EventsSubscribe.name { asksForEvents = true }
        let id = members["id"].map { Self.returned($0, idBytes) }
        if let id { replies.append(id) } else if members["method"]?.text == nil { replies.append(.null) }
    }

    /// Strings, numbers and null come back as they were, in reason; anything else as null.
    private static func returned(_ id: JSONValue, _ digits: [UInt8]?) -> JSONValue {
        switch id {
        case .string: id.jsonBytes.count <= APILimits.idBytes ? id : .null
        case .integer, .number: digits.map { $0.count <= APILimits.idBytes } ?? false ? id : .null
        case .null, .bool, .array, .object: .null
        }
    }
}

/// Judges what a server sends to one client, and keeps the ids of its replies.
struct ReplyJudge {
    private(set) var ids: [JSONValue] = []
    /// Longer replies are read by our own reader alone: the other one is slow.
    static let longestForTwoReaders = 2000

    mutating func take(line: [UInt8], isSubscriber: Bool) throws(BrokenPromise) {
        try promise(line.count < APILimits.lineBytes, "a line of \(line.count) bytes")
        guard let parsed = try? JSONParser.parse(line), parsed.defect == nil else {
            throw BrokenPromise(description: "not JSON: \(String(decoding: line, as: UTF8.self))")
        }
        if line.count <= Self.longestForTwoReaders {
            try promise(OtherReader.takes(line), "JSON to our reader only: \(String(decoding: line, as: UTF8.self))")
        }
        switch parsed.value {
        case .array(let replies):
            try promise(!replies.isEmpty, "an empty batch of replies")
            for reply in replies { try take(reply) }
        case let value where value["method"] == .string("event"):
            try promise(isSubscriber && value["id"] == nil, "an event that nobody asked for")
        case let value: try take(value)
        }
    }

    private mutating func take(_ reply: JSONValue) throws(BrokenPromise) {
        try promise(reply["jsonrpc"] == .string("2.0"), "no JSON-RPC 2.0: \(reply.jsonText)")
        guard let id = reply["id"] else { throw BrokenPromise(description: "a reply without an id: \(reply.jsonText)") }
        ids.append(id)
        try promise((reply["result"] == nil) != (reply["error"] == nil), "neither or both: \(reply.jsonText)")
        guard let error = reply["error"] else { return }
        let words = [error["message"], error["data"]?["kind"], error["data"]?["hint"]].map { $0?.text ?? "" }
        try promise(words.allSatisfy { !$0.isEmpty }, "an error without kind or hint: \(reply.jsonText)")
        try promise(error["data"]?["kind"] != .string("internal_error"), "a fault of the daemon: \(reply.jsonText)")
    }
}
