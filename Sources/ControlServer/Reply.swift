import ControlAPI
import Experiments
import Wire

/// Makes reply lines.
enum Reply {
    typealias Outcome = Swift.Result<EncodedJSON, APIError>

    /// More than any error object takes that this server makes in place of a long reply.
    static let errorBytes = 512

    static let tooLargeForBatch = APIError.tooLarge(
        "the batch's replies are longer than \(APILimits.lineBytes) bytes; this request was carried out, its reply is left out",
        hint: "ask for it in a batch of its own")

    static let tooLarge = APIError.tooLarge(
        "the reply is longer than \(APILimits.lineBytes) bytes",
        hint: "ask for less: fewer names, a smaller limit, a page")

    /// `{"id":…,"jsonrpc":"2.0","result":…}` without its LF.
    static func object(_ outcome: Outcome, id: [UInt8]) -> [UInt8] {
        let (member, body) =
            switch outcome {
            case .success(let result): ("result", result.bytes)
            case .failure(let error): ("error", error.json.jsonBytes)
            }
        var out: [UInt8] = []
        out.reserveCapacity(id.count + body.count + 40)
        out += "{\"id\":".utf8
        out += id
        out += ",\"jsonrpc\":\"2.0\",\"".utf8
        out += member.utf8
        out += "\":".utf8
        out += body
        out += "}".utf8
        return out
    }

    static func line(_ outcome: Outcome, id: [UInt8]) -> [UInt8] {
        var bytes = object(outcome, id: id)
        if bytes.count >= APILimits.lineBytes { bytes = object(.failure(tooLarge), id: id) }
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    /// The shapes of the control loop's answers.
    static func outcome(of reply: ControlReply, _ method: String) -> Outcome {
        switch reply {
        case .plan(let report): encoded(report)
        case .submitted(let experiment, let state, let position):
            encoded(ExperimentsSubmit.Result(experiment: experiment, state: state, position: position))
        case .experiment(let experiment, let state): encoded(ExperimentStanding(experiment: experiment, state: state))
        case .campaign(let campaign): encoded(CampaignsCreate.Result(campaign: campaign))
        case .recipeForms(let forms): encoded(RecipesSchema.Result(forms))
        case .refilled(let device, let remainingUL):
            encoded(ReagentsRefill.Result(device: device, remainingUL: remainingUL))
        case .wasteEmptied(let remainingUL): encoded(ReagentsEmptyWaste.Result(remainingUL: remainingUL))
        case .station(let record): encoded(record)
        case .alarmAcknowledged(let id), .alarmUnshelved(let id): encoded(NamedAlarm(alarm: id))
        case .alarmShelved(let id, let until): encoded(AlarmsShelve.Result(alarm: id, until: until.rfc3339))
        case .interlockBypassed(let name, let until):
            encoded(InterlocksBypass.Result(interlock: name.text, until: until.rfc3339))
        case .interlockProving(let injection, let time):
            encoded(
                InterlocksProve.Result(
                    interlock: injection.interlock.text, injected: injection.text,
                    effects: injection.effects.map(\.rawValue), delayS: injection.delay.seconds, time: time.rfc3339))
        case .interlockRestored(let name): encoded(InterlocksRestore.Result(interlock: name.text))
        case .interlockReset(let name): encoded(InterlocksReset.Result(interlock: name.text))
        case .safeState(let latched): encoded(SafeStateTrigger.Result(latched: latched.map(\.text)))
        case .lease(let lease): encoded(LeaseShape(lease))
        case .leaseReleased(let name): encoded(NamedLease(lease: name))
        case .maintenance(let view): encoded(MaintenanceShape(view))
        case .recordingKept(let wish): encoded(RecorderDump.Result(recording: wish.name))
        case .reloaded(let outcome): encoded(SystemReload.Result(outcome))
        case .manual(let manual): outcome(of: manual, method)
        case .refused(let refusal): .failure(APIError(refusal))
        }
    }

    static func encoded(_ value: some Encodable) -> Outcome {
        do {
            return .success(try EncodedJSON(value))
        } catch {
            return .failure(.internalError(error.detail))
        }
    }
}
