import Experiments
import Interlocks
import Quantities
import Simulation

/// What is kept, as API reads see it.
final class MemoryStore: ExperimentStore {
    private var experiments: [String: ExperimentRecord]
    private var campaigns: [String: CampaignRecord]
    private let spectra: [SpectrumRecord]
    private let samples: [SignalSample]
    private let audited: [AuditRecord]
    private let raised: [Alarm]

    init(_ archive: MemoryArchive, at now: Moment) {
        experiments = archive.experiments
        campaigns = archive.campaigns
        spectra = archive.spectra
        audited = archive.audit
        raised = archive.alarms.values.sorted { $0.id < $1.id }
        samples = [60.0, 30, 0].map { age in
            SignalSample(
                at: now.wall - .seconds(age), value: age == 30 ? nil : 140 - age, minimum: nil, maximum: nil, count: 1,
                unit: "degC", quality: .good)
        }
    }

    func commit(_ batch: ArchiveBatch) {
        for write in batch.writes {
            if case .experiment(let record) = write { experiments[record.experiment] = record }
            if case .campaign(let record) = write { campaigns[record.campaign] = record }
        }
    }

    func experiment(_ id: String) throws(StoreError) -> ExperimentRecord? { experiments[id] }

    func experiments(
        after id: String?, matching filter: ExperimentFilter, limit: Int
    ) throws(StoreError) -> [ExperimentRecord] {
        // The server must know better than to list after what there is not.
        if let id, experiments[id] == nil { throw StoreError(detail: "no experiment to list after") }
        let later = experiments.values.filter { record in
            record.experiment > id ?? "" && filter.state ?? record.state == record.state
                && filter.campaign ?? record.campaign == record.campaign && !(filter.isPending && record.state.isFinal)
        }
        return Array(later.sorted { $0.experiment < $1.experiment }.prefix(limit))
    }

    func results(since: Int, campaign: String?, limit: Int) throws(StoreError) -> [ExperimentRecord] {
        let ended = experiments.values.filter { $0.sequence ?? 0 > since && campaign ?? $0.campaign == $0.campaign }
        return Array(ended.sorted { $0.sequence ?? 0 < $1.sequence ?? 0 }.prefix(limit))
    }

    func spectra(of id: String) throws(StoreError) -> [SpectrumRecord] { spectra.filter { $0.experiment == id } }

    func campaign(_ id: String) throws(StoreError) -> CampaignRecord? { campaigns[id] }

    func campaigns(after id: String?, limit: Int) throws(StoreError) -> [CampaignRecord] {
        Array(campaigns.values.filter { $0.campaign > id ?? "" }.sorted { $0.campaign < $1.campaign }.prefix(limit))
    }

    func states(ofCampaign id: String) throws(StoreError) -> [ExperimentState: Int] {
        Dictionary(experiments.values.filter { $0.campaign == id }.map { ($0.state, 1) }, uniquingKeysWith: +)
    }

    func history(
        of signal: String, from: WallInstant, to: WallInstant, limit: Int
    ) throws(StoreError) -> [SignalSample] {
        Array(samples.filter { from <= $0.at && $0.at < to }.prefix(limit))
    }

    func alarms(before: Int64?, limit: Int) throws(StoreError) -> [(number: Int64, alarm: Alarm)] {
        let all = raised.enumerated().map { (number: Int64($0.offset + 1), alarm: $0.element) }.reversed()
        return Array(all.filter { $0.number < before ?? .max }.prefix(limit))
    }

    func audit(
        before: Int64?, matching filter: AuditFilter, limit: Int
    ) throws(StoreError) -> [(number: Int64, record: AuditRecord)] {
        let all = audited.enumerated().map { (number: Int64($0.offset + 1), record: $0.element) }.reversed()
        let asked = all.filter { entry in
            entry.number < before ?? .max && entry.record.method == filter.method ?? entry.record.method
                && entry.record.uid == filter.uid ?? entry.record.uid
        }
        return Array(asked.prefix(limit))
    }

    func export(_ table: ExportTable, campaign: String?, page: Int) throws(StoreError) -> (csv: String, pages: Int) {
        (table.rawValue + "\n" + experiments.keys.sorted().joined(separator: "\n") + "\n", 1)
    }
}
