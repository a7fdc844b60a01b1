import Wire

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
