/// What a robot, or the controller beside its arm, may be told. Stations go by the names of the bench file.
public enum RobotCommand: Hashable, Sendable {
    /// Fetch what stands at a station, and be seen to hold it.
    case pick(station: String)
    /// Set down what is held at a station, and be seen to hold nothing.
    case place(station: String)
    /// To where the arm is in nobody's way.
    case park
    /// Stand still now. What is held stays held.
    case halt
    /// Of the controller: power to the motors.
    case power(on: Bool)
    case releaseBrakes
    /// Start the program that obeys `pick`, `place` and `park`.
    case play
    /// Release a protective stop; somebody has looked why it came.
    case unlock

    public var consequence: DeviceCommand.Consequence {
        switch self {
        case .pick, .place, .park, .power(on: true), .releaseBrakes, .play, .unlock: .actuates
        case .halt, .power(on: false): .makesSafe
        }
    }
}

public struct RobotLimits: Hashable, Sendable {
    public enum Ability: String, Hashable, Sendable, CaseIterable {
        /// `pick`, `place`, `park`.
        case transfer
        /// `power`, `releaseBrakes`, `play`, `unlock`.
        case control
    }

    public let abilities: Set<Ability>
    /// Sorted; empty where it cannot transfer.
    public let stations: [String]

    public init(abilities: Set<Ability>, stations: [String]) {
        self.abilities = abilities
        self.stations = stations.sorted()
    }
}
