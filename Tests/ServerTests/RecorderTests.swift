import ControlAPI
import ControlServer
import Experiments
import Testing
import Wire

@Suite struct RecorderTests {
    @Test func aDumpReachesTheLoopWithItsReason() throws {
        let (request, answer) = try Harness().post(
            "recorder.dump", "{\"reason\":\"a smell\"}", .recordingKept(Sample.wish))
        guard case .dumpRecorder("a smell") = request else { throw Harness.Broken.line("\(request)") }
        #expect(answer.result["recording"] == .string(Sample.wish.name))
        #expect(Sample.wish.name.hasSuffix("Z-plate-over-temperature") && !Sample.wish.name.contains(":"))
        #expect(try Harness(role: .optimizer).ask("recorder.dump").kind == "forbidden")
    }

    @Test func theListSaysWhatIsKeptAndWhere() throws {
        let list = try Harness(role: .observer).ask("recorder.list").result
        #expect(list["recording"] == .bool(true) && list["trouble"] == .null && list["lost_records"] == .integer(3))
        #expect(list["directory"] == .string("/state/recordings"))
        let kept = list["kept"]?[0]
        #expect(kept?["recording"] == .string(Sample.wish.name) && kept?["segments"] == .integer(2))
        #expect(kept?["cause"] == .string("plate-over-temperature") && kept?["reason"] == .string("171.3 degC"))
    }
}
