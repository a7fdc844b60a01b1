import ControlAPI
import Experiments
import Quantities

/// What is known of experiments, from the archive.
extension ControlServer {
    func storedExperiment(_ call: Call, _ params: ExperimentReference) throws(APIError) -> Answer<ExperimentRecord> {
        .record(params.experiment)
    }

    func wait(_ call: Call, _ params: ExperimentsWait.Params) throws(APIError) -> Answer<ExperimentRecord> {
        let patience = params.timeoutS ?? APILimits.defaultWaitSeconds
        if patience == 0 { return .record(params.experiment) }
        return .wait(experiment: params.experiment, patience: .seconds(patience))
    }

    // MARK: Lists

    func listExperiments(
        _ call: Call, _ params: ExperimentsList.Params
    ) throws(APIError) -> Answer<ExperimentsList.Result> {
        let limit = params.limit ?? APILimits.defaultListedExperiments
        let filter = ExperimentFilter(
            state: params.state, campaign: params.campaign, isPending: params.pending ?? false)
        return .read { (stored) throws(APIError) in
            if let after = params.after { try Self.checkExists(after, stored) }
            let records = try stored.read { store throws(StoreError) in
                try store.experiments(after: params.after, matching: filter, limit: limit + 1)
            }
            if records.isEmpty { try stored.checkCampaign(params.campaign) }
            let page = records.prefix(limit).map(ExperimentsList.Summary.init)
            let next = records.count > limit ? page.last?.experiment : nil
            return .result(ExperimentsList.Result(experiments: page, next: next))
        }
    }

    private static func checkExists(_ after: String, _ stored: Stored) throws(APIError) {
        guard try stored.read({ store throws(StoreError) in try store.experiment(after) }) == nil else { return }
        throw .notFound(
            "after: no experiment \"\(after.prefix(64))\"",
            hint: "give `next` of the page before, or leave it out to begin with the first")
    }

    func results(
        _ call: Call, _ params: ExperimentsResults.Params
    ) throws(APIError) -> Answer<ExperimentsResults.Result> {
        let limit = params.limit ?? APILimits.defaultListedResults
        let since = params.since ?? 0
        return .read { (stored) throws(APIError) in
            let records = try stored.read { store throws(StoreError) in
                try store.results(since: since, campaign: params.campaign, limit: limit + 1)
            }
            if records.isEmpty { try stored.checkCampaign(params.campaign) }
            let page = Page.prefix(of: records, limit: limit)
            return .result(
                ExperimentsResults.Result(
                    results: Array(page), next: page.last?.sequence ?? since, more: page.count < records.count))
        }
    }

    // MARK: Results

    func result(_ call: Call, _ params: ExperimentReference) throws(APIError) -> Answer<ExperimentsResult.Result> {
        .read { (stored) throws(APIError) in
            let record = try stored.experiment(params.experiment)
            guard record.state == .done, let features = record.features, let certificate = record.certificate else {
                throw Self.noResult(record)
            }
            return .result(
                ExperimentsResult.Result(
                    experiment: record.experiment, executed: record.executed, measured: record.measured,
                    features: features, certificate: certificate, simulated: record.simulated))
        }
    }

    private static func noResult(_ record: ExperimentRecord) -> APIError {
        let why = record.error.map { ": \($0.detail)" } ?? ""
        let hint =
            record.state.isFinal
            ? record.error?.hint ?? "see experiments.get; submit it again" : "wait for it with experiments.wait"
        return APIError(
            .refused, kind: "no_result", device: record.error?.device,
            detail: "\(record.experiment) is \(record.state.rawValue) and has no result\(why)", hint: hint)
    }

    func spectra(
        _ call: Call, _ params: ExperimentsSpectra.Params
    ) throws(APIError) -> Answer<ExperimentsSpectra.Result> {
        .read { (stored) throws(APIError) in
            let record = try stored.experiment(params.experiment)
            let all = try stored.read { store throws(StoreError) in try store.spectra(of: record.experiment) }
            let pages = Page.pages(of: all.filter { params.device == nil || $0.device == params.device })
            let page = params.page ?? 1
            guard page <= max(1, pages.count) else {
                throw .notFound(
                    "\(record.experiment) has \(pages.count) pages of spectra",
                    hint: pages.isEmpty ? "nothing was stored for it" : "ask for page 1 to \(pages.count)")
            }
            let measured = record.sample?.result
            let spectra =
                pages.isEmpty
                ? []
                : pages[page - 1].map { one in
                    ExperimentsSpectra.Spectrum(
                        one, units: one.device == measured?.device ? measured?.units ?? [:] : [:])
                }
            return .result(
                ExperimentsSpectra.Result(
                    experiment: record.experiment, page: page, pages: pages.count, spectra: spectra))
        }
    }
}

/// As much as a page holds, one at least.
enum Page {
    /// The first of `values` that fit together, at most `limit`.
    static func prefix<Value: Encodable>(of values: [Value], limit: Int) -> ArraySlice<Value> {
        var room = APILimits.pageBytes
        var count = 0
        for value in values.prefix(limit) {
            room -= (try? EncodedJSON(value).bytes.count) ?? 0
            if room < 0, count > 0 { break }
            count += 1
        }
        return values.prefix(count)
    }

    static func pages(of spectra: [SpectrumRecord]) -> [[SpectrumRecord]] {
        var pages: [[SpectrumRecord]] = []
        var room = 0
        for spectrum in spectra {
            let size = (spectrum.wavelengthsNM.count + spectrum.counts.count) * 16 / 3
            if pages.isEmpty || size > room {
                pages.append([])
                room = APILimits.pageBytes
            }
            pages[pages.count - 1].append(spectrum)
            room -= size
        }
        return pages
    }
}
