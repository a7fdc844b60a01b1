import Quantities
import Synchronization

/// What became of a posted element.
public enum PostResult: Equatable, Sendable {
    case accepted
    /// There was no room and the rule is `refuse`: the element was not taken, and the poster must deal with it.
    case full
}

/// What a full mailbox does with one element more. Each owner states its rule where it makes the mailbox.
public enum OverflowRule: Sendable {
    /// The new element is refused and the poster told. For commands and records: nothing is lost in silence.
    case refuse
    /// The oldest element makes room. For readings and progress, where only the newest counts.
    case dropOldest
}

/// What is known of any mailbox, whatever it carries; from any thread.
public protocol MailboxGauge: Sendable {
    var name: String { get }
    var capacity: Int { get }
    var count: Int { get }
    var highWater: Int { get }
    var dropped: Int { get }
}

/// A bounded queue from any thread to one consumer, which is woken through a descriptor.
///
/// The ring is allocated once; posting and draining move elements under a short lock, whose priority inheritance keeps a
/// real-time consumer from waiting behind a preempted poster.
public final class Mailbox<Element: Sendable>: MailboxGauge {
    /// How it is called in status and alarms, `to-archive`.
    public let name: String
    public let capacity: Int
    public let overflow: OverflowRule

    private let ring: Mutex<BoundedRing<Element>>
    private let wake: WakeEvent

    /// - Parameter wake: to share one wake-up between mailboxes of one consumer, who then uses `take` and clears the
    ///   wake-up himself, right after waiting and before looking into any of them.
    public init(name: String, capacity: Int, overflow: OverflowRule, wake: WakeEvent? = nil) throws(PlatformError) {
        precondition(capacity > 0, "a mailbox holds one element or more")
        self.name = name
        self.capacity = capacity
        self.overflow = overflow
        self.wake = if let wake { wake } else { try WakeEvent() }
        ring = Mutex(BoundedRing(capacity: capacity))
    }

    /// For the consumer's poll set: readable while elements wait.
    public var wakeDescriptor: Int32 { wake.rawDescriptor }

    /// How many elements wait.
    public var count: Int { ring.withLock { $0.count } }
    /// The most elements that ever waited at once.
    public var highWater: Int { ring.withLock { $0.highWater } }
    /// How many elements were lost or refused for want of room.
    public var dropped: Int { ring.withLock { $0.dropped } }

    /// Puts one element at the end; never blocks on a full ring.
    public func post(_ element: Element) -> PostResult {
        let (result, wasEmpty) = ring.withLock { ring in
            let wasEmpty = ring.count == 0
            return (ring.put(element, overflow), wasEmpty)
        }
        if wasEmpty { wake.signal() }
        return result
    }

    /// Takes up to `max` elements, oldest first. What is left keeps the descriptor readable.
    public func drain(max limit: Int) -> [Element] {
        var taken: [Element] = []
        drain(max: limit) { taken.append($0) }
        return taken
    }

    /// The same without an array. The lock is not held while `body` runs, so `body` may post here.
    public func drain(max limit: Int, _ body: (Element) -> Void) {
        wake.clear()
        for _ in 0..<limit {
            guard let element = take() else { return }
            body(element)
        }
        if count > 0 { wake.signal() }
    }

    /// Takes the oldest element and leaves the wake-up alone.
    public func take() -> Element? { ring.withLock { $0.take() } }

    /// Blocks the consumer until an element waits or `timeout` passes (nil: for ever). True when one waits. A spurious
    /// true is possible; `drain` then gives nothing.
    public func wait(timeout: WireDuration?) -> Bool { wake.wait(timeout: timeout) }
}

/// A ring of fixed size that counts what it saw.
private struct BoundedRing<Element> {
    private var slots: [Element?]
    private var first = 0
    private(set) var count = 0
    private(set) var highWater = 0
    private(set) var dropped = 0

    init(capacity: Int) { slots = Array(repeating: nil, count: capacity) }

    mutating func put(_ element: Element, _ rule: OverflowRule) -> PostResult {
        if count == slots.count {
            dropped += 1
            if case .refuse = rule { return .full }
            _ = take()
        }
        slots[(first + count) % slots.count] = element
        count += 1
        highWater = max(highWater, count)
        return .accepted
    }

    mutating func take() -> Element? {
        guard count > 0 else { return nil }
        let element = slots[first].take()
        first = (first + 1) % slots.count
        count -= 1
        return element
    }
}
