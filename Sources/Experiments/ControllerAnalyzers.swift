import DeviceModel
import Quantities

/// What analyzers have measured.
extension BenchController {
    /// A result is there, whole and sound; the outcome of its command comes next.
    mutating func took(_ result: AnalyzerResult, at now: Moment) {
        outbox.publish("devices", EventData.result(result), at: now)
    }
}
