/// One thing that is wrong with a flow network.
public struct NetworkProblem: Hashable, Sendable {
    /// The key in the bench file, `network.junctions.cross.tube.to`.
    public let path: String
    /// What was found there.
    public let value: String
    /// What would have been right.
    public let expected: String

    public init(path: String, value: String, expected: String) {
        self.path = path
        self.value = value
        self.expected = expected
    }
}

public enum NetworkError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Everything that is wrong, in the order of the nodes; never empty.
    case problems([NetworkProblem])

    public var description: String {
        switch self {
        case .problems(let problems):
            problems.map { "\($0.path): found \($0.value), expected \($0.expected)" }.joined(separator: "\n")
        }
    }
}
