import Quantities
import RealMath
import Wire

/// Faults: commands in, state of the parts out.
extension VirtualBench {
    /// Obeys one command of the fault socket. The answer tells what is active; for `list` also what there is.
    public mutating func apply(_ command: FaultCommand, at now: Moment) throws(FaultError) -> JSONValue {
        advance(to: now)
        switch command.fault {
        case "list":
            return .object(["ok": .bool(true), "active": activeFaults, "devices": knownFaults])
        case "clear":
            if let device = command.device { _ = try known(device) }
            faults.clear(device: command.device)
        default:
            try start(command, at: now)
        }
        applyFaults()
        record(.faults)
        return .object(["ok": .bool(true), "active": activeFaults])
    }

    private mutating func start(_ command: FaultCommand, at now: Moment) throws(FaultError) {
        guard let name = command.device else { throw .noDevice(fault: command.fault, known: deviceNames) }
        let device = try known(name)
        guard let fault = device.faults.first(where: { $0.rawValue == command.fault }) else {
            throw .unknownFault(command.fault, device: name, known: device.faults.map(\.rawValue))
        }
        if let seconds = command.forSeconds, !(seconds > 0 && seconds <= 1e6) { throw .badDuration(seconds) }
        if let value = command.value, !(fault.valueRange?.contains(value) ?? false) {
            throw .badValue(value, fault: fault.rawValue, allowed: fault.valueRange)
        }
        let value = command.value ?? fault.defaultValue(&faultGenerator)
        if fault.isMomentary { return happen(fault, device, value, at: now) }
        let until = command.forSeconds.map { now.bench + .seconds($0) }
        faults.add(ActiveFault(device: name, fault: fault, value: value, since: now.bench, until: until))
    }

    /// A device of this very bench.
    private func known(_ name: String) throws(FaultError) -> BenchDevice {
        guard deviceNames.contains(name), let device = BenchDevice(name) else {
            throw .unknownDevice(name, known: deviceNames)
        }
        return device
    }

    private mutating func happen(_ fault: Fault, _ device: BenchDevice, _ value: Double, at now: Moment) {
        switch (fault, device) {
        case (.powerCycle, .pump(let pump)):
            pumps[pump].powerCycle(at: now.wire)
            noteChanges()
        case (.refill, .pump(let pump)): plant.remaining[pump] = PumpName.allCases[pump].syringeMicroliters
        case (.plateTemperature, _): plant.plate.jump(to: value)
        case (.limitReset, _): controller.resetLimit(&plant.plate)
        case (_, .accessory(let link)):
            guard let index = accessory(on: link) else { break }
            accessories[index].device.happen(fault, value, at: now)
            noteAccessories()
        default: break
        }
    }

    /// Sets every part to what the active faults make of it; without any, all is well.
    mutating func applyFaults() {
        hasUnplugged = faults.active.contains { $0.fault == .unplug }
        for (pump, name) in PumpName.allCases.map(\.rawValue).enumerated() {
            pumps[pump].isBlocked = faults.find(.stall, on: name) != nil
            plant.dry[pump] = faults.find(.drySyringe, on: name) != nil
            plant.gasLag[pump] = faults.find(.bubble, on: name)?.value ?? 0
            plant.delivery[pump] =
                (faults.find(.slow, on: name)?.value ?? 1) * (faults.find(.leak, on: name)?.value ?? 1)
        }
        if faults.find(.clog, on: "reactor") == nil { plant.clog = 0 }
        applyHeaterFaults()
        applyAccessoryFaults()
        wireModule()
        for (index, name) in BenchDevice.spectrometers.enumerated() {
            detectors[index].saturated = faults.find(.saturate, on: name) != nil
            detectors[index].lampIsStuckOn = faults.find(.lampStuckOn, on: name) != nil
        }
        noteChanges()
    }

    private mutating func applyHeaterFaults() {
        let frozen = faults.find(.sensorFrozen, on: "heater") != nil
        let open = faults.find(.sensorOpen, on: "heater") != nil
        plant.plate.sensor = open ? .open : frozen ? .frozen : .good
        plant.plate.sensorOffset = faults.find(.sensorOffset, on: "heater")?.value ?? 0
        let stuckOn =
            faults.find(.relayStuckOn, on: "heater") != nil || faults.find(.heaterRunaway, on: "heater") != nil
        let stuckOff = faults.find(.relayStuckOff, on: "heater") != nil
        plant.plate.relay = stuckOn ? .stuckOn : stuckOff ? .stuckOff : .good
    }

    /// Ageing lamps and dirty windows change with time.
    mutating func driftLamp(_ index: Int, at bench: BenchInstant) {
        let name = BenchDevice.spectrometers[index]
        let step = faults.find(.lampStep, on: name)?.value ?? 0
        let drift = faults.find(.lampDrift, on: name).map { $0.value * (bench - $0.since).seconds / 3600 } ?? 0
        let fouling = faults.find(.fouling, on: name).map { $0.value * (bench - $0.since).seconds / 60 } ?? 0
        detectors[index].lampDrift = max(-1, step + drift)
        detectors[index].fouling = fouling
    }

    /// A clog grows by a factor of e in a minute.
    func growth(over time: BenchDuration) -> Double { exp(min(time.seconds, 1200) / 60) }

    private var activeFaults: JSONValue {
        .array(
            faults.active.map { fault in
                var members: [String: JSONValue] = [
                    "device": .string(fault.device), "fault": .string(fault.fault.rawValue),
                    "since_s": .number((fault.since - start).seconds),
                ]
                if let until = fault.until { members["until_s"] = .number((until - start).seconds) }
                if fault.fault.valueRange != nil { members["value"] = .number(fault.value) }
                return .object(members)
            })
    }

    private var knownFaults: JSONValue {
        var members: [String: JSONValue] = [:]
        for name in deviceNames {
            members[name] = .array((BenchDevice(name)?.faults ?? []).map { .string($0.rawValue) })
        }
        return .object(members)
    }
}
