import Quantities
import Wire

/// One key of the bench file: its name, its type with unit and limits, what it stands for when it is left out.
struct Key<Value: Sendable>: Sendable {
    let name: String
    /// What a good value looks like: `a number in mm, 0.103 to 40`.
    let expected: String
    /// One line for people.
    let meaning: String
    let fallback: Value?
    let isRequired: Bool
    let convert: @Sendable (JSONValue) -> Value?

    var described: String { meaning.isEmpty ? expected : "\(expected) (\(meaning))" }

    /// The same key, which may be left out and then has no value.
    var optional: Key {
        Key(
            name: name, expected: expected, meaning: meaning, fallback: fallback, isRequired: false, convert: convert)
    }
}

extension Key {
    private init(
        _ name: String, _ expected: String, _ fallback: Value?, _ meaning: String,
        convert: @escaping @Sendable (JSONValue) -> Value?
    ) {
        self.init(
            name: name, expected: expected, meaning: meaning, fallback: fallback, isRequired: fallback == nil,
            convert: convert)
    }

    /// A number; its unit is the end of the key's name.
    static func number(
        _ name: String, _ range: ClosedRange<Double>, default fallback: Double? = nil, _ meaning: String
    ) -> Key<Double> {
        let unit = unit(ofKey: name).map { " in \($0)" } ?? ""
        let limits = "\(plain(range.lowerBound)) to \(plain(range.upperBound))"
        return Key<Double>(name, "a number\(unit), \(limits)", fallback, meaning) { value in
            value.double.flatMap { range.contains($0) ? $0 : nil }
        }
    }

    static func whole(
        _ name: String, _ range: ClosedRange<Int64>, default fallback: Int64? = nil, _ meaning: String
    ) -> Key<Int64> {
        let unit = unit(ofKey: name).map { " of \($0)" } ?? ""
        let limits = "\(range.lowerBound) to \(range.upperBound)"
        return Key<Int64>(name, "a whole number\(unit), \(limits)", fallback, meaning) { value in
            if case .integer(let number) = value, range.contains(number) { number } else { nil }
        }
    }

    static func flag(_ name: String, default fallback: Bool? = nil, _ meaning: String) -> Key<Bool> {
        Key<Bool>(name, "true or false", fallback, meaning) { value in
            if case .bool(let flag) = value { flag } else { nil }
        }
    }

    static func choice(_ name: String, _ words: [String], default fallback: String? = nil, _ meaning: String)
        -> Key<String>
    {
        Key<String>(name, "one of \(words.joined(separator: ", "))", fallback, meaning) { value in
            value.text.flatMap { words.contains($0) ? $0 : nil }
        }
    }

    /// A text of at most `limit` bytes without control characters; it may be empty where its default is.
    static func text(_ name: String, limit: Int = 200, default fallback: String? = nil, _ meaning: String)
        -> Key<String>
    {
        let least = fallback == "" ? 0 : 1
        return Key<String>(name, "a text of \(least) to \(limit) bytes", fallback, meaning) { value in
            value.text.flatMap { isPrintable($0) && (least...limit).contains($0.utf8.count) ? $0 : nil }
        }
    }

    /// A text with a form of its own.
    static func form<Form: Sendable>(
        _ name: String, _ expected: String, default fallback: Form? = nil, _ meaning: String,
        _ convert: @escaping @Sendable (String) -> Form?
    ) -> Key<Form> {
        Key<Form>(name, expected, fallback, meaning) { $0.text.flatMap(convert) }
    }

    /// Several texts of one form, none twice; `expected` describes the whole.
    static func texts(
        _ name: String, _ expected: String, _ meaning: String, _ isGood: @escaping @Sendable (String) -> Bool
    ) -> Key<[String]> {
        Key<[String]>(name, expected, nil, meaning) { value in
            guard case .array(let items) = value else { return nil }
            let texts = items.compactMap(\.text).filter(isGood)
            return texts.count == items.count && Set(texts).count == texts.count ? texts : nil
        }
    }

    /// A table of numbers with names that may become parts of signal names; not empty.
    static func numbers(
        _ name: String, _ expected: String, _ range: ClosedRange<Double>, _ meaning: String
    ) -> Key<[String: Double]> {
        let limits = "each \(plain(range.lowerBound)) to \(plain(range.upperBound))"
        return Key<[String: Double]>(name, "\(expected), \(limits)", nil, meaning) { value in
            guard case .object(let members) = value, !members.isEmpty else { return nil }
            let good = members.compactMapValues(\.double).filter {
                range.contains($0.value) && NameForm.underscored.accepts($0.key)
            }
            return good.count == members.count ? good : nil
        }
    }

