import DeviceModel
import Drivers
import Interlocks
import Quantities
import Testing
import VirtualBench
import Wire

/// The driver of a CD spectrometer, the simulated spectrometer with its folder, and an arm that brings the cuvette, on one
/// clock.
private struct Station {
    static let device: DeviceName = "cd"

    private var driver: any Driver
    private var bench: VirtualBench
    private var engine = InterlockEngine(rules: [], devices: [device: .analyzer])
    private var wire = WireInstant.zero
    private var lastCommand: UInt64 = 0
    private(set) var outcomes: [UInt64: CommandOutcome] = [:]
    private(set) var results: [AnalyzerResult] = []
    private(set) var state = DeviceState.identifying
    private(set) var readBack: SafeStateReadBack?

    init() throws {
        let entry = try #require(DriverCatalog.entry("jasco-cd"))
        var values: [String: SettingValue] = ["ht_limit_v": .number(700)]
        for spec in entry.settings where values[spec.key] == nil { values[spec.key] = spec.fallback }
        #expect(entry.problems(DriverSettings(values)).isEmpty)
        driver = entry.make(Self.device, DriverSettings(values))
        var options = VirtualBench.Options()
        options.accessories = ["cd"]
        bench = VirtualBench(seed: 1, options: options)
        perform(driver.handle(.opened(identity: "test"), at: now))
        run(2)
    }

    private var now: Moment {
        Moment(wire: wire, bench: BenchInstant(nanoseconds: wire.nanoseconds), wall: .zero)
    }

    mutating func run(_ seconds: Double) {
        let end = wire + .seconds(seconds)
        while wire < end {
            wire = wire + .milliseconds(20)
            for output in bench.drainOutputs(upTo: wire) where output.link == "cd" {
                perform(driver.handle(.received(output.bytes), at: now))
            }
            if let deadline = driver.deadline, deadline <= wire { perform(driver.handle(.deadline, at: now)) }
        }
    }

    /// The number of the command.
    mutating func start(_ command: AnalyzerCommand) throws -> UInt64 {
        lastCommand += 1
        let permit = try engine.permit(.analyzer(command), for: Self.device, at: now)
        perform(driver.execute(permit, as: CommandID(number: lastCommand), at: now))
        return lastCommand
    }

    mutating func measure(_ sample: String, within seconds: Double = 90) throws -> CommandOutcome? {
        let id = try start(.measure(AnalyzerJob(sample: sample, within: .seconds(seconds))))
        run(seconds + 5)
        return outcomes[id]
    }

    mutating func trip() {
        _ = engine.trigger(InterlockEngine.manualTrigger, reason: "test", at: now)
        perform(driver.dropActuation(at: now))
    }

    mutating func fault(_ name: String, value: Double? = nil) throws {
        _ = try bench.apply(FaultCommand(device: "cd", fault: name, value: value), at: now)
    }

    mutating func provideCuvette(_ microliters: Double) throws { try fault("cuvette", value: microliters) }

    mutating func phase() -> String? {
        run(1.2)
        return bench.drainTruth().last?.accessories["cd"]?["phase"]?.text
    }

    private mutating func perform(_ effects: [DriverEffect]) {
        for effect in effects {
            switch effect {
            case .send(let bytes, _): bench.send(bytes, to: "cd", at: now)
            case .state(let new): state = new
            case .readBack(let look): readBack = look
            case .finished(let id, let outcome): outcomes[id.number] = outcome
            case .result(let result):
                #expect(outcomes[result.command.number] == nil, "a result comes before its outcome")
                results.append(result)
            case .reopen:
                perform(driver.handle(.closed(reason: "reopening"), at: now))
                perform(driver.handle(.opened(identity: "test"), at: now))
            case .reading, .confirmed, .burst, .modbus, .relay, .relayed, .channels, .executed: break
            }
        }
    }
}

