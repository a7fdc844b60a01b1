import Quantities

/// What an I/O module has, by the names that the bench file gives.
public struct IOLimits: Hashable, Sendable {
    public struct Input: Hashable, Sendable {
        public let name: String
        public let unit: Unit

        public init(name: String, unit: Unit) {
            self.name = name
            self.unit = unit
        }
    }

    public struct Output: Hashable, Sendable {
        public let name: String
        /// The level of its safe state.
        public let isOnWhenSafe: Bool

        public init(name: String, isOnWhenSafe: Bool) {
            self.name = name
            self.isOnWhenSafe = isOnWhenSafe
        }
    }

    /// Sorted by name, as the outputs are.
    public let inputs: [Input]
    public let outputs: [Output]

    public init(inputs: [Input], outputs: [Output]) {
        self.inputs = inputs
        self.outputs = outputs
    }
}

/// One output of one I/O module, as `[experiments] heater_contactor` names it.
public struct OutputName: Hashable, Sendable {
    public let device: DeviceName
    public let output: String

    public init(device: DeviceName, output: String) {
        self.device = device
        self.output = output
    }

    /// The signal that shows its level.
    public var signal: SignalName { SignalName(.io, device, output) }
}
