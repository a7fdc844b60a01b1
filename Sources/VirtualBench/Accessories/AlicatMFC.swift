import Quantities
import RealMath
import Wire

/// An Alicat mass flow controller for gas, 500 SCCM, unit A, as its serial line shows it.
///
/// Requests begin with the unit's letter and end with CR, replies end with CR; another unit's request gets silence, and
/// one that is not understood `?`. Source: Alicat, Serial Primer rev. 2; replies as the simulator of `labmcp-alicat` 0.1.2
/// writes them after captures. Streaming, tares and totalisers are not here.
struct AlicatMFC: Accessory {
    static let link = "gas"
    /// Standard mL/min.
    static let fullScale = 500.0
    private static let lag = 0.3
    /// Psi absolute, before the valve.
    private static let supplyPressure = 44.1
    private static let roomPressure = 14.7
    private static let celsius = 21.9

    enum Hold: Sendable { case none, position, closed }

    var setPoint = 0.0
    var hold = Hold.none
    var gas = 8
    /// Through the valve.
    private(set) var flow = 0.0
    private var supplyIsLost = false
    private var leak = 0.0
    private var isOverRange = false
    private var input = TerminatedInput(endedBy: "\r")
    private var replies = ReplyQueue(delay: .milliseconds(10))
    private var now: BenchInstant

    init(at now: Moment) { self.now = now.bench }

    mutating func receive(_ bytes: [UInt8], link: String, connection: Int, at now: Moment) -> [TimedReply] {
        input.requests(bytes).compactMap { request in
            let lines = answer(String(decoding: request, as: UTF8.self))
            guard !lines.isEmpty else { return nil }
            return replies.reply(Array(lines.map { $0 + "\r" }.joined().utf8), at: now.wire)
        }
    }

    mutating func disconnect(link: String, connection: Int) { input.clear() }

    mutating func advance(to now: Moment) {
        let seconds = (now.bench - self.now).seconds
        guard seconds > 0 else { return }
        self.now = now.bench
        flow = target + (flow - target) * exp(-seconds / Self.lag)
    }

    mutating func set(_ faults: [Fault: Double]) {
        supplyIsLost = faults[.gasSupplyLost] != nil
        leak = faults[.valveLeak] ?? 0
        isOverRange = faults[.overload] != nil
    }

    private var target: Double {
        if supplyIsLost { return 0 }
        switch hold {
        case .none: return max(leak, setPoint)
        case .position: return max(leak, flow)
        case .closed: return leak
        }
    }

    /// To a tenth, and to a hundredth where hardly anything flows.
    var truth: [String: JSONValue] {
        let shown = flow < 1 ? (flow * 100).rounded() / 100 : (flow * 10).rounded() / 10
        return [
            "flow_ml_min": .number(shown), "set_point_ml_min": .number(setPoint), "held_shut": .bool(hold == .closed),
            "gas": .string(Self.gases[gas]?.short ?? "?"),
        ]
    }

    var frame: String {
        let pressure = supplyIsLost ? Self.roomPressure : Self.supplyPressure
        let mass = isOverRange ? Self.fullScale * 1.28 : flow
        let volumetric = mass * (Self.celsius + 273.15) / 298.15 * Self.roomPressure / pressure
        let numbers = [pressure, Self.celsius, volumetric, mass, setPoint].map(Self.signed)
        let name = Self.gases[gas]?.short ?? "Mix"
        let padding = String(repeating: " ", count: max(0, 6 - name.utf8.count))
        let status = (hold == .none ? "" : " HLD") + (isOverRange ? " MOV" : "")
        return "A " + numbers.joined(separator: " ") + " " + padding + name + status
    }

    /// `+012.50`
    static func signed(_ value: Double) -> String {
        let digits = fixedDecimal(value.magnitude, 2)
        return (value < 0 ? "-" : "+") + String(repeating: "0", count: max(0, 6 - digits.utf8.count)) + digits
    }

    /// By the numbers of Serial Primer, appendix C.
    static let gases: [Int: (short: String, long: String)] = [
        0: ("Air", "Air"), 1: ("Ar", "Argon"), 2: ("CH4", "Methane"), 4: ("CO2", "Carbon Dioxide"),
        6: ("H2", "Hydrogen"), 7: ("He", "Helium"), 8: ("N2", "Nitrogen"), 11: ("O2", "Oxygen"),
    ]
}

/// The commands.
extension AlicatMFC {
    /// Lines of the answer; none: it is for another unit.
    private mutating func answer(_ request: String) -> [String] {
        let words = request.split(separator: " ").map { $0.uppercased() }
        guard let first = words.first, first.hasPrefix("A") else { return [] }
        let given = [String(first.dropFirst())].filter { !$0.isEmpty } + words.dropFirst()
        guard let command = given.first else { return [frame] }
        let argument = given.count > 1 ? given[1] : nil
        switch command {
        case "HC": return held(.closed)
        case "HP", "$$H": return held(.position)
        case "C", "$$C": return held(.none)
        case "LS": return newStyleSetPoint(argument)
        case "GS": return selectGas(argument)
        case "VE": return ["A   10v20.0-R24 Jan  9 2025,15:04:07"]
        case "??M*": return Self.manufacturer
        case "??D*": return Self.layout
        case "??G*": return Self.gases.keys.sorted().map { "A G\(twoDigits($0))      \(Self.gases[$0]?.short ?? "")" }
        default: return withNumber(command, argument)
        }
    }

