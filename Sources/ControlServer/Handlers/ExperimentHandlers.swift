import ControlAPI
import Experiments
import Quantities
import Wire

extension ControlServer {
    func plan(_ call: Call, _ params: ExperimentsPlan.Params) throws(APIError) -> Answer<PlanReport> {
        .post(.plan(params.recipe))
    }

    func submit(
        _ call: Call, _ params: ExperimentsSubmit.Params
    ) throws(APIError) -> Answer<ExperimentsSubmit.Result> {
        let size = params.metadata?.jsonBytes.count ?? 0
        guard size <= APILimits.metadataBytes else {
            throw .invalidParams(
                ExperimentsSubmit.name, "metadata: \(size) bytes; expected at most \(APILimits.metadataBytes)")
        }
        guard params.key != "" else {
            throw .invalidParams(
                ExperimentsSubmit.name, "key: empty; expected a key that is unique per client, or none")
        }
        return .post(
            .submit(
                Submission(
                    recipe: params.recipe, key: params.key, metadata: params.metadata, campaign: params.campaign)))
    }

    func cancel(_ call: Call, _ params: ExperimentReference) throws(APIError) -> Answer<ExperimentsCancel.Result> {
        let record = try experiment(params.experiment)
        guard record.submittedBy == call.caller.uid || call.caller.role >= .technician else {
            throw MethodTable.forbidden(
                "cancelling \(record.experiment), which uid \(record.submittedBy) submitted,", call.caller,
                needs: .technician)
        }
        return .post(.cancel(experiment: record.experiment))
    }

    /// The stored record, or why there is none.
    func experiment(_ id: String) throws(APIError) -> ExperimentRecord {
        let record: ExperimentRecord?
        do {
            record = try store.experiment(id)
        } catch {
            throw Self.unreadable(error)
        }
        guard let record else {
            throw .notFound(
                "no experiment \"\(id.prefix(64))\"", hint: "experiments.list lists all; ids look like e-000042")
        }
        return record
    }

    private static func unreadable(_ error: StoreError) -> APIError {
        APIError(
            .internalError, kind: "archive", detail: "the archive could not be read: \(error.detail)",
            hint: "look at the alarms of system.status and at the disk of the daemon's host")
    }

    func storedExperiment(_ call: Call, _ params: ExperimentReference) throws(APIError) -> Answer<ExperimentRecord> {
        .result(try experiment(params.experiment))
    }

    func wait(_ call: Call, _ params: ExperimentsWait.Params) throws(APIError) -> Answer<ExperimentRecord> {
        let record = try experiment(params.experiment)
        let patience = params.timeoutS ?? APILimits.defaultWaitSeconds
        if record.state.isFinal || patience == 0 { return .result(record) }
        return .wait(experiment: record.experiment, patience: .seconds(patience))
    }

    func listExperiments(
        _ call: Call, _ params: ExperimentsList.Params
    ) throws(APIError) -> Answer<ExperimentsList.Result> {
        let limit = params.limit ?? APILimits.defaultListedExperiments
        do {
            let records = try store.experiments(
                after: params.after, matching: ExperimentFilter(state: params.state), limit: limit + 1)
            let page = records.prefix(limit).map(ExperimentsList.Summary.init)
            let next = records.count > limit ? page.last?.experiment : nil
            return .result(ExperimentsList.Result(experiments: page, next: next))
        } catch {
            throw Self.unreadable(error)
        }
    }

    func result(_ call: Call, _ params: ExperimentReference) throws(APIError) -> Answer<ExperimentsResult.Result> {
        let record = try experiment(params.experiment)
        guard record.state == .done, let features = record.features, let certificate = record.certificate else {
            throw Self.noResult(record)
        }
        return .result(
            ExperimentsResult.Result(
                experiment: record.experiment, executed: record.executed, measured: record.measured,
                features: features, certificate: certificate, simulated: record.simulated))
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

    func spectra(_ call: Call, _ params: ExperimentsSpectra.Params) throws(APIError) -> Answer<
        ExperimentsSpectra.Result
    > {
        let record = try experiment(params.experiment)
        let stored: [SpectrumRecord]
        do {
            stored = try store.spectra(of: record.experiment)
        } catch {
            throw Self.unreadable(error)
        }
        let pages = Self.pages(stored.filter { params.device == nil || $0.device == params.device })
        let page = params.page ?? 1
        guard page <= max(1, pages.count) else {
            throw .notFound(
                "\(record.experiment) has \(pages.count) pages of spectra",
                hint: pages.isEmpty ? "nothing was stored for it" : "ask for page 1 to \(pages.count)")
        }
        let spectra = pages.isEmpty ? [] : pages[page - 1].map(ExperimentsSpectra.Spectrum.init)
        return .result(
            ExperimentsSpectra.Result(experiment: record.experiment, page: page, pages: pages.count, spectra: spectra))
    }

    /// As many spectra a page as its limit holds, one at least.
    private static func pages(_ spectra: [SpectrumRecord]) -> [[SpectrumRecord]] {
        var pages: [[SpectrumRecord]] = []
        var room = 0
        for spectrum in spectra {
            let size = (spectrum.wavelengthsNM.count + spectrum.counts.count) * 16 / 3
            if pages.isEmpty || size > room {
                pages.append([])
                room = APILimits.spectraPageBytes
            }
            pages[pages.count - 1].append(spectrum)
            room -= size
        }
        return pages
    }
}
