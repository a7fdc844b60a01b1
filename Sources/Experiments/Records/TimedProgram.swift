import DeviceModel
import Quantities

/// What shall be done at a set time, by devices on boards, whose clocks are better than any host's.
public struct TimedStep: Hashable, Sendable, Codable {
    public enum Action: Hashable, Sendable, Codable {
        case select(position: String)
        case pump(PumpMove)
        case move(position: Double)
        case stop
    }

    /// From the start of its program.
    public let at: WireDuration
    public let device: String
    public let action: Action

    public init(at: WireDuration, device: String, action: Action) {
        self.at = at
        self.device = device
        self.action = action
    }

    /// The class of device that can do it; nil: it depends on the device.
    var deviceClass: DeviceClass? {
        switch action {
        case .select: .valve
        case .pump: .pump
        case .move: .stepper
        case .stop: nil
        }
    }
}

/// A program that was done.
public struct TimedRun: Hashable, Sendable {
    /// The time that its steps count from.
    public let start: WallInstant
    /// As they were asked for.
    public let steps: [TimedStep]
    public let punctuality: [BoardPunctuality]
}

/// A program under way: all of its steps are with their devices.
struct TimedProgram: Sendable {
    let token: RequestToken
    let caller: Caller
    let act: ManualAct
    let start: WallInstant
    let steps: [TimedStep]
    /// Steps without an outcome, by their commands.
    var pending: [CommandID: Int] = [:]
    var punctuality: [Int: BoardPunctuality] = [:]

    var devices: [DeviceName] { Set(steps.map { DeviceName($0.device) }).sorted() }

    static func text(_ steps: [TimedStep]) -> String {
        let names = Set(steps.map { String($0.device.prefix(64)) }).sorted()
        let last = steps.map(\.at).max() ?? .zero
        return "\(names.prefix(8).joined(separator: ", ")): \(steps.count) steps in \(last.seconds) s"
    }
}
