extension WallInstant {
    /// RFC 3339, UTC, milliseconds: `2026-11-20T23:18:10.042Z`.
    public var rfc3339: String {
        let milliseconds = floorDivide(nanoseconds, 1_000_000)
        let secondsOfEpoch = floorDivide(milliseconds, 1000)
        let days = floorDivide(secondsOfEpoch, 86_400)
        let secondOfDay = secondsOfEpoch - days * 86_400
        let (year, month, day) = civilDate(daysSinceEpoch: days)
        // 64 bits of nanoseconds reach from 1677 to 2262: the year has four digits.
        return String(unsafeUninitializedCapacity: 24) { text in
            var digits = FixedDigits(text)
            digits.append(year, 4, "-")
            digits.append(month, 2, "-")
            digits.append(day, 2, "T")
            digits.append(secondOfDay / 3600, 2, ":")
            digits.append(secondOfDay / 60 % 60, 2, ":")
            digits.append(secondOfDay % 60, 2, ".")
            digits.append(milliseconds - secondsOfEpoch * 1000, 3, "Z")
            return digits.count
        }
    }
}

/// The proleptic Gregorian date of a day number, after Howard Hinnant's `civil_from_days`.
private func civilDate(daysSinceEpoch: Int64) -> (Int64, Int64, Int64) {
    let shifted = daysSinceEpoch + 719_468
    let era = floorDivide(shifted, 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
}

private func floorDivide(_ a: Int64, _ b: Int64) -> Int64 {
    let quotient = a / b
    return a % b < 0 ? quotient - 1 : quotient
}

/// Numbers of fixed width, each with what stands after it.
private struct FixedDigits {
    private let text: UnsafeMutableBufferPointer<UInt8>
    private(set) var count = 0

    init(_ text: UnsafeMutableBufferPointer<UInt8>) { self.text = text }

    /// - Precondition: `value` is not negative and has at most `width` digits.
    mutating func append(_ value: Int64, _ width: Int, _ separator: Unicode.Scalar) {
        var rest = value
        for place in stride(from: count + width - 1, through: count, by: -1) {
            text[place] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
        text[count + width] = UInt8(ascii: separator)
        count += width + 1
    }
}
