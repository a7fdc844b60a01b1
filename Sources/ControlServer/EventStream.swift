import ControlAPI
import DeviceModel
import Experiments
import Quantities
import Wire

/// One thing that subscribers are told, numbered daemon-wide.
struct StreamItem {
    enum Content {
        case event(JSONValue)
        case reading(Reading)
        /// What was numbered but never came here: from this number to the item's own.
        case lost(from: UInt64)
    }

    let sequence: UInt64
    let topic: String
    let at: Moment
    let content: Content
}

/// The last items of one kind, oldest first.
struct RecentItems {
    let capacity: Int
    private var items: [StreamItem] = []
    private var head = 0
    /// The newest that was let go; 0 when none was.
    private(set) var lastDropped: UInt64 = 0

    init(capacity: Int) { self.capacity = capacity }

    mutating func append(_ item: StreamItem) {
        if items.count < capacity {
            items.append(item)
        } else {
            lastDropped = items[head].sequence
            items[head] = item
            head = (head + 1) % capacity
        }
    }

    /// The oldest retained item that is not older than `sequence`.
    func first(from sequence: UInt64) -> StreamItem? {
        var (low, high) = (0, items.count)
        while low < high {
            let middle = (low + high) / 2
            if at(middle).sequence < sequence { low = middle + 1 } else { high = middle }
        }
        return low < items.count ? at(low) : nil
    }

    private func at(_ index: Int) -> StreamItem { items[(head + index) % items.count] }
}

/// All that happens, in order. Readings come far more often than events, and must not push them out: each has its own
/// ring, and both share the numbers that the control loop gives.
struct EventStream {
    /// The number of what happens next.
    private(set) var next: UInt64 = 1
    private(set) var events = RecentItems(capacity: APILimits.retainedEvents)
    private(set) var readings = RecentItems(capacity: APILimits.retainedEvents)

    /// - Returns: false when something before it never came.
    mutating func append(_ event: BenchEvent) -> Bool {
        guard event.sequence >= next else { return true }
        let isWhole = noteHole(before: event.sequence, at: event.at)
        let item = StreamItem(
            sequence: event.sequence, topic: event.topic, at: event.at, content: .event(event.data))
        if event.topic.hasPrefix(Subscription.signalPrefix) { readings.append(item) } else { events.append(item) }
        next = event.sequence + 1
        return isWhole
    }

    /// - Returns: false when something before it never came.
    mutating func append(_ reading: Reading, sequence: UInt64) -> Bool {
        guard sequence >= next else { return true }
        let isWhole = noteHole(before: sequence, at: reading.at)
        let topic = Subscription.signalPrefix + reading.signal.text
        readings.append(StreamItem(sequence: sequence, topic: topic, at: reading.at, content: .reading(reading)))
        next = sequence + 1
        return isWhole
    }

    /// A bounded mailbox may have overflowed on the way; subscribers of either kind must learn of it.
    private mutating func noteHole(before sequence: UInt64, at moment: Moment) -> Bool {
        guard sequence > next else { return true }
        let hole = StreamItem(sequence: sequence - 1, topic: "gap", at: moment, content: .lost(from: next))
        events.append(hole)
        readings.append(hole)
        return false
    }

    func first(from sequence: UInt64, for subscription: Subscription) -> StreamItem? {
        let event = subscription.wantsEvents ? events.first(from: sequence) : nil
        let reading = subscription.wantsReadings ? readings.first(from: sequence) : nil
        guard let event, let reading else { return event ?? reading }
        return event.sequence < reading.sequence ? event : reading
    }
}

/// The lines of the last items, by their number.
struct RecentLines {
    private static let count = 512
    private var lines = [(sequence: UInt64, bytes: [UInt8])](repeating: (0, []), count: count)

    subscript(sequence: UInt64) -> [UInt8]? {
        let kept = lines[Int(sequence % UInt64(Self.count))]
        return kept.sequence == sequence && sequence > 0 ? kept.bytes : nil
    }

    mutating func keep(_ bytes: [UInt8], of sequence: UInt64) {
        lines[Int(sequence % UInt64(Self.count))] = (sequence, bytes)
    }
}

/// What was new to one subscriber, in whose ring nothing was missing: those who asked for the same and have come as far
/// get the same bytes.
struct SharedNews {
    let asked: [String]
    let from: UInt64
    let bytes: [UInt8]
    let upTo: UInt64

    func isNews(to subscription: Subscription) -> Bool {
        subscription.cursor == from && subscription.asked == asked
    }
}

/// What one connection wants to be told, and how far it was told.
struct Subscription {
    static let signalPrefix = "signals:"

    /// As the client wrote them.
    let asked: [String]
    let topics: Set<String>
    let signals: [Glob]
    /// The first item that was not yet looked at for this subscriber.
    var cursor: UInt64
    /// Up to where missed items were reported, by kind.
    var reportedEvents: UInt64 = 0
    var reportedReadings: UInt64 = 0
    /// Which signals' topics match, once it was looked: there are as many as the bench has signals.
    private var known: [String: Bool] = [:]

    init(asked: [String], topics: Set<String>, signals: [Glob], cursor: UInt64) {
        self.asked = asked
        self.topics = topics
        self.signals = signals
        self.cursor = cursor
    }

    var wantsEvents: Bool { !topics.isEmpty }
    var wantsReadings: Bool { !signals.isEmpty }

    mutating func wants(_ item: StreamItem) -> Bool {
        if case .lost = item.content { return true }
        let topic = item.topic
        if let known = known[topic] { return known }
        guard topic.hasPrefix(Self.signalPrefix) else { return topics.contains(topic) }
        let name = String(topic.dropFirst(Self.signalPrefix.count))
        let matches = signals.contains { $0.matches(name) }
        known[topic] = matches
        return matches
    }

    /// The missed ranges that were not reported yet; marks them as reported.
    mutating func newGaps(in stream: EventStream) -> [(kind: String, range: ClosedRange<UInt64>)] {
        var gaps: [(String, ClosedRange<UInt64>)] = []
        let events = max(cursor, reportedEvents + 1)
        if wantsEvents, stream.events.lastDropped >= events {
            gaps.append(("events", events...stream.events.lastDropped))
            reportedEvents = stream.events.lastDropped
        }
        let readings = max(cursor, reportedReadings + 1)
        if wantsReadings, stream.readings.lastDropped >= readings {
            gaps.append(("signals", readings...stream.readings.lastDropped))
            reportedReadings = stream.readings.lastDropped
        }
        return gaps
    }
}
