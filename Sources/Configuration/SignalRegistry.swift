import DeviceModel
import Quantities

/// The signals that drivers of a class publish, whatever their make, so that an interlock can be checked before
/// anything runs. `docs/signals.md` is the registry for people.
enum SignalRegistry {
    static func quantities(of kind: DeviceClass) -> [(name: String, unit: Unit)] {
        switch kind {
        case .pump:
            [
                ("flow", .microlitersPerMinute), ("flow.set_point", .microlitersPerMinute), ("volume", .microliters),
                ("status", .code),
            ]
        case .heater:
            [("temperature", .celsius), ("temperature.set_point", .celsius), ("output", .percent), ("mode", .code)]
        case .spectrometer: [("integration", .seconds), ("pl_peak", .counts), ("abs_300", .absorbance)]
        case .valve, .robot, .board: []
        }
    }

    /// All signals of these devices with their units, sorted by name.
    static func signals(of devices: [DevicePart]) -> [(name: String, unit: Unit)] {
        devices.flatMap { device in
            device.entry.map { entry in
                quantities(of: entry.deviceClass).map { quantity in
                    (SignalName(entry.deviceClass, DeviceName(device.name), quantity.name).text, quantity.unit)
                }
            } ?? []
        }.sorted { $0.0 < $1.0 }
    }
}
