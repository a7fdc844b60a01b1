import DeviceModel
import Quantities

/// What analyzers have measured.
extension BenchController {
    /// A result is there, whole and sound; the outcome of its command comes next.
    mutating func took(_ result: AnalyzerResult, at now: Moment) {
        outbox.publish("devices", EventData.result(result), at: now)
        if let pending = manual.commands[result.command] {
            return outbox.reply(pending.token, .manual(.analysed(result)))
        }
        guard case .examine? = active?.commands[result.command], let experiment = active?.record.experiment else {
            return
        }
        active?.run.sampling?.result = SampleRecord.Result(result)
        for column in result.columns {
            outbox.write(
                .spectrum(
                    SpectrumRecord(
                        experiment: experiment, device: result.device.text, kind: column.kind, integrationS: 0,
                        frames: 1, at: now.wall, wavelengthsNM: result.wavelengths.map(Float.init),
                        counts: column.values.map(Float.init))))
        }
        outbox.write(.original(experiment: experiment, result))
    }

    /// By hand. The names of experiments are theirs: a file that has one would be taken for its result.
    mutating func measure(
        _ sample: String, within: BenchDuration?, in device: DeviceName, _ act: ManualAct, _ caller: Caller,
        _ token: RequestToken, at now: Moment
    ) throws(ControlError) {
        guard case .analyzer(let limits)? = core.devices.first(where: { $0.definition.name == device })?.limits else {
            throw unknownDevice(device.text)
        }
        guard AnalyzerJob.isSample(sample), !sample.hasPrefix("e-") else {
            throw ControlError(
                kind: "out_of_range", device: device.text,
                detail:
                    "sample is \"\(sample.prefix(64))\" for \(device), expected 1 to \(AnalyzerJob.longestSample) letters, "
                    + "digits, _, - and ., a letter or digit first, and not e- of experiments",
                hint: "choose another name; nothing was asked for")
        }
        let span = within ?? definition.sampling?.resultDeadline ?? .seconds(SamplingProcedure.usualResultDeadline)
        guard span >= limits.shortestWait, span <= limits.longestWait else {
            throw ControlError(
                kind: "out_of_range", device: device.text,
                detail: "within_s is \(span.seconds) for \(device), expected \(limits.shortestWait.seconds) to "
                    + "\(limits.longestWait.seconds)",
                hint: "give a value in this range; nothing was asked for")
        }
        let lease = try lease(of: caller, on: device)
        try send(
            [(.analyzer(.measure(AnalyzerJob(sample: sample, within: span))), device)], .init(token, lease, act, nil),
            at: now)
        // Bench time is never slower than the wall's.
        manual.keep(lease.lease, for: .seconds(span.seconds + 10), at: now)
    }
}
