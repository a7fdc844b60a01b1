import ControlAPI
import ControlClient
import Usage

extension Command {
    static let devices = Command(
        "devices", "All devices, or one with its limits and readings.",
        operands: [ArgumentParser.Operand("[NAME]", of: .named("device"))],
        examples: ["devices", "devices heater"]
    ) { (context) throws(Failure) in
        if let name = context.arguments.operands.first { return try one(context, name) }
        return try context.ask(DevicesList.self, Empty()) { result in
            let rows = result.devices.map { device in
                [
                    device.device, device.deviceClass.rawValue, device.driver, device.link, device.state, device.since,
                    safe(device), device.detail ?? "",
                ]
            }
            Terminal.write(
                TextTable.text(rows, header: ["device", "class", "driver", "link", "state", "since", "safe", "why"]))
        }
    }

    private static func safe(_ device: DeviceEntry) -> String { device.isSafe.map { $0 ? "yes" : "no" } ?? "unknown" }

    private static func one(_ context: Context, _ name: String) throws(Failure) -> Int32 {
        try context.ask(DevicesGet.self, DevicesGet.Params(device: name)) { result in
            let device = result.device
            var rows = [
                ["device", device.device], ["class", device.deviceClass.rawValue], ["driver", device.driver],
                ["link", device.link], ["state", "\(device.state) since \(device.since)"],
            ]
            if let detail = device.detail { rows.append(["why", detail]) }
            rows.append(["safe", safe(device) + (device.readBack.map { ": \($0)" } ?? "")])
            rows += result.limits.sorted { $0.key < $1.key }.map { [$0.key, Show.number($0.value, 3)] }
            Terminal.write(TextTable.text(rows))
            Terminal.write(readings(result.readings))
        }
    }

    static func readings(_ readings: [String: SignalValue]) -> String {
        let rows = readings.sorted { $0.key < $1.key }.map { name, reading in
            [
                name, Show.number(reading.value, 3), reading.unit.rawValue, reading.quality.rawValue,
                Show.duration(reading.ageS),
            ]
        }
        return TextTable.text(rows, header: ["signal", "value", "unit", "quality", "age"])
    }

    static let signals = Command(
        "signals", "Last readings of all signals, or of those that match PATTERN.",
        operands: [ArgumentParser.Operand("[PATTERN]", of: .named("signal"))],
        examples: ["signals", "signals 'pump.*.flow'"], notes: "* stands for any characters, ? for one."
    ) { (context) throws(Failure) in
        let names = context.arguments.operands.isEmpty ? ["*"] : context.arguments.operands
        var found = 0
        let code = try context.ask(SignalsRead.self, SignalsRead.Params(names: names)) { result in
            found = result.readings.count
            Terminal.write(
                found > 0 ? readings(result.readings) : "no signal matches \(names.joined(separator: " "))\n")
        }
        return context.isJSON || found > 0 ? code : ExitCode.failed
    }
}
