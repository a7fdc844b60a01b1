import Quantities
import Testing

@Suite struct CalendarTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (1_767_225_599_999, "2025-12-31T23:59:59.999Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
    ]) func wallTimeIsWrittenAsRFC3339(_ milliseconds: Int64, _ text: String) {
        #expect(WallInstant(nanoseconds: milliseconds * 1_000_000).rfc3339 == text)
    }

    @Test func fractionsOfAMillisecondAreCutNotRounded() {
        #expect(WallInstant(nanoseconds: 999_999).rfc3339 == "1970-01-01T00:00:00.000Z")
    }
}

@Suite struct TimeTests {
    @Test func spansAndInstantsAddUp() {
        let start = BenchInstant(nanoseconds: 5)
        #expect(start + .milliseconds(2) - start == .milliseconds(2))
        #expect(BenchDuration.seconds(1.5).nanoseconds == 1_500_000_000)
        #expect(BenchDuration.seconds(10) * 1.2 == .seconds(12))
    }
}

@Suite struct FlowTests {
    @Test(arguments: [(10.004, 10.0), (10.005, 10.01), (0.0049, 0.0), (161.57910877480646, 161.58)])
    func flowsGoToTheNearestLineOfTheGrid(_ given: Double, _ expected: Double) {
        let step = FlowRate(microlitersPerMinute: 0.01)
        #expect(FlowRate(microlitersPerMinute: given).rounded(to: step) == FlowRate(microlitersPerMinute: expected))
    }

    @Test func volumeIsFlowTimesTime() {
        let flow = FlowRate(microlitersPerMinute: 60)
        #expect(flow * .seconds(30) == Volume(microliters: 30))
        #expect(Volume(microliters: 30) / flow == .seconds(30))
        #expect(Volume(microliters: 30) / .zero == nil)
    }
}
