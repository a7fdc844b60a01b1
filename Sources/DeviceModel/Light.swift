/// Channels go by the names of the bench file.
public enum LightCommand: Hashable, Sendable {
    /// This much of the channel's full brightness, above 0; the other channels stay as they are.
    case set(channel: String, percent: Double)
    /// Every channel dark.
    case off
}

public struct LightLimits: Hashable, Sendable {
    public struct Channel: Hashable, Sendable {
        public let name: String
        public let maximumPercent: Double

        public init(name: String, maximumPercent: Double) {
            self.name = name
            self.maximumPercent = maximumPercent
        }
    }

    /// Sorted by name.
    public let channels: [Channel]

    public init(channels: [Channel]) { self.channels = channels.sorted { $0.name < $1.name } }
}
