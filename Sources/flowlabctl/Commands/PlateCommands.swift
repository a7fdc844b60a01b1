import ControlAPI
import ControlClient
import DeviceModel
import Experiments
import Quantities
import Usage
import Wire

/// Plate and light in a technician's hand, and how single devices are stopped.
extension Command {
    static let heater = Command(
        "heater", "Holds the plate at a temperature by hand, or switches it off.",
        operands: ["set|off", "[DEGC]"],
        options: [
            .value("--device", "NAME", "The heater; the only one if left out.", of: .named("device")),
            .value("--for", "TIME", "With set: how long; until Ctrl-C if left out."),
        ] + HandSession.options,
        examples: ["heater set 60 --for 10min", "heater off"],
        notes: """
            The plate is held as long as the command runs; then heater and contactor go off, also when it is killed. heater off \
            works at any time: an experiment that uses the heater fails.
            """
    ) { (context) throws(Failure) in
        let daemon = try context.connectOnce()
        let heater: String
        if let given = context.arguments.value("--device") {
            heater = given
        } else {
            heater = try onlyHeater(daemon, context)
        }
        switch (context.operands[0], context.operands.count) {
        case ("off", 1):
            let running = try context.decoded(
                SystemStatus.Result.self, try context.answer(daemon, SystemStatus.self, Empty())
            ).running?.experiment
            let json = try context.answer(daemon, HeatersOff.self, NamedDevice(device: heater))
            Terminal.line(context.isJSON ? json.jsonText : "\(Terminal.clean(heater)) is off")
            if !context.isJSON { try tellWhatFailed(running, daemon, context) }
            return ExitCode.done
        case ("set", 2):
            guard let celsius = Double(context.operands[1]) else {
                throw context.usage("DEGC is \"\(context.operands[1])\", expected a temperature in degC, as 60")
            }
            return try hold(heater, celsius, daemon, context)
        default: throw context.usage("expected set DEGC, or off")
        }
    }

    private static func onlyHeater(_ daemon: LastingConnection, _ context: Context) throws(Failure) -> String {
        let heaters = try context.decoded(
            DevicesList.Result.self, try context.answer(daemon, DevicesList.self, Empty())
        ).devices.filter { $0.deviceClass == .heater }.map(\.device)
        guard heaters.count == 1 else {
            throw context.usage("this bench has \(heaters.count) heaters; name one with --device")
        }
        return heaters[0]
    }

    private static func hold(
        _ heater: String, _ celsius: Double, _ daemon: LastingConnection, _ context: Context
    ) throws(Failure) -> Int32 {
        let span = context.arguments.value("--for") == nil ? nil : try context.duration("--for")
        let end = span.map { "for \(Show.duration($0)), then" } ?? "until Ctrl-C, then"
        let question =
            "\(Terminal.clean(heater)) heats to \(Show.number(celsius, 1)) degC and is held there \(end) it goes off. Do it?"
        guard try context.confirms(question) else { return ExitCode.unconfirmed }
        try HandSession.holding([heater], context, daemon) { (session) throws(Failure) in
            _ = try session.call(HeatersSet.self, HeatersSet.Params(device: heater, temperatureC: celsius))
            try watch(heater, celsius, for: span, &session)
            _ = try session.call(HeatersOff.self, NamedDevice(device: heater))
        }
        if !context.isJSON { Terminal.line("\(Terminal.clean(heater)) is off") }
        return ExitCode.done
    }

    /// Shows how warm it is until the time is over; a trip, or somebody who switches it off, ends it before.
    private static func watch(
        _ heater: String, _ celsius: Double, for span: Double?, _ session: inout HandSession
    ) throws(Failure) {
        var line = ProgressLine()
        defer { line.finish() }
        let signal = SignalName(.heater, DeviceName(heater), "temperature").text
        _ = try session.wait(atMost: span.map { .seconds($0) }) { (session) throws(Failure) in
            let shown = try session.values([signal])[signal]
            if let trip = try session.trip() { throw trip }
            if try session.call(DevicesGet.self, DevicesGet.Params(device: heater)).device.isSafe == true {
                throw .file("\(heater) was switched off by somebody else; who did: flowlabctl audit")
            }
            line.show(
                "\(heater) \(Show.number(shown?.value, 1)) degC, set to \(Show.number(celsius, 1)) degC", phase: heater)
            return false
        }
    }

    static let look = Command(
        "look", "Takes a spectrum by hand, with or without light; it is not stored.",
        operands: [ArgumentParser.Operand("SPECTROMETER", of: .named("device"))],
        options: [
            .value("--integration-ms", "MS", "Of one frame; 15 if left out."),
            .value("--frames", "N", "How many are averaged; 5 if left out."),
            .flag("--lamp", "Switch its lamp on for it."), .flag("--csv", "Wavelengths and counts as CSV."),
        ] + HandSession.options,
        examples: ["look spec_pl", "look spec_abs --lamp --csv > lamp.csv"],
        notes: "Not while an experiment runs. The spectrometer is leased for it; the lamp goes off again."
    ) { (context) throws(Failure) in
        let device = context.operands[0]
        let milliseconds = try context.number("--integration-ms", in: 0.001...60_000) ?? 15
        let frames = try context.integer("--frames", in: 1...Int(APILimits.acquiredFrames)) ?? 5
        let hasLamp = context.arguments.has("--lamp")
        if hasLamp, try !context.confirms("the lamp of \(Terminal.clean(device)) shines for a moment. Do it?") {
            return ExitCode.unconfirmed
        }
        let params = SpectrometersAcquire.Params(device: device, integrationS: milliseconds / 1000, frames: frames)
        let daemon = try context.connectOnce()
        let json = try HandSession.holding([device], context, daemon) { (session) throws(Failure) in
            if hasLamp {
                _ = try session.call(SpectrometersLamp.self, SpectrometersLamp.Params(device: device, on: true))
            }
            return try context.answer(daemon, SpectrometersAcquire.self, params)
        }
        if context.isJSON {
            Terminal.line(json.jsonText)
        } else {
            try show(try context.decoded(SpectrometersAcquire.Result.self, json), context)
        }
        return ExitCode.done
    }

