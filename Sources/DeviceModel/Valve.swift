/// Names are those of the bench file; how a valve counts its ports, its driver knows.
public enum ValveCommand: Hashable, Sendable {
    /// Go to this position, by its name, and be seen there. Where it stands there already nothing moves.
    case select(position: String)
    /// To the position that the bench file declares safe; a valve without one stays where it is.
    case safe
}

/// What a valve has, by the names that the bench file gives.
public struct ValveLimits: Hashable, Sendable {
    /// Sorted by name.
    public let positions: [Position]
    /// The name of the position of its safe state; nil: none is safer than another.
    public let safe: String?

    public struct Position: Hashable, Sendable {
        public let name: String
        /// As the signal `position` shows it. Source of the count: the valve's own, from 1; of a two-position valve A is 1
        /// and B is 2.
        public let number: Int

        public init(name: String, number: Int) {
            self.name = name
            self.number = number
        }
    }

    public init(positions: [Position], safe: String?) {
        self.positions = positions.sorted { $0.name < $1.name }
        self.safe = safe
    }

    public func number(of position: String) -> Int? { positions.first { $0.name == position }?.number }
    public func name(of number: Int) -> String? { positions.first { $0.number == number }?.name }
}
