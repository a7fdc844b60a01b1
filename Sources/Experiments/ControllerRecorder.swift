import Interlocks
import Quantities

/// What is to be kept of the flight recorder's ring, and when. The shell does it.
extension BenchController {
    /// What happens after a trip is recorded as well, before it is kept.
    static let keptAfterTrip = WireDuration.seconds(10)
    /// Between two requests: each cuts the ring, and their recordings overlap anyway.
    static let betweenDumps = WireDuration.seconds(5)

    /// A trip while another one's recording is still to be kept is in that one.
    mutating func keepRecording(of latches: [Latch], at now: Moment) {
        guard definition.recorder.isOn, keeping == nil, let latch = latches.first(where: { !$0.isProofTest }) else {
            return
        }
        let wish = RecordingWish(cause: latch.interlock.text, reason: latch.cause, at: now)
        keeping = (wish, now.wire + Self.keptAfterTrip)
    }

    mutating func keepDueRecording(at now: Moment) {
        guard let (wish, due) = keeping, due <= now.wire else { return }
        keeping = nil
        effects.append(.keepRecording(wish))
    }

    /// The daemon ends: what was to be kept later is kept as it is.
    mutating func keepLastRecording() {
        guard let (wish, _) = keeping else { return }
        keeping = nil
        effects.append(.keepRecording(wish))
    }

    mutating func dumpRecorder(_ reason: String, _ caller: Caller, _ token: RequestToken, at now: Moment) {
        guard definition.recorder.isOn else {
            return refuse(
                token, "recorder_off", "this bench records nothing: its file says limit_mb = 0 in [recorder]",
                "set limit_mb and restart the daemon")
        }
        if let dumpedAt, now.wire - dumpedAt < Self.betweenDumps {
            return refuse(
                token, "busy", "somebody has had a recording kept less than \(Int(Self.betweenDumps.seconds)) s ago",
                "it has the same minutes: flowlabctl recorder list; or ask again in a moment")
        }
        dumpedAt = now.wire
        let wish = RecordingWish(cause: RecordingWish.request, reason: reason, at: now)
        effects.append(.keepRecording(wish))
        audit("recorder.dump", reason, "kept as \(wish.name)", caller, at: now)
        outbox.reply(token, .recordingKept(wish))
    }

    mutating func recorderTold(_ trouble: String?, at now: Moment) {
        guard let trouble else { return clearAlarm("recorder", at: now) }
        raiseAlarm("recorder", "nothing is recorded: \(trouble)", at: now)
    }
}
