import Configuration
import Drivers
import Testing

/// A link that is a watched folder.
@Suite struct ConfigurationFolderTests {
    private func parse(_ link: String, driver: String = "jasco-cd", _ endpoints: Endpoints? = nil) throws -> BenchFile {
        let analyzer = try #require(DriverCatalog.entry("jasco-cd"))
        let table = "\n[links.cd]\n\(link)\n\n[devices.cd]\ndriver = \"\(driver)\"\nlink = \"cd\"\nht_limit_v = 700\n"
        return try BenchFile.parse(
            text: TestBench.text + table, name: "small.toml", endpoints: endpoints,
            catalog: TestCatalog.entries + [analyzer])
    }

    @Test func folderIsALink() throws {
        let bench = try parse("folder = \"/srv/cd\"")
        #expect(bench.links["cd"] == .folder(path: "/srv/cd"))
        #expect(bench.links["cd"]?.description == "folder /srv/cd" && bench.links["cd"]?.serialPath == nil)
        #expect(bench.definition.devices.contains { $0.name == "cd" && $0.deviceClass == .analyzer })
    }

    @Test func itsPlaceMayBeSaidElsewhere() throws {
        var places: [String: Endpoints.Place] = [
            "pump_a": .path("/a"), "pump_b": .path("/b"), "pump_oil": .path("/o"),
            "plate": .address(host: "127.0.0.1", port: 8), "eye": .address(host: "127.0.0.1", port: 9),
            "cd": .path("/tmp/x/cd"),
        ]
        let bench = try parse("folder = \"/srv/cd\"", Endpoints(name: "e.json", links: places))
        #expect(bench.links["cd"] == .folder(path: "/tmp/x/cd"))
        places["cd"] = .address(host: "127.0.0.1", port: 10)
        let error = #expect(throws: ConfigurationError.self) {
            try parse("folder = \"/srv/cd\"", Endpoints(name: "e.json", links: places))
        }
        #expect(error?.description.contains("links.cd: of another kind in the endpoints file e.json") == true)
    }

    @Test(arguments: [
        ("tcp = \"127.0.0.1:77\"", "jasco-cd", "a folder link for jasco-cd; this one is tcp"),
        ("folder = \"/srv/cd\"\ntcp = \"127.0.0.1:77\"", "jasco-cd", "has tcp and folder; expected exactly one"),
        ("folder = \"/dev/flowlab/pump-a\"", "jasco-cd", "is the port of links.pump_a already"),
        ("folder = 3", "jasco-cd", "links.cd.folder = 3"),
    ])
    func whatIsWrong(_ link: String, _ driver: String, words: String) throws {
        let error = #expect(throws: ConfigurationError.self) { try parse(link, driver: driver) }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }
}
