import ControlAPI
import Experiments
import Wire

/// Makes reply lines.
enum Reply {
    typealias Outcome = Swift.Result<JSONValue, APIError>

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
        let body =
            switch outcome {
            case .success(let result): Array(",\"jsonrpc\":\"2.0\",\"result\":".utf8) + result.jsonBytes
            case .failure(let error): Array(",\"jsonrpc\":\"2.0\",\"error\":".utf8) + error.json.jsonBytes
            }
        return Array("{\"id\":".utf8) + id + body + Array("}".utf8)
    }

    static func line(_ outcome: Outcome, id: [UInt8]) -> [UInt8] {
        var bytes = object(outcome, id: id)
        if bytes.count >= APILimits.lineBytes { bytes = object(.failure(tooLarge), id: id) }
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    /// The shapes of the control loop's answers.
    static func outcome(of reply: ControlReply) -> Outcome {
        switch reply {
        case .plan(let report): encoded(report)
        case .submitted(let experiment, let state, let position):
            encoded(ExperimentsSubmit.Result(experiment: experiment, state: state, position: position))
        case .experiment(let experiment, let state):
            encoded(ExperimentsCancel.Result(experiment: experiment, state: state))
        case .interlockReset(let name): encoded(InterlocksReset.Result(interlock: name.text))
        case .safeState(let latched): encoded(SafeStateTrigger.Result(latched: latched.map(\.text)))
        case .campaign, .recipeForms, .refilled, .wasteEmptied: .failure(.internalError("being built"))
        case .refused(let refusal): .failure(APIError(refusal))
        }
    }

    /// An experiment with null for what is not there yet, so that clients need not tell absent from null.
    static func experiment(_ record: ExperimentRecord) -> Outcome {
        plainlyEncoded(record).map { json in
            guard case .object(var members) = json else { return json }
            for name in ["features", "certificate", "error"] where members[name] == nil { members[name] = .null }
            return .object(members)
        }
    }

    static func encoded(_ value: some Encodable) -> Outcome {
        if let record = value as? ExperimentRecord { return experiment(record) }
        return plainlyEncoded(value)
    }

    private static func plainlyEncoded(_ value: some Encodable) -> Outcome {
        do {
            return .success(try JSONValue(encoding: value))
        } catch {
            return .failure(.internalError(error.detail))
        }
    }
}
