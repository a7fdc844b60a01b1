import FoundationEssentials
import Wire

/// Where the links of a simulated bench are at the moment, and how fast its time runs, as `flowlab-sim` writes it.
public struct Endpoints: Hashable, Sendable {
    public enum Place: Hashable, Sendable, CustomStringConvertible {
        /// A pseudo-terminal.
        case path(String)
        case address(host: String, port: UInt16)

        public var description: String {
            switch self {
            case .path(let path): path
            case .address(let host, let port): "\(host):\(port)"
            }
        }
    }

    /// The file's name, for messages.
    public let name: String
    /// By the link's name.
    public let links: [String: Place]
    /// Bench seconds a wall second; nil: as the bench file says.
    public let clockRate: Double?

    public init(name: String, links: [String: Place], clockRate: Double? = nil) {
        self.name = name
        self.links = links
        self.clockRate = clockRate
    }

    /// Reads `{"links": {"pump_cui": {"path": "/tmp/bench/pump-cui"}, "heater": {"host": "127.0.0.1", "port": 41502}},
    /// "clock_rate": 30}`; other members are left alone.
    public static func parse(_ text: String, name: String) throws(ConfigurationError) -> Endpoints {
        guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)),
            case .object(let members)? = value["links"]
        else {
            throw bad(name, "expected an object with the member \"links\", as flowlab-sim writes it")
        }
        var links: [String: Place] = [:]
        for (link, place) in members.sorted(by: { $0.key < $1.key }) {
            guard let known = Place(place) else {
                throw bad(name, "links.\(link): expected an object with path, or with a numeric host and a port")
            }
            links[link] = known
        }
        let rate = value["clock_rate"]?.double
        if let rate, BenchKeys.clockRate.convert(.number(rate)) == nil {
            throw bad(name, "clock_rate = \(plain(rate)): expected \(BenchKeys.clockRate.expected)")
        }
        return Endpoints(name: name, links: links, clockRate: rate)
    }

    private static func bad(_ name: String, _ detail: String) -> ConfigurationError {
        .syntax(file: name, line: 0, column: 0, detail: detail)
    }
}

extension Endpoints.Place {
    fileprivate init?(_ value: JSONValue) {
        if let path = value["path"]?.text, path.hasPrefix("/") {
            self = .path(path)
            return
        }
        guard let host = value["host"]?.text, case .integer(let port)? = value["port"],
            let address = NetworkAddress(host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)")
        else { return nil }
        self = .address(host: address.host, port: address.port)
    }
}