@Suite struct AnalyzerWireTests {
    @Test func spectrumOfACuvette() throws {
        var station = try Station()
        #expect(station.state == .ready && station.readBack?.isSafe == true)
        let id = try station.start(.measure(AnalyzerJob(sample: "a1", within: .seconds(300))))
        station.run(20)
        #expect(station.phase() == "waiting")
        #expect(station.readBack?.isSafe == true, "a ticket that somebody asked for is nothing to be undone")
        try station.provideCuvette(1400)
        station.run(60)
        #expect(station.outcomes[id] == .done)
        let result = try #require(station.results.first)
        #expect(result.sample == "a1" && result.file == "a1.txt" && station.results.count == 1)
        #expect(result.wavelengths.count == 301 && result.wavelengths.first == 600 && result.wavelengths.last == 300)
        #expect(result.columns.map(\.name) == ["CD", "HT"] && result.columns.map(\.unit) == ["mdeg", "V"])
        let most = try #require(result.columns[0].values.max())
        #expect((8...14).contains(most), "a Cotton effect")
        #expect(result.original.suffix(2) == [0x0d, 0x0a] && result.md5.utf8.count == 32)
        #expect(station.phase() == "idle", "the ticket is gone")
    }

    @Test func emptyCuvetteShowsNoEffect() throws {
        var station = try Station()
        try station.provideCuvette(0)
        #expect(try station.measure("blank") == .done)
        let most = try #require(station.results.first?.columns[0].values.max())
        #expect(most < 0.1)
    }

    @Test func fileThatNeverCompletes() throws {
        var station = try Station()
        try station.provideCuvette(1000)
        try station.fault("file_stalls")
        let words = try #require(try station.measure("s7")?.text)
        #expect(words.hasPrefix("failed, cd left s7.txt with "), "\(words)")
        #expect(words.contains(" of 301 rows") && words.contains("result_incomplete"), "\(words)")
        #expect(station.results.isEmpty && station.readBack?.isSafe == true)
        try station.fault("clear")
        let again = try station.measure("s7")
        #expect(again?.text.contains("was given up, and its file may still come") == true)
        #expect(try station.measure("s8") == .done)
        #expect(station.results.map(\.sample) == ["s8"])
    }

    @Test func nothingIsMeasured() throws {
        var station = try Station()
        try station.provideCuvette(1000)
        try station.fault("never_measures")
        let outcome = try station.measure("s1", within: 40)
        #expect(outcome?.text.contains("left no new file s1*.txt 41 s after the ticket: result_missing") == true)
        #expect(station.phase() == "idle")
    }

    @Test func voltageOverItsLimit() throws {
        var station = try Station()
        try station.provideCuvette(1000)
        try station.fault("ht_over")
        let outcome = try station.measure("dark")
        #expect(
            outcome?.text.contains("wrote dark.txt with HT of 765.6 V at 600 nm, limit 700 V") == true,
            "\(outcome?.text ?? "")")
        #expect(station.results.isEmpty)
        try station.fault("clear")
        #expect(try station.measure("dark") == .done, "its old file does not count, and the new one has another name")
        #expect(station.results.first?.file == "dark-2.txt")
    }

    @Test func rowThatIsNoNumber() throws {
        var station = try Station()
        try station.provideCuvette(1000)
        try station.fault("nan_row")
        let outcome = try station.measure("s1")
        #expect(outcome?.text.contains("s1.txt with CD of nan in row 151, at 450 nm: not_a_number") == true)
        #expect(station.results.isEmpty)
    }

    @Test func withdrawnAndTripped() throws {
        var station = try Station()
        let first = try station.start(.measure(AnalyzerJob(sample: "a", within: .seconds(300))))
        station.run(5)
        station.trip()
        station.run(5)
        #expect(station.outcomes[first] == nil, "a trip is not for what only measures")
        let second = try station.start(.withdraw)
        station.run(5)
        #expect(station.outcomes[first]?.text.contains("was made safe before it was done") == true)
        #expect(station.outcomes[second] == .done)
        #expect(station.phase() == "idle")
    }

    /// What another life of the daemon left there is nobody's.
    @Test func ticketThatNobodyAskedFor() throws {
        var station = try Station()
        _ = try station.start(.measure(AnalyzerJob(sample: "a", within: .seconds(300))))
        station.run(5)
        #expect(station.phase() == "waiting")
        station.reopen()
        station.run(5)
        #expect(station.readBack?.isSafe == false)
        #expect(station.readBack?.detail == "cd.ticket is in the folder")
    }
}

extension Station {
    fileprivate mutating func reopen() {
        perform(driver.handle(.closed(reason: "test"), at: now))
        perform(driver.handle(.opened(identity: "test"), at: now))
    }
}
