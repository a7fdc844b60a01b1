import Quantities

/// What is under way in a trial, earliest first; what is due at one instant keeps the order of adding.
struct EventQueue<Event> {
    /// A place in the heap; the events themselves stay where they are.
    private struct Key {
        let due: WireInstant
        let number: UInt64
        let slot: Int

        func isBefore(_ other: Key) -> Bool { (due, number) < (other.due, other.number) }
    }

    /// A binary heap.
    private var keys: [Key] = []
    private var events: [Event?] = []
    private var free: [Int] = []
    private var added: UInt64 = 0

    var next: WireInstant? { keys.first?.due }
    var count: Int { keys.count }
    /// In no order.
    var all: [Event] { events.compactMap { $0 } }

    mutating func add(_ event: Event, at due: WireInstant) {
        added += 1
        let slot = free.popLast() ?? events.count
        if slot == events.count { events.append(event) } else { events[slot] = event }
        keys.append(Key(due: due, number: added, slot: slot))
        var child = keys.count - 1
        while child > 0, keys[child].isBefore(keys[(child - 1) / 2]) {
            keys.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func take(at now: WireInstant) -> Event? {
        guard let first = keys.first, first.due <= now else { return nil }
        let last = keys.removeLast()
        if !keys.isEmpty {
            keys[0] = last
            sink()
        }
        defer {
            events[first.slot] = nil
            free.append(first.slot)
        }
        return events[first.slot]
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < keys.count {
                if keys[child].isBefore(keys[least]) { least = child }
            }
            guard least != parent else { return }
            keys.swapAt(parent, least)
            parent = least
        }
    }
}
