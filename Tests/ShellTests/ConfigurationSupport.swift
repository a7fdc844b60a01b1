import Configuration
import DeviceModel
import Drivers
import Interlocks
import Quantities

/// Stands in for every driver: these tests are about the file, not the wire.
private struct SilentDriver: Driver {
    let limits: DeviceLimits
    var safeCommands: [DeviceCommand] { [] }
    var deadline: WireInstant? { nil }

    mutating func handle(_ event: LinkEvent, at now: Moment) -> [DriverEffect] { [] }
    mutating func execute(_ permit: consuming PermittedCommand, as id: CommandID, at now: Moment) -> [DriverEffect] {
        [.finished(id, .done)]
    }
    mutating func dropActuation(at now: Moment) -> [DriverEffect] { [] }
}

enum TestCatalog {
    static let pump = DriverEntry(
        id: "chemyx-fusion", deviceClass: .pump, transports: [.serial], maturity: "none",
        settings: [
            SettingSpec("syringe.volume_ml", .number(0.001...200), "what the syringe holds"),
            SettingSpec("syringe.diameter_mm", .number(0.103...40), "the syringe's inner diameter"),
            SettingSpec("syringe.reagent", .text, "the reagent in it"),
            SettingSpec("model", .choice(["fusion-4000", "fusion-6000"]), default: .text("fusion-6000"), "the model"),
            SettingSpec("poll_ms", .integer(20...10_000), default: .integer(100), "time between questions"),
        ],
        make: { _, settings in
            SilentDriver(
                limits: .pump(
                    PumpLimits(
                        minimum: FlowRate(microlitersPerMinute: 0.1), maximum: FlowRate(microlitersPerMinute: 10_000),
                        resolution: FlowRate(microlitersPerMinute: 0.01), smallestVolume: Volume(microliters: 1),
                        capacity: Volume(microliters: settings.number("syringe.volume_ml") * 1000),
                        reagent: settings.text("syringe.reagent"))))
        })

    static let heater = DriverEntry(
        id: "watlow-f4t", deviceClass: .heater, transports: [.modbus], maturity: "none",
        settings: [
            SettingSpec("unit", .integer(1...247), default: .integer(1), "the Modbus unit"),
            SettingSpec("min_c", .number(-200...2000), default: .number(20), "the lowest set point"),
            SettingSpec("max_c", .number(-200...2000), default: .number(160), "the highest set point"),
        ],
        make: { _, _ in
            SilentDriver(
                limits: .heater(
                    HeaterLimits(
                        minimum: Temperature(celsius: 20), maximum: Temperature(celsius: 160), resolutionKelvin: 0.1)))
        })

    static let spectrometer = DriverEntry(
        id: "ocean-hdx", deviceClass: .spectrometer, transports: [.tcp], maturity: "none", settings: [],
        make: { _, _ in
            SilentDriver(
                limits: .spectrometer(
                    SpectrometerLimits(
                        shortestIntegration: .milliseconds(6), longestIntegration: .seconds(10), pixels: 2068)))
        })

    static let entries = [pump, heater, spectrometer, ModbusIO.entry]
}

/// A small but whole bench: two streams of one pump each, and a carrier.
enum TestBench {
    static let text = """
        [bench]
        name = "small"
        simulated = true

        [links.pump_a]
        serial = "/dev/flowlab/pump-a"
        baud = 38400
        [links.pump_b]
        serial = "/dev/flowlab/pump-b"
        baud = 38400
        [links.pump_oil]
        serial = "/dev/flowlab/pump-oil"
        baud = 38400
        [links.plate]
        modbus_tcp = "127.0.0.1:1502"
        [links.eye]
        tcp = "127.0.0.1:57357"

        [devices.a]
        driver = "chemyx-fusion"
        link = "pump_a"
        syringe = { volume_ml = 50, diameter_mm = 28.6, reagent = "cui" }
        [devices.b]
        driver = "chemyx-fusion"
        link = "pump_b"
        syringe = { volume_ml = 50, diameter_mm = 28.6, reagent = "cs" }
        [devices.oil]
        driver = "chemyx-fusion"
        link = "pump_oil"
        syringe = { volume_ml = 100, diameter_mm = 40, reagent = "oil" }
        [devices.heater]
        driver = "watlow-f4t"
        link = "plate"
        [devices.eye]
        driver = "ocean-hdx"
        link = "eye"

        [network]
        origin = "first"
        outlet = "eye"
        [network.junctions.first]
        inlets = ["a"]
        tube = { to = "cross", id_mm = 0.508, length_mm = 700 }
        [network.junctions.second]
        inlets = ["b"]
        tube = { to = "cross", id_mm = 0.508, length_mm = 500 }
        [network.junctions.cross]
        inlets = ["oil"]
        tube = { to = "eye", sections = [{ name = "reactor", id_mm = 0.762, length_mm = 921 }] }
        [network.detectors.eye]

        [flow_rules]
        balanced = ["first", "second"]
        balancing_pump = "b"
        carrier_pump = "oil"

        [roles]
        optimizer = ["lab"]

        [[interlocks]]
        name = "too-hot"
        cause = { signal = "heater.temperature", above = 165.0, unit = "degC", for = "500ms" }
        effect = ["heater-off", "pumps-stop"]
        bypass = "never"
        response = "Let it cool."
        """

    static func parse(_ text: String, endpoints: Endpoints? = nil) throws(ConfigurationError) -> BenchFile {
        try BenchFile.parse(text: text, name: "small.toml", endpoints: endpoints, catalog: TestCatalog.entries)
    }

    /// What is said of the bench after `old` was replaced by `new`; empty when all is well.
    static func said(_ old: String, _ new: String) -> [String] {
        guard let range = text.firstRange(of: old) else { return ["the test bench has no \(old)"] }
        var changed = text
        changed.replaceSubrange(range, with: new)
        return said(of: changed)
    }

    static func said(of text: String) -> [String] {
        do {
            _ = try parse(text)
            return []
        } catch {
            switch error {
            case .problems(_, let problems): return problems.map(\.text)
            case .syntax, .unreadable: return [error.description]
            }
        }
    }
}
