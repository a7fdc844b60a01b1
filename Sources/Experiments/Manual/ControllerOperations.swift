import ControlCore
import DeviceModel
import Interlocks
import Quantities

/// Valves, robots, gas and light by hand.
extension BenchController {
    mutating func operate(
        _ device: DeviceName, _ operation: DeviceOperation, _ act: ManualAct, _ caller: Caller, _ token: RequestToken,
        at now: Moment
    ) throws(ControlError) {
        try check(operation, of: device, at: now)
        // What is moved must be found again after a restart.
        if operation != .control(.powerOff) { try checkArchive() }
        // A valve that lost its way finds it by being turned; a board's fault is what is cleared.
        let lease = try lease(of: caller, on: device, alsoFaulted: [.valve, .board].contains(operation.deviceClass))
        let steps = operation.commands.map { ($0, device) }
        try send(steps, .init(token, lease, act, .operated(device, operation)), at: now)
    }

    /// What the device has, by the names and limits of the bench file; nothing moves where something is not so.
    func check(_ operation: DeviceOperation, of device: DeviceName, at now: Moment) throws(ControlError) {
        guard let limits = core.devices.first(where: { $0.definition.name == device })?.limits else {
            throw unknownDevice(device.text)
        }
        switch (operation, limits) {
        case (.select(let position), .valve(let valve)):
            try known(position, "position", among: valve.positions.map(\.name), of: device)
        case (.transfer(let from, let to), .robot(let robot)):
            guard robot.abilities.contains(.transfer) else { throw unable(device, "carry anything") }
            for station in [from, to] { try known(station, "station", among: robot.stations, of: device) }
            guard from != to else { throw outOfRange(device, "from and to are both \(from)", "two stations") }
            if let objection = stations.objection(from: from, to: to, with: device) {
                throw ControlError(
                    kind: objection.kind, device: device.text, detail: objection.text,
                    hint: "\(objection.hint); nothing was moved")
            }
        case (.place(let station), .robot(let robot)):
            guard robot.abilities.contains(.transfer) else { throw unable(device, "carry anything") }
            try known(station, "station", among: robot.stations, of: device)
            if let objection = stations.objection(to: .place(station: station), of: device) {
                throw ControlError(
                    kind: objection.kind, device: device.text, detail: objection.text,
                    hint: "\(objection.hint); nothing was moved")
            }
        case (.park, .robot(let robot)):
            guard robot.abilities.contains(.transfer) else { throw unable(device, "move") }
        case (.control, .robot(let robot)):
            guard robot.abilities.contains(.control) else { throw unable(device, "be switched") }
        case (.gas(let flow), .flowController(let controller)):
            guard flow == 0 || (controller.minimum...controller.maximum).contains(flow) else {
                throw outOfRange(
                    device, "flow_ml_min_std is \(flow)", "0, or \(controller.minimum) to \(controller.maximum)")
            }
        case (.light(let channel, let percent), .light(let light)):
            try known(channel, "channel", among: light.channels.map(\.name), of: device)
            let most = light.channels.first { $0.name == channel }?.maximumPercent ?? 0
            guard percent > 0, percent <= most else {
                throw outOfRange(device, "percent is \(percent)", "more than 0, and at most \(most)")
            }
        case (.move(let position), .stepper(let axis)):
            guard (axis.minimum...axis.maximum).contains(position) else {
                throw outOfRange(device, "position_mm is \(position)", "\(axis.minimum) to \(axis.maximum)")
            }
            let shown = core.reading(SignalName(.stepper, device, "position"), at: now)
            guard shown?.quality != .bad else {
                throw ControlError(
                    kind: "device_not_ready", device: device.text,
                    detail: "\(device) does not know where it is: it was not homed since it started or was stopped",
                    hint: "home it first: flowlabctl stepper \(device) home; nothing was moved")
            }
        case (.home, .stepper), (.clear, .board): break
        default: throw unable(device, "do this")
        }
    }

    /// The valves, as they show themselves, leave the pump a way out.
    func checkWay(of pump: DeviceName, at now: Moment) throws(ControlError) {
        let ends = definition.network.deadEnds(at: shownPositions(at: now))
        guard let end = ends.first(where: { $0.pump == pump.text }) else { return }
        throw ControlError(
            kind: "dead_end", device: pump.text,
            detail: "valve \(end.valve) stands at \(end.position) and leaves \(pump) no way out",
            hint: "turn the valve first: valves.select; nothing was moved")
    }

    private func shownPositions(at now: Moment) -> [String: String] {
        var positions: [String: String] = [:]
        for (signal, valve) in valveSignals {
            guard let reading = core.reading(signal, at: now), reading.quality == .good else { continue }
            positions[valve.valve] = valve.limits.name(of: Int(reading.value)) ?? "port \(Int(reading.value))"
        }
        return positions
    }

    /// A flush is for the way to the waste.
    func checkValvesAtHome(at now: Moment) throws(ControlError) {
        let shown = shownPositions(at: now)
        guard let away = definition.network.valves.first(where: { (shown[$0.name] ?? $0.home) != $0.home }) else {
            return
        }
        throw ControlError(
            kind: "valve_away", device: away.name,
            detail: "valve \(away.name) stands at \(shown[away.name] ?? ""), and a flush goes through \(away.home)",
            hint: "turn it first: flowlabctl valve \(away.name) \(away.home); nothing was moved")
    }

    private func known(
        _ name: String, _ what: String, among names: [String], of device: DeviceName
    ) throws(ControlError) {
        guard !names.contains(name) else { return }
        throw outOfRange(device, "\(what) is \"\(name.prefix(64))\"", names.joined(separator: ", "))
    }

    private func outOfRange(_ device: DeviceName, _ what: String, _ expected: String) -> ControlError {
        ControlError(
            kind: "out_of_range", device: device.text, detail: "\(what) for \(device), expected \(expected)",
            hint: "give one of these; nothing was moved")
    }

    private func unable(_ device: DeviceName, _ what: String) -> ControlError {
        ControlError(
            kind: "wrong_device_class", device: device.text, detail: "\(device) cannot \(what)",
            hint: "name the other device of this robot: an arm carries, its controller is switched")
    }
}
