import DeviceModel
import Experiments
import Interlocks
import Simulation
import Testing
import VirtualBench

/// Plays a scenario and judges it.
extension FaultRun {
    /// Seconds without a change that are asked for after a trip, with an experiment waiting.
    private static let held = 20.0
    /// Counts; the brightest of these tests have thirty times as many.
    private static let dark = 1000.0
    /// Seconds that are looked at after the end, at least.
    private static let rest = 25.0

    func play() throws {
        var (lab, begun) = try StagedBench.bench(for: self)
        var moments = Moments(firstAct: lab.now)
        for act in scenario.acts {
            moments.lastAct = lab.now
            try lab.perform(act)
        }
        let id = try begun ?? submit(to: &lab)
        if case .waits = scenario.ends {} else { try lab.finish(id) }
        moments.end = lab.now
        lab.run(max(scenario.lasts - (lab.now - moments.firstAct), Self.rest))
        moments.hot = lab.truth(from: moments.firstAct).first { $0.sensorCelsius > 165 }?.seconds
        judgeEnd(&lab, id)
        try judgeHold(&lab)
        for promise in scenario.promises { try judge(promise, lab, moments) }
        let hottest = lab.lab.truth.map(\.plateCelsius).max() ?? 0
        #expect(hottest < scenario.hottest, "\(testDescription)")
        report(lab, id, moments, hottest)
    }

    private func submit(to lab: inout Scenario) throws -> String {
        guard case .idle(let celsius) = scenario.begins else { throw Unexpected(what: "nothing to submit") }
        return try lab.submit(lab.recipe(celsius: celsius))
    }

    // MARK: Judging

    private func judgeEnd(_ lab: inout Scenario, _ id: String) {
        let record = lab.lab.archive.experiments[id]
        let isDone = record?.state == .done
        switch scenario.ends {
        case .done: #expect(isDone, "\(testDescription): \(lab.describe(id))")
        case .failed(let kinds, let device):
            #expect(kinds.contains(record?.error?.kind ?? "none"), "\(testDescription): \(lab.describe(id))")
            if let device { #expect(record?.error?.device == device, "\(testDescription): \(lab.describe(id))") }
        case .doneOrFailed(let kinds):
            #expect(
                isDone || kinds.contains(record?.error?.kind ?? "none"), "\(testDescription): \(lab.describe(id))")
        case .interrupted: #expect(record?.state == .interrupted, "\(testDescription): \(lab.describe(id))")
        case .waits: #expect(record?.state == .queued, "\(testDescription): \(lab.describe(id))")
        }
        if let record, isDone { judgeResult(record, lab) }
    }

    /// No wrong result is kept. Of a droplet that is dark the peak is the noise, and its share of the truth says nothing.
    private func judgeResult(_ record: ExperimentRecord, _ lab: Scenario) {
        let end = lab.time(of: .done, record.experiment) ?? lab.now
        let isDark = (lab.truth(from: end - 3, to: end).last?.luminescence.peakCounts ?? 0) < Self.dark
        isDark ? lab.expectTruePeak(record) : lab.expectTrueFeatures(record.experiment)
    }

