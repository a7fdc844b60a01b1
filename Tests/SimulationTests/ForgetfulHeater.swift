import DeviceModel
import Drivers
import Interlocks
import Quantities

/// A heater's driver that keeps its permits when it should drop them, and says what the test's bytes tell it to.
struct ForgetfulHeater: Driver {
    enum Write: UInt8 { case hold = 1, off }

    /// Makes it write all that it was ever told to hold.
    static let writes: [UInt8] = [0]
    /// Makes it tell what it read back; `askedAt` in whole seconds.
    static func readBack(isSafe: Bool, askedAt: UInt8) -> [UInt8] { [isSafe ? 2 : 1, askedAt] }

    private var holds: [WriteAuthority] = []

    var limits: DeviceLimits {
        .heater(
            HeaterLimits(
                minimum: Temperature(celsius: 20), maximum: Temperature(celsius: 160), resolutionKelvin: 0.1))
    }
    var safeCommands: [DeviceCommand] { [.heater(.off)] }
    var deadline: WireInstant? { nil }

    mutating func handle(_ event: LinkEvent, at now: Moment) -> [DriverEffect] {
        switch event {
        case .opened: [.state(.ready)]
        case .received(Self.writes): holds.map { .send([Write.hold.rawValue], $0) }
        case .received(let told):
            [
                .readBack(
                    SafeStateReadBack(
                        isSafe: told.first == 2, detail: "as told",
                        askedAt: .zero + .seconds(told.last.map(Double.init) ?? 0)))
            ]
        case .closed, .modbus, .relayed, .deadline, .present: []
        }
    }

    mutating func execute(_ permit: consuming PermittedCommand, as id: CommandID, at now: Moment) -> [DriverEffect] {
        let authority = WriteAuthority.permit(permit.stamp)
        guard permit.command == .heater(.off) else {
            holds.append(authority)
            return []
        }
        return [.send([Write.off.rawValue], authority)]
    }

    mutating func dropActuation(at now: Moment) -> [DriverEffect] { [] }
}
