import DeviceModel
import Quantities

/// What analyzers have measured.
extension BenchController {
    /// A result is there, whole and sound; the outcome of its command comes next.
    mutating func took(_ result: AnalyzerResult, at now: Moment) {
        outbox.publish("devices", EventData.result(result), at: now)
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
}
