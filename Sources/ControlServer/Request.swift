import ControlAPI
import Wire

/// One JSON-RPC request, as far as it could be read.
struct Request {
    /// As it was written; nil for a notification.
    let id: [UInt8]?
    let method: String
    let params: JSONValue?
    /// Why it is refused although its method is known.
    let defect: APIError?

    static let nullID = Array("null".utf8)

    /// - Throws: with the id to answer to, when there is no method to call.
    init(_ value: JSONValue, numericID: [UInt8]?, defect: String?) throws(Unreadable) {
        guard case .object(let members) = value else {
            throw Unreadable(id: Self.nullID, error: .invalidRequest("expected an object, or a batch of them"))
        }
        let (id, idError) = Self.id(members["id"], numericID: numericID)
        guard case .string(let method)? = members["method"] else {
            throw Unreadable(id: id ?? Self.nullID, error: .invalidRequest("method: expected a string"))
        }
        self.id = id
        self.method = method
        self.params = members["params"]
        let named =
            1 + (members["jsonrpc"] == nil ? 0 : 1) + (self.params == nil ? 0 : 1) + (members["id"] == nil ? 0 : 1)
        self.defect =
            defect.map(APIError.invalidRequest) ?? idError
            ?? Self.envelopeError(members, hasMore: members.count > named)
    }

    struct Unreadable: Error {
        let id: [UInt8]
        let error: APIError
    }

    private static func id(_ value: JSONValue?, numericID: [UInt8]?) -> ([UInt8]?, APIError?) {
        switch value {
        case .none: return (nil, nil)
        case .null, .string, .integer, .number:
            let bytes = numericID ?? value?.jsonBytes ?? nullID
            if bytes.count <= APILimits.idBytes { return (bytes, nil) }
            return (nullID, .invalidRequest("id: longer than \(APILimits.idBytes) bytes"))
        case .bool, .array, .object: return (nullID, .invalidRequest("id: expected a string, a number or null"))
        }
    }

    /// - Parameter hasMore: members that a request does not have.
    private static func envelopeError(_ members: [String: JSONValue], hasMore: Bool) -> APIError? {
        guard members["jsonrpc"] == .string("2.0") else { return .invalidRequest("jsonrpc: expected \"2.0\"") }
        if !hasMore { return nil }
        let known = ["jsonrpc", "id", "method", "params"]
        guard let stranger = members.keys.filter({ !known.contains($0) }).min() else { return nil }
        return .invalidRequest("\(stranger.prefix(64)): unknown member; expected \(known.joined(separator: ", "))")
    }
}
