import DeviceModel
import Experiments
import Hydraulics
import Quantities

extension BenchReader {
    /// What `[experiments]` and `[references]` say of absorption.
    struct AbsorptionPart {
        var name: String?
        var procedure: AbsorptionProcedure?
        /// Nothing is wrong with it; a bench without absorption is good too.
        var isGood = true
    }

    func readAbsorption(_ table: Table, devices: [DevicePart], network: FlowNetwork?) -> AbsorptionPart {
        let known = names(of: .spectrometer, devices)
        let given = table.read(BenchKeys.absorptionSpectrometer)
        let references = document.top.table("references")
        guard let given else {
            let isWrong = table.has(BenchKeys.absorptionSpectrometer.name)
            if let references, !isWrong {
                document.open(references)
                document.report(
                    references.path, ": nobody needs them; expected absorption_spectrometer in [experiments]")
            }
            return AbsorptionPart(isGood: !isWrong && references == nil)
        }
        guard known.contains(given) else {
            if isSettled(given, devices) {
                table.wrong(
                    BenchKeys.absorptionSpectrometer.name,
                    expected: "a spectrometer of this bench, \(oneOf(known, given: given))")
            }
            return AbsorptionPart(isGood: false)
        }
        checkDetector(given, table, BenchKeys.absorptionSpectrometer.name, network)
        if table.members[BenchKeys.spectrometer.name] == .string(given) {
            table.wrong(BenchKeys.absorptionSpectrometer.name, expected: "another one than spectrometer")
        }
        guard let references else {
            document.missing("references", expected: "a table [references], as flows_ul_min = { pfo = 600 }")
            return AbsorptionPart(name: given, isGood: false)
        }
        let procedure = readReferences(references, of: DeviceName(given), devices)
        return AbsorptionPart(name: given, procedure: procedure, isGood: procedure != nil)
    }

    private func readReferences(
        _ table: Table, of spectrometer: DeviceName, _ devices: [DevicePart]
    ) -> AbsorptionProcedure? {
        let flows = readFlows(table, devices)
        let swept = table.read(BenchKeys.referenceSwept)
        let frames = table.read(BenchKeys.referenceFrames)
        let driftLimit = table.read(BenchKeys.absorptionDriftLimit)
        let referenceDrift = table.read(BenchKeys.referenceDrift)
        let darkAge = table.read(BenchKeys.darkAge)
        let referenceAge = table.read(BenchKeys.referenceAge)
        guard let flows, let swept, let frames, let driftLimit, let referenceDrift, let darkAge, let referenceAge else {
            return nil
        }
        return AbsorptionProcedure(
            spectrometer: spectrometer, flows: flows, sweptTau: swept, frames: Int(frames),
            steadyDriftLimit: driftLimit, referenceDriftLimit: referenceDrift, darkMaximumAge: darkAge,
            referenceMaximumAge: referenceAge)
    }

    /// `[flush]`; nil when there is none, or something is wrong with it.
    func readFlush(devices: [DevicePart]) -> FlushProcedure? {
        guard document.top.has("flush"), let table = document.top.table("flush") else {
            _ = document.top.raw("flush")
            return nil
        }
        let flows = readFlows(table, devices)
        let duration = table.read(BenchKeys.flushTime)
        guard let flows, let duration else { return nil }
        return FlushProcedure(flows: flows, duration: duration)
    }

    /// Flows by pump, each within what its pump can do.
    private func readFlows(_ table: Table, _ devices: [DevicePart]) -> [String: FlowRate]? {
        guard let flows = table.read(BenchKeys.flows) else { return nil }
        let pumps = names(of: .pump, devices)
        for pump in flows.keys.sorted() {
            let place = "\(table.path(of: BenchKeys.flows.name)).\(pump)"
            guard pumps.contains(pump) else {
                if isSettled(pump, devices) {
                    document.report(place, ": no pump of this bench; expected \(oneOf(pumps, given: pump))")
                }
                continue
            }
            let driver = devices.first { $0.name == pump }?.definition?.driver
            guard case .pump(let limits)? = driver?.limits, let flow = flows[pump] else { continue }
            let range = limits.minimum.microlitersPerMinute...limits.maximum.microlitersPerMinute
            if !range.contains(flow) {
                document.report(
                    place,
                    " = \(plain(flow)): expected \(plain(range.lowerBound)) to \(plain(range.upperBound)) uL/min, the limits "
                        + "of its syringe")
            }
        }
        return flows.mapValues(FlowRate.init(microlitersPerMinute:))
    }
}
