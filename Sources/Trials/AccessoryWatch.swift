import DeviceModel
import Experiments
import Interlocks
import Quantities
import VirtualBench
import Wire

/// What must hold of the devices beside the plant's own, by the truth log: valves, robots, gas, light, and whatever else
/// a trip or the daemon's end must bring to rest.
struct AccessoryWatch {
    /// After a device's link was bad, or the device itself, it is told again within this.
    static let recovery = 20.0
    /// What flows through a valve that stands elsewhere is stopped within this: two looks at the valve, and the stop.
    static let wrongWay = 5.0

    /// One of them, and how its truth tells that it is not at rest.
    private struct Watched {
        let device: String
        /// Its name in the truth log, and the devices whose faults are its own.
        let accessory: String
        let links: [String]
        let kind: DeviceClass
        /// Of a valve: by the names of its positions, and its safe one.
        var positions: [String: Int] = [:]
        var safe: Int?
        var leastFlow = 0.0
        /// On a board: the member of its truth that tells whether it is on, or moves.
        var member: String?

        /// From a trip to rest; a loop that the host holds up for three seconds included: a board does not wait for it. A valve
        /// may have to end one turn before it begins the next.
        var bound: Double { member != nil ? 4 : kind == .valve ? 14 : 9 }
        /// It is off now and then while it works, so that it is not known to rest when it is seen off.
        var flickers: Bool { kind == .heater && member != nil }

        func number(_ truth: JSONValue) -> Int? {
            (truth["position"] ?? truth["port"])?.double.map { Int($0) }
        }

        /// nil: nothing that anybody must bring to rest.
        func isOn(_ truth: JSONValue) -> Bool? {
            if let member { return truth[member].map { $0 == .bool(true) } }
            return switch kind {
            case .valve: safe.map { $0 != number(truth) }
            case .robot: truth["moving"].map { $0 == .bool(true) }
            case .flowController: truth["flow_ml_min"]?.double.map { $0 > leastFlow }
            case .heater: truth["mode"]?.text.map { $0 != "off" }
            case .light, .pump:
                if case .object(let members) = truth {
                    members.contains { name, value in
                        (name.hasPrefix("light_") || name.hasPrefix("flow_")) && value.double ?? 0 > 0
                    }
                } else {
                    nil
                }
            case .spectrometer, .board, .stepper, .io, .analyzer: nil
            }
        }
    }

    private let watched: [Watched]
    private var covered: [DeviceClass: Double] = [:]
    private var seenOff: Set<String> = []
    private var daemonSince: Double?
    private var endedAt: Double?
    /// Until when faults excuse a device: any fault, and those of its link alone.
    private var excused: [String: Double] = [:]
    private var unheard: [String: Double] = [:]
    private var valves: [String: String] = [:]
    private var wrongSince: Double?
    private(set) var looks = 0

    init(_ definition: BenchDefinition) {
        let known = VirtualBench.accessoryLinks
        watched = definition.devices.compactMap { device in
            guard let accessory = known.first(where: { $0.value.contains(device.link.text) }) else { return nil }
            var one = Watched(
                device: device.name.text, accessory: accessory.key, links: accessory.value, kind: device.deviceClass)
            one.member = device.boardMember(of: accessory.key)
            switch device.driver.limits {
            case .valve(let limits):
                one.positions = Dictionary(limits.positions.map { ($0.name, $0.number) }, uniquingKeysWith: { $1 })
                one.safe = limits.safe.flatMap { limits.number(of: $0) }
            case .flowController(let limits): one.leastFlow = limits.minimum
            case .pump, .heater, .spectrometer, .io, .robot, .light, .analyzer, .board, .stepper: break
            }
            return one
        }
    }

    // MARK: The daemon

    mutating func daemonStarted(_ bench: WatchedBench, at now: Moment) {
        (daemonSince, endedAt, covered, seenOff) = (now.bench.seconds, nil, [:], [])
        stepped(bench, at: now)
    }

