import DeviceModel

/// The text that JASCO's software exports of one spectrum: lines `KEY<TAB>value`, the line `XYDATA`, and NPOINTS rows of a
/// wavelength and a value for each of YUNITS, Y2UNITS, ...; behind them may stand an empty line and sections about the
/// sample and the measurement. Lines end with CR LF or LF; text is Latin-1; numbers may have a decimal comma.
///
/// Source: published exports of a J-810 and a J-815 (`TITLE`, `DATA TYPE`, `ORIGIN JASCO`, `DELTAX`, `XUNITS NANOMETERS`,
/// `YUNITS CD[mdeg]`, `Y2UNITS HT[V]`, `Y3UNITS ABSORBANCE`, `FIRSTX`, `LASTX`, `NPOINTS`, `XYDATA`).
struct JascoExport: Hashable, Sendable {
    let wavelengths: [Double]
    let columns: [AnalyzerResult.Column]

    enum Reading: Hashable, Sendable {
        case whole(JascoExport)
        /// It may still be growing. What there is: "120 of 241 rows".
        case incomplete(String)
        /// Whatever follows, it is no result.
        case wrong(String)
    }

    private static let mostPoints = 100_000
    private static let mostColumns = 8
    private static let plausibleNanometers = 10.0...100_000.0
    /// Of the first and the last wavelength, nm, at least.
    private static let axisTolerance = 0.051

    static func read(_ bytes: [UInt8]) -> Reading {
        var lines = Lines(bytes: bytes[...])
        var header: [String: String] = [:]
        while let line = lines.next() {
            let text = latin(line)
            if text == "XYDATA" { return data(&lines, header) }
            let parts = text.split(separator: "\t", maxSplits: 1, omittingEmptySubsequences: false)
            if header.count < 100 { header[String(parts[0])] = parts.count > 1 ? String(parts[1]) : "" }
        }
        return .incomplete("no line XYDATA")
    }

    private static func data(_ lines: inout Lines, _ header: [String: String]) -> Reading {
        guard header["XUNITS"]?.uppercased() == "NANOMETERS" else {
            return .wrong("XUNITS is \"\(header["XUNITS"] ?? "")\", expected NANOMETERS")
        }
        guard let count = Int(header["NPOINTS"] ?? ""), (2...mostPoints).contains(count) else {
            return .wrong("NPOINTS is \"\(header["NPOINTS"] ?? "")\", expected 2 to \(mostPoints)")
        }
        let units = ["YUNITS"] + (2...mostColumns).map { "Y\($0)UNITS" }
        let named = units.prefix { header[$0] != nil }.map { split(header[$0] ?? "") }
        guard !named.isEmpty else { return .wrong("it has no YUNITS") }
        if let why = nameProblem(named) { return .wrong(why) }
        var rows = [[Double]](repeating: [], count: named.count + 1)
        for row in 0..<count {
            let line = lines.next()
            guard let line, let first = line.first, isOfNumber(first) else {
                let rest = line == nil && lines.hasPartial ? ", and the next has no end" : ""
                return .incomplete("\(row) of \(count) rows\(rest)")
            }
            let fields = line.split { $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: " ") }
            let numbers = fields.compactMap(number)
            guard numbers.count == fields.count, numbers.count == rows.count else {
                return .wrong("row \(row + 1) is \"\(latin(line).prefix(60))\", expected \(rows.count) numbers")
            }
            for index in rows.indices { rows[index].append(numbers[index]) }
        }
        if let why = axisProblem(rows[0], header) { return .wrong(why) }
        let columns = zip(named, rows.dropFirst()).map {
            AnalyzerResult.Column(name: $0.name, unit: $0.unit, values: $1)
        }
        return .whole(JascoExport(wavelengths: rows[0], columns: columns))
    }

    private static let longestWord = 32

    /// A quantity and its unit become names of spectra and of files.
    private static func nameProblem(_ columns: [(name: String, unit: String)]) -> String? {
        for column in columns {
            let isName = column.name.utf8.allSatisfy { isWordByte($0) } && !column.name.isEmpty
            guard isName, column.name.utf8.count <= longestWord else {
                return
                    "a column is named \"\(column.name.prefix(40))\", expected 1 to \(longestWord) letters, digits, _, - and ."
            }
            guard column.unit.utf8.count <= longestWord, column.unit.unicodeScalars.allSatisfy({ $0.value >= 0x20 })
            else {
                return
                    "\(column.name) has the unit \"\(column.unit.prefix(40))\", expected at most \(longestWord) characters"
            }
        }
        let names = columns.map { $0.name.lowercased() }
        return Set(names).count == names.count ? nil : "two columns have one name: \(names.joined(separator: ", "))"
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "_-. ".utf8.contains(byte)
        }
    }

    /// The header says where the rows begin and end.
    private static func axisProblem(_ axis: [Double], _ header: [String: String]) -> String? {
        guard zip(axis, axis.dropFirst()).allSatisfy({ $0 < $1 }) || zip(axis, axis.dropFirst()).allSatisfy({ $0 > $1 })
        else { return "its wavelengths neither rise nor fall" }
        guard axis.allSatisfy({ plausibleNanometers.contains($0) }) else {
            return
                "its wavelengths are beyond \(plausibleNanometers.lowerBound) to \(plausibleNanometers.upperBound) nm"
        }
        let step = (header["DELTAX"].flatMap { number(Array($0.utf8)[...]) } ?? 0).magnitude
        for (key, shown) in [("FIRSTX", axis.first), ("LASTX", axis.last)] {
            guard let shown, let said = header[key] else { return "it has no \(key)" }
            let wanted = number(Array(said.utf8)[...])
            guard let wanted, (wanted - shown).magnitude <= max(axisTolerance, step / 2) else {
                return "\(key) is \(said), and its row is at \(shown) nm"
            }
        }
        return nil
    }

    /// `CD[mdeg]`
    private static func split(_ text: String) -> (name: String, unit: String) {
        guard let open = text.firstIndex(of: "["), text.hasSuffix("]") else { return (text, "") }
        return (String(text[..<open]), String(text[text.index(after: open)...].dropLast()))
    }

    /// A row that begins with a letter is a section; `nan` and `inf` stand in no first place.
    private static func isOfNumber(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || "+-.".utf8.contains(byte)
    }

    private static func number(_ field: ArraySlice<UInt8>) -> Double? {
        guard field.count <= 40 else { return nil }
        return Double(String(decoding: field.map { $0 == UInt8(ascii: ",") ? UInt8(ascii: ".") : $0 }, as: UTF8.self))
    }

    private static func latin(_ line: ArraySlice<UInt8>) -> String {
        var text = ""
        for byte in line.prefix(400) { text.unicodeScalars.append(UnicodeScalar(byte)) }
        return text
    }
}

/// Whole lines: one without an end may be half a number.
private struct Lines {
    var bytes: ArraySlice<UInt8>

    var hasPartial: Bool { !bytes.isEmpty }

    mutating func next() -> ArraySlice<UInt8>? {
        guard let end = bytes.firstIndex(of: 0x0a) else { return nil }
        defer { bytes = bytes[(end + 1)...] }
        let line = bytes[bytes.startIndex..<end]
        return line.last == 0x0d ? line.dropLast() : line
    }
}
