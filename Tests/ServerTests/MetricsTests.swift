import ControlAPI
import ControlClient
import ControlCore
import Experiments
import Quantities
import Testing
import Wire

/// `flowlabctl metrics`: the page against a reader of its own, which knows the exposition format and nothing of flowlab.
@Suite struct MetricsTests {
    private static func info(bench: String = "test") throws -> SystemInfo.Result {
        var loop = LoopFigures()
        for microseconds in [1, 3, 4, 5, 900, 20_000] as [Int64] {
            loop.lateness.add(WireDuration(nanoseconds: microseconds * 1000))
        }
        loop.overruns = 2
        let mailboxes = [MailboxFigures(name: "to-loop", capacity: 1024, waiting: 1, highWater: 17, refused: 3)]
        let figures = BenchFigures(at: Sample.moment(0), loop: loop, links: [], mailboxes: mailboxes)
        return SystemInfo.Result(
            api: "1.2.3", daemon: "flowlabd 1", bench: bench, simulated: true, stream: "s",
            started: Sample.moment(0).wall.rfc3339, limits: [:], figures: figures)
    }

    @Test func thePageIsWellFormedAndSaysWhatWasCounted() throws {
        let page = try Exposition(PrometheusText.page(Self.info()))
        #expect(page.types["flowlab_loop_lateness_seconds"] == "histogram")
        let name = "flowlab_loop_lateness_seconds"
        let buckets = page.samples.filter { $0.name == name + "_bucket" }
        #expect(buckets.map { $0.labels["le"] ?? "" }.prefix(3) == ["1e-06", "4e-06", "1.6e-05"])
        #expect(buckets.prefix(3).map(\.value) == [1, 3, 4] && buckets.last?.value == 6)
        #expect(try page.value(name + "_count") == 6)
        #expect((try page.value(name + "_sum") - 20_913e-6).magnitude < 1e-12)
        #expect(try page.value("flowlab_loop_overruns_total") == 2)
        #expect(try page.value("flowlab_loop_scan_rate_hertz") == 50)
        #expect(try page.value("flowlab_start_time_seconds") == 1_790_000_000)
        #expect(try page.value("flowlab_mailbox_high_water", ["mailbox": "to-loop"]) == 17)
        #expect(try page.value("flowlab_mailbox_refused_total", ["mailbox": "to-loop"]) == 3)
        #expect(page.samples.allSatisfy { $0.labels["bench"] == "test" })
    }

    @Test func labelsAreEscaped() throws {
        let bench = "a\"b\\c\nd"
        let page = try Exposition(PrometheusText.page(Self.info(bench: bench)))
        #expect(page.samples.allSatisfy { $0.labels["bench"] == bench })
    }

    /// Through the server and back, as `flowlabctl` gets it.
    @Test func theServerTellsTheSame() throws {
        let harness = Harness(role: .observer)
        let json = try #require(try harness.ask("system.info")["result"])
        let info = try DaemonConnection.decode(SystemInfo.Result.self, json)
        let page = try Exposition(PrometheusText.page(info))
        let figures = Sample.figures()
        #expect(try page.value("flowlab_loop_lateness_seconds_count") == Double(figures.loop.lateness.count))
        #expect(info.loop.latenessP99US != nil && info.loop.latenessMaxUS == 1500)
        #expect(page.samples.contains { $0.labels["mailbox"] == "to-archive" })
    }
}

/// What a scraper makes of a page: every line must be a sample, a help or a type; families in one piece, each with both;
/// histograms cumulative and complete; no sample twice.
private struct Exposition {
    struct Sample {
        let name: String
        let labels: [String: String]
        let value: Double
    }
    struct Wrong: Error { let what: String }

    private(set) var types: [String: String] = [:]
    private(set) var samples: [Sample] = []
    private var helps: Set<String> = []

