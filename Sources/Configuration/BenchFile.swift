import DeviceModel
import Drivers
import Experiments

/// A bench file, checked and complete: what the pure part of the daemon needs, and what its shell needs besides.
public struct BenchFile: Sendable {
    public let definition: BenchDefinition
    /// Bench seconds a wall second; 1 on every real bench. Other than 1, each serial link must turn out to be a
    /// pseudo-terminal when it is opened (TCP links have been checked to be loopback).
    public let clockRate: Double
    public let links: [LinkName: LinkSpec]
    /// Unix groups by the role that they give; a role without groups is not listed.
    public let roles: [Role: [String]]
    /// The archive's directory; nil: the daemon's usual place.
    public let statePath: String?
    /// The control socket; nil: the daemon's usual place.
    public let socketPath: String?
    /// What it was read from; nil when it came as a text.
    public private(set) var source: BenchSource?

    /// The longest bench file; real ones have some kilobytes.
    public static let maximumBytes = 256 * 1024

    /// Reads and checks a bench file.
    ///
    /// Relative paths in it are taken from the file's own directory. `endpoints` is the file that `flowlab-sim`
    /// writes: for a
    /// simulated bench its ports and paths replace those of the links, by the links' names, and its clock rate the
    /// file's.
    public static func load(
        path: String, endpoints: String? = nil, catalog: [DriverEntry] = DriverCatalog.entries
    ) throws(ConfigurationError) -> BenchFile {
        let source = BenchSource(
            name: path, text: try readText(path), endpointsName: endpoints,
            endpoints: try endpoints.map { (path) throws(ConfigurationError) in try readText(path) })
        return try parse(source, catalog: catalog)
    }

    /// The same from texts that were read before.
    public static func parse(
        _ source: BenchSource, catalog: [DriverEntry] = DriverCatalog.entries
    ) throws(ConfigurationError) -> BenchFile {
        let replaced = try source.endpoints.map { (text) throws(ConfigurationError) in
            try Endpoints.parse(text, name: source.endpointsName ?? "the endpoints file")
        }
        var bench = try parse(
            text: source.text, name: source.name, directory: directory(of: source.name), endpoints: replaced,
            catalog: catalog)
        bench.source = source
        return bench
    }

    /// Checks the text of a bench file; `name` is for messages, `directory` is where relative paths start.
    public static func parse(
        text: String, name: String, directory: String = "", endpoints: Endpoints? = nil,
        catalog: [DriverEntry] = DriverCatalog.entries
    ) throws(ConfigurationError) -> BenchFile {
        let document = try parseDocument(text, name: name)
        let reader = BenchReader(document: document, directory: directory, endpoints: endpoints, catalog: catalog)
        let bench = reader.read()
        document.reportUnknownKeys()
        let problems = document.problems
        guard let bench, problems.isEmpty else { throw .problems(file: name, problems) }
        return bench
    }

    init(
        definition: BenchDefinition, clockRate: Double, links: [LinkName: LinkSpec], roles: [Role: [String]],
        statePath: String?, socketPath: String?
    ) {
        self.definition = definition
        self.clockRate = clockRate
        self.links = links
        self.roles = roles
        self.statePath = statePath
        self.socketPath = socketPath
    }
}

/// The texts that a bench was read from.
public struct BenchSource: Hashable, Sendable {
    /// The bench file's path.
    public let name: String
    public let text: String
    public let endpointsName: String?
    public let endpoints: String?

    public init(name: String, text: String, endpointsName: String? = nil, endpoints: String? = nil) {
        self.name = name
        self.text = text
        self.endpointsName = endpointsName
        self.endpoints = endpoints
    }
}