    private static func show(_ result: SpectrometersAcquire.Result, _ context: Context) throws(Failure) {
        guard let counts = SampleArray.decode(result.counts), let axis = SampleArray.decode(result.wavelengthsNM),
            let top = counts.indices.max(by: { counts[$0] < counts[$1] }), axis.count == counts.count
        else { throw .file("the daemon's arrays cannot be read") }
        if context.arguments.has("--csv") {
            Terminal.line("wavelength_nm,counts")
            for (nanometers, count) in zip(axis, counts) { Terminal.line("\(nanometers),\(count)") }
            return
        }
        let mean = counts.reduce(0, +) / Float(max(1, counts.count))
        let saturated = result.maximumCounts >= 65_535 ? ", SATURATED: shorten the integration" : ""
        Terminal.line(
            "\(Terminal.clean(result.device)): most \(Show.number(Double(counts[top]), 0)) counts at "
                + "\(Show.number(Double(axis[top]), 1)) nm, mean \(Show.number(Double(mean), 0)), \(result.frames) frames of "
                + "\(Show.number(result.integrationS * 1000, 1)) ms\(saturated)")
    }

    // MARK: Stopping

    static let stop = Command(
        "stop",
        "Stops single devices: a pump or a robot stands, a heater, a lamp and gas go off, an analyzer is asked for nothing.",
        operands: [
            ArgumentParser.Operand("DEVICE", of: .named("device")),
            ArgumentParser.Operand("[DEVICE...]", of: .named("device")),
        ],
        examples: ["stop cui", "stop heater cui"],
        notes:
            "Needs no lease and does not ask. An experiment that uses the device fails. All at once: flowlabctl stop-all."
    ) { (context) throws(Failure) in
        let daemon = try context.connectOnce()
        let known = try context.decoded(
            DevicesList.Result.self, try context.answer(daemon, DevicesList.self, Empty())
        ).devices
        let running = try context.decoded(
            SystemStatus.Result.self, try context.answer(daemon, SystemStatus.self, Empty())
        ).running?.experiment
        // One that is refused keeps the others from nothing.
        var refused: Failure?
        for name in context.operands {
            do throws(Failure) {
                try stop(name, known.first { $0.device == name }?.deviceClass, daemon, context)
                Terminal.line(
                    context.isJSON
                        ? "{\"device\":\(JSONValue.string(name).jsonText)}" : "\(Terminal.clean(name)) is stopped")
            } catch {
                if refused != nil { Terminal.note("and \(Terminal.clean(name)) is not stopped either\n") }
                refused = refused ?? error
            }
        }
        if !context.isJSON { try tellWhatFailed(running, daemon, context) }
        if let refused { throw refused }
        return ExitCode.done
    }

    private static func stop(
        _ name: String, _ kind: DeviceClass?, _ daemon: LastingConnection, _ context: Context
    ) throws(Failure) {
        switch kind {
        case .heater?: _ = try context.answer(daemon, HeatersOff.self, NamedDevice(device: name))
        case .spectrometer?:
            _ = try context.answer(daemon, SpectrometersLamp.self, SpectrometersLamp.Params(device: name, on: false))
        case .robot?: _ = try context.answer(daemon, RobotsHalt.self, NamedDevice(device: name))
        case .flowController?: _ = try context.answer(daemon, FlowControllersClose.self, NamedDevice(device: name))
        case .stepper?: _ = try context.answer(daemon, SteppersStop.self, NamedDevice(device: name))
        case .light?: _ = try context.answer(daemon, LightsOff.self, NamedDevice(device: name))
        case .analyzer?: _ = try context.answer(daemon, AnalyzersWithdraw.self, NamedDevice(device: name))
        default: _ = try context.answer(daemon, PumpsStop.self, NamedDevice(device: name))
        }
    }

    /// Who stops a device should know what it was used for.
    private static func tellWhatFailed(
        _ running: String?, _ daemon: LastingConnection, _ context: Context
    ) throws(Failure) {
        guard let running else { return }
        let params = ExperimentReference(experiment: running)
        let record = try context.decoded(
            ExperimentRecord.self, try context.answer(daemon, ExperimentsGet.self, params))
        guard record.error?.kind == "stopped_by_hand" else { return }
        Terminal.line("\(Terminal.clean(running)) used it and has failed; the queue waits")
        Terminal.line("what now: flowlabctl alarms acknowledge failures lets it go on")
    }
}
