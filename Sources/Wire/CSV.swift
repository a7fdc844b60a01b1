/// Comma-separated values after RFC 4180, with LF.
public enum CSV {
    /// By bytes: a character that has an accent on its comma still holds a comma.
    public static func field(_ text: String) -> String {
        guard text.utf8.contains(where: isSpecial) else { return text }
        var bytes = [quote]
        for byte in text.utf8 {
            if byte == quote { bytes.append(quote) }
            bytes.append(byte)
        }
        bytes.append(quote)
        return String(decoding: bytes, as: UTF8.self)
    }

    public static func row(_ fields: [String]) -> String { fields.map(field).joined(separator: ",") + "\n" }

    /// Text that others wrote, so that no spreadsheet takes it for a formula: with an apostrophe in front when it
    /// begins as one does.
    public static func defused(_ text: String) -> String {
        guard let first = text.utf8.first, formulaStarts.contains(first) else { return text }
        return "'" + text
    }

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

    private static let quote = UInt8(ascii: "\"")
    private static let formulaStarts: Set<UInt8> = Set("=+-@\t\r".utf8)

    private static func isSpecial(_ byte: UInt8) -> Bool {
        byte == quote || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
    }
}
