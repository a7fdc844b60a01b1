import Interlocks
import Platform
import Quantities

/// Calls people: runs the program that the bench file names once for each alarm, one after the other, on a thread of its
/// own. Whatever the program does, the bench goes on.
struct Notifier: Sendable {
    /// A program that takes longer is killed, so that it does not hold up the next alarm for ever.
    static let patience = WireDuration.seconds(30)

    let bench: String
    let settings: Settings
    let posts: Posts
    let stop: StopFlag
    let log: Log

    func run() {
        while !stop.isRaised {
            guard posts.toNotifier.wait(timeout: Daemon.workerPatience) else { continue }
            posts.toNotifier.drain(max: 1) { tell($0) }
        }
    }

    private func tell(_ change: AlarmChange) {
        let command = settings.notify
        guard let program = command.first else { return }
        do throws(PlatformError) {
            let outcome = try Subprocess.run(command, environment: environment(of: change), timeout: Self.patience)
            guard outcome != .exited(0) else { return }
            report(change, program, Self.text(outcome))
        } catch {
            report(change, program, error.description)
        }
    }

    private func report(_ change: AlarmChange, _ program: String, _ why: String) {
        log.trouble("notify", "alarm \(change.alarm.id) may have reached nobody: \(program): \(why)")
    }

    private static func text(_ outcome: Subprocess.Outcome) -> String {
        switch outcome {
        case .exited(let status): "ended with exit status \(status)"
        case .killed(let signal): "was killed by signal \(signal)"
        case .timedOut: "took longer than \(Int(patience.seconds)) s and was killed"
        }
    }

    private func environment(of change: AlarmChange) -> [(name: String, value: String)] {
        let alarm = change.alarm
        return [
            ("FLOWLAB_BENCH", bench), ("FLOWLAB_ALARM", alarm.id), ("FLOWLAB_ALARM_CHANGE", change.kind.rawValue),
            ("FLOWLAB_ALARM_STATE", alarm.state.rawValue), ("FLOWLAB_ALARM_PRIORITY", alarm.priority.rawValue),
            ("FLOWLAB_ALARM_TEXT", alarm.text), ("FLOWLAB_ALARM_SINCE", alarm.since.wall.rfc3339),
            ("FLOWLAB_ALARM_RESPONSE", alarm.response),
        ]
    }
}