    mutating func daemonEnded(inOrder: Bool, at now: Moment) {
        (daemonSince, endedAt, covered, seenOff) = (nil, inOrder ? now.bench.seconds : nil, [:], [])
        (valves, wrongSince) = ([:], nil)
    }

    mutating func stepped(_ bench: WatchedBench, at now: Moment) {
        guard !watched.isEmpty else { return }
        let flows =
            switch bench.activity {
            case .experiment(_, .flowing), .experiment(_, .settling), .experiment(_, .measuring): true
            case .experiment, .byHand, .flush, .none: false
            }
        let wanted = flows ? bench.valves : [:]
        if wanted != valves { (valves, wrongSince) = (wanted, nil) }
        guard !(bench.latches.isEmpty && covered.isEmpty) else { return }
        for kind in Set(watched.map(\.kind)) {
            if bench.latches.contains(where: { $0.covers(kind) }) {
                covered[kind] = covered[kind] ?? now.bench.seconds
            } else if covered[kind] != nil {
                covered[kind] = nil
                for one in watched where one.kind == kind { seenOff.remove(one.device) }
            }
        }
    }

    mutating func faultBegins(_ command: FaultCommand, at now: Moment) {
        guard let device = command.device else { return }
        let ends = now.bench.seconds + (command.forSeconds ?? 0) + Self.recovery
        excused[device] = max(excused[device] ?? 0, ends)
        guard VirtualBench.isLinkFault(command.fault) else { return }
        unheard[device] = max(unheard[device] ?? 0, ends)
    }

    // MARK: Records

    /// What is wrong with it.
    mutating func saw(_ record: TruthRecord) -> [String] {
        guard !watched.isEmpty else { return [] }
        var problems: [String] = []
        for one in watched {
            guard let truth = record.accessories[one.accessory], let isOn = one.isOn(truth) else { continue }
            looks += 1
            judge(one, isOn, record.seconds, &problems)
        }
        judgeWays(record, &problems)
        return problems
    }

    /// At rest in time after a trip, and not up again before the reset; and after an end in order.
    private mutating func judge(_ one: Watched, _ isOn: Bool, _ seconds: Double, _ problems: inout [String]) {
        guard let since = covered[one.kind] ?? endedAt, seconds > since else { return }
        guard isOn else {
            if !one.flickers { seenOff.insert(one.device) }
            return
        }
        guard !one.links.contains(where: { excused[$0] ?? -1 > seconds }), !isYoung(seconds) else { return }
        let cause = endedAt == nil ? "what tripped \(seconds - since) s ago was not reset" : "the daemon has ended"
        if seenOff.contains(one.device) {
            problems.append("\(one.device) runs again, and \(cause)")
        } else if seconds - since > one.bound {
            problems.append("\(one.device) is not at rest \(seconds - since) s later: \(cause)")
        }
    }

    private func isYoung(_ seconds: Double) -> Bool { daemonSince.map { seconds - $0 < Self.recovery } ?? false }

    /// No reagent flows while a valve of the network is elsewhere than the recipe says.
    private mutating func judgeWays(_ record: TruthRecord, _ problems: inout [String]) {
        let wrong = watched.filter { one in
            guard let wanted = valves[one.device].flatMap({ one.positions[$0] }),
                let truth = record.accessories[one.accessory], !isUnheard(one.device, record.seconds)
            else { return false }
            return one.number(truth) != wanted
        }
        let flows = zip(PumpName.allCases, record.setFlows).contains { pump, flow in
            flow != 0 && !isUnheard(pump.rawValue, record.seconds)
        }
        guard let first = wrong.first, flows else { return wrongSince = nil }
        let since = wrongSince ?? record.seconds
        wrongSince = since
        guard record.seconds - since > Self.wrongWay else { return }
        problems.append(
            "flows go on for \(record.seconds - since) s while \(first.device) is not at "
                + "\(valves[first.device] ?? "?")")
        wrongSince = nil
    }

    private func isUnheard(_ device: String, _ seconds: Double) -> Bool { unheard[device] ?? -1 > seconds }
}
