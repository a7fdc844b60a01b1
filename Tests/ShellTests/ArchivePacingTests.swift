import Archive
import Experiments
import Quantities
import Testing

@Suite struct ArchivePacingTests {
    private static let moment = Moment(wire: .zero, bench: .zero, wall: .zero)

    private static func at(_ milliseconds: Int64) -> WireInstant { .zero + .milliseconds(milliseconds) }

    private static let reading = ArchiveBatch(
        id: 1, writes: [.reading(signal: "heater.temperature", value: 1, unit: "degC", quality: "good", at: moment)])
    private static let event = ArchiveBatch(
        id: 2, writes: [.event(BenchEvent(sequence: 1, topic: "devices", at: moment, data: .null))])

    @Test func theFirstReadingsWaitForNothing() {
        #expect(CommitPacing().patience(with: [Self.reading], at: Self.at(0)) == .zero)
    }

    /// Readings gather for as long as the last commit was dear, and no longer than is told.
    @Test func readingsGatherAfterACommit() {
        var pacing = CommitPacing()
        pacing.committed(from: Self.at(100), to: Self.at(101))
        let left = pacing.patience(with: [Self.reading], at: Self.at(101))
        #expect(left > .milliseconds(5) && left <= CommitPacing.longestRest)
        #expect(pacing.patience(with: [Self.reading], at: Self.at(101) + left) == .zero)
        pacing.committed(from: Self.at(200), to: Self.at(900))
        #expect(pacing.patience(with: [Self.reading], at: Self.at(900)) == CommitPacing.longestRest)
    }

    @Test func whatIsMoreThanAReadingIsDueAtOnce() {
        var pacing = CommitPacing()
        pacing.committed(from: Self.at(200), to: Self.at(900))
        #expect(pacing.patience(with: [Self.reading, Self.event], at: Self.at(900)) == .zero)
    }
}
