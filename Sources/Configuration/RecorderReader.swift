import Experiments

extension BenchReader {
    /// `[recorder]`; a bench without it records all the same.
    func readRecorder() -> RecorderRules {
        guard document.top.has("recorder"), let table = document.top.table("recorder") else {
            _ = document.top.raw("recorder")
            return Self.rules(BenchKeys.recorderLimit.fallback ?? 0)
        }
        let limit = table.read(BenchKeys.recorderLimit) ?? 0
        if limit > 0, limit < BenchKeys.leastRecorderLimit {
            table.wrong(
                BenchKeys.recorderLimit.name,
                expected: "0, or \(BenchKeys.leastRecorderLimit) and more: a ring needs some room")
        }
        return Self.rules(limit)
    }

    private static func rules(_ megabytes: Int64) -> RecorderRules {
        RecorderRules(limitBytes: Int(megabytes) * 1_000_000)
    }
}
