import FoundationEssentials
import Wire

/// Where the links of a simulated bench are at the moment, as `flowlab-sim` writes it beside its ports.
public struct Endpoints: Hashable, Sendable {
    /// The file's name, for messages.
    public let name: String
    /// By the link's name: the path of a pseudo-terminal, or `host:port`.
    public let links: [String: String]

    public init(name: String, links: [String: String]) {
        self.name = name
        self.links = links
    }

    /// Reads `{"links": {"pump_cui": "/tmp/bench/pump-cui", "heater": "127.0.0.1:41502"}}`; other members are left alone.
    public static func parse(_ text: String, name: String) throws(ConfigurationError) -> Endpoints {
        let expected = "an object with \"links\": a path or \"host:port\" by the link's name, as flowlab-sim writes it"
        guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)),
            case .object(let members)? = value["links"]
        else { throw .syntax(file: name, line: 0, column: 0, detail: "expected \(expected)") }
        let links = members.compactMapValues(\.text)
        guard links.count == members.count else {
            throw .syntax(file: name, line: 0, column: 0, detail: "expected \(expected)")
        }
        return Endpoints(name: name, links: links)
    }
}
