import Experiments
import Quantities
import Synchronization

/// The reading side: a connection of its own, read-only, that sees what is committed and nothing else, and never waits
/// for the writer.
public final class ArchiveReader: ExperimentStore, Sendable {
    /// More are not returned at once, whatever is asked.
    public static let pageLimit = 1000

    private let database: Mutex<Database>

    /// The archive must have been made by an `Archive`.
    public init(path: String) throws(ArchiveError) {
        let database = try Database(path: path, access: .readOnly)
        try database.execute("PRAGMA query_only = ON")
        self.database = Mutex(database)
    }

    public func experiment(_ id: String) throws(StoreError) -> ExperimentRecord? {
        try read("experiment \(id)") { reader throws(ArchiveError) in try reader.experiment(id) }
    }

    public func experiments(
        after id: String?, matching filter: ExperimentFilter, limit: Int
    ) throws(StoreError) -> [ExperimentRecord] {
        let count = min(max(limit, 0), Self.pageLimit)
        return try read("the experiments") { reader throws(ArchiveError) in
            var after: Int64 = 0
            if let id {
                guard let place = try reader.place(of: id) else {
                    throw .unreadable(
                        what: id, detail: "no such experiment to list after; take the last one of the page")
                }
                after = place
            }
            return try reader.experiments(after: after, state: filter.state, limit: count)
        }
    }

    public func spectra(of id: String) throws(StoreError) -> [SpectrumRecord] {
        try read("the spectra of \(id)") { reader throws(ArchiveError) in try reader.spectra(of: id) }
    }

    public func results(since: Int, campaign: String?, limit: Int) throws(StoreError) -> [ExperimentRecord] { [] }
    public func campaign(_ id: String) throws(StoreError) -> CampaignRecord? { nil }
    public func campaigns(after id: String?, limit: Int) throws(StoreError) -> [CampaignRecord] { [] }
    public func states(ofCampaign id: String) throws(StoreError) -> [ExperimentState: Int] { [:] }
    public func history(
        of signal: String, from: WallInstant, to: WallInstant, limit: Int
    ) throws(StoreError) -> [SignalSample] { [] }
    public func export(
        _ table: ExportTable, campaign: String?, page: Int
    ) throws(StoreError) -> (csv: String, pages: Int) { ("", 0) }

    /// One look: everything that `body` reads is of the same moment.
    private func read<Value: Sendable>(
        _ what: String, _ body: (RecordReader) throws(ArchiveError) -> Value
    ) throws(StoreError) -> Value {
        do throws(ArchiveError) {
            return try database.withLock { database throws(ArchiveError) in
                let reader = RecordReader(database: database)
                return try database.transaction("DEFERRED") { () throws(ArchiveError) in try body(reader) }
            }
        } catch {
            throw StoreError(detail: "\(what) could not be read: \(error)")
        }
    }
}
