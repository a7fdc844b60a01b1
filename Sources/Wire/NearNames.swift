/// Names that a person may have meant.
public enum NearNames {
    /// At most three of `known` that are a few letters away from `name` or contain it, nearest first.
    public static func to(_ name: String, among known: [String]) -> [String] {
        let wanted = Array(name.lowercased().utf8.prefix(64))
        guard !wanted.isEmpty else { return [] }
        let ranked = known.map { candidate in
            let letters = Array(candidate.lowercased().utf8)
            let tail = letters.split(separator: UInt8(ascii: ".")).last.map(Array.init) ?? letters
            return (candidate, min(distance(wanted, letters), distance(wanted, tail)))
        }
        let near = ranked.filter { $0.1 <= max(2, wanted.count / 3) }
        return near.sorted { ($0.1, $0.0) < ($1.1, $1.0) }.prefix(3).map(\.0)
    }

    /// Levenshtein's.
    private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var row = Array(0...b.count)
        for (i, left) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, right) in b.enumerated() {
                let above = row[j + 1]
                row[j + 1] = min(above + 1, row[j] + 1, diagonal + (left == right ? 0 : 1))
                diagonal = above
            }
        }
        return row[b.count]
    }
}
