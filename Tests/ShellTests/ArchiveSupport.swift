import Archive
import CSQLite
import DeviceModel
import Experiments
import Glibc
import Interlocks
import Quantities
import Wire

/// A directory of its own for one test, gone afterwards.
final class ArchivePlace {
    let directory: String
    var path: String { directory + "/archive.sqlite" }

    init() throws {
        var template = Array("/tmp/flowlab-archive-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Trouble.errno(errno) }
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    enum Trouble: Error {
        case errno(Int32)
        case sqlite(String)
    }

    deinit {
        for ending in ["", "-wal", "-shm", "-journal", ".new", ".new-journal"] { unlink(path + ending) }
        rmdir(directory)
    }

    /// Runs SQL on a connection of its own, as another program would; the first column of the first row.
    @discardableResult
    func sql(_ text: String) throws -> Int64? {
        let connection = try Connection(path)
        return try connection.run(text)
    }

    func mode(of file: String) -> mode_t {
        var facts = stat()
        return stat(file, &facts) == 0 ? facts.st_mode & 0o777 : 0
    }
}

/// A foreign connection, so that tests can look past the archive's own code.
final class Connection {
    private var handle: OpaquePointer?

    init(_ path: String) throws {
        guard sqlite3_open(path, &handle) == SQLITE_OK else { throw ArchivePlace.Trouble.sqlite("open") }
        sqlite3_busy_timeout(handle, 2000)
    }

    deinit { sqlite3_close_v2(handle) }

    @discardableResult
    func run(_ text: String) throws -> Int64? {
        var first: Int64?
        let code = withUnsafeMutablePointer(to: &first) { place in
            sqlite3_exec(
                handle, text,
                { place, count, values, _ in
                    let target = place?.assumingMemoryBound(to: Int64?.self)
                    if target?.pointee == nil, count > 0, let value = values?[0] {
                        target?.pointee = Int64(String(cString: value))
                    }
                    return 0
                }, place, nil)
        }
        guard code == SQLITE_OK else { throw ArchivePlace.Trouble.sqlite(String(cString: sqlite3_errmsg(handle))) }
        return first
    }
}

enum Sample {
    static func moment(_ seconds: Int64) -> Moment {
        Moment(
            wire: WireInstant(nanoseconds: seconds * 1_000_000_001),
            bench: BenchInstant(nanoseconds: seconds * 30_000_000_007),
            wall: WallInstant(nanoseconds: 1_795_000_000_123_456_789 + seconds))
    }

    static func recipe(_ temperature: Double) -> Recipe {
        .flows(FlowsRecipe(temperatureC: temperature, flowsULMin: ["cui": 80.01, "oa_cui": 0.1 + 0.2, "pfo": 0]))
    }

    static func plan(_ temperature: Double) -> PlanReport {
        PlanReport(
            feasible: true, executed: recipe(temperature), flowsULMin: ["cui": 80.01, "ode_cs": 1.0 / 3],
            reactionTimeS: 31.4,
            residenceTimeS: 82.799999999999997, equilibriumTimeS: 99.36, durationS: nil, reagentsUL: ["cui": 132.5],
            remainingAfterUL: ["cui": 49_867.5], warnings: ["total flow below 600 uL/min — mixing"],
            problems: [
                PlanProblem(
                    kind: "rule", name: "flows_ul_min.cui", value: nil, limit: 1e-300, unit: "uL/min", hint: "h")
            ])
    }

    static func queued(_ number: Int, key: String? = nil) -> ExperimentRecord {
        let digits = String(number)
        var record = ExperimentRecord(
            experiment: "e-" + String(repeating: "0", count: 6 - digits.count) + digits, key: key, campaign: "c-000001",
            metadata: .object([
                "who": .string("Zoë \"quoted\"\n\u{0}end"),
                "tags": .array([.integer(1), .number(0.5), .null, .bool(true)]),
            ]),
            submittedBy: UInt32.max, recipe: recipe(140), executed: recipe(140.1), plan: plan(140), simulated: true)
        record.transitions = [
            TransitionRecord(state: .queued, time: "2026-11-20T23:18:10.042Z", benchS: 0.1, cause: "submitted")
        ]
        return record
    }

    static func done(_ number: Int, key: String? = nil) -> ExperimentRecord {
        var record = queued(number, key: key)
        record.state = .done
        for (index, state) in [ExperimentState.heating, .flowing, .settling, .measuring, .done].enumerated() {
            record.transitions.append(
                TransitionRecord(
                    state: state, time: "2026-11-20T23:19:1\(index).000Z", benchS: Double(index) / 3, cause: ""))
        }
        record.measured = MeasuredConditions(
            temperatureC: 140.02, flowsULMin: ["cui": 80.0123], volumesUL: ["cui": 1.0 / 7])
        record.features = ["pl_peak": FeatureValue(mean: 445.1, sem: .nan, n: 25, unit: "nm")]
        record.features?["pl_area"] = FeatureValue(mean: 1e12 / 7, sem: 0.002, n: 25, unit: "counts")
        record.certificate = Certificate(
            verdict: "steady", sweptTau: 1.21, requiredTau: 1.2, residenceTimeS: 82.8, elapsedS: 101,
            temperatureDeviationK: 0.1,
            temperatureBandK: 0.5, statistic: "pl_area", driftFraction: 0.011, driftLimit: 0.03, samples: 25)
        return record
    }

    static func ended(_ number: Int, _ state: ExperimentState, sequence: Int?) -> ExperimentRecord {
        var record = state == .done ? done(number) : queued(number)
        record.state = state
        record.sequence = sequence
        return record
    }

    static func spectrum(
        _ experiment: String, _ device: String, kind: String = "droplet", second: Int64 = 14
    ) -> SpectrumRecord {
        SpectrumRecord(
            experiment: experiment, device: device, kind: kind, integrationS: 0.03, frames: 31,
            at: moment(second).wall, wavelengthsNM: (0..<2068).map { 200 + Float($0) / 3 },
            counts: [0, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 1500.25])
    }

    static func latch(_ name: InterlockName, _ second: Int64, first: Bool = true) -> Latch {
        Latch(
            interlock: name, cause: "heater.temperature above 165 degC: 171.3 degC", effects: [.heaterOff, .pumpsStop],
            at: moment(second), isFirstOut: first)
    }

    static func batch(_ id: UInt64, _ writes: ArchiveWrite...) -> ArchiveBatch { ArchiveBatch(id: id, writes: writes) }

    static func event(_ sequence: UInt64) -> ArchiveWrite {
        .event(
            BenchEvent(
                sequence: sequence, topic: "experiments", at: moment(1), data: .object(["state": .string("done")])))
    }
}
