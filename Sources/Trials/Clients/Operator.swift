import ControlCore
import DeviceModel
import Drivers
import Experiments
import Quantities
import VirtualBench
import Wire

/// Works by hand with what stands beside the stream: valves, robots, gas and light; or with boards and what hangs on them. What
/// does not answer as it should it puts right; a daemon never does that by itself.
final class Operator: SimulatedClient {
    private let hands: [DeviceDefinition]
    /// Of gas valves on boards.
    private let gas: [String]
    /// None of them is open, by the last look.
    private var isShut: Bool
    private var broken: [String] = []
    private var lease: String?
    private var awayUntil = WireInstant.zero
    private var repairs = 0
    /// The bench was busy: maintenance keeps the next experiment from beginning.
    private var inMaintenance = false
    /// Something is to be done by hand, as soon as the bench is free.
    private var wants = false

    /// Who works on this bench, each with some of its devices.
    static func all(_ definition: BenchDefinition) -> [[DeviceDefinition]] {
        let others = definition.devices.filter { !$0.isOnBoard && handles($0.deviceClass) }
        let boards = definition.devices.filter { $0.isOnBoard || $0.deviceClass == .board }
        return [others, boards].filter { !$0.isEmpty }
    }

    private static func handles(_ kind: DeviceClass) -> Bool {
        switch kind {
        case .valve, .robot, .flowController, .light: true
        case .pump, .heater, .spectrometer, .board, .stepper, .io, .analyzer: false
        }
    }

    init(_ index: Int, _ hands: [DeviceDefinition], _ generator: inout Generator) {
        self.hands = hands
        gas = hands.filter { $0.isOnBoard && $0.deviceClass == .valve }.map(\.name.text)
        isShut = !gas.isEmpty
        super.init(index, .technician, &generator)
    }

    override func pause() -> WireDuration { generator.span(3, 20) }

    override func turn(_ trial: Trial) {
        guard trial.now.wire >= awayUntil else { return }
        guard let connection = connection else { return comeBack(trial) }
        if trial.isTroubled, generator.isLucky(0.01) {
            awayUntil = trial.now.wire + generator.span(1, 60)
            return hangUp(connection.number, trial)
        }
        ask(trial, "devices.list")
        if !gas.isEmpty { ask(trial, "signals.read", "{\"names\":[\(gas.map(Self.signal).joined(separator: ","))]}") }
        guard let lease else { return takeInHand(trial) }
        if broken.isEmpty, !trial.isTroubled || generator.isLucky(0.5) { return leave(lease, trial) }
        work(trial)
        ask(trial, "lease.renew", "{\"lease\":\"\(lease)\"}")
    }

    private func comeBack(_ trial: Trial) {
        (lease, inMaintenance, isShut) = (nil, false, !gas.isEmpty)
        if connect(trial) != nil { ask(trial, "system.hello", "{\"client\":\"operator\"}") }
    }

    private func takeInHand(_ trial: Trial) {
        wants = !broken.isEmpty || (trial.isTroubled && (wants || generator.isLucky(isShut ? 0.5 : 0.06)))
        guard wants else {
            if inMaintenance { ask(trial, "maintenance.exit") }
            inMaintenance = false
            return
        }
        let names = hands.map { "\"\($0.name)\"" }.joined(separator: ",")
        ask(
            trial, "lease.acquire",
            "{\"devices\":[\(names)],\"person\":\"Grace\",\"reason\":\"by hand\",\"duration_s\":60}")
    }

    private func leave(_ lease: String, _ trial: Trial) {
        ask(trial, "lease.release", "{\"lease\":\"\(lease)\"}")
        ask(trial, "maintenance.exit")
        (self.lease, inMaintenance, wants) = (nil, false, false)
    }

    override func answered(_ method: String, _ id: Int64, _ result: JSONValue, _ trial: Trial) {
        switch method {
        case "devices.list":
            let names = Set(hands.map(\.name.text))
            broken = Technician.elements(result["devices"]).compactMap { device in
                guard device["state"]?.text == "faulted", let name = device["device"]?.text, names.contains(name)
                else { return nil }
                return name
            }
        case "signals.read":
            isShut = !gas.contains { result["readings"]?["valve.\($0).position"]?["value"]?.double == 2 }
        case "lease.acquire":
            lease = result["lease"]?.text
            work(trial)
        default: trial.judge.count("\(method) done")
        }
    }

    override func refused(_ method: String, _ id: Int64, _ kind: String, _ error: JSONValue, _ trial: Trial) {
        trial.judge.count("\(method) \(kind)")
        trial.log.note("\(method): \(error["data"]?["detail"]?.text ?? error["message"]?.text ?? "?")", at: trial.now)
        // Said again each time: somebody else may have ended it.
        if method == "lease.acquire", kind == "bench_busy" {
            inMaintenance = true
            ask(trial, "maintenance.enter", "{\"person\":\"Grace\",\"reason\":\"by hand\",\"duration_s\":300}")
        }
        if kind == "lease_required" || kind == "unknown_lease" { lease = nil }
    }

