import Archive
import Experiments
import Quantities
import Testing
import Wire

/// Tables as CSV, a page at a time.
@Suite struct ArchiveExportTests {
    let place: ArchivePlace

    init() throws { place = try ArchivePlace() }

    /// All pages as rows by column, after a parser that knows RFC 4180 only.
    private func table(_ table: ExportTable, campaign: String? = nil) throws -> [[String: String]] {
        let reader = try ArchiveReader(path: place.path)
        var rows: [[String: String]] = []
        var page = 1
        while true {
            let (csv, pages) = try reader.export(table, campaign: campaign, page: page)
            let lines = try RFC4180.records(csv)
            let header = try #require(lines.first)
            #expect(Set(header).count == header.count)
            for line in lines.dropFirst() {
                try #require(line.count == header.count)
                rows.append(Dictionary(zip(header, line)) { first, _ in first })
            }
            page += 1
            if page > pages { return rows }
        }
    }

    @Test func anExperimentIsOneRow() throws {
        let archive = try Archive(path: place.path)
        var record = Sample.ended(1, .done, sequence: 7)
        record.key = "run, \"one\"\r\n"
        record.plan.temperatureC = 140.1
        record.plan.wasteUL = 12.5
        record.flags = ["saturated", "dropout"]
        try archive.commit([Sample.batch(1, .experiment(record))])
        let row = try #require(try table(.experiments).first)
        let expected = [
            "experiment": "e-000001", "state": "done", "origin": "bench", "campaign": "c-000001", "sequence": "7",
            "key": "run, \"one\"\r\n", "submitted": "2026-11-20T23:18:10.042Z", "started": "2026-11-20T23:19:10.000Z",
            "ended": "2026-11-20T23:19:14.000Z", "simulated": "true", "data": "none",
            "cause": record.transitions.last?.cause ?? "?", "flags": "saturated dropout",
            "recipe.kind": "flows", "recipe.temperature_c": "140.0",
            "recipe.flows_ul_min.oa_cui": "0.30000000000000004",
            "recipe.flows_ul_min.ode_cs": "", "plan.temperature_c": "140.1", "plan.flows_ul_min.cui": "80.01",
            "plan.reaction_time_s": "31.4", "plan.residence_time_s": "82.8", "plan.equilibrium_time_s": "99.36",
            "plan.waste_ul": "12.5", "measured.temperature_c": "140.02", "measured.flows_ul_min.cui": "80.0123",
            "features.pl_peak.mean": "445.1", "features.pl_peak.sem": "", "features.pl_peak.n": "25",
            "features.pl_peak.unit": "nm", "certificate.verdict": "steady", "certificate.swept_tau": "1.21",
            "certificate.samples": "25", "error.kind": "", "names_without_columns": "0",
            "submitted_by": "4294967295",
        ]
        for (name, value) in expected { #expect(row[name] == value, "\(name)") }
        #expect(row["metadata"]?.contains("\\u0000end") == true)
        #expect(row["metadata_bytes"] == (row["metadata"]?.utf8.count).map(String.init))
    }

    @Test func columnsAreTheUnionOfTheSetInStableOrder() throws {
        let archive = try Archive(path: place.path)
        var box = Sample.queued(2)
        box.recipe = .box(BoxRecipe(x: ["temperature": 0.5, "cui": 0.25]))
        box.executed = .box(BoxRecipe(x: ["temperature": 0.5, "cui": 0.2]))
        box.campaign = "c-000002"
        var external = Sample.ended(3, .attached, sequence: 1)
        external.features = ["abs_300": FeatureValue(mean: .infinity, sem: 0.1, n: 1, unit: "AU")]
        try archive.commit([
            Sample.batch(1, .experiment(Sample.done(1)), .experiment(box), .experiment(external))
        ])
        let reader = try ArchiveReader(path: place.path)
        func header(_ campaign: String?) throws -> [String] {
            try RFC4180.records(try reader.export(.experiments, campaign: campaign, page: 1).csv)[0]
        }
        let all = try header(nil)
        #expect(all.filter { $0.hasPrefix("recipe.x.") } == ["recipe.x.cui", "recipe.x.temperature"])
        #expect(
            all.filter { $0.hasSuffix(".mean") } == [
                "features.abs_300.mean", "features.pl_area.mean", "features.pl_peak.mean",
            ])
        #expect(try header("c-000001").contains("recipe.x.cui") == false)
        #expect(try header("c-000002").contains { $0.hasPrefix("features.") } == false)
        let rows = try table(.experiments)
        #expect(rows.map { $0["experiment"] } == ["e-000001", "e-000002", "e-000003"])
        #expect(rows[1]["executed.x.cui"] == "0.2" && rows[2]["features.abs_300.mean"] == "")
        #expect(rows[2]["started"] == "" && rows[2]["features.abs_300.n"] == "1")
        try archive.commit([Sample.batch(2, .experiment(Sample.queued(4)))])
        #expect(try header(nil) == all)
    }