    /// What is latched holds the bench: nothing actuates, though an experiment waits.
    private func judgeHold(_ lab: inout Scenario) throws {
        let latched = Set(lab.shownLatches())
        #expect(latched.isSuperset(of: scenario.latches), "\(testDescription): \(latched)")
        #expect(latched.isSubset(of: scenario.allowedLatches), "\(testDescription): \(latched)")
        let alarms = lab.shownAlarms()
        for alarm in scenario.alarms { #expect(alarms.contains(alarm), "\(testDescription): \(alarms)") }
        var waiting = lab.lab.archive.records.count { $0.state == .queued }
        if !latched.isEmpty {
            if waiting == 0, !scenario.isUsedUp {
                _ = try lab.submit()
                waiting = 1
            }
            let start = lab.now
            lab.run(Self.held)
            let quiet = lab.truth(from: start)
            #expect(quiet.allSatisfy { isHeld($0, by: latched, on: lab) }, "\(testDescription)")
            #expect(Set(quiet.map(\.setPointCelsius)).count == 1, "\(testDescription)")
        }
        lab.expectInvariants(unfinished: waiting, afterLongOutage: scenario.hasLongOutage)
    }

    /// A row that reaches the pumps only leaves the plate as it is. What has no cable any more cannot be told to stop, and
    /// ends at its volume.
    private func isHeld(_ record: TruthRecord, by latched: Set<InterlockName>, on lab: Scenario) -> Bool {
        let rows = lab.definition.interlocks.filter { latched.contains($0.name) }
        if rows.count == latched.count, !rows.contains(where: { $0.covers(.heater) }) { return record.motorsStand }
        guard let pump = scenario.unpluggedPump else { return record.isSafe }
        let partners = Promise.partnersStand(of: pump, within: 0)
        return partners.isKept(by: record) && record.heaterIsOff && !record.contactorClosed
    }

    private func judge(_ promise: Promise, _ lab: Scenario, _ moments: Moments) throws {
        guard let since = moments[promise.since] else { throw Unexpected(what: "\(promise.since) did not come") }
        switch promise.what {
        case .pumpsStand, .safe: lab.expectNoFlow(since: since, within: promise.within)
        case .partnersStand, .heaterOff, .contactorOpen: break
        }
        let judged = lab.truth(from: since + promise.within)
        let broken = judged.first { !promise.isKept(by: $0) }
        #expect(!judged.isEmpty && broken == nil, "\(testDescription): \(promise.text): \(broken?.jsonLine ?? "")")
    }

    // MARK: Telling

    private func report(_ lab: Scenario, _ id: String, _ moments: Moments, _ hottest: Double) {
        let record = lab.lab.archive.experiments[id]
        let latches = lab.latched.map(\.text).sorted().joined(separator: ",")
        let ended = [record?.state.rawValue, record?.error?.kind].compactMap { $0 }.joined(separator: ":")
        let slowest = scenario.promises.compactMap { $0.seconds(lab, moments[$0.since]) }.max()
        let safe = slowest.map { "\(($0 * 10).rounded() / 10)" } ?? "-"
        print(
            "scenario \(scenario.name) seed=\(seed) ended=\(ended) latched=\(latches.isEmpty ? "-" : latches)",
            "safe=\(safe) hottest=\((hottest * 10).rounded() / 10)")
    }
}

/// When a run's promises begin to count, bench seconds.
struct Moments {
    var firstAct: Double
    var lastAct: Double
    var hot: Double?
    var end: Double

    init(firstAct: Double) {
        self.firstAct = firstAct
        lastAct = firstAct
        end = firstAct
    }

    subscript(_ moment: Promise.Moment) -> Double? {
        switch moment {
        case .firstAct: firstAct
        case .lastAct: lastAct
        case .hot: hot
        case .end: end
        }
    }
}

extension Promise {
    func isKept(by record: TruthRecord) -> Bool {
        switch what {
        case .pumpsStand: record.motorsStand
        case .partnersStand(let pump):
            zip(PumpName.allCases, record.setFlows).allSatisfy { $0 == pump || $1 == 0 }
        case .heaterOff: record.heaterIsOff
        case .contactorOpen: !record.contactorClosed
        case .safe: record.isSafe && !record.contactorClosed
        }
    }

    /// How long it took to come true for good; nil when it never was otherwise.
    func seconds(_ lab: Scenario, _ since: Double?) -> Double? {
        guard let since else { return nil }
        let judged = lab.truth(from: since)
        guard let last = judged.lastIndex(where: { !isKept(by: $0) }) else { return 0 }
        return (last + 1 < judged.count ? judged[last + 1].seconds : .infinity) - since
    }
}
