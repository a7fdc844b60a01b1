import Configuration
import ControlClient
import Platform
import Usage
import Wire

extension Command {
    static let udev = Command(
        "udev", "Stable names for serial adapters: what is plugged in, and the udev rules that name it.",
        operands: ["suggest"],
        options: [
            .value("--config", "FILE", "A bench file: say which of its names under /dev/flowlab are not there yet."),
            .repeated("--name", "ROLE=NODE", "A rule that names the adapter at NODE /dev/flowlab/ROLE."),
        ],
        examples: [
            "udev suggest", "udev suggest --config /etc/flowlab/nanocrystal.toml",
            "udev suggest --name pump-cui=/dev/ttyUSB0 | sudo tee -a \(UdevRule.localFile)",
        ],
        notes: """
            It writes a udev rules file to stdout, changes nothing and speaks to no daemon. An adapter with a serial number
            of its own is known by it wherever it is plugged in; any other by the socket that it is plugged into.
            """
    ) { (context) throws(Failure) in
        let operands = context.operands
        guard operands == ["suggest"] else {
            throw context.usage("\"\(operands.joined(separator: " "))\", expected suggest")
        }
        let wanted = try context.arguments.value("--config").map { (file) throws(Failure) in try wantedNames(file) }
        let names = try context.arguments.values("--name").map { (text) throws(Failure) in try named(text, context) }
        let suggestion = try suggestion(wanted, names)
        if context.isJSON {
            Terminal.line(suggestion.json.jsonText)
        } else {
            Terminal.write(suggestion.text)
        }
        return ExitCode.done
    }

    private static func suggestion(
        _ wanted: [UdevSuggestion.Wanted]?, _ names: [(role: String, node: String)]
    ) throws(Failure) -> UdevSuggestion {
        let adapters: [SerialAdapter]
        do throws(PlatformError) { adapters = try SerialAdapter.plugged() } catch { throw .file(error.description) }
        do throws(UdevNamingError) {
            return try UdevSuggestion(adapters, wanted: wanted, names: names)
        } catch {
            throw .file(error.description)
        }
    }

    private static func named(_ text: String, _ context: Context) throws(Failure) -> (role: String, node: String) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
            throw context.usage("--name is \"\(text)\", expected ROLE=NODE, as pump-cui=/dev/ttyUSB0")
        }
        return (parts[0], parts[1])
    }

    /// The names under /dev/flowlab that a bench file's serial links have, sorted.
    private static func wantedNames(_ file: String) throws(Failure) -> [UdevSuggestion.Wanted] {
        do throws(ConfigurationError) {
            let bench = try BenchFile.load(path: file)
            return bench.links.sorted { $0.key < $1.key }.compactMap { link, spec in
                guard let path = spec.serialPath, path.hasPrefix(UdevRule.directory) else { return nil }
                return UdevSuggestion.Wanted(
                    name: String(path.dropFirst(UdevRule.directory.count)), link: link.text)
            }
        } catch {
            throw .file(error.description)
        }
    }
}

extension UdevSuggestion {
    fileprivate var json: JSONValue {
        .object([
            "plugged": .array(adapters.map(\.json)), "rules": .array(rules.map(\.json)),
            "missing": .array(
                missing.map { .object(["name": .string($0.name), "link": .string($0.link)]) }),
        ])
    }
}

extension UdevRule {
    fileprivate var json: JSONValue {
        let basis =
            switch basis {
            case .serialNumber: "serial_number"
            case .port: "port"
            }
        return .object([
            "name": .string(name), "node": .string(node), "by": .string(basis), "rule": .string(line),
        ])
    }
}

extension SerialAdapter {
    fileprivate var json: JSONValue {
        func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
        return .object([
            "node": .string(node), "links": .array(links.map { .string($0) }), "vendor_id": text(vendorID),
            "model_id": text(modelID), "maker": text(maker), "model": text(model),
            "serial_number": text(serialNumber), "interface": text(interface), "port_number": text(portNumber),
            "path": text(path),
        ])
    }
}
