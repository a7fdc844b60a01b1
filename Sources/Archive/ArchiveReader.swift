import Experiments
import Interlocks
import Quantities
import Synchronization

/// The reading side: a connection of its own, read-only, that sees what is committed and nothing else, and never waits
/// for the writer.
public final class ArchiveReader: ExperimentStore, Sendable {
    /// More are not returned at once, whatever is asked.
    public static let pageLimit = 1000
    /// Of a signal's history, as its samples are small.
    public static let historyLimit = 10_000

    private let database: Mutex<Database>

    /// The archive must have been made by an `Archive`.
    public init(path: String, fileSystem: String? = nil) throws(ArchiveError) {
        let database = try Database(path: path, access: .readOnly, fileSystem: fileSystem)
        try database.execute("PRAGMA query_only = ON")
        self.database = Mutex(database)
    }

    public func experiment(_ id: String) throws(StoreError) -> ExperimentRecord? {
        try read("experiment \(id)") { database throws(ArchiveError) in
            try RecordReader(database: database).experiment(id)
        }
    }

    public func experiments(
        after id: String?, matching filter: ExperimentFilter, limit: Int
    ) throws(StoreError) -> [ExperimentRecord] {
        try read("the experiments") { database throws(ArchiveError) in
            let records = RecordReader(database: database)
            let after = try Self.place(id, "experiment") { id throws(ArchiveError) in try records.place(of: id) }
            return try ListReader(database: database).experiments(
                after: after, matching: filter, limit: Self.bounded(limit))
        }
    }

    public func results(since: Int, campaign: String?, limit: Int) throws(StoreError) -> [ExperimentRecord] {
        try read("the results") { database throws(ArchiveError) in
            try ListReader(database: database).results(
                since: Int64(since), campaign: campaign, limit: Self.bounded(limit))
        }
    }

    public func spectra(of id: String) throws(StoreError) -> [SpectrumRecord] {
        try read("the spectra of \(id)") { database throws(ArchiveError) in
            try RecordReader(database: database).spectra(of: id)
        }
    }

    public func campaign(_ id: String) throws(StoreError) -> CampaignRecord? {
        try read("campaign \(id)") { database throws(ArchiveError) in
            try CampaignReader(database: database).campaign(id)
        }
    }

    public func campaigns(after id: String?, limit: Int) throws(StoreError) -> [CampaignRecord] {
        try read("the campaigns") { database throws(ArchiveError) in
            let reader = CampaignReader(database: database)
            let after = try Self.place(id, "campaign") { id throws(ArchiveError) in try reader.place(of: id) }
            return try reader.campaigns(after: after, limit: Self.bounded(limit))
        }
    }

    public func states(ofCampaign id: String) throws(StoreError) -> [ExperimentState: Int] {
        try read("the states of \(id)") { database throws(ArchiveError) in
            try CampaignReader(database: database).states(of: id)
        }
    }

    public func history(
        of signal: String, from: WallInstant, to: WallInstant, limit: Int
    ) throws(StoreError) -> [SignalSample] {
        try read("the history of \(signal)") { database throws(ArchiveError) in
            try ListReader(database: database).history(
                of: signal, from: from, to: to, limit: min(max(limit, 0), Self.historyLimit))
        }
    }

    public func alarms(before: Int64?, limit: Int) throws(StoreError) -> [(number: Int64, alarm: Alarm)] {
        try read("the alarms") { database throws(ArchiveError) in
            try AlarmTable(database: database).past(
                before: before ?? .max, limit: min(max(limit, 0), Self.historyLimit))
        }
    }

    public func audit(
        before: Int64?, matching filter: AuditFilter, limit: Int
    ) throws(StoreError) -> [(number: Int64, record: AuditRecord)] {
        try read("the audit") { database throws(ArchiveError) in
            try AuditReader(database: database).records(
                before: before ?? .max, matching: filter, limit: min(max(limit, 0), Self.historyLimit))
        }
    }

    public func export(
        _ table: ExportTable, campaign: String?, page: Int
    ) throws(StoreError) -> (csv: String, pages: Int) {
        try read("the table \(table.rawValue)") { database throws(ArchiveError) in
            try Export(database: database).page(page, of: table, campaign: campaign)
        }
    }

    private static func bounded(_ limit: Int) -> Int { min(max(limit, 0), pageLimit) }

    /// The row's id to begin after; 0 without a name.
    private static func place(
        _ id: String?, _ kind: String, _ find: (String) throws(ArchiveError) -> Int64?
    ) throws(ArchiveError) -> Int64 {
        guard let id else { return 0 }
        guard let place = try find(id) else {
            throw .unreadable(what: id, detail: "no such \(kind) to list after; take the last one of the page")
        }
        return place
    }

    /// One look: everything that `body` reads is of the same moment.
    private func read<Value: Sendable>(
        _ what: String, _ body: (Database) throws(ArchiveError) -> Value
    ) throws(StoreError) -> Value {
        do throws(ArchiveError) {
            return try database.withLock { database throws(ArchiveError) in
                try database.transaction("DEFERRED") { () throws(ArchiveError) in try body(database) }
            }
        } catch {
            throw StoreError(detail: "\(what) could not be read: \(error)")
        }
    }
}
