import Configuration
import Testing

@Suite struct BenchChangesTests {
    private static let text = """
        [bench]
        name = "b"
        simulated = true

        [roles]
        observer = ["a"]

        [alarms]
        flood = 10

        [[interlocks]]
        name = "hot"
        cause = { signal = "heater.temperature", above = 165.0 }

        [[interlocks]]
        name = "cold"
        cause = { signal = "heater.temperature", below = 5.0 }
        """

    private func changes(
        _ edits: (from: String, to: String)..., since started: String = text
    ) throws(ConfigurationError) -> BenchChanges {
        var text = Self.text
        for edit in edits { text = text.split(separator: edit.from).joined(separator: edit.to) }
        let source = { BenchSource(name: "b.toml", text: $0) }
        return try BenchChanges(from: source(Self.text), started: source(started), to: source(text))
    }

    @Test func nothingChangesWhereNothingHas() throws {
        #expect(try changes().isEmpty)
        #expect(try changes((from: "flood = 10", to: "flood   =   10   # many")).isEmpty)
    }

    @Test func rolesAndWhomAlarmsCallHoldAtOnce() throws {
        let changes = try changes(
            (from: "observer = [\"a\"]", to: "observer = [\"a\", \"c\"]\nadmin = [\"root\"]"),
            (from: "flood = 10", to: "flood = 10\nnotify = [\"/bin/page\"]"))
        #expect(changes.atOnce == ["alarms.notify", "roles.admin", "roles.observer"])
        #expect(changes.afterRestart.isEmpty)
    }

    @Test func everythingElseIsNamedByItsKey() throws {
        let changes = try changes((from: "165.0", to: "170.0"), (from: "flood = 10", to: "flood = 11"))
        #expect(changes.atOnce.isEmpty)
        #expect(changes.afterRestart == ["alarms.flood", "interlocks.hot.cause.above"])
    }

    @Test func anInterlockThatOnlyMovedHasNotChanged() throws {
        let parts = Self.text.split(separator: "[[interlocks]]")
        let moved = parts[0] + "[[interlocks]]" + parts[2] + "\n[[interlocks]]" + parts[1]
        let source = { BenchSource(name: "b.toml", text: $0) }
        let changes = try BenchChanges(
            from: source(Self.text), started: source(Self.text), to: source(String(moved)))
        #expect(changes.isEmpty)
    }

    /// What was changed twice and is again as at the start needs no restart.
    @Test func whatNeedsARestartIsComparedWithTheStart() throws {
        let started = Self.text.split(separator: "165.0").joined(separator: "160.0")
        let changes = try changes(since: started)
        #expect(changes.afterRestart == ["interlocks.hot.cause.above"] && changes.atOnce.isEmpty)
    }
}
