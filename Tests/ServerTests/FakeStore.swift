import DeviceModel
import Experiments
import Interlocks
import Quantities

/// An archive in memory.
final class FakeStore: ExperimentStore {
    var records: [ExperimentRecord] = []
    var spectra: [SpectrumRecord] = []
    var campaigns: [CampaignRecord] = []
    var samples: [String: [SignalSample]] = [:]
    var tables: [ExportTable: [String]] = [:]
    var audited: [AuditRecord] = []
    var raised: [Alarm] = []
    var failure: StoreError?
    /// Reads of single experiments.
    private(set) var reads = 0

    private func check() throws(StoreError) { if let failure { throw failure } }

    func experiment(_ id: String) throws(StoreError) -> ExperimentRecord? {
        try check()
        reads += 1
        return records.first { $0.experiment == id }
    }

    /// An unknown `after` is a fault of the caller, as in the archive.
    func experiments(
        after id: String?, matching filter: ExperimentFilter, limit: Int
    ) throws(StoreError) -> [ExperimentRecord] {
        try check()
        var start = 0
        if let id {
            guard let index = records.firstIndex(where: { $0.experiment == id }) else {
                throw StoreError(detail: "no experiment to list after")
            }
            start = index + 1
        }
        return Array(records[start...].filter { Self.matches($0, filter) }.prefix(limit))
    }

    private static func matches(_ record: ExperimentRecord, _ filter: ExperimentFilter) -> Bool {
        (filter.state == nil || record.state == filter.state)
            && (filter.campaign == nil || record.campaign == filter.campaign)
            && (!filter.isPending || !record.state.isFinal)
    }

    func results(since: Int, campaign: String?, limit: Int) throws(StoreError) -> [ExperimentRecord] {
        try check()
        let ended = records.filter { ($0.sequence ?? 0) > since && (campaign == nil || $0.campaign == campaign) }
        return Array(ended.sorted { ($0.sequence ?? 0) < ($1.sequence ?? 0) }.prefix(limit))
    }

    func spectra(of id: String) throws(StoreError) -> [SpectrumRecord] {
        try check()
        return spectra.filter { $0.experiment == id }
    }

    func campaign(_ id: String) throws(StoreError) -> CampaignRecord? {
        try check()
        return campaigns.first { $0.campaign == id }
    }

    func campaigns(after id: String?, limit: Int) throws(StoreError) -> [CampaignRecord] {
        try check()
        let start = id.flatMap { id in campaigns.firstIndex { $0.campaign == id }.map { $0 + 1 } } ?? 0
        return Array(campaigns[start...].prefix(limit))
    }

    func states(ofCampaign id: String) throws(StoreError) -> [ExperimentState: Int] {
        try check()
        return Dictionary(records.filter { $0.campaign == id }.map { ($0.state, 1) }, uniquingKeysWith: +)
    }

    func history(
        of signal: String, from: WallInstant, to: WallInstant, limit: Int
    ) throws(StoreError) -> [SignalSample] {
        try check()
        return Array((samples[signal] ?? []).filter { $0.at >= from && $0.at < to }.prefix(limit))
    }

    func alarms(before: Int64?, limit: Int) throws(StoreError) -> [(number: Int64, alarm: Alarm)] {
        try check()
        let all = raised.enumerated().map { (number: Int64($0.offset + 1), alarm: $0.element) }.reversed()
        return Array(all.filter { $0.number < before ?? .max }.prefix(limit))
    }

    func audit(
        before: Int64?, matching filter: AuditFilter, limit: Int
    ) throws(StoreError) -> [(number: Int64, record: AuditRecord)] {
        try check()
        let all = audited.enumerated().map { (number: Int64($0.offset + 1), record: $0.element) }.reversed()
        let asked = all.filter { entry in
            entry.number < before ?? .max && entry.record.method == filter.method ?? entry.record.method
                && entry.record.uid == filter.uid ?? entry.record.uid
        }
        return Array(asked.prefix(limit))
    }

    func export(
        _ table: ExportTable, campaign: String?, page: Int
    ) throws(StoreError) -> (csv: String, pages: Int) {
        try check()
        let pages = tables[table] ?? []
        return (pages.indices.contains(page - 1) ? pages[page - 1] : "", pages.count)
    }

    func set(_ id: String, _ state: ExperimentState) {
        guard let index = records.firstIndex(where: { $0.experiment == id }) else { return }
        records[index].state = state
        records[index].transitions.append(
            TransitionRecord(state: state, time: "2026-11-20T12:00:00.000Z", benchS: 1, cause: "test"))
    }
}
