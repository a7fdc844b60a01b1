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
        let absorption = readAbsorption(table, devices: devices, network: network)
        let burst = readBurst(
            table, "burst", Burst(usual: 40, every: BenchKeys.burstEvery, count: BenchKeys.burstCount))
        let probe = readBurst(table, "probe", Burst(usual: 24, every: BenchKeys.every, count: nil))
        checkDetector(spectrometer, table, BenchKeys.spectrometer.name, network)
        let bursts = [("burst", burst.request), ("probe", probe.request)]
        for device in [spectrometer, absorption.name] { checkIntegration(bursts, table, of: device, devices) }
        if absorption.name != nil, burst.request.integration != probe.request.integration {
            let (one, other) = (burst.request.integration.seconds, probe.request.integration.seconds)
            document.report(
                "\(table.path).probe.integration",
                " = \"\(DurationText.format(other))\": expected that of burst, \(DurationText.format(one)): both are compared "
                    + "with one reference")
        }
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
        let mixingFlow = table.read(BenchKeys.mixingFlow).map(FlowRate.init(microlitersPerMinute:))
        let idleAfter = table.read(BenchKeys.idleAfter)
        let queueLimit = table.read(BenchKeys.queueLimit)
        let mostFailures = Int(table.read(BenchKeys.holdAfterFailures) ?? 3)
        let interrupted = table.read(BenchKeys.interrupted).flatMap(InterruptedPolicy.init(rawValue:))
        let ifClientGone = table.read(BenchKeys.ifClientGone).flatMap(ClientGonePolicy.init(rawValue:))
        let clientGoneAfter = table.read(BenchKeys.clientGoneAfter)
        let flush = readFlush(devices: devices)
        guard let heater, let spectrometer, absorption.isGood, let requiredTau, let temperatureBand,
            let temperatureHold, let heatingDeadline, let flowingDeadline, let flowRise, let settlingMargin,
            let measuringDeadline, let steadySamples, let steadyDriftLimit, let idleAfter, let queueLimit,
            let interrupted
        else { return nil }
        if flowingDeadline <= flowRise {
            table.wrong("flow_rise", expected: "less than flowing_deadline")
        }
        if heatingDeadline <= temperatureHold {
            document.report(table.path(of: "heating_deadline"), ": expected longer than temperature_hold")
        }
        let procedure = ExperimentProcedure(
            heater: DeviceName(heater), contactor: readContactor(table, devices),
            spectrometer: DeviceName(spectrometer), absorption: absorption.procedure,
            requiredTau: requiredTau, temperatureBandKelvin: temperatureBand, temperatureHold: temperatureHold,
            heatingDeadline: heatingDeadline, flowingDeadline: flowingDeadline, flowRise: flowRise,
            settlingMarginTau: settlingMargin, measuringDeadline: measuringDeadline, burst: burst.request,
            burstCount: burst.count, burstEvery: burst.every, probe: probe.request, probeEvery: probe.every,
            steadySamples: Int(steadySamples), steadyDriftLimit: steadyDriftLimit, mixingFlow: mixingFlow,
            idleAfter: idleAfter, flush: flush, queueLimit: Int(queueLimit), interruptedPolicy: interrupted,
            mostFailures: mostFailures, ifClientGone: ifClientGone ?? .finish,
            clientGoneAfter: clientGoneAfter ?? .seconds(60))
        if procedure.measuringTime >= measuringDeadline {
            let needed = DurationText.format(procedure.measuringTime.seconds)
            document.report(
                table.path(of: "measuring_deadline"),
                ": the bursts of a measurement take \(needed); expected more than that")
        }
        return procedure
    }

    /// An output of an I/O module, by the name of its signal; nil also when there is no such output, which is reported.
    private func readContactor(_ table: Table, _ devices: [DevicePart]) -> OutputName? {
        guard let given = table.read(BenchKeys.heaterContactor) else { return nil }
        let all = devices.flatMap { device -> [(name: OutputName, isOnWhenSafe: Bool)] in
            guard case .io(let limits)? = device.definition?.driver.limits else { return [] }
            return limits.outputs.map {
                (OutputName(device: DeviceName(device.name), output: $0.name), $0.isOnWhenSafe)
            }
        }
        let outputs = all.map(\.name)
        if let output = all.first(where: { $0.name.signal.text == given }) {
            if output.isOnWhenSafe {
                table.wrong(
                    BenchKeys.heaterContactor.name,
                    expected: "an output with safe = \"off\": the safe state must take the heater's power away")
            }
            return output.name
        }
        // Not said while something is wrong with a module: the output may be in it.
        let isSettled = devices.allSatisfy { $0.entry.map { $0.deviceClass != .io } ?? false || $0.definition != nil }
        if isSettled {
            let known = outputs.map(\.signal.text).sorted()
            table.wrong(
                BenchKeys.heaterContactor.name, expected: "an output of an I/O module, \(oneOf(known, given: given))")
        }
        return nil
    }

    /// A device of one class: the one that is named, else the only one there is.
    func device(
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

    /// What a table of bursts is read with.
    private struct Burst {
        let usual: Int
        let every: Key<BenchDuration>
        /// nil: always one burst.
        let count: Key<Int64>?
    }

    private func readBurst(
        _ table: Table, _ name: String, _ burst: Burst
    ) -> (request: BurstRequest, every: BenchDuration, count: Int) {
        let usual = BurstRequest(frames: burst.usual, integration: .milliseconds(15))
        let everyUsual = burst.every.fallback ?? .seconds(1)
        guard table.has(name), let inner = table.table(name) else {
            _ = table.raw(name)
            return (usual, everyUsual, Int(burst.count?.fallback ?? 1))
        }
        let frames = inner.read(BenchKeys.frames)
        let integration = inner.read(BenchKeys.integration)
        let every = inner.read(burst.every) ?? everyUsual
        let count = burst.count.map { inner.read($0) ?? 1 } ?? 1
        let request = BurstRequest(
            frames: frames.map(Int.init) ?? burst.usual, integration: integration ?? usual.integration)
        if request.integration * Double(request.frames) > every {
            let needed = DurationText.format((request.integration * Double(request.frames)).seconds)
            document.report(inner.path(of: "every"), ": the frames of one burst take \(needed); expected at least that")
        }
        return (request, every, Int(count))
    }

    /// The spectrometer must be a place that the stream reaches, else there is no residence time to wait for.
    func checkDetector(_ spectrometer: String?, _ table: Table, _ key: String, _ network: FlowNetwork?) {
        guard let spectrometer, let network, network.path(from: network.origin, to: spectrometer) == nil else { return }
        let known = network.nodes.map(\.name).filter {
            $0 != network.origin && network.path(from: network.origin, to: $0) != nil
        }
        document.report(
            table.path(of: key),
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
