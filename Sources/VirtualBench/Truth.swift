import Wire

/// What is really so on the bench at one time: for judges of tests, never for clients of the devices.
public struct TruthRecord: Sendable, Equatable {
    /// What made this record.
    public enum Cause: String, Sendable { case second, flows, heater, contactor, faults, accessories }

    public var cause: Cause
    /// Bench seconds since the start.
    public var seconds: Double
    /// uL/min as the pumps believe, and as it leaves the syringes; uL used and left; in the order of `PumpName`.
    public var setFlows: [Double]
    public var flows: [Double]
    public var used: [Double]
    public var remaining: [Double]
    public var plateCelsius: Double
    public var sensorCelsius: Double
    public var setPointCelsius: Double
    public var heaterOutputPercent: Double
    public var heaterMode: HeatingPlate.Mode
    public var limitTripped: Bool
    /// Of the bench's own contactor: whether the heater has its power.
    public var contactorClosed: Bool
    public var pressureKilopascals: Double
    public var segmentationStable: Bool
    public var luminescence: Features
    public var absorption: Features
    /// Of each accessory, by name; empty where none is fitted.
    public var accessories: [String: JSONValue] = [:]
    /// `device:fault`, sorted.
    public var faults: [String]

    /// The record as one line of JSON without its line feed.
    public var jsonLine: String {
        let mode =
            switch heaterMode {
            case .off: "off"
            case .automatic: "auto"
            case .manual: "manual"
            }
        let others = accessories.isEmpty ? [] : ["\"accessories\":\(json(.object(accessories)))"]
        let members = [
            "{\"t_s\":\(number(seconds))", "\"cause\":\"\(cause.rawValue)\"",
            "\"set_ul_min\":\(pumps(setFlows))", "\"flow_ul_min\":\(pumps(flows))", "\"used_ul\":\(pumps(used))",
            "\"remaining_ul\":\(pumps(remaining))", "\"plate_c\":\(number(plateCelsius))",
            "\"sensor_c\":\(number(sensorCelsius))", "\"set_point_c\":\(number(setPointCelsius))",
            "\"heater_output_pct\":\(number(heaterOutputPercent))", "\"heater_mode\":\"\(mode)\"",
            "\"limit_tripped\":\(limitTripped)", "\"contactor_closed\":\(contactorClosed)",
            "\"pressure_kpa\":\(number(pressureKilopascals))",
            "\"segmentation_stable\":\(segmentationStable)", "\"pl_cell\":\(object(luminescence))",
            "\"abs_cell\":\(object(absorption))",
        ]
        let active = "\"faults\":[\(faults.map { "\"\($0)\"" }.joined(separator: ","))]}"
        return (members + others + [active]).joined(separator: ",")
    }

    /// Members sorted by name; the texts are words, without anything to escape.
    private func json(_ value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let value): number(value)
        case .string(let value): "\"\(value)\""
        case .array(let values): "[\(values.map(json).joined(separator: ","))]"
        case .object(let members):
            "{\(members.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\(json($0.value))" }.joined(separator: ","))}"
        }
    }

    private func pumps(_ values: [Double]) -> String {
        let members = zip(PumpName.allCases, values).map { "\"\($0.rawValue)\":\(number($1))" }
        return "{\(members.joined(separator: ","))}"
    }

    private func object(_ features: Features) -> String {
        "{\"abs_300\":\(number(features.absorbance300)),\"pl_peak\":\(number(features.peakCounts)),"
            + "\"pl_area\":\(number(features.areaCounts)),\"main\":\(number(features.main)),\"ligand\":\(number(features.ligandBand)),"
            + "\"second\":\(number(features.secondBand))}"
    }

    /// A millionth is enough for a judge, and keeps the lines short.
    private func number(_ value: Double) -> String { "\((value * 1e6).rounded() / 1e6)" }
}
