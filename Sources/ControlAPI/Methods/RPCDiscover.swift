import Experiments
import Wire

/// This API as an OpenRPC document.
public enum RPCDiscover: APIMethod {
    public static let name = "rpc.discover"
    public static let role = Role.observer
    public static let summary = "An OpenRPC 1.3 document, made from the table that dispatches."
    public static let params: [Schema.Member] = []
    public static let result = Schema.object([
        .required("openrpc", .string(), "The version of that form."),
        .required(
            "info",
            .object([
                .required("title", .string(), "What this is."), .required("version", .string(), "Of this API."),
            ]), "About this API."),
        .required("methods", .array(.anything), "Each with params, result, errors and, as x-role, its least role."),
        .required(
            "components", .object([.required("schemas", .table(.anything), "The shapes that methods share.")]),
            "What methods refer to."),
    ])
    public typealias Params = Empty
    public typealias Result = JSONValue
}
