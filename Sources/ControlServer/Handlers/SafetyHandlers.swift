import ControlAPI
import DeviceModel
import Experiments
import Interlocks

extension ControlServer {
    func listInterlocks(_ call: Call, _ params: Empty) throws(APIError) -> Answer<InterlocksList.Result> {
        let rows = snapshot().interlocks.map { row in
            InterlocksList.Entry(
                interlock: row.name.text, state: row.state.rawValue, cause: row.cause,
                effects: row.effects.map(\.rawValue), blocks: row.blocks.map(\.rawValue), mayBypass: row.mayBypass,
                bypass: Self.bypass(row), response: row.response,
                last: row.last.map { Self.value($0, at: call.now) }, latch: Self.latch(row))
        }
        return .result(InterlocksList.Result(interlocks: rows))
    }

    private static func bypass(_ row: InterlockStatus) -> InterlockBypass? {
        row.bypass.map {
            InterlockBypass(
                person: $0.person, reason: $0.reason, since: $0.at.wall.rfc3339, until: $0.until.rfc3339)
        }
    }

    static func latch(_ row: InterlockStatus) -> InterlockLatch? {
        row.latch.map { latch in
            InterlockLatch(
                interlock: row.name.text, cause: latch.cause, time: latch.at.wall.rfc3339,
                isFirstOut: latch.isFirstOut, effects: latch.effects.map(\.rawValue), response: row.response)
        }
    }

    func resetInterlock(
        _ call: Call, _ params: InterlocksReset.Params
    ) throws(APIError) -> Answer<InterlocksReset.Result> {
        .post(.resetInterlock(InterlockName(params.interlock)))
    }

    func bypassInterlock(
        _ call: Call, _ params: InterlocksBypass.Params
    ) throws(APIError) -> Answer<InterlocksBypass.Result> {
        .post(
            .bypassInterlock(
                InterlockName(params.interlock), person: params.person, reason: params.reason,
                span: .seconds(params.durationS)))
    }

    func restoreInterlock(
        _ call: Call, _ params: InterlocksRestore.Params
    ) throws(APIError) -> Answer<InterlocksRestore.Result> {
        .post(.restoreInterlock(InterlockName(params.interlock)))
    }

    func proveInterlock(
        _ call: Call, _ params: InterlocksProve.Params
    ) throws(APIError) -> Answer<InterlocksProve.Result> {
        .post(.proveInterlock(InterlockName(params.interlock), person: params.person))
    }

    /// Only for the table: the server obeys it before params or roles are looked at.
    func triggerSafeState(
        _ call: Call, _ params: SafeStateTrigger.Params
    ) throws(APIError) -> Answer<SafeStateTrigger.Result> {
        .post(.triggerSafeState(reason: params.reason ?? ""))
    }
}
