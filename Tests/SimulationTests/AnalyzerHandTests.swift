import DeviceModel
import Experiments
import Quantities
import Testing
import VirtualBench

/// An analyzer in somebody's hand, on the whole bench.
@Suite struct AnalyzerHandTests {
    private static let holder = Caller(uid: 1000, pid: 1, role: .technician, client: 7)

    private func bench(seed: UInt64) throws -> Scenario {
        var scenario = try Scenario(large: seed, plate: 25)
        scenario.run(5)
        try scenario.fault("cd", "cuvette", value: 300)
        return scenario
    }

    private func lease(for seconds: Double, _ scenario: inout Scenario) -> String? {
        let wish = LeaseWish(devices: ["cd"], person: "Grace", reason: "a test", span: .seconds(seconds))
        guard case .lease(let lease)? = scenario.ask(.acquireLease(wish), as: Self.holder) else { return nil }
        return lease.lease
    }

    private func measure(_ sample: String, within seconds: Double? = nil, _ scenario: inout Scenario) -> RequestToken {
        let act = ManualAct.measure(sample: sample, within: seconds.map { .seconds($0) })
        return scenario.lab.request(.act(act, on: "cd"), as: Self.holder)
    }

    /// Whether its ticket lies in the folder, by the truth.
    private func isAsked(_ scenario: Scenario) -> Bool {
        scenario.lab.truth.last?.accessories["cd"]?["sample"] != .string("")
    }

    /// The lease is shorter than the scan, and lasts as long all the same.
    @Test(arguments: [1491, 1492] as [UInt64])
    func whatStandsThereIsMeasured(seed: UInt64) throws {
        var scenario = try bench(seed: seed)
        let lease = try #require(lease(for: 5, &scenario))
        let token = measure("blank-1", within: 120, &scenario)
        scenario.run(100)
        guard case .manual(.analysed(let result))? = scenario.lab.replies[token] else {
            Issue.record("\(String(describing: scenario.lab.replies[token]))")
            return
        }
        #expect(
            result.file == "blank-1.txt" && result.sample == "blank-1" && result.columns.map(\.name) == ["CD", "HT"])
        #expect(
            result.wavelengths.count > 100 && result.columns.allSatisfy { $0.values.count == result.wavelengths.count })
        // It belongs to no experiment, and is not kept.
        #expect(scenario.lab.archive.spectra.isEmpty && scenario.lab.archive.originals.isEmpty)
        #expect(!isAsked(scenario))
        guard case .leaseReleased? = scenario.ask(.releaseLease(lease), as: Self.holder) else {
            Issue.record("the lease is gone")
            return
        }
    }

    /// Whoever asked goes away, or somebody takes it back: nothing is asked for any more.
    @Test(arguments: [true, false], [1493] as [UInt64])
    func theQuestionIsTakenBack(byLease: Bool, seed: UInt64) throws {
        var scenario = try bench(seed: seed)
        let lease = try #require(lease(for: 60, &scenario))
        let token = measure("blank-2", &scenario)
        scenario.run(8)
        #expect(isAsked(scenario))
        if byLease {
            _ = scenario.ask(.releaseLease(lease), as: Self.holder)
        } else {
            let other = scenario.lab.request(.act(.makeSafe(.analyzer), on: "cd"), as: Scenario.technician)
            scenario.run(5)
            guard case .manual(.stopped("cd"))? = scenario.lab.replies[other] else {
                Issue.record("\(String(describing: scenario.lab.replies[other]))")
                return
            }
        }
        scenario.run(10)
        #expect(!isAsked(scenario))
        #expect(Scenario.refusal(scenario.lab.replies[token]) == "command_failed")
        #expect(scenario.lab.snapshot()?.devices.first { $0.name.text == "cd" }?.state == .ready)
    }

    @Test(arguments: ["", "e-000001", "../blank", ".blank", "blank 1", "blank."])
    func aNameThatIsNoneAsksForNothing(name: String) throws {
        var scenario = try bench(seed: 1494)
        _ = try #require(lease(for: 60, &scenario))
        let token = measure(name, &scenario)
        scenario.run(5)
        #expect(Scenario.refusal(scenario.lab.replies[token]) == "out_of_range")
        #expect(!isAsked(scenario))
    }

    @Test func itNeedsALeaseAndATimeThatIsLongEnough() throws {
        var scenario = try bench(seed: 1495)
        let without = measure("blank-3", &scenario)
        scenario.run(1)
        #expect(Scenario.refusal(scenario.lab.replies[without]) == "not_leased")
        _ = try #require(lease(for: 60, &scenario))
        let short = measure("blank-3", within: 1, &scenario)
        scenario.run(1)
        #expect(Scenario.refusal(scenario.lab.replies[short]) == "out_of_range")
    }

    /// Nobody brings a cuvette: what has not come in time is named, and nothing waits for it any more.
    @Test func whatDoesNotComeIsNamed() throws {
        var scenario = try Scenario(large: 1496, plate: 25)
        scenario.run(5)
        _ = try #require(lease(for: 60, &scenario))
        let token = measure("blank-4", within: 30, &scenario)
        scenario.run(50)
        guard case .refused(let error)? = scenario.lab.replies[token] else {
            Issue.record("\(String(describing: scenario.lab.replies[token]))")
            return
        }
        #expect(error.kind == "command_failed" && error.detail.contains("result_missing"), "\(error.detail)")
        #expect(!isAsked(scenario))
    }
}
