import DeviceModel
import Quantities
import Wire

/// Experiments and campaigns that are given to the daemon.
extension BenchController {
    // MARK: Submit

    mutating func submit(
        _ submission: Submission, _ caller: Caller, _ token: RequestToken, at now: Moment
    ) {
        if let known = knownUse(of: submission, caller) {
            if case .submitted(let experiment, _, _) = known { attend(experiment, caller, at: now) }
            outbox.reply(token, knownUse(of: submission, caller) ?? known)
            return
        }
        if let error = refusal(of: submission) {
            // Not through the outbox where the archive cannot write: that waits for the very archive.
            if archiveTrouble == nil { outbox.reply(token, .refused(error)) } else { answerAtOnce(token, error) }
            return
        }
        let (report, execution) = planner.plan(submission.recipe, from: planningState(at: now))
        guard execution != nil, let executed = report.executed else {
            let names = report.problems.map(\.name).joined(separator: ", ")
            outbox.reply(
                token,
                .refused(
                    ControlError(
                        kind: "infeasible", detail: "the recipe cannot run: \(names)",
                        hint: "see problems; experiments.plan says the same without queueing", problems: report.problems
                    )))
            return
        }
        var record = newRecord(submission, report, executed, caller)
        enter(.queued, &record, cause: "submitted by uid \(caller.uid)", at: now)
        let position = insert(record)
        attendance.attend(record.experiment, caller.client)
        audit("experiments.submit", record.experiment, "queued", caller, at: now)
        outbox.reply(token, .submitted(experiment: record.experiment, state: .queued, position: position))
    }

    /// Nothing is promised that cannot be kept.
    private var archiveRefusal: ControlError? {
        archiveTrouble.map {
            ControlError(kind: "archive_unavailable", detail: $0, hint: "make room on its disk")
        }
    }

    private mutating func answerAtOnce(_ token: RequestToken, _ error: ControlError) {
        effects.append(.reply(token, .refused(error)))
    }

    private func refusal(of submission: Submission) -> ControlError? {
        if let archiveRefusal { return archiveRefusal }
        guard queue.count < definition.procedure.queueLimit else {
            return ControlError(
                kind: "queue_full", detail: "\(queue.count) experiments wait already",
                hint: "wait until some have run, or cancel some")
        }
        return unknownCampaign(submission.campaign)
    }

    private func unknownCampaign(_ campaign: String?) -> ControlError? {
        guard let campaign, campaigns[campaign] == nil else { return nil }
        return ControlError(
            kind: "unknown_campaign", detail: "no campaign \"\(campaign.prefix(64))\"",
            hint: "make one with campaigns.create, which gives its id; campaigns.list names all")
    }

    /// A key that was used before: the same submission gets the same experiment, another one is an error.
    private func knownUse(of submission: Submission, _ caller: Caller) -> ControlReply? {
        guard let key = submission.key, let use = keys[RestoredState.KeyUse.index(uid: caller.uid, key: key)] else {
            return nil
        }
        guard use.recipe == submission.recipe else {
            return .refused(
                ControlError(
                    kind: "key_conflict", detail: "key \"\(key)\" was used for \(use.experiment) with another recipe",
                    hint: "choose a new key for a new experiment"))
        }
        let position = queue.firstIndex { $0.experiment == use.experiment }.map { $0 + 1 } ?? 0
        return .submitted(experiment: use.experiment, state: use.state, position: position)
    }

    private mutating func newRecord(
        _ submission: Submission, _ report: PlanReport, _ executed: Recipe, _ caller: Caller,
        origin: ExperimentRecord.Origin = .bench, source: String? = nil
    ) -> ExperimentRecord {
        lastNumber += 1
        return ExperimentRecord(
            experiment: Self.name("e", lastNumber), key: submission.key, campaign: submission.campaign,
            metadata: submission.metadata, submittedBy: caller.uid, recipe: submission.recipe, executed: executed,
            plan: report, simulated: definition.isSimulated, priority: submission.priority, origin: origin,
            source: source, ifClientGone: submission.ifClientGone)
    }

    /// `e-000042`
    private static func name(_ letter: String, _ number: Int) -> String {
        let digits = String(number)
        return "\(letter)-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    }

    // MARK: Prior results

    /// Kept as it was given, and listed among the results; nothing moves, and it has no certificate.
    mutating func attach(_ attachment: Attachment, _ caller: Caller, _ token: RequestToken, at now: Moment) {
        let submission = attachment.submission
        if let key = submission.key, let use = keys[RestoredState.KeyUse.index(uid: caller.uid, key: key)] {
            guard use.recipe == submission.recipe else {
                return refuse(
                    token, "key_conflict", "key \"\(key)\" was used for \(use.experiment) with another recipe",
                    "choose a new key for a new experiment")
            }
            outbox.reply(token, .experiment(use.experiment, state: use.state))
            return
        }
        if let archiveRefusal { return answerAtOnce(token, archiveRefusal) }
        if let error = unknownCampaign(submission.campaign) {
            outbox.reply(token, .refused(error))
            return
        }
        // What could not run here may have run elsewhere: the plan is kept for what it says, not obeyed.
        let report = planner.plan(submission.recipe, from: planningState(at: now)).report
        var record = newRecord(
            submission, report, report.executed ?? submission.recipe, caller, origin: .external,
            source: attachment.source)
        record.features = attachment.features
        record.data = .complete
        enter(.attached, &record, cause: "given by uid \(caller.uid): \(attachment.source)", at: now)
        audit("experiments.attach", record.experiment, "attached", caller, at: now)
        outbox.reply(token, .experiment(record.experiment, state: .attached))
    }

    // MARK: Campaigns

    /// What a campaign shall be.
    struct CampaignWish {
        let name: String
        let key: String?
        let metadata: JSONValue?
    }

    mutating func createCampaign(_ wish: CampaignWish, _ caller: Caller, _ token: RequestToken, at now: Moment) {
        if let key = wish.key,
            let known = campaigns.values.first(where: { $0.key == key && $0.createdBy == caller.uid })
        {
            guard known.name == wish.name else {
                return refuse(
                    token, "key_conflict", "key \"\(key)\" was used for \(known.campaign), named \"\(known.name)\"",
                    "choose a new key for a new campaign")
            }
            outbox.reply(token, .campaign(known.campaign))
            return
        }
        if let archiveRefusal { return answerAtOnce(token, archiveRefusal) }
        let record = CampaignRecord(
            campaign: Self.name("c", campaigns.count + 1), name: wish.name, key: wish.key, metadata: wish.metadata,
            created: now.wall.rfc3339, createdBy: caller.uid)
        campaigns[record.campaign] = record
        outbox.write(.campaign(record))
        audit("campaigns.create", record.campaign, "created", caller, at: now)
        outbox.reply(token, .campaign(record.campaign))
    }
}
