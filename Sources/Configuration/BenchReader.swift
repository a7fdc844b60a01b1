import ControlCore
import DeviceModel
import Drivers
import Experiments
import Hydraulics
import Interlocks
import Quantities

/// Reads a whole bench file. Every part is read whatever is wrong with the others, so that one run shows all problems.
struct BenchReader {
    let document: Document
    let directory: String
    let endpoints: Endpoints?
    let catalog: [DriverEntry]

    /// nil when something without a default is missing or wrong; the problems are in the document.
    func read() -> BenchFile? {
        let general = readGeneral()
        let links = readLinks(general)
        let devices = readDevices(links: links)
        let network = readNetwork(devices: devices)
        let rules = readFlowRules(network: network)
        let procedure = readProcedure(devices: devices, network: network)
        let box = readBox(rules: rules, network: network, heater: procedure?.heater, devices: devices)
        let ledger = readLedger(devices: devices)
        let interlocks = readInterlocks(
            Watchable(
                devices: devices, staleAfter: general.limits.staleAfter, hasWasteLimit: ledger.wasteCapacity != nil))
        let alarms = readAlarms()
        let maintenance = readMaintenance()
        let recorder = readRecorder()
        let roles = readRoles()
        let stations = readStations(devices: devices)
        let sampling = readSampling(devices: devices, stations: stations, network: network)
        guard let name = general.name, let network, let rules, let procedure else { return nil }
        var definition = BenchDefinition(
            name: name, isSimulated: general.isSimulated, devices: devices.compactMap(\.definition),
            interlocks: interlocks, network: network, flowRules: rules, procedure: procedure, limits: general.limits,
            box: box, ledger: ledger, alarms: alarms, maintenance: maintenance, recorder: recorder,
            scanPeriod: ScanRate.period(general.scanRate))
        (definition.stations, definition.sampling) = (stations, sampling)
        return BenchFile(
            definition: definition, clockRate: general.clockRate,
            links: Dictionary(links.compactMap { link in link.spec.map { (LinkName(link.name), $0) } }) { first, _ in
                first
            },
            roles: roles, statePath: general.statePath, socketPath: general.socketPath)
    }

    /// `path` from the bench file's directory.
    func resolved(_ path: String) -> String {
        path.hasPrefix("/") || directory.isEmpty || directory == "." ? path : "\(directory)/\(path)"
    }
}

/// `[bench]`.
struct GeneralPart {
    var name: String?
    var isSimulated = false
    var clockRate = 1.0
    /// Hz.
    var scanRate = ScanRate.standardHertz
    var limits: CoreLimits
    var statePath: String?
    var socketPath: String?
}

extension BenchReader {
    func readGeneral() -> GeneralPart {
        let none = Table(document: Document(root: [:], lines: [:], unused: [:]), path: "bench", members: [:])
        let table = document.top.table("bench", required: "a table [bench] with name and simulated") ?? none
        var part = GeneralPart(limits: readLimits(table))
        part.name = table.read(BenchKeys.name)
        part.isSimulated = table.read(BenchKeys.simulated) ?? false
        let writtenRate = table.read(BenchKeys.clockRate) ?? 1
        part.clockRate = endpoints?.clockRate ?? writtenRate
        part.scanRate = table.read(BenchKeys.scanRate) ?? ScanRate.standardHertz
        part.statePath = table.read(BenchKeys.statePath).map(resolved)
        part.socketPath = table.read(BenchKeys.socketPath).map(resolved)
        if writtenRate != 1, !part.isSimulated {
            table.wrong(BenchKeys.clockRate.name, expected: "1 on a bench that does not say simulated = true")
        }
        if endpoints != nil, !part.isSimulated {
            document.report(
                table.path(of: BenchKeys.simulated.name),
                ": an endpoints file replaces the links of simulated benches only; start without it")
        }
        return part
    }

    private func readLimits(_ table: Table) -> CoreLimits {
        let limits = CoreLimits(
            staleAfter: table.read(BenchKeys.staleAfter) ?? .seconds(2),
            verifyWithin: table.read(BenchKeys.verifyWithin) ?? .seconds(3),
            reconnectFirst: table.read(BenchKeys.reconnectFirst) ?? .seconds(1),
            reconnectLongest: table.read(BenchKeys.reconnectLongest) ?? .seconds(30))
        if limits.reconnectLongest < limits.reconnectFirst {
            let longest = DurationText.format(limits.reconnectLongest.seconds)
            let key = [BenchKeys.reconnectFirst.name, BenchKeys.reconnectLongest.name].first(where: table.has)
            table.wrong(
                key ?? "reconnect_first", expected: "reconnect_first at most reconnect_longest, which is \(longest)")
        }
        return limits
    }

    /// `[roles]`: groups by role.
    func readRoles() -> [Role: [String]] {
        guard
            let table = document.top.table(
                "roles", required: "a table [roles], as optimizer = [\"flowlab-optimizers\"]")
        else { return [:] }
        var roles: [Role: [String]] = [:]
        for role in Role.allCases where role != .none {
            let key = Key<[String]>.texts(
                role.rawValue, "an array of different Unix groups", "who has this role", isGroupName
            ).optional
            if let groups = table.read(key), !groups.isEmpty { roles[role] = groups }
        }
        return roles
    }
}

/// As useradd takes it: no blanks, no colon, not a number.
@Sendable private func isGroupName(_ text: String) -> Bool {
    guard (1...32).contains(text.utf8.count), let first = text.utf8.first else { return false }
    let isStart =
        first == UInt8(ascii: "_") || (first | 0x20) >= UInt8(ascii: "a") && (first | 0x20) <= UInt8(ascii: "z")
    return isStart
        && text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."): true
            default: false
            }
        }
}
