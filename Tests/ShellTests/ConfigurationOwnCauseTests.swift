import DeviceModel
import Interlocks
import Quantities
import Testing

/// Causes that the daemon itself knows: what they become, and the words that slips in them earn.
@Suite struct ConfigurationOwnCauseTests {
    private static let cause =
        "cause = { signal = \"heater.temperature\", above = 165.0, unit = \"degC\", for = \"500ms\" }"

    private static func inputs(_ cause: String, waste: Bool = false) throws -> InterlockCause {
        let text = TestBench.text.replacing(Self.cause, with: "cause = { \(cause) }")
        let ledger = waste ? "[ledger]\nwaste_capacity_ml = 100\n[roles]" : "[roles]"
        let rule = try TestBench.parse(text.replacing("[roles]", with: ledger)).definition.interlocks.first
        return try #require(rule).cause
    }

    @Test func aStarIsEveryPump() throws {
        let empty = try Self.inputs("ledger_empty = \"*\"")
        #expect(empty.inputs.map(\.condition) == ["a", "b", "oil"].map { .ledgerEmpty($0) })
        #expect(empty.inputs.map(\.signal.text) == ["a", "b", "oil"].map { "ledger.\($0).remaining" })
        #expect(empty.inputs.allSatisfy { $0.staleAfter == nil } && empty.delay == .zero)
        let motion = try Self.inputs("motion_of = \"*\"")
        #expect(motion.inputs.map(\.signal.text) == ["a", "b", "oil"].map { "pump.\($0).flow" })
        #expect(motion.delay == .seconds(15))
    }

    @Test func aPumpStandsAlone() throws {
        let motion = try Self.inputs("motion_of = \"a\", by = 2, by_percent = 10, for = \"3s\"")
        #expect(
            motion.inputs.map(\.condition) == [.following(commanded: "pump.a.flow.commanded", limit: 2, percent: 10)])
        #expect(motion.delay == .seconds(3))
    }

    @Test func theirTextsSayWhatTheyAre() throws {
        #expect(try Self.inputs("waste_full = true", waste: true).text == "no room left in the waste by the ledger")
        #expect(try Self.inputs("ledger_empty = \"a\"").text == "a has nothing left by the ledger")
        #expect(
            try Self.inputs("loop_overrun = \"50ms\"").text
                == "the control loop more than 0.05 s later than its deadline")
        #expect(
            try Self.inputs("motion_of = \"a\"").text
                == "a does not move as commanded, by more than 0.5 uL/min and 5.0 % for 15.0 s")
        #expect(try Self.inputs("ledger_empty = \"*\"").text == "1 of 3: a, b, oil has nothing left by the ledger")
    }

    @Test func theirSignalsMayBeWatched() throws {
        let low = try Self.inputs("signal = \"ledger.*.remaining\", below = 500, unit = \"uL\"")
        #expect(low.inputs.count == 3 && low.inputs.allSatisfy { $0.staleAfter == nil && $0.condition == .below(500) })
        let room = try Self.inputs("signal = \"ledger.waste.room\", below = 5000, unit = \"uL\"", waste: true)
        #expect(room.inputs.map(\.signal) == [InputTest.wasteRoom])
        let late = try Self.inputs("signal = \"loop.lateness\", above = 0.1, unit = \"s\"")
        #expect(late.inputs.map(\.signal) == [InputTest.loopLateness])
    }

    @Test func aPermissiveRefusesAtOnce() throws {
        let text =
            TestBench.text + """

                [[permissives]]
                name = "pumps-do-as-told"
                unless = { motion_of = "*" }
                blocks = ["pump"]
                response = "Look at the pump."
                """
        let rule = try TestBench.parse(text).definition.interlocks.last
        #expect(try #require(rule).cause.delay == .zero)
    }

    @Test(arguments: slips) func eachSlipIsNamed(_ breakage: Breakage) {
        #expect(TestBench.said(breakage.old, breakage.new) == breakage.said)
    }

    private static let slips = [
        Breakage(
            cause, "cause = { waste_full = true }",
            "interlocks[1].cause.waste_full: the ledger does not limit the waste, so it is never full; expected waste_capacity_ml in [ledger]"
        ),
        Breakage(
            cause, "cause = { waste_full = false }",
            "interlocks[1].cause.waste_full = false: expected true; take the interlock out if it is not wanted"),
        Breakage(
            cause, "cause = { ledger_empty = \"heater\" }",
            "interlocks[1].cause.ledger_empty = \"heater\": expected \"*\" or a pump of this bench, one of a, b, oil"),
        Breakage(
            cause, "cause = { motion_of = \"oi\" }",
            "interlocks[1].cause.motion_of = \"oi\": expected \"*\" or a pump of this bench, one of a, b, oil; did you mean \"oil\"?"
        ),
        Breakage(
            cause, "cause = { motion_of = \"a\", for = \"100ms\" }",
            "interlocks[1].cause.for = \"100ms\": expected a duration as text with ms, s, min or h, \"1s\" to \"1h\" of bench time (how long the cause must last)"
        ),
        Breakage(
            cause, "cause = { loop_overrun = \"0ms\" }",
            "interlocks[1].cause.loop_overrun = \"0ms\": expected a duration as text with ms, s, min or h, \"1ms\" to \"1min\" of link time (trips when the control loop was later by more)"
        ),
        Breakage(
            cause, "cause = { signal = \"ledger.a.remaining\", below = 5, unit = \"uL\", stale_after = \"2s\" }",
            "interlocks[1].cause.stale_after: this signal is told when it changes, and does not age; expected above, below or outside"
        ),
        Breakage(
            cause, "cause = { signal = \"loop.lateness\", stale = true }",
            "interlocks[1].cause.stale: this signal is told when it changes, and does not age; expected above, below or outside"
        ),
        Breakage(
            cause, "cause = { motion_of = \"*\", unit = \"uL/min\" }",
            "interlocks[1].cause.unit: no such key; known here: by, by_percent, for, motion_of, of, votes"),
    ]
}