    /// Two different numbers, in the order of the file.
    static func pair(_ name: String, _ limits: ClosedRange<Double>, _ meaning: String) -> Key<NumberPair> {
        let bounds = "\(plain(limits.lowerBound)) to \(plain(limits.upperBound))"
        return Key<NumberPair>(name, "an array of two different numbers, \(bounds)", nil, meaning) { value in
            guard case .array(let items) = value else { return nil }
            let ends = items.compactMap(\.double)
            guard ends.count == 2, items.count == 2, ends[0] != ends[1], ends.allSatisfy(limits.contains) else {
                return nil
            }
            return NumberPair(first: ends[0], second: ends[1])
        }
    }

    /// Two numbers, the smaller one first.
    static func range(
        _ name: String, _ limits: ClosedRange<Double>, _ meaning: String
    ) -> Key<ClosedRange<Double>> {
        let unit = unit(ofKey: name).map { " in \($0)" } ?? ""
        let bounds = "\(plain(limits.lowerBound)) to \(plain(limits.upperBound))"
        return Key<ClosedRange<Double>>(
            name, "an array of two numbers\(unit), the smaller one first, \(bounds)", nil, meaning
        ) { value in
            guard case .array(let items) = value else { return nil }
            let ends = items.compactMap(\.double)
            guard ends.count == 2, items.count == 2, ends[0] <= ends[1], limits.contains(ends[0]),
                limits.contains(ends[1])
            else { return nil }
            return ends[0]...ends[1]
        }
    }

    /// A length of bench time (the chemistry's clock), as text with its unit.
    static func benchTime(
        _ name: String, _ range: ClosedRange<Double>, default fallback: BenchDuration? = nil, _ meaning: String
    ) -> Key<BenchDuration> { time(name, range, fallback, "bench time", meaning) }

    /// A length of link time (never scaled by `clock_rate`), as text with its unit.
    static func linkTime(
        _ name: String, _ range: ClosedRange<Double>, default fallback: WireDuration? = nil, _ meaning: String
    ) -> Key<WireDuration> { time(name, range, fallback, "link time", meaning) }

    private static func time<Clock>(
        _ name: String, _ range: ClosedRange<Double>, _ fallback: Span<Clock>?, _ clock: String, _ meaning: String
    ) -> Key<Span<Clock>> {
        let limits = "\"\(DurationText.format(range.lowerBound))\" to \"\(DurationText.format(range.upperBound))\""
        let expected = "a duration as text with ms, s, min or h, \(limits) of \(clock)"
        return Key<Span<Clock>>(name, expected, fallback, meaning) { value in
            guard let seconds = value.text.flatMap(DurationText.seconds), range.contains(seconds) else { return nil }
            return .seconds(seconds)
        }
    }
}

/// Two numbers of which either may be the larger one.
struct NumberPair: Sendable {
    let first: Double
    let second: Double
}

/// `0.5`, `28`, never `28.0`.
func plain(_ number: Double) -> String {
    number == number.rounded() && number.magnitude < 1e15 ? "\(Int64(number))" : "\(number)"
}

func isPrintable(_ text: String) -> Bool { text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F } }

/// The unit that ends a key's name.
private func unit(ofKey name: String) -> String? {
    let units: [(ending: String, unit: String)] = [
        ("_ul_min", "uL/min"), ("_k_min", "K/min"), ("_mm", "mm"), ("_ml", "mL"), ("_ul", "uL"), ("_ms", "ms"),
        ("_us", "us"), ("_nm", "nm"),
        ("_percent", "%"), ("_s", "s"), ("_c", "degC"), ("_k", "K"), ("_w", "W"), ("_tau", "units of tau"),
    ]
    return units.first { name.hasSuffix($0.ending) }?.unit
}

/// Durations as the bench file writes them: `500ms`, `30s`, `2min`, `1.5h`.
enum DurationText {
    private static let units: [(word: String, seconds: Double)] = [("ms", 0.001), ("min", 60), ("s", 1), ("h", 3600)]

    static func seconds(_ text: String) -> Double? {
        for unit in units where text.hasSuffix(unit.word) {
            let digits = text.dropLast(unit.word.count)
            let isNumber = digits.utf8.allSatisfy { $0 == UInt8(ascii: ".") || (0x30...0x39).contains($0) }
            guard isNumber, digits.utf8.count <= 12, let value = Double(digits) else { return nil }
            return value * unit.seconds
        }
        return nil
    }

    /// The longest unit in which the length is a whole number.
    static func format(_ seconds: Double) -> String {
        for (word, length) in [("h", 3600.0), ("min", 60), ("s", 1)] {
            let count = seconds / length
            if count >= 1, count == count.rounded() { return "\(plain(count))\(word)" }
        }
        return "\(plain((seconds * 1000 * 1e6).rounded() / 1e6))ms"
    }
}
