import ControlAPI
import Experiments
import Wire

/// What changes experiments: all of it is answered by the control loop.
extension ControlServer {
    func plan(_ call: Call, _ params: ExperimentsPlan.Params) throws(APIError) -> Answer<PlanReport> {
        .post(.plan(params.recipe))
    }

    func submit(
        _ call: Call, _ params: ExperimentsSubmit.Params
    ) throws(APIError) -> Answer<ExperimentsSubmit.Result> {
        try Self.checkSize(of: params.metadata, for: ExperimentsSubmit.name)
        return .post(
            .submit(
                Submission(
                    recipe: params.recipe, key: params.key, metadata: params.metadata, campaign: params.campaign,
                    priority: params.priority ?? 0, ifClientGone: params.ifClientGone)))
    }

    func attach(
        _ call: Call, _ params: ExperimentsAttach.Params
    ) throws(APIError) -> Answer<ExperimentStanding> {
        try Self.checkSize(of: params.metadata, for: ExperimentsAttach.name)
        if case .references = params.recipe {
            throw .invalidParams(
                ExperimentsAttach.name, "recipe.kind: references has no result to attach; expected flows or box")
        }
        let features = params.features.mapValues { given in
            FeatureValue(mean: given.mean, sem: given.sem ?? .nan, n: given.n ?? 1, unit: given.unit)
        }
        let submission = Submission(
            recipe: params.recipe, key: params.key, metadata: params.metadata, campaign: params.campaign)
        return .post(.attach(Attachment(submission: submission, features: features, source: params.source)))
    }

    static func checkSize(of metadata: JSONValue?, for method: String) throws(APIError) {
        let size = metadata?.jsonBytes.count ?? 0
        guard size > APILimits.metadataBytes else { return }
        throw .invalidParams(method, "metadata: \(size) bytes; expected at most \(APILimits.metadataBytes)")
    }

    // MARK: One experiment

    func cancel(_ call: Call, _ params: ExperimentReference) throws(APIError) -> Answer<ExperimentStanding> {
        .read { (stored) throws(APIError) in
            let record = try stored.ownExperiment(params.experiment, "cancelling", call)
            return .post(.cancel(experiment: record.experiment))
        }
    }

    func hold(_ call: Call, _ params: ExperimentsHold.Params) throws(APIError) -> Answer<ExperimentStanding> {
        let reason = params.reason.flatMap { $0.isEmpty ? nil : $0 } ?? "held by uid \(call.caller.uid)"
        return .read { (stored) throws(APIError) in
            let record = try stored.ownExperiment(params.experiment, "holding", call)
            return .post(.hold(experiment: record.experiment, reason: reason))
        }
    }

    func release(_ call: Call, _ params: ExperimentReference) throws(APIError) -> Answer<ExperimentStanding> {
        .read { (stored) throws(APIError) in
            let record = try stored.ownExperiment(params.experiment, "releasing", call)
            return .post(.release(experiment: record.experiment))
        }
    }

    func abandon(_ call: Call, _ params: ExperimentsAbandon.Params) throws(APIError) -> Answer<ExperimentStanding> {
        .read { (stored) throws(APIError) in
            .post(.abandon(try stored.ownExperiment(params.experiment, "abandoning", call), reason: params.reason))
        }
    }
}

extension Stored {
    /// The record, if the caller may change it.
    fileprivate func ownExperiment(_ id: String, _ doing: String, _ call: Call) throws(APIError) -> ExperimentRecord {
        let record = try experiment(id)
        guard record.submittedBy == call.caller.uid || call.caller.role >= .technician else {
            throw MethodTable.forbidden(
                "\(doing) \(record.experiment), which uid \(record.submittedBy) submitted,", call.caller,
                needs: .technician)
        }
        return record
    }
}
