import DeviceModel
import Experiments
import Interlocks
import Journal
import Quantities
import Testing
import Wire

private let moment = Moment(
    wire: .zero + .seconds(1), bench: .zero, wall: WallInstant(nanoseconds: 1_795_000_000_000_000_000))

@Suite struct JournalEntryTests {
    private func entry(_ topic: String, _ data: [String: JSONValue]) -> JournalEntry? {
        JournalEntry(BenchEvent(sequence: 1, topic: topic, at: moment, data: .object(data)))
    }

    @Test func aTripIsAnErrorThatNamesItsInterlock() throws {
        let entry = try #require(
            self.entry(
                "interlocks",
                [
                    "interlock": .string("plate-over-temperature"), "state": .string("latched"),
                    "cause": .string("heater.temperature 165.2 degC above 165"), "first_out": .bool(true),
                ]))
        #expect(entry.priority == .error && entry.message == .tripped)
        #expect(entry.text == "TRIP plate-over-temperature: heater.temperature 165.2 degC above 165")
        #expect(entry[.interlock] == "plate-over-temperature" && entry[.kind] == "latched")
        let names = entry.assignments.map(\.name)
        #expect(names == ["MESSAGE_ID", "FLOWLAB_INTERLOCK", "FLOWLAB_KIND"])
    }

    @Test func anExperimentTellsTheKindOfItsErrorElseItsState() throws {
        let failed = try #require(
            entry(
                "experiments",
                [
                    "experiment": .string("e-000007"), "state": .string("failed"), "cause": .string("a bubble"),
                    "error": .string("not_steady"), "campaign": .string("c-000001"),
                ]))
        #expect(failed.priority == .warning && failed[.kind] == "not_steady" && failed[.campaign] == "c-000001")
        let flows = try #require(
            entry(
                "experiments",
                ["experiment": .string("e-000007"), "state": .string("flowing"), "cause": .string(""), "error": .null]))
        #expect(flows.priority == .info && flows.text == "e-000007 flowing" && flows[.kind] == "flowing")
        #expect(flows[.campaign] == nil)
    }

    @Test func aLostDeviceIsToldOnceAndNotByItsAlarmAgain() throws {
        let lost = try #require(
            entry(
                "devices",
                ["device": .string("cui"), "state": .string("offline"), "detail": .string("no answer in 500 ms")]))
        #expect(lost.priority == .warning && lost.message == .deviceLost && lost[.device] == "cui")
        #expect(lost.text == "cui is offline: no answer in 500 ms")
        let alarm: [String: JSONValue] = [
            "alarm": .string("device:cui"), "change": .string("raised"), "active": .bool(true),
            "priority": .string("high"), "text": .string("cui is offline"),
        ]
        #expect(entry("alarms", alarm) == nil)
    }

    @Test(arguments: [("critical", 2), ("high", 3), ("medium", 4), ("low", 5)])
    func alarmsHaveTheirPriority(_ priority: String, _ number: Int) throws {
        let alarm = try #require(
            entry(
                "alarms",
                [
                    "alarm": .string("unproven:heater"), "change": .string("raised"), "active": .bool(true),
                    "priority": .string(priority), "text": .string("heater does not show its safe state"),
                ]))
        #expect(alarm.priority.rawValue == number && alarm[.device] == "heater")
    }

    @Test func whatIsNoNewsToAPersonIsNotInTheJournal() {
        #expect(entry("signals:heater.temperature", [:]) == nil)
        #expect(entry("experiments", [:]) == nil)
        #expect(entry("devices", ["device": .string("cui"), "state": .string("identifying")])?.priority == .debug)
    }
}

@Suite struct CatalogTests {
    @Test func everyKindHasANumberOfItsOwn() {
        let ids = MessageID.allCases.map(\.id)
        #expect(Set(ids).count == ids.count)
        #expect(ids.allSatisfy { $0.wholeMatch(of: /[0-9a-f]{32}/) != nil })
    }

    @Test func theCatalogSaysOfEachWhatItMeansAndWhatNow() {
        for kind in MessageID.allCases {
            #expect(MessageID.catalog.contains("-- \(kind.id)\nSubject: \(kind.subject)\n"))
            #expect(kind.explanation.count > 20)
        }
        #expect(MessageID.catalog.split(separator: "\n").allSatisfy { $0.count <= 100 })
    }
}

@Suite struct RepeatedEntryTests {
    private static let start = WireInstant.zero + .seconds(1000)

    private func offline(_ detail: String = "no answer") -> JournalEntry {
        JournalEntry(.warning, "devices", "cui is offline: \(detail)", .deviceLost, [.device: "cui"])
    }

    @Test func aLooseCableIsToldOnceAndThenWithItsCount() {
        var repeated = RepeatedEntries()
        var written: [JournalEntry] = []
        for second in 0..<300 {
            written += repeated.admit(offline(), at: Self.start + .seconds(Double(second)))
        }
        written += repeated.finish()
        // At once, after 60 s, after 120 s more, and what was left at the end.
        #expect(written.count == 4)
        #expect(written.first == offline())
        #expect(written[1].text.hasSuffix("(59 times more in the last 60 s)") && written[1][.repeated] == "59")
        let counted = written.compactMap { $0[.repeated].flatMap { Int($0) } }.reduce(0, +)
        #expect(counted + 1 == 300)
    }

    @Test func whatHasStoppedIsNewAgainWhenItComesBack() {
        var repeated = RepeatedEntries()
        #expect(repeated.admit(offline(), at: Self.start).count == 1)
        #expect(repeated.due(at: Self.start + .seconds(61)).isEmpty)
        #expect(repeated.admit(offline(), at: Self.start + .seconds(62)) == [offline()])
    }

    @Test func tripsAndExperimentsAreAlwaysTold() {
        var repeated = RepeatedEntries()
        let trip = JournalEntry(.error, "interlocks", "TRIP x", .tripped, [.interlock: "x"])
        for _ in 0..<3 { #expect(repeated.admit(trip, at: Self.start) == [trip]) }
    }

    @Test func manyDifferentTextsDoNotGrowWithoutBound() {
        var repeated = RepeatedEntries()
        var written = 0
        for number in 0..<10_000 { written += repeated.admit(offline("\(number)"), at: Self.start).count }
        #expect(written == 10_000)
        // Of the first it is no longer known that it was told.
        #expect(repeated.admit(offline("0"), at: Self.start).count == 1)
    }
}
