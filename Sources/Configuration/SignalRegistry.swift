import DeviceModel
import Drivers
import Interlocks
import Quantities
import Wire

/// The signals that drivers of a class publish, whatever their make, so that an interlock can be checked before
/// anything runs. `docs/signals.md` is the registry for people.
enum SignalRegistry {
    /// The quantities that every device of a class has; an I/O module has those that its table names.
    static func quantities(of kind: DeviceClass) -> [(name: String, unit: Unit)] {
        switch kind {
        case .pump:
            [
                ("flow", .microlitersPerMinute), ("flow.set_point", .microlitersPerMinute),
                ("flow.commanded", .microlitersPerMinute), ("volume", .microliters),
                ("volume.withdrawn", .microliters), ("status", .code),
            ]
        case .heater:
            [("temperature", .celsius), ("temperature.set_point", .celsius), ("output", .percent), ("mode", .code)]
        case .spectrometer: [("integration", .seconds), ("pl_peak", .counts), ("abs_300", .absorbance)]
        case .valve: [("position", .code)]
        case .flowController:
            [
                ("flow", .standardMillilitersPerMinute), ("flow.set_point", .standardMillilitersPerMinute),
                ("pressure", .bar), ("temperature", .celsius), ("status", .code),
            ]
        case .analyzer: [("ticket", .code)]
        case .stepper: [("position", .millimeters), ("status", .code), ("limit", .code)]
        case .robot, .board, .io, .light: []
        }
    }

    /// What the daemon itself tells, of no device.
    static func own(pumps: [String], hasWasteLimit: Bool) -> [(name: String, unit: Unit)] {
        pumps.map { (InputTest.remaining(in: DeviceName($0)).text, .microliters) }
            + (hasWasteLimit ? [(InputTest.wasteRoom.text, .microliters)] : [])
            + [(InputTest.loopLateness.text, .seconds), (InputTest.clientsGone.text, .code)]
    }

    /// Whether a signal is the daemon's own: told when it changes, it does not age.
    static func isToldOnChange(_ name: String) -> Bool {
        name.hasPrefix("ledger.") || name == InputTest.loopLateness.text || name == InputTest.clientsGone.text
            || name.hasSuffix(".flow.commanded")
    }

    /// All signals of these devices with their units, sorted by name.
    static func signals(of devices: [DevicePart]) -> [(name: String, unit: Unit)] {
        devices.flatMap { device in
            device.entry.map { entry in
                (declared(by: device, entry) + named(by: device)).map { quantity in
                    (SignalName(entry.deviceClass, DeviceName(device.name), quantity.name).text, quantity.unit)
                }
            } ?? []
        }.sorted { $0.0 < $1.0 }
    }

    /// What the driver says of itself, else what its class has.
    private static func declared(by device: DevicePart, _ entry: DriverEntry) -> [(name: String, unit: Unit)] {
        guard let signals = entry.signals, let settings = device.settings else {
            return quantities(of: entry.deviceClass)
        }
        return signals(settings).map { ($0.quantity, $0.unit) }
    }

    /// The inputs and outputs of an I/O module. Of one whose table is wrong somewhere, as they stand there: an
    /// interlock on them is not wrong for that.
    private static func named(by device: DevicePart) -> [(name: String, unit: Unit)] {
        guard device.entry?.deviceClass == .io else { return [] }
        if case .io(let limits)? = device.definition?.driver.limits {
            return limits.inputs.map { ($0.name, $0.unit) } + limits.outputs.map { ($0.name, .code) }
        }
        return ["inputs", "outputs"].flatMap { key -> [(name: String, unit: Unit)] in
            guard case .object(let tables)? = device.table.members[key] else { return [] }
            return tables.sorted { $0.key < $1.key }.map { name, table in
                (name, table["unit"]?.text.flatMap(Unit.init(rawValue:)) ?? .code)
            }
        }
    }
}
