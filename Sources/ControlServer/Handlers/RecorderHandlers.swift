import ControlAPI
import Experiments

/// The flight recorder.
extension ControlServer {
    func dumpRecorder(_ call: Call, _ params: RecorderDump.Params) throws(APIError) -> Answer<RecorderDump.Result> {
        .post(.dumpRecorder(reason: params.reason ?? "no reason was given"))
    }

    func listRecordings(_ call: Call, _ params: Empty) throws(APIError) -> Answer<RecorderList.Result> {
        .result(RecorderList.Result(recorder()))
    }
}
