import ControlClient
import Platform
import Testing

@Suite struct UdevNamingTests {
    @Test func anAdapterIsKnownByItsSerialNumber() throws {
        let rule = try Self.rule("pump-cui", Self.ftdi, among: [Self.ftdi, Self.ch340])
        #expect(rule.basis == .serialNumber("PUMP0001"))
        #expect(
            rule.line == """
                SUBSYSTEM=="tty", ENV{ID_VENDOR_ID}=="0403", ENV{ID_MODEL_ID}=="6001", \
                ENV{ID_SERIAL_SHORT}=="PUMP0001", SYMLINK+="flowlab/pump-cui", GROUP="flowlab", MODE="0660", \
                TAG+="systemd", ENV{ID_MM_DEVICE_IGNORE}="1"
                """)
    }

    @Test func oneWithoutASerialNumberIsKnownByItsSocket() throws {
        let rule = try Self.rule("valve", Self.ch340, among: [Self.ftdi, Self.ch340])
        #expect(rule.basis == .port(because: "the adapter has no serial number"))
        #expect(rule.line.contains("ENV{ID_PATH}==\"pci-0000:00:14.0-usb-0:3:1.0\""))
        #expect(!rule.line.contains("ID_SERIAL"))
        let text = try UdevSuggestion([Self.ch340], wanted: nil, names: [("valve", "ttyUSB1")]).text
        #expect(text.contains("belongs to the socket, not to the device"))
    }

    /// Cheap CP210x all say 0001; others are sold in pairs that say the same.
    @Test(arguments: ["0001", "00000000", "1", "123456789", "PUMP0001"])
    func aSerialNumberOfManyIsNone(serial: String) throws {
        let one = Self.adapter("/dev/ttyUSB0", serial: serial, path: "pci-usb-0:1:1.0", at: "1-1")
        let other = Self.adapter("/dev/ttyUSB1", serial: serial, path: "pci-usb-0:2:1.0", at: "1-2")
        let first = try Self.rule("a", one, among: [one, other])
        let second = try Self.rule("b", other, among: [one, other])
        #expect(first.line.contains("usb-0:1:1.0") && second.line.contains("usb-0:2:1.0"))
        #expect(!first.line.contains("ID_SERIAL") && !second.line.contains("ID_SERIAL"))
    }

    @Test func portsOfOneAdapterAreToldByTheirInterface() throws {
        let ports = ["00", "01"].map { (number: String) in
            Self.adapter("/dev/ttyUSB\(number)", serial: "FT4232AB", path: "p", at: "1-1", interface: number)
        }
        let lines = try ports.map { try Self.rule("a", $0, among: ports).line }
        #expect(lines[0].contains("ENV{ID_USB_INTERFACE_NUM}==\"00\""))
        #expect(lines[1].contains("ENV{ID_USB_INTERFACE_NUM}==\"01\""))
        let alone = try Self.rule("a", ports[0], among: [ports[0]])
        #expect(!alone.line.contains("INTERFACE"))
    }

    /// As of a Moxa UPort: four ports behind one interface.
    @Test func portsOfOneInterfaceAreToldByTheirNumber() throws {
        let ports = ["0", "1"].map { (number: String) in
            Self.adapter(
                "/dev/ttyUSB\(number)", serial: "TAAAB1234", path: "p", at: "1-1", interface: "00", port: number)
        }
        let lines = try ports.map { try Self.rule("a", $0, among: ports).line }
        #expect(lines[1].contains("SUBSYSTEMS==\"usb-serial\", ATTRS{port_number}==\"1\""))
        #expect(lines[0] != lines[1])
    }

    /// What an adapter says of itself is not believed to be a rule.
    @Test(arguments: ["A*", "A\"B", "A\nRUN+=\"sh", "A|B", "A[1]", "A?"])
    func aSerialNumberIsNoPattern(serial: String) throws {
        let adapter = Self.adapter("/dev/ttyUSB0", serial: serial + "000000", path: "p-1", at: "1-1")
        let text = try UdevSuggestion([adapter], wanted: nil, names: [("a", "/dev/ttyUSB0")]).text
        let rules = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(rules.count == 1 && rules[0].contains("ENV{ID_PATH}==\"p-1\""), "\(text)")
    }

    @Test func whatTellsNothingApartIsRefused() {
        let adapter = Self.adapter("/dev/ttyUSB0", serial: nil, path: nil, at: "1-1")
        #expect(Self.refusal([adapter], [("a", "ttyUSB0")])?.contains("cannot be named") == true)
    }

    @Test(
        arguments: [
            ("Pump", "ttyUSB0", "the name \"Pump\" is not right"), ("", "ttyUSB0", "is not right"),
            ("../null", "ttyUSB0", "is not right"), ("a b", "ttyUSB0", "is not right"),
            ("a\"", "ttyUSB0", "is not right"), (String(repeating: "a", count: 65), "ttyUSB0", "1 to 64"),
            ("pump-cui", "ttyUSB7", "no serial adapter is plugged in at /dev/ttyUSB7; plugged in: /dev/ttyUSB0"),
        ] as [(String, String, String)])
    func namesAreChecked(role: String, node: String, words: String) {
        let said = Self.refusal([Self.ftdi], [(role, node)]) ?? "nothing"
        #expect(said.contains(words), "\(said)")
    }

    @Test func aNameIsGivenOnce() {
        let all = [Self.ftdi, Self.ch340]
        #expect(Self.refusal(all, [("a", "ttyUSB0"), ("a", "ttyUSB1")])?.contains("given twice") == true)
        #expect(Self.refusal(all, [("a", "ttyUSB0"), ("b", "ttyUSB0")])?.contains("named twice") == true)
        let held = Self.adapter(
            "/dev/ttyUSB5", serial: "X1234567", path: "p", at: "1-5", links: ["/dev/flowlab/valve"])
        #expect(Self.refusal([Self.ftdi, held], [("valve", "ttyUSB0")])?.contains("is /dev/ttyUSB5 now") == true)
    }

    @Test func aBenchFileSaysWhatIsMissing() throws {
        let wanted = ["pump-cui", "pump-pfo", "valve"].map { UdevSuggestion.Wanted(name: $0, link: "link_\($0)") }
        let named = Self.adapter(
            "/dev/ttyUSB5", serial: "X1234567", path: "p", at: "1-5", links: ["/dev/flowlab/valve"])
        let suggestion = try UdevSuggestion(
            [Self.ftdi, Self.ch340, named], wanted: wanted, names: [("/dev/flowlab/pump-cui", "/dev/ttyUSB0")])
        #expect(suggestion.missing.map(\.name) == ["pump-pfo"])
        #expect(suggestion.text.contains("#   /dev/flowlab/pump-pfo  for link link_pump-pfo"))
        #expect(suggestion.text.contains("--name pump-pfo=/dev/ttyUSB1"))
        let wrong = Self.refusal([Self.ftdi], [("pump-ciu", "ttyUSB0")], wanted)
        #expect(wrong?.contains("/dev/flowlab/pump-ciu; it has pump-cui") == true, "\(wrong ?? "")")
    }

    @Test func nothingPluggedInIsSaid() throws {
        let text = try UdevSuggestion([], wanted: nil, names: []).text
        #expect(text.contains("No serial adapter is plugged in"))
        #expect(text.split(separator: "\n").allSatisfy { $0.hasPrefix("#") })
    }

    // MARK: Making

    private static let ftdi = SerialAdapter(
        node: "/dev/ttyUSB0", vendorID: "0403", modelID: "6001", maker: "FTDI", model: "FT232R USB UART",
        serialNumber: "PUMP0001", interface: "00", path: "pci-0000:00:14.0-usb-0:2:1.0", adapter: "/sys/1-2")
    private static let ch340 = SerialAdapter(
        node: "/dev/ttyUSB1", vendorID: "1a86", modelID: "7523", model: "USB Serial", interface: "00",
        path: "pci-0000:00:14.0-usb-0:3:1.0", adapter: "/sys/1-3")

    private static func adapter(
        _ node: String, serial: String?, path: String?, at place: String, interface: String = "00",
        port: String? = nil, links: [String] = []
    ) -> SerialAdapter {
        SerialAdapter(
            node: node, links: links, vendorID: "10c4", modelID: "ea60", serialNumber: serial, interface: interface,
            portNumber: port, path: path, adapter: place)
    }

    private static func rule(
        _ name: String, _ adapter: SerialAdapter, among all: [SerialAdapter]
    ) throws -> UdevRule {
        try #require(UdevRule(name, for: adapter, among: all))
    }

    private static func refusal(
        _ adapters: [SerialAdapter], _ names: [(role: String, node: String)], _ wanted: [UdevSuggestion.Wanted]? = nil
    ) -> String? {
        do throws(UdevNamingError) {
            _ = try UdevSuggestion(adapters, wanted: wanted, names: names)
            return nil
        } catch {
            return error.description
        }
    }
}
