import ControlAPI
import Quantities
import Wire

/// What `system.info` tells of the daemon, as Prometheus reads it: its text exposition format 0.0.4, base units, one
/// family after the other with its help and type. Every sample carries the bench, so that the files of several benches
/// may lie side by side.
public struct PrometheusText {
    /// Bounds of the histograms: each second power of two of a microsecond, to a minute.
    static let bounds: [Double] = (0...13).map { Double(1 << (2 * $0)) }

    private let bench: String
    private var lines: [String] = []

    /// The whole page, with an LF at the end of each line.
    public static func page(_ info: SystemInfo.Result) -> String {
        var text = PrometheusText(bench: info.bench)
        text.describe(info)
        text.loop(info.loop)
        text.mailboxes(info.mailboxes)
        text.links(info.links)
        return text.lines.map { $0 + "\n" }.joined()
    }

    private init(bench: String) { self.bench = bench }

    // MARK: Families

    private mutating func describe(_ info: SystemInfo.Result) {
        family("flowlab_info", "gauge", "Versions of the daemon and of its API; always 1.")
        let labels = [("daemon", info.daemon), ("api", info.api), ("simulated", info.simulated ? "true" : "false")]
        sample("flowlab_info", labels, 1)
        guard let start = AskedTime.instant(info.started, now: WallInstant.zero) else { return }
        family("flowlab_start_time_seconds", "gauge", "When the daemon started, in seconds since 1970 UTC.")
        sample("flowlab_start_time_seconds", [], start.seconds)
    }

    private mutating func loop(_ loop: LoopShape) {
        family("flowlab_loop_scan_rate_hertz", "gauge", "How often the control loop looks at the bench at least.")
        sample("flowlab_loop_scan_rate_hertz", [], loop.scanRateHz)
        family(
            "flowlab_loop_lateness_seconds", "histogram",
            "From a deadline of the control loop to the begin of its step.")
        histogram("flowlab_loop_lateness_seconds", [], loop.latenessBuckets, loop.deadlines, loop.latenessSumS)
        family("flowlab_loop_lateness_max_seconds", "gauge", "The worst of them since the daemon started.")
        sample("flowlab_loop_lateness_max_seconds", [], loop.latenessMaxUS / 1e6)
        family("flowlab_loop_overruns_total", "counter", "Deadlines that were met more than one scan period late.")
        sample("flowlab_loop_overruns_total", [], Double(loop.overruns))
    }

    private mutating func mailboxes(_ boxes: [MailboxShape]) {
        func labels(_ box: MailboxShape) -> [(String, String)] { [("mailbox", box.mailbox)] }
        family("flowlab_mailbox_capacity", "gauge", "What a mailbox between two threads holds at most.")
        for box in boxes { sample("flowlab_mailbox_capacity", labels(box), Double(box.capacity)) }
        family("flowlab_mailbox_waiting", "gauge", "What waits in it.")
        for box in boxes { sample("flowlab_mailbox_waiting", labels(box), Double(box.waiting)) }
        family("flowlab_mailbox_high_water", "gauge", "The most that ever waited in it.")
        for box in boxes { sample("flowlab_mailbox_high_water", labels(box), Double(box.highWater)) }
        family("flowlab_mailbox_refused_total", "counter", "What found no room in it.")
        for box in boxes { sample("flowlab_mailbox_refused_total", labels(box), Double(box.refused)) }
    }

    private mutating func links(_ links: [LinkShape]) {
        func labels(_ link: LinkShape) -> [(String, String)] { [("link", link.link)] }
        family("flowlab_link_open", "gauge", "1 while the link is open.")
        for link in links { sample("flowlab_link_open", labels(link), link.open ? 1 : 0) }
        family("flowlab_link_round_trip_seconds", "histogram", "Of an answered exchange, as the control loop sees it.")
        for link in links {
            let (buckets, sum) = (link.roundTripBuckets, link.roundTripSumS)
            histogram("flowlab_link_round_trip_seconds", labels(link), buckets, link.exchanges, sum)
        }
        family("flowlab_link_round_trip_max_seconds", "gauge", "The longest of them since the daemon started.")
        for link in links { sample("flowlab_link_round_trip_max_seconds", labels(link), link.roundTripMaxUS / 1e6) }
        family("flowlab_link_errors_total", "counter", "Exchanges without a usable answer, failed openings, losses.")
        for link in links { sample("flowlab_link_errors_total", labels(link), Double(link.errors)) }
        family("flowlab_link_reconnects_total", "counter", "How often the link was opened again.")
        for link in links { sample("flowlab_link_reconnects_total", labels(link), Double(link.reconnects)) }
    }

    // MARK: Lines

    private mutating func family(_ name: String, _ type: String, _ help: String) {
        lines += ["# HELP \(name) \(help)", "# TYPE \(name) \(type)"]
    }

    private mutating func sample(_ name: String, _ labels: [(String, String)], _ value: Double) {
        let all = ([("bench", bench)] + labels).map { "\($0.0)=\"\(Self.escaped($0.1))\"" }.joined(separator: ",")
        lines.append("\(name){\(all)} \(Self.number(value))")
    }

    private mutating func histogram(
        _ name: String, _ labels: [(String, String)], _ buckets: [BucketShape], _ count: Int, _ sum: Double
    ) {
        for bound in Self.bounds {
            // A bucket's end is at most the bound, or its begin is at least.
            let below = buckets.filter { $0.upToUS <= bound }.reduce(0) { $0 + $1.count }
            sample("\(name)_bucket", labels + [("le", Self.number(bound / 1e6))], Double(below))
        }
        sample("\(name)_bucket", labels + [("le", "+Inf")], Double(count))
        sample("\(name)_sum", labels, sum)
        sample("\(name)_count", labels, Double(count))
    }

    /// Whole numbers without a fraction; all digits that a Double needs.
    private static func number(_ value: Double) -> String {
        value == value.rounded() && value.magnitude < 1e15 ? "\(Int64(value))" : "\(value)"
    }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { out, character in
            switch character {
            case "\\": out += "\\\\"
            case "\"": out += "\\\""
            case "\n": out += "\\n"
            default: out.append(character)
            }
        }
    }
}
