import Interlocks
import Quantities
import Testing

/// Alarms after ISA-18.2: told once, kept until somebody knows, never a flood of calls.
@Suite struct AlarmBookTests {
    private func at(_ second: Double) -> Moment {
        Moment(
            wire: WireInstant(nanoseconds: Int64(second * 1e9)), bench: BenchInstant(nanoseconds: Int64(second * 1e9)),
            wall: WallInstant(nanoseconds: 1_800_000_000_000_000_000 + Int64(second * 1e9)))
    }

    private func kinds(_ changes: [AlarmChange]) -> [String] { changes.map { "\($0.kind) \($0.alarm.id)" } }

    @Test func anAlarmIsRaisedOnceAndToldAnewWithAnotherText() {
        var book = AlarmBook(AlarmRules())
        #expect(kinds(book.raise("device:cui", "offline", at: at(0))) == ["raised device:cui"])
        #expect(book.raise("device:cui", "offline", at: at(1)).isEmpty)
        let told = book.raise("device:cui", "faulted", at: at(2))
        #expect(kinds(told) == ["told device:cui"] && told.allSatisfy { !$0.notifies })
        #expect(book["device:cui"]?.since == at(0) && book["device:cui"]?.text == "faulted")
        #expect(book["device:cui"]?.response.contains("the cable of cui") == true)
    }

    @Test func aHighAlarmStaysUntilSomebodyKnows() throws {
        var book = AlarmBook(AlarmRules())
        _ = book.raise("device:cui", "offline", at: at(0))
        #expect(kinds(book.clear("device:cui", at: at(5))) == ["ended device:cui"])
        #expect(book["device:cui"]?.state == .returned)
        #expect(try kinds(book.acknowledge("device:cui", by: 7, at: at(9))) == ["acknowledged device:cui"])
        #expect(book.alarms.isEmpty)
        _ = book.raise("device:cui", "offline", at: at(10))
        _ = try book.acknowledge("device:cui", by: 7, at: at(11))
        #expect(book["device:cui"]?.state == .acknowledged)
        #expect(try book.acknowledge("device:cui", by: 8, at: at(12)).isEmpty)
        _ = book.clear("device:cui", at: at(13))
        #expect(book.alarms.isEmpty)
    }

    @Test func aLowAlarmGoesWithItsCondition() {
        var book = AlarmBook(AlarmRules())
        _ = book.raise("reagent-low:cui", "1 mL", at: at(0))
        _ = book.clear("reagent-low:cui", at: at(1))
        #expect(book.alarms.isEmpty)
    }

    @Test func delaysSwallowWhatComesAndGoes() {
        var book = AlarmBook(AlarmRules(onDelay: .seconds(2), offDelay: .seconds(5)))
        #expect(book.raise("device:cui", "offline", at: at(0)).isEmpty && book.deadline == at(2).wire)
        #expect(book.clear("device:cui", at: at(1)).isEmpty && book.deadline == nil)
        #expect(book.raise("device:cui", "offline", at: at(3)).isEmpty)
        #expect(kinds(book.advance(to: at(5))) == ["raised device:cui"] && book["device:cui"]?.since == at(3))
        #expect(book.clear("device:cui", at: at(6)).isEmpty && book.raise("device:cui", "offline", at: at(8)).isEmpty)
        #expect(book.advance(to: at(12)).isEmpty && book["device:cui"]?.isActive == true)
        _ = book.clear("device:cui", at: at(20))
        #expect(kinds(book.advance(to: at(25))) == ["ended device:cui"])
        #expect(kinds(book.raise("unproven:cui", "runs", at: at(30))) == ["raised unproven:cui"])
    }

    @Test func aShelvedAlarmCallsNobodyUntilItsTimeIsOver() throws {
        var book = AlarmBook(AlarmRules())
        _ = book.raise("device:cui", "offline", at: at(0))
        let shelf = Alarm.Shelf(alarm: "device:cui", person: "Ada", reason: "cable", until: at(100).wall)
        #expect(try kinds(book.shelve(shelf, for: .seconds(100), at: at(0))) == ["shelved device:cui"])
        for second in 1...3 {
            let cycle = book.clear("device:cui", at: at(Double(second))) + book.raise("device:cui", "off", at: at(50))
            #expect(cycle.count == 2 && cycle.allSatisfy { !$0.notifies })
        }
        #expect(book["device:cui"]?.state == .shelved && book.deadline == at(100).wire)
        let back = book.advance(to: at(100))
        #expect(kinds(back) == ["unshelved device:cui"] && back.allSatisfy(\.notifies))
        #expect(throws: AlarmRefusal.notShelved("device:cui")) { try book.unshelve("device:cui") }
        #expect(throws: AlarmRefusal.unknown("device:cu", known: ["device:cui"])) {
            try book.acknowledge("device:cu", by: 7, at: at(101))
        }
    }

    @Test func aCriticalAlarmIsNotShelved() {
        var book = AlarmBook(AlarmRules())
        _ = book.raise("interlock:hot", "171 degC", response: "cool", isLatched: true, at: at(0))
        let shelf = Alarm.Shelf(alarm: "interlock:hot", person: "Ada", reason: "noise", until: at(100).wall)
        #expect(throws: AlarmRefusal.critical("interlock:hot")) {
            try book.shelve(shelf, for: .seconds(100), at: at(1))
        }
    }

    /// More than ten in ten minutes: what can wait calls nobody, and everybody sees how many there are.
    @Test func aFloodCallsOnlyForWhatIsUrgent() {
        var book = AlarmBook(AlarmRules())
        for number in 1...10 {
            let calls = book.raise("flush:\(number)", "a", at: at(Double(number)))
            #expect(calls.map(\.notifies) == [true])
        }
        let eleventh = book.raise("flush:11", "a", at: at(11))
        #expect(kinds(eleventh) == ["raised flush:11", "raised alarm-flood"])
        #expect(eleventh.map(\.notifies) == [false, true] && book.isFlood && book.suppressed == 1)
        #expect(book.raise("device:cui", "offline", at: at(12)).map(\.notifies) == [true])
        #expect(book.rate(at: at(12)) == 12 && book.alarms.first?.priority == .high)
        #expect(book.advance(to: at(606)).isEmpty && book.isFlood)
        #expect(kinds(book.advance(to: at(607))) == ["ended alarm-flood"] && !book.isFlood)
    }

    @Test func prioritiesAreThoseOfTheBenchFile() {
        let rules = AlarmRules(priorities: ["device": .low, "device:pfo": .medium])
        var book = AlarmBook(rules)
        for id in ["device:cui", "device:pfo", "archive"] { _ = book.raise(id, "a", at: at(0)) }
        #expect(book.alarms.map(\.id) == ["archive", "device:pfo", "device:cui"])
    }
}
