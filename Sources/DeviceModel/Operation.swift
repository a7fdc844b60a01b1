/// What a person, or a program for one, does by hand with a device that is no pump, heater or spectrometer.
public enum DeviceOperation: Hashable, Sendable, Codable {
    case select(position: String)
    /// Fetch, set down, and go out of the way.
    case transfer(from: String, to: String)
    /// What the gripper holds.
    case place(station: String)
    case park
    case control(RobotControl)
    /// Standard millilitres a minute.
    case gas(Double)
    case light(channel: String, percent: Double)
    /// Millimetres, from where it is homed.
    case move(position: Double)
    case home
    /// Of a board: ends a fault that it has latched.
    case clear

    /// Of a robot's controller.
    public enum RobotControl: String, Hashable, Sendable, Codable, CaseIterable {
        case powerOn = "power-on"
        case powerOff = "power-off"
        case releaseBrakes = "release-brakes"
        case play
        case unlock

        var command: RobotCommand {
            switch self {
            case .powerOn: .power(on: true)
            case .powerOff: .power(on: false)
            case .releaseBrakes: .releaseBrakes
            case .play: .play
            case .unlock: .unlock
            }
        }
    }

    public var deviceClass: DeviceClass {
        switch self {
        case .select: .valve
        case .transfer, .place, .park, .control: .robot
        case .gas: .flowController
        case .light: .light
        case .move, .home: .stepper
        case .clear: .board
        }
    }

    /// One after the other, each once the one before is confirmed.
    public var commands: [DeviceCommand] {
        switch self {
        case .select(let position): [.valve(.select(position: position))]
        case .transfer(let from, let to):
            [.robot(.pick(station: from)), .robot(.place(station: to)), .robot(.park)]
        case .place(let station): [.robot(.place(station: station)), .robot(.park)]
        case .park: [.robot(.park)]
        case .control(let control): [.robot(control.command)]
        case .gas(let flow): [.flowController(.set(standardMillilitersPerMinute: flow))]
        case .light(let channel, let percent): [.light(.set(channel: channel, percent: percent))]
        case .move(let position): [.stepper(.move(to: position))]
        case .home: [.stepper(.home)]
        case .clear: [.board(.clear)]
        }
    }

    /// In words, for records: "to loop".
    public var text: String {
        switch self {
        case .select(let position): "to \(position.prefix(64))"
        case .transfer(let from, let to): "\(from.prefix(64)) to \(to.prefix(64))"
        case .place(let station): "what it holds to \(station.prefix(64))"
        case .park: "to where it is in nobody's way"
        case .control(let control): control.rawValue
        case .gas(let flow): "\(flow) mL/min(std)"
        case .light(let channel, let percent): "\(channel.prefix(64)) \(percent) %"
        case .move(let position): "to \(position) mm"
        case .home: "to its limit switch"
        case .clear: "clears its fault"
        }
    }
}
