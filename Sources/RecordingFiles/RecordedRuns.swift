import Experiments
import Platform
import Recording

/// Replays what a recording holds of each daemon's life from its start.
public struct RecordedRuns {
    public enum Outcome: Hashable, Sendable {
        /// All writes were the same; with what should be known besides.
        case same(inputs: Int, writes: Int, notes: [String])
        case different(String)
        /// It can be shown and not replayed, and why.
        case refused(String)
    }

    private struct Stop: Error { let outcome: Outcome }

    private let define: (RunStart) -> Result<BenchDefinition, RecordingError>
    private let watch: @Sendable ([ControllerEffect]) -> Void
    private var replay: Replay?
    private var next: UInt64 = 1
    private var head: SegmentHead?
    private var inputs = 0
    private var writes = 0
    private var hasReplayed = false
    private var notes: [String] = []

    /// - Parameters:
    ///   - define: reads the bench file that the recording holds.
    ///   - watch: told of all that the controller does.
    public init(
        define: @escaping (RunStart) -> Result<BenchDefinition, RecordingError>,
        watch: @escaping @Sendable ([ControllerEffect]) -> Void = { _ in }
    ) {
        self.define = define
        self.watch = watch
    }

    public mutating func replay(_ files: RecordedFiles) -> Outcome {
        do throws(Stop) {
            var troubles: [String] = []
            try files.each(trouble: { troubles.append($0) }) { (item) throws(Stop) in try take(item) }
            try finish()
            notes += troubles
            guard hasReplayed else { throw Stop(outcome: .refused(troubles.first ?? Self.noStart(head))) }
            return .same(inputs: inputs, writes: writes, notes: notes)
        } catch {
            return error.outcome
        }
    }

    private static func noStart(_ head: SegmentHead?) -> String {
        let part =
            head.map { "its first segment is part \($0.part) of run \($0.run)" } ?? "it has no segment that reads"
        return "the recording does not begin at the start of its run (\(part)): it can be shown, not replayed"
    }

    private mutating func take(_ item: SegmentReader.Item) throws(Stop) {
        switch item {
        case .head(let head):
            if head.run != self.head?.run { try finish() }
            if self.head == nil || head.run != self.head?.run { self.head = head }
        case .start(let start): try begin(start)
        case .damage(let at, let bytes, let what): notes.append("byte \(at), \(bytes) bytes: \(what)")
        case .record(let record, let number): try feed(record, number)
        }
    }

    private mutating func begin(_ start: RunStart) throws(Stop) {
        try finish()
        switch define(start) {
        case .success(let definition): replay = Replay(start, definition, watch: watch)
        case .failure(let error): throw Stop(outcome: .refused(error.description))
        }
        next = 1
        hasReplayed = true
    }

    private mutating func feed(_ record: Record, _ number: UInt64) throws(Stop) {
        guard replay != nil else { return }
        var isGap = false
        if case .gap = record { isGap = true }
        guard number == next || isGap else {
            throw Stop(
                outcome: .refused(
                    "the same up to record \(next &- 1); records \(next) to \(number &- 1) are missing: what follows "
                        + "cannot be replayed"))
        }
        next += 1
        do throws(Replay.Difference) {
            try replay?.feed(record, number: number)
        } catch {
            throw Stop(outcome: .different(error.description))
        }
    }

    /// The run ends here.
    private mutating func finish() throws(Stop) {
        guard let replay else { return }
        self.replay = nil
        do throws(Replay.Difference) {
            try replay.finish(next)
        } catch {
            throw Stop(outcome: .different(error.description))
        }
        inputs += replay.inputs
        writes += replay.writes
    }
}
