import Experiments
import Wire

/// A method of the API: the one place where its name, shapes and least role stand.
public protocol APIMethod: SendableMetatype {
    associatedtype Params: Codable & Sendable
    associatedtype Result: Codable & Sendable

    /// `experiments.plan`
    static var name: String { get }
    /// The least role that may call it.
    static var role: Role { get }
    /// One line.
    static var summary: String { get }
    static var params: [Schema.Member] { get }
    static var result: Schema { get }
    /// Errors that it gives besides those of every method.
    static var errors: [ErrorKind] { get }
}

extension APIMethod {
    public static var errors: [ErrorKind] { [] }
}

/// Params that read themselves out of a value that has the declared shape, without `Decodable`'s containers: for methods
/// that are called thousands of times a second.
public protocol PlainParams: SendableMetatype {
    /// nil: the value is to be decoded as others are.
    init?(checked json: JSONValue)
}

/// No params, or a result that says nothing.
public struct Empty: Codable, Hashable, Sendable, PlainParams {
    public init() {}

    public init?(checked json: JSONValue) {}
}
