import Configuration
import DeviceModel
import Drivers
import Experiments
import Interlocks
import Quantities
import Testing

@Suite struct ConfigurationTests {
    static var examplePath: String {
        let parts = #filePath.split(separator: "/").dropLast(3)
        return "/" + parts.joined(separator: "/") + "/examples/nanocrystal.toml"
    }

    @Test func exampleLoads() throws {
        let bench = try BenchFile.load(path: Self.examplePath, catalog: TestCatalog.entries)
        let definition = bench.definition
        #expect(definition.name == "nanocrystal")
        #expect(definition.isSimulated)
        #expect(bench.clockRate == 30)
        let devices = [
            "cui", "oa_cui", "oam_cui", "ode_cui", "cs_oleate", "oa_cs", "ode_cs", "pfo", "heater", "spec_pl",
            "spec_abs", "io",
        ]
        #expect(definition.devices.map(\.name.text) == devices)
        #expect(bench.links.count == 12)
        #expect(bench.links["pump_cui"] == .serial(path: "/dev/flowlab/pump-cui", baud: 38400))
        #expect(bench.links["heater"] == .modbusTCP(host: "127.0.0.1", port: 502))
        #expect(bench.roles[.optimizer] == ["flowlab-optimizers"])
        #expect(
            definition.interlocks.map(\.name.text)
                == [
                    "plate-over-temperature", "plate-temperature-lost", "plate-sensor-jump", "plate-sensor-frozen",
                    "plate-not-warming", "plate-overdriven", "line-over-pressure", "tray-leak",
                    "pump-not-moving-as-told", "waste-full",
                ])
        #expect(definition.interlocks[1].cause.inputs.first?.staleAfter == .seconds(2))
    }

    /// With the drivers that the daemon has.
    @Test func exampleLoadsWithTheRealDrivers() throws {
        let bench = try BenchFile.load(path: Self.examplePath)
        #expect(bench.definition.devices.map(\.deviceClass).filter { $0 == .pump }.count == 8)
        let pfo = bench.definition.devices.first { $0.name == "pfo" }
        guard case .pump(let limits)? = pfo?.driver.limits else {
            Issue.record("pfo has no limits of a pump")
            return
        }
        #expect(limits.capacity == Volume(microliters: 100_000))
        #expect(limits.reagent == "pfo")
    }

    /// A second heater has limits of its own: the box is held against the one that experiments use.
    @Test func largeExampleLoads() throws {
        let path = Self.examplePath.replacing("nanocrystal.toml", with: "cloud-lab.toml")
        let definition = try BenchFile.load(path: path).definition
        #expect(definition.procedure.heater == "heater")
        #expect(definition.box?.temperature == 120...150)
        let classes = Set(definition.devices.map(\.deviceClass))
        #expect(classes.isSuperset(of: [.valve, .robot, .flowController, .light, .board, .stepper]))
        #expect(definition.devices.count(where: { $0.deviceClass == .heater }) == 3)
    }

    @Test func exampleHasTheVolumesOfTheLab() throws {
        let network = try BenchFile.load(path: Self.examplePath, catalog: TestCatalog.entries).definition.network
        let flows = [
            "cui": 80.0, "oa_cui": 10, "oam_cui": 0, "ode_cui": 60, "cs_oleate": 80, "oa_cs": 15, "ode_cs": 55,
            "pfo": 300,
        ].mapValues { FlowRate(microlitersPerMinute: $0) }
        let volume = try #require(network.arrivalVolume(flows: flows, to: "spec_abs"))
        #expect(abs(volume.microliters - 1390.9) < 0.5)
    }

    /// The example writes every key of `[experiments]` and `[bench]` with its default.
    @Test func exampleShowsTheDefaults() throws {
        let example = try BenchFile.load(path: Self.examplePath, catalog: TestCatalog.entries).definition
        let small = try TestBench.parse(TestBench.text).definition
        var shown = example.procedure
        shown.spectrometer = small.procedure.spectrometer
        // What has no default: it is left out, or belongs to this bench.
        (shown.absorption, shown.mixingFlow, shown.flush, shown.contactor) = (nil, nil, nil, nil)
        #expect(shown == small.procedure)
        #expect(example.limits == small.limits)
    }

    @Test func interlockIsReadWhole() throws {
        let rule = try #require(try TestBench.parse(TestBench.text).definition.interlocks.first)
        let input = try #require(rule.cause.inputs.first)
        #expect(input.signal == "heater.temperature")
        #expect(input.condition == .above(165))
        #expect(input.unit == .celsius)
        #expect(rule.cause.delay == .milliseconds(500))
        #expect(input.staleAfter == .seconds(2))
        #expect(rule.effects == [.heaterOff, .pumpsStop])
    }

    @Test func endpointsReplaceTheLinks() throws {
        let json = """
            {"links": {"pump_a": {"kind": "serial", "path": "/tmp/x/pump-a", "pty": "/dev/pts/3"},
             "pump_b": {"path": "/tmp/x/pump-b"}, "pump_oil": {"path": "/tmp/x/pump-oil"},
             "plate": {"kind": "modbus-tcp", "host": "127.0.0.1", "port": 40001},
             "eye": {"host": "127.0.0.1", "port": 40002}}, "clock_rate": 12.5, "ready": true}
            """
        let endpoints = try Endpoints.parse(json, name: "endpoints.json")
        let bench = try TestBench.parse(TestBench.text, endpoints: endpoints)
        #expect(bench.links["pump_a"] == .serial(path: "/tmp/x/pump-a", baud: 38400))
        #expect(bench.links["plate"] == .modbusTCP(host: "127.0.0.1", port: 40001))
        #expect(bench.links["eye"] == .tcp(host: "127.0.0.1", port: 40002))
        #expect(bench.clockRate == 12.5)
    }

    @Test func aModbusBusMayBeASerialLine() throws {
        func plate(_ lines: String, _ endpoints: Endpoints? = nil) throws -> LinkSpec? {
            let text = TestBench.text.replacing("modbus_tcp = \"127.0.0.1:1502\"", with: lines)
            return try TestBench.parse(text, endpoints: endpoints).links["plate"]
        }
        let port = "modbus_rtu = \"/dev/flowlab/heater\"\nbaud = 9600"
        #expect(
            try plate(port) == .modbusRTU(path: "/dev/flowlab/heater", baud: 9600, parity: .none, stopBits: 1))
        #expect(
            try plate(port + "\nparity = \"even\"\nstop_bits = 2")
                == .modbusRTU(path: "/dev/flowlab/heater", baud: 9600, parity: .even, stopBits: 2))
        var places: [String: Endpoints.Place] = [
            "pump_a": .path("/a"), "pump_b": .path("/b"), "pump_oil": .path("/o"), "plate": .path("/tmp/x/heater"),
            "eye": .address(host: "127.0.0.1", port: 9),
        ]
        #expect(
            try plate(port, Endpoints(name: "e.json", links: places, clockRate: 12))
                == .modbusRTU(path: "/tmp/x/heater", baud: 9600, parity: .none, stopBits: 1))
        places["plate"] = .address(host: "127.0.0.1", port: 10)
        let error = #expect(throws: ConfigurationError.self) {
            try plate(port, Endpoints(name: "e.json", links: places))
        }
        #expect(
            error?.description.contains("links.plate: of another kind in the endpoints file e.json; expected a path")
                == true)
    }

    @Test func endpointsMustNameEveryLinkAndNeverARealBench() throws {
        let endpoints = Endpoints(name: "e.json", links: ["pump_a": .path("/tmp/a")])
        #expect(throws: ConfigurationError.self) { try TestBench.parse(TestBench.text, endpoints: endpoints) }
        let real = TestBench.text.replacing("simulated = true", with: "simulated = false")
        do {
            _ = try TestBench.parse(real, endpoints: endpoints)
            Issue.record("a real bench took an endpoints file")
        } catch {
            #expect(error.description.contains("replaces the links of simulated benches only"))
            #expect(error.description.contains("links.eye: not in the endpoints file e.json; expected one of pump_a"))
        }
    }

    @Test func relativePathsStartAtTheFile() throws {
        let text = TestBench.text.replacing("/dev/flowlab/pump-a", with: "sim/pump-a")
        let bench = try BenchFile.parse(text: text, name: "f", directory: "/tmp/b", catalog: TestCatalog.entries)
        #expect(bench.links["pump_a"] == .serial(path: "/tmp/b/sim/pump-a", baud: 38400))
    }

    @Test func syntaxErrorsSayWhere() {
        #expect(throws: ConfigurationError.self) { try TestBench.parse("[bench") }
        do {
            _ = try TestBench.parse("[bench]\nname = \"a\"\nname = \"b\"\n")
        } catch {
            let expected = "small.toml:3:8: Error while parsing key-value pair: cannot redefine existing string 'name'"
            #expect(error.description == expected)
        }
    }

    @Test func missingFileSaysWhatToDo() {
        do {
            _ = try BenchFile.load(path: "/nowhere/bench.toml")
            Issue.record("loaded")
        } catch {
            let text = "/nowhere/bench.toml: cannot be read: No such file or directory (errno 2); check the path"
            #expect(error.description == text)
        }
    }
}
