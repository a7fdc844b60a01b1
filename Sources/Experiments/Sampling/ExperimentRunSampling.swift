import DeviceModel
import Quantities
import Spectra

/// After the measurement, where the recipe wants a sample.
extension ExperimentRun {
    mutating func takeSample(_ sample: PlannedSample, at now: Moment) -> [RunEffect] {
        phase = .sampling
        enteredAt = now.bench
        var run = SampleRun(
            plan, sample, of: experiment, delivery: delivery ?? sample.delivery, lamps: procedure.spectrometers,
            at: now.bench)
        let begin = run.begin(displaced: volumes, at: now.bench)
        sampling = run
        let volume = sample.procedure.volume.microliters
        return [.enter(.sampling, cause: "measured; \(volume) uL of the product go to \(sample.to)")] + begin
    }

    mutating func finishSampled() -> [RunEffect] { sampling?.isDone ?? false ? finishMeasured() : [] }

    mutating func finishMeasured() -> [RunEffect] {
        guard let measuring, let conditions = partialConditions else { return [] }
        phase = .ended
        return [.finish(.measured(measuring.analysed, measuring.certificate, conditions))]
    }

    /// The measurement of an experiment whose sample failed: complete, with its certificate, and not the result that was
    /// asked for.
    var measuredBeforeSample: [AnalysisReply] { sampling == nil ? [] : measuring?.analysed ?? [] }

    /// What must be brought to its safe state when it ends here: an arm under way, a valve that is not seen at home.
    var leftBySample: [DeviceName] { sampling?.unfinished ?? [] }
}
