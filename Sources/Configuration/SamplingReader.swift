import DeviceModel
import Experiments
import Hydraulics
import Quantities

extension BenchReader {
    /// `[stations.X]`.
    func readStations(devices: [DevicePart]) -> [Station] {
        guard document.top.has("stations") else {
            _ = document.top.raw("stations")
            return []
        }
        return document.top.namedTables("stations").compactMap { name, table in
            if names(of: .robot, devices).contains(name) {
                document.report(
                    table.path, ": a robot has this name, and its gripper is a place of its own; choose another")
            }
            let kind = table.read(BenchKeys.stationKind).flatMap(Station.Kind.init(rawValue:))
            let holds = Int(table.read(BenchKeys.stationHolds) ?? 1)
            let analyzer = readAnalyzer(table, devices)
            guard name.utf8.count <= 64, !name.isEmpty,
                name.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7f })
            else {
                document.report(table.path, ": a station needs a name of 1 to 64 characters on one line")
                return nil
            }
            guard let kind else { return nil }
            if analyzer != nil, kind != .place {
                table.wrong(BenchKeys.stationAnalyzer.name, expected: "none: only a place has what is measured")
            }
            if kind == .place, holds != 1 {
                table.wrong(BenchKeys.stationHolds.name, expected: "1: a place holds one cuvette")
            }
            return Station(name: name, kind: kind, holds: holds, analyzer: analyzer)
        }
    }

    private func readAnalyzer(_ table: Table, _ devices: [DevicePart]) -> DeviceName? {
        guard let name = table.read(BenchKeys.stationAnalyzer) else { return nil }
        let known = names(of: .analyzer, devices)
        if !known.contains(name), isSettled(name, devices) {
            table.wrong(
                BenchKeys.stationAnalyzer.name, expected: "an analyzer of this bench, \(oneOf(known, given: name))")
        }
        return DeviceName(name)
    }

    /// `[sampling]`; nil when there is none, or something is wrong with it.
    func readSampling(devices: [DevicePart], stations: [Station], network: FlowNetwork?) -> SamplingProcedure? {
        guard document.top.has("sampling"), let table = document.top.table("sampling") else {
            _ = document.top.raw("sampling")
            return nil
        }
        let robot = table.read(BenchKeys.samplingRobot)
        let valve = table.read(BenchKeys.samplingValve)
        let fill = table.read(BenchKeys.samplingFill)
        let supply = table.read(BenchKeys.samplingSupply)
        let filler = table.read(BenchKeys.samplingFiller)
        let volume = table.read(BenchKeys.samplingVolume)
        let deadline = table.read(BenchKeys.transferDeadline)
        let discard = table.read(BenchKeys.samplingDiscard)
        let resultDeadline = table.read(BenchKeys.resultDeadline)
        let reach = robot.flatMap { stationsReached(by: $0, table, devices) }
        var isFillGood = false
        if let valve, let fill { isFillGood = check(fill, of: valve, table, devices, network) }
        if let supply { check(supply, .supply, BenchKeys.samplingSupply.name, table, stations, reach) }
        if let filler { check(filler, .place, BenchKeys.samplingFiller.name, table, stations, reach) }
        if let discard { check(discard, .waste, BenchKeys.samplingDiscard.name, table, stations, reach) }
        guard let robot, let valve, let fill, let supply, let filler, let volume, let deadline else { return nil }
        guard isFillGood, reach != nil else { return nil }
        return SamplingProcedure(
            robot: DeviceName(robot), valve: DeviceName(valve), fill: fill, supply: supply, filler: filler,
            volume: Volume(microliters: volume), transferDeadline: deadline, discard: discard,
            resultDeadline: resultDeadline ?? .seconds(SamplingProcedure.usualResultDeadline))
    }

    /// The stations that an arm goes to; nil where it is none, which is reported.
    private func stationsReached(by robot: String, _ table: Table, _ devices: [DevicePart]) -> [String]? {
        let arms = devices.compactMap { device -> (name: String, stations: [String])? in
            guard case .robot(let limits)? = device.definition?.driver.limits, limits.abilities.contains(.transfer)
            else {
                return nil
            }
            return (device.name, limits.stations)
        }
        if let arm = arms.first(where: { $0.name == robot }) { return arm.stations }
        if isSettled(robot, devices) {
            table.wrong(
                BenchKeys.samplingRobot.name,
                expected: "a robot of this bench that carries, \(oneOf(arms.map(\.name), given: robot))")
        }
        return nil
    }

    private func check(
        _ name: String, _ kind: Station.Kind, _ key: String, _ table: Table, _ stations: [Station], _ reach: [String]?
    ) {
        let known = stations.filter { $0.kind == kind && reach?.contains($0.name) ?? true }.map(\.name)
        guard !known.contains(name) else { return }
        table.wrong(
            key,
            expected: "a station of the kind \(kind.rawValue) to which the robot goes, \(oneOf(known, given: name))")
    }

    /// The position leads out of the network, and is not where the valve stands otherwise; a trip turns it away.
    private func check(
        _ fill: String, of valve: String, _ table: Table, _ devices: [DevicePart], _ network: FlowNetwork?
    ) -> Bool {
        guard let network else { return false }
        guard let flowValve = network.valves.first(where: { $0.name == valve }) else {
            let known = network.valves.map(\.name)
            table.wrong(
                BenchKeys.samplingValve.name,
                expected: "a valve that stands under [network.valves], \(oneOf(known, given: valve))")
            return false
        }
        let ways = flowValve.ways.filter { $0.key != flowValve.home && $0.value.tube == nil }.keys.sorted()
        guard ways.contains(fill) else {
            table.wrong(
                BenchKeys.samplingFill.name,
                expected:
                    "a position of \(valve) that leads out (outlet = true) and is not its home, \(oneOf(ways, given: fill))"
            )
            return false
        }
        let commands = devices.first { $0.name == valve }?.definition?.driver.safeCommands ?? []
        guard !commands.isEmpty else {
            document.report(
                "devices.\(valve).safe",
                ": missing; a trip must turn \(valve) away from \(fill), expected the position where it is safe")
            return false
        }
        return true
    }
}
