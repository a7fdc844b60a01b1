/// A row of values as one line of blocks, lowest to highest.
public struct Sparkline: Sendable {
    private let blocks: [Character]

    /// - Parameter isUnicode: false for terminals that know ASCII only.
    public init(isUnicode: Bool) { blocks = Array(isUnicode ? "▁▂▃▄▅▆▇█" : "_.,-~=*#") }

    /// The newest `width` values, each on the range of those shown; a space where there is no number.
    public func text(_ values: [Double?], width: Int) -> String {
        let shown = values.suffix(max(0, width))
        let numbers = shown.compactMap { $0 }.filter(\.isFinite)
        guard let least = numbers.min(), let most = numbers.max() else {
            return String(repeating: " ", count: shown.count)
        }
        return String(
            shown.map { value -> Character in
                guard let value, value.isFinite else { return " " }
                let part = most > least ? (value - least) / (most - least) : 0.5
                return blocks[min(blocks.count - 1, Int(part * Double(blocks.count)))]
            })
    }

    /// All values as the means of at most `width` parts of them, so that a long history fits.
    public func condensed(_ values: [Double?], width: Int) -> String {
        guard values.count > width, width > 0 else { return text(values, width: width) }
        let means = (0..<width).map { column -> Double? in
            let part = values[(column * values.count / width)..<((column + 1) * values.count / width)]
            let numbers = part.compactMap { $0 }.filter(\.isFinite)
            return numbers.isEmpty ? nil : numbers.reduce(0, +) / Double(numbers.count)
        }
        return text(means, width: width)
    }
}