    /// The set point and the gas may stand beside their letter: `S12.5`, `G8`; and digits alone are a share of 64000 of
    /// full scale, as controllers of any age take it.
    private mutating func withNumber(_ command: String, _ argument: String?) -> [String] {
        if let counts = Int(command), counts >= 0 {
            setPoint(to: Double(counts) / 64_000 * Self.fullScale)
            return [frame]
        }
        let text = argument ?? String(command.dropFirst())
        if command.hasPrefix("S"), command == "S" || argument == nil, let value = Self.number(text) {
            setPoint(to: value)
            return [frame]
        }
        if command.hasPrefix("G"), command == "G" || argument == nil, let number = Int(text), Self.gases[number] != nil
        {
            gas = number
            return [frame]
        }
        return ["?"]
    }

    private mutating func held(_ new: Hold) -> [String] {
        hold = new
        return [frame]
    }

    private mutating func newStyleSetPoint(_ argument: String?) -> [String] {
        if let argument {
            guard let value = Self.number(argument) else { return ["?"] }
            setPoint(to: value)
        }
        return ["A \(Self.signed(setPoint)) \(Self.signed(setPoint)) 12 SCCM"]
    }

    private mutating func selectGas(_ argument: String?) -> [String] {
        if let argument {
            guard let number = Int(argument), Self.gases[number] != nil else { return ["?"] }
            gas = number
        }
        return ["A \(gas) \(Self.gases[gas]?.short ?? "") \(Self.gases[gas]?.long ?? "")"]
    }

    /// Beyond its range it is cut without a word. Source: Serial Primer, page 12.
    private mutating func setPoint(to value: Double) {
        setPoint = (min(max(value, 0), Self.fullScale) * 100).rounded() / 100
    }

    private static func number(_ text: String) -> Double? {
        Double(text).flatMap { $0.isFinite && $0.magnitude < 1e6 ? $0 : nil }
    }

    private func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    private static let manufacturer = [
        "A  M00 ALICAT SCIENTIFIC", "A  M01 www.alicat.com", "A  M02 Ph   520-290-6060", "A  M03 info@alicat.com",
        "A  M04 Model Number MC-500SCCM-D", "A  M05 Serial Number 521641", "A  M06 Date Manufactured 03/02/2025",
        "A  M07 Date Calibrated   03/02/2025", "A  M08 Calibrated By     BL", "A  M09 Software Revision 10v20.0-R24",
    ]

    private static let layout: [String] = {
        let columns = [
            ("700", "Unit ID", "string", "1", ""), ("002", "Abs Press", "s decimal", "7/2", "010 02 PSIA"),
            ("003", "Flow Temp", "s decimal", "7/2", "002 02 `C"),
            ("004", "Volu Flow", "s decimal", "7/2", "012 02 CCM"),
            ("005", "Mass Flow", "s decimal", "7/2", "012 02 SCCM"),
            ("037", "Mass Flow Setpt", "s decimal", "7/2", "012 02 SCCM"), ("703", "Gas", "string", "6", ""),
            ("701", "*Error", "string", "3", "ADC"),
        ]
        let words = ["OPL", "POV", "P2O", "TOV", "VOV", "MOV", "TMF", "OVR", "COM", "HLD", "EXH", "GTA", "LCK"]
        let rows = columns + words.map { ("702", "*Status", "string", "3", $0) }
        func padded(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(0, width - text.utf8.count))
        }
        let table = rows.enumerated().map { index, row in
            let number = index < 9 ? "0\(index + 1)" : "\(index + 1)"
            let width = String(repeating: " ", count: max(0, 5 - row.3.utf8.count)) + row.3
            return "A D\(number) \(row.0) \(padded(row.1, 26)) \(padded(row.2, 11)) \(width)"
                + (row.4.isEmpty ? "" : " " + row.4)
        }
        let head = "A D00 ID_ NAME______________________ TYPE_______ WIDTH NOTES___________________"
        // The table ends with an empty line.
        return [head] + table + [""]
    }()
}

extension AlicatMFC {
    static let entry = AccessoryEntry(
        "gas", "Alicat mass flow controller, 500 SCCM, unit A, 19200 baud",
        links: [AccessoryLink(name: link, transport: .serial)], faults: [.gasSupplyLost, .valveLeak, .overload],
        make: { AlicatMFC(at: $0) })
}

extension Fault {
    /// Nothing flows any more; the set point stays.
    public static let gasSupplyLost = Fault("gas_supply_lost", .accessory)
    /// Standard mL/min that go through the valve when it is shut.
    public static let valveLeak = Fault("valve_leak", .accessory, 0...500, usual: .value(20))
    /// The flow sensor is beyond its range, whatever flows.
    public static let overload = Fault("overload", .accessory)
}
