import DeviceModel
import Interlocks
import Quantities

/// The experiments that are kept; the archive implements it, and API reads go through it.
public protocol ExperimentStore: AnyObject {
    /// nil when there is no experiment of that name.
    func experiment(_ id: String) throws(StoreError) -> ExperimentRecord?
    /// In the order in which they were submitted, at most `limit`, beginning after the one named.
    func experiments(
        after id: String?, matching filter: ExperimentFilter, limit: Int
    ) throws(StoreError) -> [ExperimentRecord]
    /// Ended experiments in the order of their ends, at most `limit`, whose sequence is above `since`.
    func results(since: Int, campaign: String?, limit: Int) throws(StoreError) -> [ExperimentRecord]
    /// In the order in which they were taken; empty when there are none.
    func spectra(of id: String) throws(StoreError) -> [SpectrumRecord]
    /// nil when there is no campaign of that name.
    func campaign(_ id: String) throws(StoreError) -> CampaignRecord?
    /// In the order of their making, at most `limit`, beginning after the one named.
    func campaigns(after id: String?, limit: Int) throws(StoreError) -> [CampaignRecord]
    /// How many of its experiments are in each state.
    func states(ofCampaign id: String) throws(StoreError) -> [ExperimentState: Int]
    /// Samples of a signal in order of time, from `from` on and before `to`, at most `limit`.
    func history(
        of signal: String, from: WallInstant, to: WallInstant, limit: Int
    ) throws(StoreError) -> [SignalSample]
    /// Alarms of all times, the last first, at most `limit`, with numbers below `before`.
    func alarms(before: Int64?, limit: Int) throws(StoreError) -> [(number: Int64, alarm: Alarm)]
    /// Who changed what, the last first, at most `limit`, with numbers below `before`.
    func audit(
        before: Int64?, matching filter: AuditFilter, limit: Int
    ) throws(StoreError) -> [(number: Int64, record: AuditRecord)]
    /// One page of a table as CSV with its header, and the number of pages.
    func export(_ table: ExportTable, campaign: String?, page: Int) throws(StoreError) -> (csv: String, pages: Int)
}

/// Which experiments are meant; what is nil does not matter.
public struct ExperimentFilter: Hashable, Sendable {
    public var state: ExperimentState?
    public var campaign: String?
    /// Only those that have not ended.
    public var isPending: Bool

    public init(state: ExperimentState? = nil, campaign: String? = nil, isPending: Bool = false) {
        self.state = state
        self.campaign = campaign
        self.isPending = isPending
    }
}

/// Whose calls of which method; what is nil does not matter.
public struct AuditFilter: Hashable, Sendable {
    public var method: String?
    public var uid: UInt32?

    public init(method: String? = nil, uid: UInt32? = nil) {
        self.method = method
        self.uid = uid
    }
}

/// One kept sample of a signal, or several that were drawn together as they grew old.
public struct SignalSample: Hashable, Sendable {
    public let at: WallInstant
    /// Mean of the samples; nil when none was a number.
    public let value: Double?
    public let minimum: Double?
    public let maximum: Double?
    public let count: Int
    public let unit: String
    /// The worst among them.
    public let quality: Quality

    public init(
        at: WallInstant, value: Double?, minimum: Double?, maximum: Double?, count: Int, unit: String, quality: Quality
    ) {
        self.at = at
        self.value = value
        self.minimum = minimum
        self.maximum = maximum
        self.count = count
        self.unit = unit
        self.quality = quality
    }
}

public enum ExportTable: String, Hashable, Sendable, Codable, CaseIterable {
    case experiments, transitions, reagents, events, audit, alarms
}

/// The store could not be read; `detail` says what was asked and what the store answered.
public struct StoreError: Error, Hashable, Sendable {
    public let detail: String

    public init(detail: String) { self.detail = detail }
}