    init(_ page: String) throws {
        guard page.hasSuffix("\n") else { throw Wrong(what: "no line end at the end") }
        var family = ""
        for line in page.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            let words = line.split(separator: " ", maxSplits: 3).map(String.init)
            if line.hasPrefix("# HELP ") {
                family = words[2]
                guard words.count == 4, helps.insert(family).inserted else { throw Wrong(what: "\(line)") }
            } else if line.hasPrefix("# TYPE ") {
                guard words.count == 4, words[2] == family, types[family] == nil,
                    ["counter", "gauge", "histogram"].contains(words[3])
                else { throw Wrong(what: "\(line)") }
                types[family] = words[3]
            } else {
                try take(Self.sample(String(line)), family)
            }
        }
        try checkHistograms()
    }

    private mutating func take(_ sample: Sample, _ family: String) throws {
        let endings = types[family] == "histogram" ? ["_bucket", "_sum", "_count"] : [""]
        guard helps.contains(family), endings.contains(where: { family + $0 == sample.name }) else {
            throw Wrong(what: "\(sample.name) is not of the family \(family)")
        }
        guard (types[family] == "counter") == family.hasSuffix("_total") else { throw Wrong(what: family) }
        guard !samples.contains(where: { $0.name == sample.name && $0.labels == sample.labels }) else {
            throw Wrong(what: "\(sample.name) \(sample.labels) twice")
        }
        samples.append(sample)
    }

    private func checkHistograms() throws {
        for family in types.filter({ $0.value == "histogram" }).keys {
            for total in samples where total.name == family + "_count" {
                let buckets = samples.filter { sample in
                    sample.name == family + "_bucket" && sample.labels.filter { $0.key != "le" } == total.labels
                }
                let ends = buckets.map { $0.labels["le"] == "+Inf" ? .infinity : Double($0.labels["le"] ?? "") ?? .nan }
                guard zip(ends, ends.dropFirst()).allSatisfy({ $0 < $1 }), ends.last == .infinity,
                    zip(buckets, buckets.dropFirst()).allSatisfy({ $0.value <= $1.value }),
                    buckets.last?.value == total.value
                else { throw Wrong(what: "the buckets of \(family) \(total.labels)") }
            }
        }
    }

    /// `name{label="value",…} number`
    private static func sample(_ line: String) throws -> Sample {
        var rest = Substring(line)
        let name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == ":" }
        rest = rest.dropFirst(name.count)
        guard !name.isEmpty, rest.popFirst() == "{" else { throw Wrong(what: line) }
        var labels: [String: String] = [:]
        while let first = rest.first, first != "}" {
            if first == "," { rest.removeFirst() }
            let label = rest.prefix { $0.isLetter || $0 == "_" }
            rest = rest.dropFirst(label.count)
            guard !label.isEmpty, rest.hasPrefix("=\""), labels[String(label)] == nil else { throw Wrong(what: line) }
            rest = rest.dropFirst(2)
            labels[String(label)] = try quoted(&rest, line)
        }
        guard rest.hasPrefix("} "), let value = Double(rest.dropFirst(2)) else { throw Wrong(what: line) }
        return Sample(name: String(name), labels: labels, value: value)
    }

    private static func quoted(_ rest: inout Substring, _ line: String) throws -> String {
        var text = ""
        while let character = rest.popFirst() {
            if character == "\"" { return text }
            guard character == "\\" else {
                text.append(character)
                continue
            }
            switch rest.popFirst() {
            case "n": text.append("\n")
            case "\\": text.append("\\")
            case "\"": text.append("\"")
            default: throw Wrong(what: line)
            }
        }
        throw Wrong(what: line)
    }

    func value(_ name: String, _ labels: [String: String] = [:]) throws -> Double {
        let found = samples.filter { sample in
            sample.name == name && labels.allSatisfy { sample.labels[$0.key] == $0.value }
        }
        guard let only = found.first, found.count == 1 else { throw Wrong(what: "\(found.count) samples of \(name)") }
        return only.value
    }
}
