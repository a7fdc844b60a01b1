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
        let text = try readText(path)
        let replaced =
            if let endpoints { try Endpoints.parse(readText(endpoints), name: endpoints) } else { nil as Endpoints? }
        return try parse(text: text, name: path, directory: directory(of: path), endpoints: replaced, catalog: catalog)
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
