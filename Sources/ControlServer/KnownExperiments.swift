import ControlAPI
import Experiments

/// Records that were read from the store lately, with the JSON that they became: a client that looks at an experiment
/// again and again shall not cost a read of the archive each time.
///
/// A record in the store never changes without an event of the topic `experiments` that names it, and the event comes to
/// the server only once the change is committed. So what is kept here is at most as old as the last event, which is what
/// a subscriber knows as well. When events were lost, nothing that is kept here is believed.
final class KnownExperiments {
    static let limit = 128

    private let store: any ExperimentStore
    private var records: [String: ExperimentRecord] = [:]
    private var encoded: [String: EncodedJSON] = [:]

    init(_ store: any ExperimentStore) { self.store = store }

    /// - Parameter experiment: nil forgets all.
    func forget(_ experiment: String?) {
        if let experiment {
            records.removeValue(forKey: experiment)
            encoded.removeValue(forKey: experiment)
        } else {
            records = [:]
            encoded = [:]
        }
    }

    /// nil when there is no experiment of that name.
    func record(_ id: String) throws(StoreError) -> ExperimentRecord? {
        if let record = records[id] { return record }
        guard let record = try store.experiment(id) else { return nil }
        if records.count >= Self.limit { forget(nil) }
        records[id] = record
        return record
    }

    func json(of record: ExperimentRecord) throws(EncodedJSON.EncodingFailure) -> EncodedJSON {
        if let json = encoded[record.experiment] { return json }
        let json = try EncodedJSON(record)
        if records[record.experiment] != nil { encoded[record.experiment] = json }
        return json
    }

    /// Without a look at the record where its JSON is at hand.
    func json(_ id: String) -> EncodedJSON? { encoded[id] }
}
