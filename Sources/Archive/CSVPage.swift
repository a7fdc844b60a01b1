import Wire

/// What stands in one field of an export.
enum Cell {
    case empty
    /// A word of the daemon's own.
    case word(String)
    /// What others wrote: a client, a technician, an error of the system.
    case text(String?)
    /// Empty where it is not finite.
    case number(Double?)
    case integer(Int?)
    case flag(Bool)
    /// JSON of a client's making, left empty where the page has no room for it; its size stands in a column of its own.
    case json(String?)
}

/// A page of an export, which must fit in one reply with room to spare, whatever clients wrote into their records.
///
/// Sizes are counted as a reply has them: as the text of a JSON string.
struct CSVPage {
    /// Above this no JSON cell is taken that does not fit below it, and other texts are cut short.
    static let roomyBytes = 400_000
    /// What a text may take, with room and without.
    static let textBytes = 2000
    static let shortTextBytes = 80
    static let cut = "…"

    private(set) var csv = ""
    private var size = 0

    init(_ header: [String]) { add(header.map { .word($0) }) }

    mutating func add(_ cells: [Cell]) {
        var fields: [String] = []
        fields.reserveCapacity(cells.count)
        for cell in cells {
            let field = CSV.field(text(of: cell))
            size += Self.size(of: field) + 1
            fields.append(field)
        }
        size += 2
        csv += fields.joined(separator: ",") + "\n"
    }

    private func text(of cell: Cell) -> String {
        switch cell {
        case .empty, .text(nil), .number(nil), .integer(nil), .json(nil): ""
        case .word(let word): word
        case .text(let text?): CSV.defused(shortened(text))
        case .number(let number?): number.isFinite ? "\(number)" : ""
        case .integer(let number?): String(number)
        case .flag(let flag): flag ? "true" : "false"
        case .json(let text?): size + Self.size(of: CSV.field(text)) <= Self.roomyBytes ? CSV.defused(text) : ""
        }
    }

    private func shortened(_ text: String) -> String {
        let limit = size < Self.roomyBytes ? Self.textBytes : Self.shortTextBytes
        // Quotes may double.
        guard text.utf8.count * 2 > limit, Self.size(of: CSV.field(text)) > limit else { return text }
        var room = limit
        let kept = text.unicodeScalars.prefix { scalar in
            let piece = String(scalar)
            room -= Self.size(of: piece) * (scalar == "\"" ? 2 : 1)
            return room >= 0
        }
        return String(String.UnicodeScalarView(kept)) + Self.cut
    }

    /// Bytes within a JSON string: control characters take six at most, quotes and backslashes two.
    private static func size(of text: String) -> Int {
        text.utf8.reduce(0) { sum, byte in
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): sum + 2
            case 0..<0x20, 0x7F: sum + 6
            default: sum + 1
            }
        }
    }
}
