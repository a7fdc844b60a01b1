import Configuration
import Testing

/// One change to a good file, and all that is said of it.
struct Breakage: CustomTestStringConvertible, Sendable {
    let old: String
    let new: String
    let said: [String]

    init(_ old: String, _ new: String, _ said: String...) {
        self.old = old
        self.new = new
        self.said = said
    }

    var testDescription: String { new.isEmpty ? "without \(old)" : new }
}

@Suite struct ConfigurationProblemTests {
    @Test func goodBenchHasNoProblems() { #expect(TestBench.said(of: TestBench.text) == []) }

    @Test(
        arguments: Breakage.links + Breakage.devices + Breakage.bench + Breakage.network + Breakage.interlocks
            + Breakage.alarms
            + Breakage.experiments)
    func eachSlipIsNamed(_ breakage: Breakage) {
        #expect(TestBench.said(breakage.old, breakage.new) == breakage.said)
    }

    @Test func allProblemsAreSaidAtOnceInTheOrderOfTheFile() {
        let text = TestBench.text
            .replacing("simulated = true", with: "simulated = 1")
            .replacing("baud = 38400", with: "baud = 1")
            .replacing("diameter_mm = 40", with: "diameter_mm = 400")
            .replacing("carrier_pump", with: "carier_pump")
            .replacing("165.0", with: "\"hot\"")
        do {
            _ = try TestBench.parse(text)
            Issue.record("accepted")
        } catch {
            let problems = error.problems
            #expect(
                problems.map(\.path) == [
                    "bench.simulated", "links.pump_a.baud", "links.pump_b.baud", "links.pump_oil.baud",
                    "devices.oil.syringe.diameter_mm", "flow_rules.carrier_pump", "flow_rules.carier_pump",
                    "interlocks[1].cause.above",
                ])
            #expect(problems.first?.line == 3)
            let first = "small.toml:3: bench.simulated = 1: expected true or false (a real bench says false)"
            #expect(error.description.split(separator: "\n").first.map(String.init) == first)
        }
    }

    @Test func aFastBenchStaysOnThisHost() {
        let fast = TestBench.text.replacing("simulated = true", with: "simulated = true\nclock_rate = 30")
            .replacing("127.0.0.1:1502", with: "192.168.1.20:502")
        #expect(
            TestBench.said(of: fast) == [
                "links.plate.modbus_tcp = \"192.168.1.20:502\": expected a loopback address, since bench.clock_rate is not 1"
            ])
    }
}