    @Test(arguments: ["=HYPERLINK(\"http://x\")", "+1", "-2+3", "@SUM(A1)", "\tx", "\rx"])
    func noFieldOfAClientIsAFormula(_ text: String) throws {
        let archive = try Archive(path: place.path)
        var record = Sample.ended(1, .failed, sequence: 1)
        record.key = text
        record.source = text
        record.error = ExperimentError(kind: "trip", device: nil, detail: text, hint: "")
        record.metadata = .string(text)
        record.transitions[0].cause = text
        record.features = ["x": FeatureValue(mean: -1, sem: 0, n: 1, unit: text)]
        let act = ReagentAct(
            at: Sample.moment(1), uid: 1, kind: .refill, device: "cui", volumeUL: -5, batch: text, lot: text, note: text
        )
        let audit = AuditRecord(at: Sample.moment(1), uid: 1, pid: 2, method: "m", detail: text, outcome: text)
        try archive.commit([Sample.batch(1, .experiment(record), .reagentAct(act), .audit(audit))])
        for kind in ExportTable.allCases {
            for row in try table(kind) {
                for (name, value) in row where value.utf8.first.map({ "=+-@\t\r".utf8.contains($0) }) == true {
                    #expect(Double(value) != nil, "\(name) of \(kind)")
                }
            }
        }
        #expect(try table(.experiments)[0]["features.x.mean"] == "-1.0")
        #expect(try table(.experiments)[0]["key"] == "'" + text)
    }

    @Test func theOtherTablesPageThrough() throws {
        let archive = try Archive(path: place.path)
        for number in 1...120 {
            var record = Sample.done(number)
            record.campaign = number % 3 == 0 ? "c-000003" : nil
            let act = ReagentAct(at: Sample.moment(1), uid: 5, kind: .charge, device: "cui", volumeUL: Double(number))
            let audit = AuditRecord(
                at: Sample.moment(1), uid: 1, pid: 2, method: "m", detail: "\(number)", outcome: "ok")
            let events = (0..<4).map { Sample.event(UInt64(4 * number + $0)) }
            try archive.commit([
                ArchiveBatch(
                    id: UInt64(number), writes: [.experiment(record), .reagentAct(act), .audit(audit)] + events)
            ])
        }
        #expect(try table(.experiments).map { $0["experiment"] } == (1...120).map { Sample.done($0).experiment })
        #expect(try table(.experiments, campaign: "c-000003").count == 40)
        let transitions = try table(.transitions)
        #expect(transitions.count == 120 * 6 && transitions[5]["state"] == "done" && transitions[6]["position"] == "0")
        #expect(try table(.transitions, campaign: "c-000003").count == 40 * 6)
        #expect(try table(.reagents).map { $0["volume_ul"] } == (1...120).map { "\(Double($0))" })
        #expect(try table(.audit).map { $0["detail"] } == (1...120).map(String.init))
        let events = try table(.events)
        #expect(events.map { $0["event"] } == (1...480).map(String.init))
        #expect(events[0]["data"] == "{\"state\":\"done\"}" && events[0]["topic"] == "experiments")
        let reader = try ArchiveReader(path: place.path)
        #expect(throws: StoreError.self) { try reader.export(.events, campaign: "c-000003", page: 1) }
    }

    @Test(arguments: ExportTable.allCases) func anEmptyTableIsOnePageWithItsHeader(_ kind: ExportTable) throws {
        _ = try Archive(path: place.path)
        let reader = try ArchiveReader(path: place.path)
        for page in [1, 2, Int.min, Int.max] {
            let (csv, pages) = try reader.export(kind, campaign: nil, page: page)
            #expect(pages == 1 && csv.hasSuffix("\n"))
            #expect(try RFC4180.records(csv).count == 1)
        }
    }
}

