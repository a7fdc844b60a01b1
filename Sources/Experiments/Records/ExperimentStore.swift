/// The experiments that are kept; the archive implements it, and API reads go through it.
public protocol ExperimentStore: AnyObject {
    /// nil when there is no experiment of that name.
    func experiment(_ id: String) throws(StoreError) -> ExperimentRecord?
    /// In the order in which they were submitted, at most `limit`, beginning after the one named; all states when
    /// `state` is nil.
    func experiments(after id: String?, state: ExperimentState?, limit: Int) throws(StoreError) -> [ExperimentRecord]
    /// In the order in which they were taken; empty when there are none.
    func spectra(of id: String) throws(StoreError) -> [SpectrumRecord]
}

/// The store could not be read; `detail` says what was asked and what the store answered.
public struct StoreError: Error, Hashable, Sendable {
    public let detail: String

    public init(detail: String) { self.detail = detail }
}
