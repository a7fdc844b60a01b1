/// The known word that was probably meant: at most two letters off, and fewer than half of them.
func nearest(to word: String, among known: [String]) -> String? {
    let best = known.map { (distance: editDistance(word, $0), word: $0) }.min { $0.distance < $1.distance }
    guard let best, best.distance <= 2, best.distance * 2 < max(word.count, best.word.count) else { return nil }
    return best.word
}

/// `one of a, b, c`, with the one that was probably meant.
func oneOf(_ known: [String], given: String? = nil) -> String {
    if known.isEmpty { return "a name, but there is none to choose from" }
    let list = "one of \(known.joined(separator: ", "))"
    guard let near = given.flatMap({ nearest(to: $0, among: known) }) else { return list }
    return known.count > 8 ? "\"\(near)\" perhaps" : "\(list); did you mean \"\(near)\"?"
}

/// Letters to insert, delete, change or swap with a neighbour; words over 64 letters count as far off.
private func editDistance(_ a: String, _ b: String) -> Int {
    let (a, b) = (Array(a), Array(b))
    guard a.count <= 64, b.count <= 64 else { return Int.max }
    var rows = [Array(0...b.count)]
    for i in 0..<a.count {
        var row = [i + 1]
        for j in 0..<b.count {
            var cost = min(rows[i][j] + (a[i] == b[j] ? 0 : 1), rows[i][j + 1] + 1, row[j] + 1)
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, rows[i - 1][j - 1] + 1) }
            row.append(cost)
        }
        rows.append(row)
    }
    return rows[a.count][b.count]
}
