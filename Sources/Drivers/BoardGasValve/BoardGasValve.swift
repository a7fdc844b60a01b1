import BoardProtocol
import DeviceModel
import Interlocks
import Quantities

/// A gas valve on a digital output of a board: open while it is on. It closes by itself when nobody says any more that it
/// shall be open.
struct BoardGasValve: BoardChannelDevice {
    /// As the signal `position` shows them.
    static let positions = [("closed", 1), ("open", 2)]

    let name: DeviceName
    let channel: UInt8
    let poll: WireDuration
    private let hold: WireDuration
    private let isActiveLow: Bool
    private var isWanted = false
    /// Looks that were asked for before say nothing of what was done at its time.
    private var changedAt = WireInstant.zero

    init(_ name: DeviceName, _ settings: DriverSettings) {
        self.name = name
        channel = UInt8(settings.integer("channel"))
        poll = .milliseconds(settings.integer("poll_ms"))
        hold = .seconds(settings.number("hold_s"))
        isActiveLow = settings.text("on_level") == "low"
    }

    var deviceClass: DeviceClass { .valve }
    var kind: BoardKind { .digitalOutput }
    var safeCommands: [DeviceCommand] { [.valve(.safe)] }
    var limits: DeviceLimits {
        .valve(
            ValveLimits(
                positions: Self.positions.map { ValveLimits.Position(name: $0.0, number: $0.1) }, safe: "closed"))
    }

    var boardChannels: [BoardChannel] {
        let words = ConfigureOutputRequest(
            channel: channel, activeLow: isActiveLow ? 1 : 0, maxOnMilliseconds: UInt32(hold.milliseconds))
        return [BoardChannel(number: channel, configuration: RelayMessage(words))]
    }

    private var opening: SetOutputRequest {
        SetOutputRequest(channel: channel, level: 1, durationMilliseconds: UInt32(hold.milliseconds))
    }

    var upkeep: BoardQuestion? { isWanted ? BoardQuestion(RelayMessage(opening)) : nil }
    var upkeepInterval: WireDuration { hold * (1.0 / 3) }

    mutating func forget() { (isWanted, changedAt) = (false, .zero) }

    mutating func learn(_ seen: ReadRequest.Answer, askedAt: WireInstant, at now: Moment) -> [DriverEffect] {
        let isOpen = seen.active != 0
        // It has closed: whatever did that, it is not opened again by itself.
        if !isOpen, askedAt >= changedAt { isWanted = false }
        let look = SafeStateReadBack(isSafe: !isOpen, detail: isOpen ? "open" : "closed", askedAt: askedAt)
        let reading = Reading(SignalName(.valve, name, "position"), isOpen ? 2 : 1, .code, at: now)
        return [.reading(reading), .readBack(look)]
    }

    mutating func begin(_ command: DeviceCommand, at now: Moment) -> DialogueStart<BoardJob> {
        switch command {
        case .valve(.select("open")):
            isWanted = true
            return .job(BoardJob(channel, opening, until: .on))
        case .valve(.select("closed")), .valve(.safe):
            isWanted = false
            return .job(.stop(channel))
        case .valve(.select(let position)):
            return .refused("valve \(name) has no position \(position); it has closed, open")
        default: return .refused("\(name) is a valve and does not understand this command")
        }
    }

    /// What is open must outlast the pause before a set time.
    private static let leastHold = WireDuration.seconds(3)

    func timed(_ command: DeviceCommand) -> DialogueStart<BoardQuestion> {
        guard case .valve(.select(let position)) = command, ["open", "closed"].contains(position) else {
            return .refused("valve \(name) can be told open or closed for a set time")
        }
        guard hold >= Self.leastHold else {
            return .refused("hold_s of valve \(name) is \(hold.seconds), expected at least 3 for what has a set time")
        }
        let closing = SetOutputRequest(channel: channel, level: 0, durationMilliseconds: 0)
        return .job(BoardQuestion(RelayMessage(position == "open" ? opening : closing)))
    }

    mutating func happened(_ command: DeviceCommand, at now: Moment) {
        isWanted = command == .valve(.select(position: "open"))
        changedAt = now.wire
    }

    static let entry = DriverEntry(
        id: "board-gas-valve", deviceClass: .valve, transports: [.serial], isOnBoard: true,
        maturity: "firmware in an emulator",
        settings: [
            BoardChannelSettings.channel, BoardChannelSettings.poll, BoardChannelSettings.hold,
            SettingSpec(
                "on_level", .choice(["high", "low"]), default: .text("high"), "the level of the pin that opens it"),
        ],
        make: { DialogueDriver(BoardGasValve($0, $1)) })
}
