/// Comma-separated values after RFC 4180, with LF.
public enum CSV {
    public static func field(_ text: String) -> String {
        let needsQuotes = text.utf8.contains { [0x2C, 0x22, 0x0A, 0x0D].contains($0) }
        return needsQuotes
            ? "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
            : text
    }

    public static func row(_ fields: [String]) -> String { fields.map(field).joined(separator: ",") + "\n" }

    /// The rows of a text; a quote that is not closed ends with the text.
    public static func rows(_ text: String) -> [[String]] {
        var rows: [[String]] = []
        var row: [String] = []
        var field: [UInt8] = []
        var isQuoted = false
        var isBegun = false
        var bytes = Array(text.utf8)[...]
        func endField() {
            row.append(String(decoding: field, as: UTF8.self))
            field = []
        }
        while let byte = bytes.popFirst() {
            switch byte {
            case UInt8(ascii: "\"") where isQuoted && bytes.first == byte: field.append(bytes.removeFirst())
            case UInt8(ascii: "\""): isQuoted.toggle()
            case UInt8(ascii: ",") where !isQuoted: endField()
            case UInt8(ascii: "\r") where !isQuoted && bytes.first == UInt8(ascii: "\n"): continue
            case UInt8(ascii: "\n") where !isQuoted:
                endField()
                rows.append(row)
                row = []
                isBegun = false
                continue
            default: field.append(byte)
            }
            isBegun = true
        }
        if isBegun {
            endField()
            rows.append(row)
        }
        return rows
    }
}

/// A table that comes in pages, each with its own header; pages may have columns that others do not.
public struct CSVTable: Hashable, Sendable {
    public private(set) var columns: [String] = []
    public private(set) var rows: [[String]] = []

    public init() {}

    public mutating func append(page text: String) {
        let page = CSV.rows(text)
        guard let header = page.first else { return }
        for name in header where !columns.contains(name) { columns.append(name) }
        let places = header.map { columns.firstIndex(of: $0) ?? 0 }
        for fields in page.dropFirst() {
            var row = Array(repeating: "", count: columns.count)
            for (place, field) in zip(places, fields) { row[place] = field }
            rows.append(row)
        }
    }

    /// With every column in every row.
    public var text: String {
        CSV.row(columns) + rows.map { CSV.row($0 + Array(repeating: "", count: columns.count - $0.count)) }.joined()
    }
}
