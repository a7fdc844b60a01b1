/// Connections in the order of their numbers, each once.
struct ConnectionList: Sequence {
    private var ids: [ConnectionID] = []

    var isEmpty: Bool { ids.isEmpty }

    mutating func insert(_ id: ConnectionID) {
        let place = place(of: id)
        guard place == ids.count || ids[place] != id else { return }
        ids.insert(id, at: place)
    }

    mutating func remove(_ id: ConnectionID) {
        let place = place(of: id)
        guard place < ids.count, ids[place] == id else { return }
        ids.remove(at: place)
    }

    func makeIterator() -> IndexingIterator<[ConnectionID]> { ids.makeIterator() }

    /// Where it stands, or would.
    private func place(of id: ConnectionID) -> Int {
        var (low, high) = (0, ids.count)
        while low < high {
            let middle = (low + high) / 2
            if ids[middle].number < id.number { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