    // MARK: Hands

    private func work(_ trial: Trial) {
        guard broken.isEmpty else { return repair(trial) }
        guard trial.isTroubled else { return }
        if isShut { open(gas[generator.integer(gas.count)], trial) }
        act(on: hands[generator.integer(hands.count)], trial)
    }

    private static func signal(_ valve: String) -> String { "\"valve.\(valve).position\"" }

    private func open(_ valve: String, _ trial: Trial) {
        trial.judge.asked(toOpen: valve, at: trial.now)
        ask(trial, "valves.select", "{\"device\":\"\(valve)\",\"position\":\"open\"}")
    }

    /// What a valve needs is to be sent somewhere; what an arm needs, its controller is told, one step a turn.
    private func repair(_ trial: Trial) {
        for device in hands where broken.contains(device.name.text) {
            if case .valve = device.driver.limits { act(on: device, trial) }
            if case .board = device.driver.limits { ask(trial, "boards.clear", "{\"device\":\"\(device.name)\"}") }
        }
        let steps: [DeviceOperation.RobotControl] = [.unlock, .powerOn, .releaseBrakes, .play]
        for device in hands {
            guard case .robot(let limits) = device.driver.limits, limits.abilities.contains(.control) else { continue }
            ask(
                trial, "robots.control",
                "{\"device\":\"\(device.name)\",\"action\":\"\(steps[repairs % steps.count].rawValue)\"}")
        }
        repairs += 1
    }

    private func act(on device: DeviceDefinition, _ trial: Trial) {
        let named = "{\"device\":\"\(device.name)\""
        switch device.driver.limits {
        case .valve(let limits):
            let position = limits.positions[generator.integer(limits.positions.count)].name
            if position == "open", device.isOnBoard { return open(device.name.text, trial) }
            ask(trial, "valves.select", "\(named),\"position\":\"\(position)\"}")
        case .robot(let limits): move(limits, named, trial)
        case .flowController(let limits):
            if generator.isLucky(0.3) { return void(ask(trial, "flow_controllers.close", "\(named)}")) }
            let flow = generator.uniform(limits.minimum, limits.maximum)
            ask(trial, "flow_controllers.set", "\(named),\"flow_ml_min_std\":\(flow)}")
        case .light(let limits):
            if generator.isLucky(0.3) { return void(ask(trial, "lights.off", "\(named)}")) }
            let channel = limits.channels[generator.integer(limits.channels.count)]
            let percent = generator.uniform(1, channel.maximumPercent)
            ask(trial, "lights.set", "\(named),\"channel\":\"\(channel.name)\",\"percent\":\(percent)}")
        case .stepper(let limits): move(limits, named, trial)
        case .pump(let limits): turn(limits, named, trial)
        case .heater(let limits):
            if generator.isLucky(0.3) { return void(ask(trial, "heaters.off", "\(named)}")) }
            let celsius = generator.uniform(limits.minimum.celsius, limits.maximum.celsius)
            ask(trial, "heaters.set", "\(named),\"temperature_c\":\(celsius)}")
        case .board:
            // A board that is well: it begins anew, and all on it is off.
            if generator.isLucky(0.1) { ask(trial, "boards.clear", "\(named)}") }
        case .spectrometer, .io, .analyzer: break
        }
    }

    private func move(_ limits: StepperLimits, _ named: String, _ trial: Trial) {
        switch generator.integer(5) {
        case 0: ask(trial, "steppers.stop", "\(named)}")
        case 1, 2: ask(trial, "steppers.home", "\(named)}")
        default:
            ask(
                trial, "steppers.move",
                "\(named),\"position_mm\":\(generator.uniform(limits.minimum, limits.maximum))}")
        }
    }

    private func turn(_ limits: PumpLimits, _ named: String, _ trial: Trial) {
        if generator.isLucky(0.2) { return void(ask(trial, "pumps.stop", "\(named)}")) }
        let flow = generator.uniform(limits.minimum.microlitersPerMinute, limits.maximum.microlitersPerMinute)
        ask(
            trial, "pumps.start",
            "\(named),\"flow_ul_min\":\(flow),\"volume_ul\":\(generator.uniform(20, 2000))}")
    }

    private func move(_ limits: RobotLimits, _ named: String, _ trial: Trial) {
        guard limits.abilities.contains(.transfer), limits.stations.count > 1 else { return }
        switch generator.integer(6) {
        case 0: ask(trial, "robots.park", "\(named)}")
        case 1: ask(trial, "robots.halt", "\(named)}")
        default:
            let from = generator.integer(limits.stations.count)
            let to = (from + 1 + generator.integer(limits.stations.count - 1)) % limits.stations.count
            ask(
                trial, "robots.transfer",
                "\(named),\"from\":\"\(limits.stations[from])\",\"to\":\"\(limits.stations[to])\"}")
        }
    }

    private func void(_ id: Int64?) {}
}
