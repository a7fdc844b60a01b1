import ControlAPI
import Experiments
import Quantities

extension WatchFrame {
    private static let states: [ExperimentState] = [
        .queued, .referencing, .heating, .flowing, .settling, .measuring, .sampling, .done,
    ]
    private static let barWidth = 24

    // MARK: Experiment

    mutating func addExperiment() {
        guard let running = watch.status?.running else { return }
        let record = watch.experiment?.experiment == running.experiment ? watch.experiment : nil
        let campaign = record?.campaign.map { ", campaign \($0)" } ?? ""
        add("experiment \(running.experiment)\(campaign)", .heading)
        add(stateBar(running.state, record))
        let part = running.stateDeadlineS > 0 ? running.inStateS / running.stateDeadlineS : 0
        add(
            "in state  \(Show.bar(part, width: Self.barWidth)) \(Show.duration(running.inStateS)) of at most "
                + Show.duration(running.stateDeadlineS))
        let swept = running.requiredTau > 0 ? running.sweptTau / running.requiredTau : 0
        add(
            "swept     \(Show.bar(swept, width: Self.barWidth)) \(Show.number(running.sweptTau)) of "
                + "\(Show.number(running.requiredTau)) tau, tau \(Show.number(running.residenceTimeS, 1)) s")
        if let plate = watch.heaters.first { add(plateText(plate)) }
    }

    private func plateText(_ name: String) -> String {
        let temperature = watch.readings[name]?.value, wanted = watch.readings[name + ".set_point"]?.value
        let distance = if let temperature, let wanted { temperature - wanted } else { Double?.none }
        return "plate     \(Show.number(temperature)) degC, set \(Show.number(wanted)) degC, off by "
            + "\(Show.number(distance)) K"
    }

    /// ` heating > [FLOWING] > settling `; what is not passed through is left out once it is behind.
    private func stateBar(_ state: ExperimentState, _ record: ExperimentRecord?) -> String {
        let passed = Set((record?.transitions ?? []).map(\.state))
        let place = Self.states.firstIndex(of: state) ?? 0
        let shown = Self.states.enumerated().filter { index, one in
            switch one {
            case .referencing: passed.contains(one) || one == state
            case .sampling: record?.recipe.sample != nil || one == state
            case .queued: index == place
            default: true
            }
        }
        return shown.map { $0.element == state ? "[\($0.element.rawValue.uppercased())]" : $0.element.rawValue }
            .joined(separator: isUnicode ? " → " : " > ")
    }

    mutating func addQueue() {
        guard let status = watch.status, !status.queue.isEmpty else { return }
        add("queue: \(status.queue.count) wait: \(ExperimentProgressText.queue(status).joined(separator: " "))")
    }

    // MARK: Pumps

    mutating func addPumps() {
        let names = watch.readings.keys.filter { $0.hasPrefix("pump.") && $0.hasSuffix(".flow") }.sorted()
        guard !names.isEmpty else { return }
        let rows = names.map { name -> [String] in
            let pump = name.split(separator: ".").dropFirst().dropLast().joined(separator: ".")
            let syringe = watch.reagents?.reagents.first { $0.device == pump }
            return [
                pump.isEmpty ? "pump" : pump, value(name, 2), value(name + ".set_point", 2),
                Show.number(syringe.map { $0.remainingUL / 1000 }), syringe?.low == true ? "LOW" : "",
                syringe?.reagent ?? "", motion(name),
            ]
        }
        let waste = watch.reagents?.waste
        let room = waste?.remainingUL.map { ", room for \(Show.number($0 / 1000, 1)) mL" } ?? ""
        add("pumps" + (waste.map { "; waste \(Show.number($0.usedUL / 1000, 1)) mL\(room)" } ?? ""), .heading)
        let header = ["pump", "uL/min", "set", "mL left", "", "reagent", ""]
        for line in TextTable.text(rows, header: header).split(separator: "\n") { add(String(line)) }
    }

    /// Stands, runs, or what is wrong, in a word.
    private func motion(_ flow: String) -> String {
        guard let reading = watch.readings[flow] else { return "not read" }
        if reading.quality != .good { return reading.quality.rawValue }
        return (reading.value ?? 0) > 0 ? "runs" : ""
    }

    private func value(_ name: String, _ decimals: Int) -> String {
        Show.number(watch.readings[name]?.value, decimals)
    }

    // MARK: Plate and spectrometers

    mutating func addSignals() {
        let heaters = watch.heaters
        let features = watch.readings.keys.filter { $0.hasSuffix(".pl_peak") || $0.hasSuffix(".abs_300") }.sorted()
        let spectrometers = watch.readings.keys.filter {
            $0.hasPrefix("spectrometer.") && $0.hasSuffix(".integration")
        }
        guard !heaters.isEmpty || !features.isEmpty || !spectrometers.isEmpty else { return }
        add("plate and spectrometers", .heading)
        for name in heaters {
            addTrace(name, 2, "set \(value(name + ".set_point", 2)), output \(value(output(name), 0)) %")
        }
        for name in features { addTrace(name, name.hasSuffix(".abs_300") ? 4 : 0, age(name)) }
        if features.isEmpty, !spectrometers.isEmpty { add("no spectrum since the daemon started") }
    }

    private func output(_ temperature: String) -> String { temperature.dropLast("temperature".count) + "output" }

    private func age(_ name: String) -> String {
        watch.readings[name].map { "\(Show.duration($0.ageS)) ago" } ?? ""
    }

    private mutating func addTrace(_ name: String, _ decimals: Int, _ remark: String) {
        guard let reading = watch.readings[name] else { return }
        let short = name.split(separator: ".").dropFirst(name.hasPrefix("spectrometer.") ? 1 : 0).joined(separator: ".")
        let quality = reading.quality == .good ? "" : " \(reading.quality.rawValue)"
        let number = "\(Show.number(reading.value, decimals)) \(reading.unit.rawValue)\(quality)"
        let head = pad(short, 20) + " " + pad(number, 18) + " " + pad(remark, 26)
        let room = min(Self.traceWidth, width - head.count - 1)
        let trace = Sparkline(isUnicode: isUnicode).text(watch.traces[name] ?? [], width: room)
        add(head + (room > 0 ? " " + trace : ""))
    }

    private func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
