import Experiments
import Wire

/// This API as an OpenRPC document.
public enum RPCDiscover: APIMethod {
    public static let name = "rpc.discover"
    public static let role = Role.observer
    public static let summary = "An OpenRPC 1.3 document, made from the table that dispatches."
    public static let params: [Schema.Member] = []
    public static let result = Schema.anything
    public typealias Params = Empty
    public typealias Result = JSONValue
}
