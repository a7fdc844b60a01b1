import DeviceModel
import Experiments
import Hydraulics
import Quantities

extension BenchReader {
    /// `[experiments]`.
    func readProcedure(devices: [DevicePart], network: FlowNetwork?) -> ExperimentProcedure? {
        let table =
            document.top.table("experiments")
            ?? Table(document: document, path: "experiments", members: [:])
        let heater = device(.heater, table, BenchKeys.heater, devices)
        let spectrometer = device(.spectrometer, table, BenchKeys.spectrometer, devices)
        let burst = readBurst(table, "burst", frames: 100)
        let probe = readBurst(table, "probe", frames: 40, hasPeriod: true)
        checkDetector(spectrometer, table, network)
        checkIntegration([("burst", burst.request), ("probe", probe.request)], table, of: spectrometer, devices)
        let temperatureBand = table.read(BenchKeys.temperatureBand)
        let temperatureHold = table.read(BenchKeys.temperatureHold)
        let heatingDeadline = table.read(BenchKeys.heatingDeadline)
        let flowingDeadline = table.read(BenchKeys.flowingDeadline)
        let flowRise = table.read(BenchKeys.flowRise)
        let measuringDeadline = table.read(BenchKeys.measuringDeadline)
        let requiredTau = table.read(BenchKeys.requiredTau)
        let settlingMargin = table.read(BenchKeys.settlingMargin)
        let steadySamples = table.read(BenchKeys.steadySamples)
        let steadyDriftLimit = table.read(BenchKeys.steadyDriftLimit)
        let idleAfter = table.read(BenchKeys.idleAfter)
        let queueLimit = table.read(BenchKeys.queueLimit)
        guard let heater, let spectrometer, let requiredTau, let temperatureBand, let temperatureHold,
            let heatingDeadline,
            let flowingDeadline, let flowRise, let settlingMargin, let measuringDeadline, let steadySamples,
            let steadyDriftLimit,
            let idleAfter, let queueLimit
        else { return nil }
        if flowingDeadline <= flowRise {
            table.wrong("flow_rise", expected: "less than flowing_deadline")
        }
        if heatingDeadline <= temperatureHold {
            document.report(table.path(of: "heating_deadline"), ": expected longer than temperature_hold")
        }
        return ExperimentProcedure(
            heater: DeviceName(heater), spectrometer: DeviceName(spectrometer), requiredTau: requiredTau,
            temperatureBandKelvin: temperatureBand, temperatureHold: temperatureHold, heatingDeadline: heatingDeadline,
            flowingDeadline: flowingDeadline, flowRise: flowRise, settlingMarginTau: settlingMargin,
            measuringDeadline: measuringDeadline,
            burst: burst.request, probe: probe.request, probeEvery: probe.every, steadySamples: Int(steadySamples),
            steadyDriftLimit: steadyDriftLimit, idleAfter: idleAfter, queueLimit: Int(queueLimit))
    }

    /// A device of one class: the one that is named, else the only one there is.
    private func device(
        _ kind: DeviceClass, _ table: Table, _ key: Key<String>, _ devices: [DevicePart]
    ) -> String? {
        let known = names(of: kind, devices)
        guard let given = table.read(key) else {
            if table.has(key.name) { return nil }
            if known.count == 1 { return known[0] }
            if devices.allSatisfy({ $0.entry != nil }) {
                document.missing(table.path(of: key.name), expected: oneOf(known))
            }
            return nil
        }
        if known.contains(given) { return given }
        if isSettled(given, devices) {
            table.wrong(key.name, expected: "a \(kind.rawValue) of this bench, \(oneOf(known, given: given))")
        }
        return nil
    }

    private func readBurst(_ table: Table, _ name: String, frames: Int, hasPeriod: Bool = false) -> (
        request: BurstRequest, every: BenchDuration
    ) {
        let usual = BurstRequest(frames: frames, integration: .milliseconds(15))
        guard table.has(name), let burst = table.table(name) else {
            _ = table.raw(name)
            return (usual, .seconds(1))
        }
        let count = burst.read(BenchKeys.frames)
        let integration = burst.read(BenchKeys.integration)
        let every = hasPeriod ? burst.read(BenchKeys.every) ?? .seconds(1) : .seconds(1)
        let request = BurstRequest(frames: count.map(Int.init) ?? frames, integration: integration ?? usual.integration)
        if hasPeriod, request.integration * Double(request.frames) > every {
            let needed = DurationText.format((request.integration * Double(request.frames)).seconds)
            document.report(burst.path(of: "every"), ": the frames of one probe take \(needed); expected at least that")
        }
        return (request, every)
    }

    /// The spectrometer must be a place that the stream reaches, else there is no residence time to wait for.
    private func checkDetector(_ spectrometer: String?, _ table: Table, _ network: FlowNetwork?) {
        guard let spectrometer, let network, network.path(from: network.origin, to: spectrometer) == nil else { return }
        let known = network.nodes.map(\.name).filter {
            $0 != network.origin && network.path(from: network.origin, to: $0) != nil
        }
        document.report(
            table.path(of: "spectrometer"),
            ": the stream from \(network.origin) does not reach \(spectrometer); it reaches \(known.joined(separator: ", "))"
        )
    }

    private func checkIntegration(
        _ bursts: [(name: String, request: BurstRequest)], _ table: Table, of spectrometer: String?,
        _ devices: [DevicePart]
    ) {
        let driver = devices.first { $0.name == spectrometer }?.definition?.driver
        guard case .spectrometer(let limits)? = driver?.limits else { return }
        let range = limits.shortestIntegration...limits.longestIntegration
        for burst in bursts where !range.contains(burst.request.integration) {
            let given = DurationText.format(burst.request.integration.seconds)
            let (shortest, longest) = (
                DurationText.format(range.lowerBound.seconds), DurationText.format(range.upperBound.seconds)
            )
            document.report(
                "\(table.path).\(burst.name).integration",
                " = \"\(given)\": expected \(shortest) to \(longest), the limits of its device")
        }
    }
}
