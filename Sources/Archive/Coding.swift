import Experiments
import FoundationEssentials
import Quantities

/// Between values and what a column holds. Decimal text of a double is its shortest exact form, so round trips are
/// exact.
enum Coding {
    static func json<Value: Encodable>(_ value: Value, of what: String) throws(ArchiveError) -> SQLValue {
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            encoder.nonConformingFloatEncodingStrategy = .convertToString(
                positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
            return .text(String(decoding: try encoder.encode(value), as: UTF8.self))
        } catch {
            throw .unreadable(what: what, detail: "cannot be written as JSON: \(error)")
        }
    }

    static func optionalJSON<Value: Encodable>(_ value: Value?, of what: String) throws(ArchiveError) -> SQLValue {
        guard let value else { return .null }
        return try json(value, of: what)
    }

    static func value<Value: Decodable>(
        _ type: Value.Type, _ text: String, of what: String
    ) throws(ArchiveError) -> Value {
        do {
            let decoder = JSONDecoder()
            decoder.nonConformingFloatDecodingStrategy = .convertFromString(
                positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
            return try decoder.decode(type, from: Data(text.utf8))
        } catch {
            throw .unreadable(what: what, detail: "does not read back as it was written: \(error)")
        }
    }

    static func optionalValue<Value: Decodable>(
        _ type: Value.Type, _ text: String?, of what: String
    ) throws(ArchiveError) -> Value? {
        guard let text else { return nil }
        return try value(type, text, of: what)
    }

    static func recipe(_ text: String, of what: String) throws(ArchiveError) -> Recipe {
        if let recipe = RecipeText.recipe(text) { return recipe }
        return try value(Recipe.self, text, of: what)
    }

    /// Float32, little-endian.
    static func blob(_ samples: [Float]) -> SQLValue {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(samples.count * 4)
        for sample in samples {
            withUnsafeBytes(of: sample.bitPattern.littleEndian) { bytes += $0 }
        }
        return .blob(bytes)
    }

    static func samples(_ bytes: [UInt8]) -> [Float] {
        stride(from: 0, to: bytes.count - bytes.count % 4, by: 4).map { start in
            let pattern = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << UInt32(8 * $1) }
            return Float(bitPattern: pattern)
        }
    }

    /// The columns `wire_ns, bench_ns, wall_ns`.
    static func moment(_ moment: Moment) -> [SQLValue] {
        [
            .integer(moment.wire.nanoseconds), .integer(moment.bench.nanoseconds), .integer(moment.wall.nanoseconds),
        ]
    }

    static func moment(_ row: Row, from column: Int32) -> Moment {
        Moment(
            wire: WireInstant(nanoseconds: row.integer(column)),
            bench: BenchInstant(nanoseconds: row.integer(column + 1)),
            wall: WallInstant(nanoseconds: row.integer(column + 2)))
    }

    /// The digits that end an experiment's name: 42 of `e-000042`; 0 without any.
    static func number(of experiment: String) -> Int64 {
        let digits = experiment.utf8.reversed().prefix { (0x30...0x39).contains($0) }.reversed()
        return Int64(String(decoding: Array(digits), as: UTF8.self)) ?? 0
    }
}
