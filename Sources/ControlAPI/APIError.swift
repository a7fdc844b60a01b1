import Experiments
import Wire

/// The JSON-RPC 2.0 error codes, and one for all that the daemon refuses; `kind` tells those apart.
public enum ErrorCode: Int, Sendable {
    case parseError = -32700
    case invalidRequest = -32600
    case methodNotFound = -32601
    case invalidParams = -32602
    case internalError = -32603
    case refused = -32000
}

/// What a client gets instead of a result. Every error has a stable `kind` and says what to do next.
public struct APIError: Error, Hashable, Sendable {
    public var code: Int
    public var message: String
    public var kind: String
    public var device: String?
    public var detail: String
    public var hint: String
    public var problems: [PlanProblem]

    public init(
        _ code: ErrorCode, kind: String, device: String? = nil, detail: String, hint: String,
        problems: [PlanProblem] = []
    ) {
        self.code = code.rawValue
        self.message = detail
        self.kind = kind
        self.device = device
        self.detail = detail
        self.hint = hint
        self.problems = problems
    }

    /// A refusal of the control loop.
    public init(_ refusal: ControlError) {
        self.init(
            .refused, kind: refusal.kind, device: refusal.device, detail: refusal.detail, hint: refusal.hint,
            problems: refusal.problems)
    }

    /// The error member of a reply.
    public init(json: JSONValue) {
        let data = json["data"]
        self.code = json["code"]?.double.flatMap { Int(exactly: $0) } ?? ErrorCode.internalError.rawValue
        self.message = json["message"]?.text ?? ""
        self.kind = data?["kind"]?.text ?? "unknown"
        self.device = data?["device"]?.text
        self.detail = data?["detail"]?.text ?? message
        self.hint = data?["hint"]?.text ?? ""
        self.problems = APIError.problems(data?["problems"])
    }

    public var json: JSONValue {
        var data: [String: JSONValue] = [
            "kind": .string(kind), "detail": .string(detail), "hint": .string(hint),
            "device": device.map(JSONValue.string) ?? .null,
        ]
        if !problems.isEmpty { data["problems"] = (try? JSONValue(encoding: problems)) ?? .null }
        return .object(["code": .integer(Int64(code)), "message": .string(message), "data": .object(data)])
    }

    private static func problems(_ json: JSONValue?) -> [PlanProblem] {
        guard case .array(let rows) = json else { return [] }
        return rows.map { row in
            PlanProblem(
                kind: row["kind"]?.text ?? "", name: row["name"]?.text ?? "", value: row["value"]?.double,
                limit: row["limit"]?.double, unit: row["unit"]?.text ?? "", hint: row["hint"]?.text ?? "")
        }
    }
}

extension APIError {
    public static func parse(_ detail: String) -> APIError {
        APIError(
            .parseError, kind: "parse_error", detail: "not JSON: \(detail)",
            hint: "send one JSON value a line, UTF-8, ended by LF")
    }

    public static func invalidRequest(_ detail: String) -> APIError {
        APIError(
            .invalidRequest, kind: "invalid_request", detail: detail,
            hint: "send {\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"system.hello\",\"params\":{}}")
    }

    public static func invalidParams(_ method: String, _ detail: String) -> APIError {
        APIError(
            .invalidParams, kind: "invalid_params", detail: "\(method): \(detail)",
            hint: "rpc.discover describes the params of \(method)")
    }

    public static func notFound(_ detail: String, hint: String) -> APIError {
        APIError(.refused, kind: "not_found", detail: detail, hint: hint)
    }

    public static func internalError(_ detail: String) -> APIError {
        APIError(
            .internalError, kind: "internal_error", detail: detail,
            hint: "this is a fault of the daemon; look at its journal and report it")
    }

    public static func tooLarge(_ detail: String, hint: String) -> APIError {
        APIError(.refused, kind: "too_large", detail: detail, hint: hint)
    }

    public static func busy(_ detail: String, hint: String) -> APIError {
        APIError(.refused, kind: "busy", detail: detail, hint: hint)
    }
}
