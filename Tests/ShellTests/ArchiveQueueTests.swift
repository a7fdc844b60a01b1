import Archive
import Experiments
import Quantities
import Testing

/// What the control loop does about an archive that takes nothing or says nothing.
@Suite struct ArchiveQueueTests {
    private func at(_ seconds: Double) -> WireInstant { WireInstant(nanoseconds: Int64(seconds * 1e9)) }

    private func batch(_ id: UInt64) -> ArchiveBatch { Sample.batch(id, Sample.event(id)) }

    @Test func batchesKeepTheirOrder() {
        var queue = ArchiveQueue()
        for id in 1...3 as ClosedRange<UInt64> { queue.add(batch(id), at: at(0)) }
        var seen: [UInt64] = []
        while let first = queue.first {
            seen.append(first.id)
            queue.posted()
        }
        #expect(seen == [1, 2, 3])
        queue.add(batch(4), at: at(1))
        #expect(queue.first?.id == 4)
    }

    @Test func aStallIsSaidUntilThereIsAnAnswer() {
        var queue = ArchiveQueue()
        #expect(queue.trouble(at: at(1000)) == nil)
        queue.add(batch(1), at: at(1000))
        queue.posted()
        queue.add(batch(2), at: at(1009))
        #expect(queue.trouble(at: at(1009.9)) == nil)
        guard case .stalled(let text)? = queue.trouble(at: at(1010)) else {
            Issue.record("a stall goes unnoticed")
            return
        }
        #expect(text.contains("10 s"))
        #expect(queue.trouble(at: at(1015)) == nil)
        #expect(queue.trouble(at: at(1020)) == .stalled(text))
        queue.committed(1, at: at(1021))
        #expect(queue.trouble(at: at(1030.9)) == nil)
        #expect(queue.trouble(at: at(1031)) == .stalled(text))
        queue.committed(2, at: at(1032))
        #expect(queue.trouble(at: at(5000)) == nil)
    }

    /// An archive that fails each second lives: its own words are better.
    @Test func aFailureIsNoStall() {
        var queue = ArchiveQueue()
        queue.add(batch(1), at: at(0))
        for second in 1...100 {
            queue.failed(at: at(Double(second)))
            #expect(queue.trouble(at: at(Double(second) + 0.9)) == nil)
        }
    }

    @Test func whatCannotBeHeldIsSaidOnce() {
        var queue = ArchiveQueue()
        for id in 1...UInt64(ArchiveQueue.limit) { queue.add(batch(id), at: at(0)) }
        #expect(queue.trouble(at: at(1)) == nil)
        queue.add(batch(UInt64(ArchiveQueue.limit) + 1), at: at(1))
        guard case .full? = queue.trouble(at: at(1)) else {
            Issue.record("it is held without a word")
            return
        }
        #expect(queue.trouble(at: at(2)) == nil)
    }
}
