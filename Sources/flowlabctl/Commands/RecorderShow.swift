import ControlClient
import DeviceModel
import Platform
import Quantities
import Recording
import RecordingFiles
import Usage

/// Reads a recording for a person: one line a record, what only replaying needs left out.
struct RecorderShow {
    private let files: RecordedFiles
    private let link: LinkName?
    private let since: WallInstant?
    private let last: Double?
    private let isAll: Bool

    init(_ context: Context, path: String) throws(Failure) {
        do throws(PlatformError) {
            files = try RecordedFiles(path)
        } catch {
            throw .file(error.description)
        }
        link = context.arguments.value("--link").map { LinkName($0) }
        since = try context.time("--since", now: Clock.wall)
        last = context.arguments.value("--last") == nil ? nil : try context.duration("--last")
        isAll = context.arguments.has("--all")
    }

    mutating func run() throws(Failure) -> Int32 {
        var survey = RecordingSurvey()
        var troubles: [String] = []
        files.each(trouble: { troubles.append($0) }) { (item) throws(Never) in survey.take(item) }
        guard let head = survey.heads.first else {
            throw .file(troubles.first ?? survey.damages.first ?? "there is nothing that reads")
        }
        if let link, !head.links.contains(link) {
            throw .file("no link \(link); the recording has \(head.links.map(\.text).joined(separator: ", "))")
        }
        sayHead(survey, troubles)
        printRecords(from: survey)
        return ExitCode.done
    }

    private func sayHead(_ survey: RecordingSurvey, _ troubles: [String]) {
        for head in survey.heads {
            let kind = head.simulated ? ", simulated, clock rate \(head.clockRate)" : ""
            line(
                "# bench \(head.bench)\(kind), flowlabd \(head.daemon), started \(head.started.wall.rfc3339), run \(head.run)"
            )
        }
        if let first = survey.first, let end = survey.last {
            line("# from \(first.wall.rfc3339) to \(end.wall.rfc3339)")
        }
        let whole =
            survey.hasStart ? "from the start of a run: flowlabd --replay can replay it" : "can be shown, not replayed"
        line("# \(survey.records) records, \(survey.gaps.isEmpty ? "no gaps" : "\(survey.gaps.count) gaps"); \(whole)")
        for text in survey.gaps + survey.damages + troubles { line("# \(text)") }
    }

    private func printRecords(from survey: RecordingSurvey) {
        let earliest = [since, last.flatMap { span in survey.last.map { $0.wall - .seconds(span) } }].compactMap { $0 }
            .max()
        let width = survey.heads.flatMap(\.links).map(\.text.count).max() ?? 0
        var clock = RecordClock()
        files.each(trouble: { _ in }) { (item) throws(Never) in
            guard case .record(let record, _) = item else { return clock.take(item) }
            clock.take(item)
            guard let now = clock.now, earliest.map({ now.wall >= $0 }) ?? true else { return }
            guard let shown = RecordLine(record, all: isAll), link == nil || shown.link == link || shown.isGap else {
                return
            }
            let name = shown.link?.text ?? "-"
            let padding = String(repeating: " ", count: max(0, width - name.count))
            line("\(now.wall.rfc3339) +\(clock.offset) \(name)\(padding) \(shown.arrow) \(shown.text)")
        }
    }

    private func line(_ text: String) { Terminal.line(Terminal.clean(text)) }
}

/// What a recording holds as a whole.
struct RecordingSurvey {
    /// Of each run.
    private(set) var heads: [SegmentHead] = []
    private(set) var hasStart = false
    private(set) var first: Moment?
    private(set) var records = 0
    private(set) var gaps: [String] = []
    private(set) var damages: [String] = []
    private var clock = RecordClock()
    private var next: UInt64?

    var last: Moment? { clock.now }

    mutating func take(_ item: SegmentReader.Item) {
        clock.take(item)
        if first == nil { first = clock.now }
        switch item {
        case .head(let head):
            guard heads.last?.run != head.run else { return }
            heads.append(head)
            next = nil
        case .start: hasStart = true
        case .damage(let at, let bytes, let what): damages.append("damage at byte \(at), \(bytes) bytes: \(what)")
        case .record(let record, let number):
            records += 1
            if case .gap(let lost, let why) = record {
                gaps.append("gap at \(last?.wall.rfc3339 ?? "?"): \(lost) records: \(why)")
            } else if let next, number != next, number > next {
                gaps.append("gap at \(last?.wall.rfc3339 ?? "?"): records \(next) to \(number - 1) are not there")
            }
            next = number + 1
            if case .gap(let lost, _) = record { next = number + max(lost, 1) }
        }
    }
}

/// The time of the record that was read last: actions are done at the time of the input before them.
struct RecordClock {
    private(set) var now: Moment?
    private var started: Moment?

    /// Seconds on the wire's clock since the daemon started.
    var offset: String {
        guard let now, let started else { return "?" }
        let microseconds = (now.wire - started.wire).nanoseconds / 1000
        let rest = String(microseconds % 1_000_000)
        return "\(microseconds / 1_000_000).\(String(repeating: "0", count: max(0, 6 - rest.count)))\(rest)"
    }

    mutating func take(_ item: SegmentReader.Item) {
        switch item {
        case .head(let head):
            started = head.started
            if now == nil { now = head.started }
        case .start(let start): now = start.started
        case .record(.input(_, let moment), _): now = moment
        case .record, .damage: break
        }
    }
}
