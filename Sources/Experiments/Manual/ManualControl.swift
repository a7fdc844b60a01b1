import DeviceModel
import Quantities

/// Who may move what by hand now, and what is moved.
struct ManualControl: Sendable {
    static let mostLeases = 16

    private(set) var leases: [Lease] = []
    private var lastNumber = 0
    /// What was set going by hand, and under which lease.
    var moved: [DeviceName: String] = [:]
    /// Commands whose outcome somebody waits for.
    var commands: [CommandID: Command] = [:]
    var programs: [RequestToken: TimedProgram] = [:]

    /// A command, those that follow once it is confirmed, and who is answered at the end.
    struct Command: Sendable {
        let token: RequestToken
        /// Of the connection whose leases it needs; nil: it makes safe.
        let client: UInt64?
        let act: ManualAct
        /// nil: answered by what the device gives, a spectrum or a result.
        let outcome: ManualOutcome?
        var rest: [(DeviceCommand, DeviceName)]
        /// Somebody stopped this device before its turn came: nothing more is begun.
        var stopped: DeviceName?
    }

    /// A hand moves it, or a command to it is on its way or waits for its turn.
    func mayMove(_ device: DeviceName) -> Bool {
        if moved[device] != nil { return true }
        return commands.values.contains { command in
            if command.rest.contains(where: { $0.1 == device }) { return true }
            guard case .moving(let starts)? = command.outcome else { return false }
            return starts.contains { $0.device == device }
        }
    }

    /// It is stopped: nothing that is on its way may start it afterwards.
    mutating func cancel(_ device: DeviceName) {
        for (id, command) in commands where command.rest.contains(where: { $0.1 == device }) {
            commands[id]?.rest = []
            commands[id]?.stopped = device
        }
    }

    mutating func add(
        _ devices: [DeviceName], person: String, reason: String, _ holder: Caller, for span: WireDuration,
        at now: Moment
    ) -> Lease {
        lastNumber += 1
        let digits = String(lastNumber)
        let lease = Lease(
            lease: "l-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits, devices: devices,
            person: person, reason: reason, holder: holder, since: now, span: span, ends: now.wire + span,
            until: now.wall + .init(nanoseconds: span.nanoseconds))
        leases.append(lease)
        return lease
    }

    func lease(named name: String) -> Lease? { leases.first { $0.lease == name } }

    func lease(on device: DeviceName) -> Lease? { leases.first { $0.devices.contains(device) } }

    /// - Parameter span: nil: as long again as it was acquired for.
    mutating func renew(_ name: String, for span: WireDuration?, at now: Moment) -> Lease? {
        guard let index = leases.firstIndex(where: { $0.lease == name }) else { return nil }
        let span = span ?? leases[index].span
        leases[index].ends = now.wire + span
        leases[index].until = now.wall + .init(nanoseconds: span.nanoseconds)
        return leases[index]
    }

    /// At least for so long from now.
    mutating func keep(_ name: String, for span: WireDuration, at now: Moment) {
        guard let lease = lease(named: name), lease.ends < now.wire + span else { return }
        _ = renew(name, for: span, at: now)
    }

    /// - Returns: what was moved under it.
    mutating func remove(_ lease: Lease) -> [DeviceName] {
        leases.removeAll { $0.lease == lease.lease }
        let left = moved.filter { $0.value == lease.lease }.keys.sorted()
        for device in left { moved[device] = nil }
        return left
    }

    var deadline: WireInstant? { leases.map(\.ends).min() }
}