/// Whatever clients write, a page stays below a reply's limit.
@Suite struct ArchiveExportSizeTests {
    /// As text of a JSON string.
    private func size(_ csv: String) -> Int {
        csv.utf8.reduce(0) { sum, byte in
            sum + (byte < 0x20 || byte == 0x7F ? 6 : byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") ? 2 : 1)
        }
    }

    @Test(arguments: ["\u{1}", "\"", "\\", "é", ",", "=", "\r\n"]) func hostileTextsDoNotFillAReply(_ text: String)
        throws
    {
        let place = try ArchivePlace()
        let archive = try Archive(path: place.path)
        let long = String(repeating: text, count: 16_000 / text.utf8.count)
        let middle = String(long.prefix(2500))
        for number in 1...60 {
            var record = Sample.ended(number, .attached, sequence: number)
            record.features = [:]
            record.key = String(long.prefix(128))
            record.source = middle
            record.metadata = .object(["m": .string(long)])
            record.error = ExperimentError(kind: "trip", device: middle, detail: middle, hint: middle)
            record.transitions[0].cause = middle
            let unit = String(long.prefix(100))
            for index in 0..<45 {
                record.features?["f\(index)"] = FeatureValue(mean: 1.0 / 3, sem: 1e-300 / 3, n: 9, unit: unit)
            }
            record.features?[unit + "\(number)"] = FeatureValue(mean: 1, sem: 1, n: 1, unit: unit)
            let audit = AuditRecord(
                at: Sample.moment(1), uid: 1, pid: 2, method: middle, detail: middle, outcome: middle)
            let event = BenchEvent(
                sequence: UInt64(number), topic: "alarms", at: Sample.moment(1), data: .string(middle))
            try archive.commit([
                ArchiveBatch(id: UInt64(number), writes: [.experiment(record), .audit(audit), .event(event)])
            ])
        }
        let reader = try ArchiveReader(path: place.path)
        for kind in ExportTable.allCases {
            let (csv, pages) = try reader.export(kind, campaign: nil, page: 1)
            #expect(size(csv) < 900_000, "\(kind)")
            #expect(pages <= 2)
        }
        let rows = try RFC4180.records(try reader.export(.experiments, campaign: nil, page: 1).csv)
        let (bytes, metadata) = (rows[0].firstIndex(of: "metadata_bytes"), rows[0].firstIndex(of: "metadata"))
        // What was left out can be seen, and the first ones are whole.
        #expect(rows[1][metadata ?? 0].utf8.count == Int(rows[1][bytes ?? 0]))
        #expect(rows[50][metadata ?? 0] == "" && rows[50][bytes ?? 0] == rows[1][bytes ?? 0])
        #expect(rows[1][rows[0].firstIndex(of: "names_without_columns") ?? 0] != "0")
    }
}

/// Reads what RFC 4180 says, with LF, and refuses everything else.
enum RFC4180 {
    struct Violation: Error {
        let at: Int
    }

    static func records(_ text: String) throws -> [[String]] {
        let bytes = Array(text.utf8)
        var records: [[String]] = []
        var fields: [String] = []
        var at = 0
        while at < bytes.count {
            fields.append(try field(bytes, &at))
            if at < bytes.count, bytes[at] == UInt8(ascii: ",") {
                at += 1
                if at < bytes.count { continue }
            }
            guard at < bytes.count, bytes[at] == 10 else { throw Violation(at: at) }
            at += 1
            records.append(fields)
            fields = []
        }
        guard fields.isEmpty else { throw Violation(at: at) }
        return records
    }

    private static func field(_ bytes: [UInt8], _ at: inout Int) throws -> String {
        var content: [UInt8] = []
        guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else {
            while at < bytes.count, ![13, 10, UInt8(ascii: ",")].contains(bytes[at]) {
                guard bytes[at] != UInt8(ascii: "\"") else { throw Violation(at: at) }
                content.append(bytes[at])
                at += 1
            }
            return String(decoding: content, as: UTF8.self)
        }
        at += 1
        while at < bytes.count {
            if bytes[at] == UInt8(ascii: "\"") {
                at += 1
                guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else {
                    return String(decoding: content, as: UTF8.self)
                }
            }
            content.append(bytes[at])
            at += 1
        }
        throw Violation(at: at)
    }
}
