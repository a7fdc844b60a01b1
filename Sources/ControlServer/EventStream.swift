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
/// ring, and both share the numbers.
struct EventStream {
    private(set) var next: UInt64 = 1
    private(set) var events = RecentItems(capacity: APILimits.retainedEvents)
    private(set) var readings = RecentItems(capacity: APILimits.retainedEvents)

    mutating func append(_ event: BenchEvent) {
        let item = StreamItem(sequence: next, topic: event.topic, at: event.at, content: .event(event.data))
        if event.topic.hasPrefix(Subscription.signalPrefix) { readings.append(item) } else { events.append(item) }
        next += 1
    }

    mutating func append(_ reading: Reading) {
        let topic = Subscription.signalPrefix + reading.signal.text
        readings.append(StreamItem(sequence: next, topic: topic, at: reading.at, content: .reading(reading)))
        next += 1
    }

    func first(from sequence: UInt64, for subscription: Subscription) -> StreamItem? {
        let event = subscription.wantsEvents ? events.first(from: sequence) : nil
        let reading = subscription.wantsReadings ? readings.first(from: sequence) : nil
        guard let event, let reading else { return event ?? reading }
        return event.sequence < reading.sequence ? event : reading
    }
}

/// What one connection wants to be told, and how far it was told.
struct Subscription {
    static let signalPrefix = "signals:"

    let topics: Set<String>
    let signals: [Glob]
    /// The first item that was not yet looked at for this subscriber.
    var cursor: UInt64
    /// Up to where missed items were reported, by kind.
    var reportedEvents: UInt64 = 0
    var reportedReadings: UInt64 = 0

    var wantsEvents: Bool { !topics.isEmpty }
    var wantsReadings: Bool { !signals.isEmpty }

    func wants(_ topic: String) -> Bool {
        guard topic.hasPrefix(Self.signalPrefix) else { return topics.contains(topic) }
        let name = String(topic.dropFirst(Self.signalPrefix.count))
        return signals.contains { $0.matches(name) }
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
