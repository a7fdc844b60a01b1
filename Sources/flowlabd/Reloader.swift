import Configuration
import Experiments
import Journal
import Platform
import Quantities

/// Reads the bench file anew, on a thread of its own: its disk may hang. What may change under a running bench is taken
/// over; of the rest it is said that it needs a restart.
final class Reloader: Sendable {
    private let options: Options
    private let started: BenchSource
    private let settings: Settings
    private let posts: Posts
    private let stop: StopFlag
    private let log: Log

    init(_ bench: BenchFile, _ options: Options, _ settings: Settings, _ posts: Posts, _ stop: StopFlag, _ log: Log) {
        self.options = options
        started = bench.source ?? BenchSource(name: options.configuration, text: "")
        self.settings = settings
        self.posts = posts
        self.stop = stop
        self.log = log
    }

    func run() {
        var current = started
        while !stop.isRaised {
            guard posts.toReloader.wait(timeout: Daemon.workerPatience) else { continue }
            posts.toReloader.drain(max: 1) { wish in
                // The service manager waits for the end of each reload that it is told of.
                ServiceNotifier.notify(.reloading(at: wireNow()))
                let reply = reload(&current)
                ServiceNotifier.notify(.ready)
                guard case .client(let token) = wish else { return }
                _ = posts.toAPI.post(.reply(token, reply))
            }
        }
    }

    private func reload(_ current: inout BenchSource) -> ControlReply {
        do throws(ConfigurationError) {
            let bench = try BenchFile.load(path: options.configuration, endpoints: options.endpoints)
            guard let source = bench.source else { return refused("\(options.configuration) has no text") }
            let changes = try BenchChanges(from: current, started: started, to: source)
            settings.take(bench, log)
            current = source
            _ = posts.toAPI.post(.rolesChanged)
            log.write(JournalEntry(.notice, "daemon", Self.text(changes), .reloaded, [.kind: "reloaded"]))
            return .reloaded(ReloadOutcome(applied: changes.atOnce, needsRestart: changes.afterRestart))
        } catch {
            return refused(error.description)
        }
    }

    private func refused(_ why: String) -> ControlReply {
        log.write(JournalEntry(.error, "daemon", "nothing is reloaded: \(why)", .reloadRefused, [.kind: "refused"]))
        return .refused(
            ControlError(
                kind: "invalid_bench_file", detail: why,
                hint: "nothing has changed; correct the file, try it with `flowlabctl config check`, reload again"))
    }

    private static func text(_ changes: BenchChanges) -> String {
        if changes.isEmpty { return "the bench file was read anew; nothing has changed in it" }
        let applied = changes.atOnce.isEmpty ? [] : ["taken over: \(changes.atOnce.joined(separator: ", "))"]
        let rest =
            changes.afterRestart.isEmpty
            ? [] : ["holds only after a restart: \(changes.afterRestart.joined(separator: ", "))"]
        return "the bench file was read anew; " + (applied + rest).joined(separator: "; ")
    }
}

/// Who wants the bench file read anew.
enum ReloadWish: Sendable {
    case signal
    case client(RequestToken)
}
