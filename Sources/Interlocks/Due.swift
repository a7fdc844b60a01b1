import Quantities

/// When time alone could change what a row says, on each clock.
struct Due: Hashable, Sendable {
    var bench: BenchInstant?
    var wire: WireInstant?
}

/// When the engine has to look again, although nothing was read.
extension InterlockEngine {
    /// What was asked of a row from outside may have changed its vote: it is judged with the next scan, which is due.
    mutating func judgeSoon(_ row: Int) {
        dues[row] = Due(wire: .zero)
        noteDeadlines()
    }

    /// After these rows were judged.
    mutating func noteDue(_ indices: [Int]) {
        for index in indices { dues[index] = due(index) }
        noteDeadlines()
    }

    private func due(_ index: Int) -> Due {
        if let ends = rows[index].bypass?.ends { return Due(wire: ends) }
        guard latches.isEmpty || !isLatched(rows[index].rule.name) else { return Due() }
        var due = Due()
        if let since = rows[index].votingSince, !rows[index].rule.isPermissive {
            let delay = rows[index].rule.cause.delay
            if delay > .zero { due.bench = since + delay }
        }
        for input in rows[index].inputs.indices where !rows[index].inputs[input].isMissing {
            if let ends = rows[index].inputs[input].expiry { due.wire = min(due.wire ?? ends, ends) }
        }
        return due
    }

    private mutating func noteDeadlines() {
        var earliest = Due()
        for due in dues {
            if let bench = due.bench { earliest.bench = min(earliest.bench ?? bench, bench) }
            if let wire = due.wire { earliest.wire = min(earliest.wire ?? wire, wire) }
        }
        deadlines = (earliest.bench, earliest.wire)
    }
}
