import ControlAPI
import DeviceModel
import Experiments
import Quantities
import Wire

extension ControlServer {
    func listDevices(_ call: Call, _ params: Empty) throws(APIError) -> Answer<DevicesList.Result> {
        .result(DevicesList.Result(devices: snapshot().devices.map(Self.entry)))
    }

    func device(_ call: Call, _ params: DevicesGet.Params) throws(APIError) -> Answer<DevicesGet.Result> {
        let bench = snapshot()
        guard let device = bench.devices.first(where: { $0.name.text == params.device }) else {
            let names = bench.devices.map(\.name.text)
            throw .notFound(
                "no device \"\(params.device.prefix(64))\"", hint: "devices are \(names.joined(separator: ", "))")
        }
        let prefix = SignalName(device.deviceClass, device.name, "").text
        let readings = bench.readings.filter { $0.signal.text.hasPrefix(prefix) }
        return .result(
            DevicesGet.Result(
                device: Self.entry(device), limits: Self.numbers(device.limits),
                readings: Self.values(readings, at: call.now)))
    }

    private static func entry(_ device: DeviceView) -> DeviceEntry {
        DeviceEntry(
            device: device.name.text, deviceClass: device.deviceClass, driver: device.driver, link: device.link.text,
            state: device.state.word, detail: device.state.detail, since: device.since.wall.rfc3339,
            isSafe: device.isSafe, readBack: device.readBack)
    }

    private static func numbers(_ limits: DeviceLimits) -> [String: Double] {
        switch limits {
        case .pump(let pump):
            [
                "minimum_ul_min": pump.minimum.microlitersPerMinute,
                "maximum_ul_min": pump.maximum.microlitersPerMinute,
                "resolution_ul_min": pump.resolution.microlitersPerMinute, "capacity_ul": pump.capacity.microliters,
            ]
        case .heater(let heater):
            [
                "minimum_c": heater.minimum.celsius, "maximum_c": heater.maximum.celsius,
                "resolution_k": heater.resolutionKelvin,
                "ramp_max_k_min": heater.ramp?.fastestKelvinPerMinute ?? 0,
            ]
        case .spectrometer(let spectrometer):
            [
                "shortest_integration_s": spectrometer.shortestIntegration.seconds,
                "longest_integration_s": spectrometer.longestIntegration.seconds, "pixels": Double(spectrometer.pixels),
            ]
        case .io(let module):
            ["inputs": Double(module.inputs.count), "outputs": Double(module.outputs.count)]
        case .valve(let valve): ["positions": Double(valve.positions.count)]
        case .robot(let robot): ["stations": Double(robot.stations.count)]
        case .flowController(let controller):
            ["minimum_ml_min_std": controller.minimum, "maximum_ml_min_std": controller.maximum]
        case .board(let board): ["channels": Double(board.channels.count)]
        case .stepper(let axis):
            [
                "minimum_mm": axis.minimum, "maximum_mm": axis.maximum, "resolution_mm": axis.resolution,
                "speed_mm_s": axis.speed,
            ]
        case .light(let light): ["channels": Double(light.channels.count)]
        case .analyzer(let analyzer):
            ["shortest_wait_s": analyzer.shortestWait.seconds, "longest_wait_s": analyzer.longestWait.seconds]
        }
    }

    func listSignals(_ call: Call, _ params: Empty) throws(APIError) -> Answer<SignalsList.Result> {
        let signals = snapshot().readings.map {
            SignalsList.Entry(signal: $0.signal.text, unit: $0.unit, quality: $0.quality)
        }
        return .result(SignalsList.Result(signals: signals))
    }

    /// Asked for many times a second by many, so that it is written without anything in between.
    func readSignals(_ call: Call, _ params: SignalsRead.Params) throws(APIError) -> Answer<SignalsRead.Result> {
        let text = try readings(of: params.names, in: snapshot().readings)
        namesRead = params.names
        return .encoded(text.json(at: call.now))
    }

    func readings(of names: [String], in all: [Reading]) throws(APIError) -> ReadingsText {
        var found: [Reading] = []
        for name in names {
            if Glob.isLiteral(name) {
                guard let reading = Self.reading(name, in: all) else { throw unknownSignal(name) }
                found.append(reading)
            } else {
                let glob = Glob(name)
                found += all.filter { glob.matches($0.signal.text) }
            }
        }
        return ReadingsText(names.count > 1 ? Self.sortedOnce(found) : found)
    }

    /// The snapshot is sorted by name.
    private static func reading(_ name: String, in all: [Reading]) -> Reading? {
        var (low, high) = (0, all.count)
        while low < high {
            let middle = (low + high) / 2
            if all[middle].signal.text < name { low = middle + 1 } else { high = middle }
        }
        return low < all.count && all[low].signal.text == name ? all[low] : nil
    }

    private static func sortedOnce(_ readings: [Reading]) -> [Reading] {
        var sorted: [Reading] = []
        for reading in readings.sorted(by: { $0.signal.text < $1.signal.text })
        where sorted.last?.signal != reading.signal {
            sorted.append(reading)
        }
        return sorted
    }

    func unknownSignal(_ name: String) -> APIError {
        let near = NearNames.to(name, among: snapshot().readings.map(\.signal.text))
        let also = near.isEmpty ? "" : "did you mean \(near.joined(separator: " or "))? "
        return .notFound("no signal \"\(name)\"", hint: "\(also)signals.list names all signals")
    }

    private static func values(_ readings: [Reading], at now: Moment) -> [String: SignalValue] {
        Dictionary(readings.map { ($0.signal.text, value($0, at: now)) }, uniquingKeysWith: { first, _ in first })
    }

    static func value(_ reading: Reading, at now: Moment) -> SignalValue {
        SignalValue(
            value: reading.quality == .bad ? nil : reading.value, unit: reading.unit, quality: reading.quality,
            ageS: (now.wire - reading.at.wire).seconds, time: reading.at.wall.rfc3339, benchS: reading.at.bench.seconds)
    }
}
