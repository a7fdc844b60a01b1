import Quantities

/// Cuts what a host sends into requests at their terminators, also where one comes in pieces. Empty ones are passed over,
/// so that CR LF is one terminator; one that is longer than any real one is dropped whole.
struct TerminatedInput: Sendable {
    private static let longest = 200

    private let terminators: [UInt8]
    private var request: [UInt8] = []
    private var isTooLong = false

    init(endedBy terminators: String) { self.terminators = Array(terminators.utf8) }

    mutating func requests(_ bytes: [UInt8]) -> [[UInt8]] {
        var requests: [[UInt8]] = []
        for byte in bytes {
            guard terminators.contains(byte) else {
                if request.count < Self.longest { request.append(byte) } else { isTooLong = true }
                continue
            }
            if !request.isEmpty, !isTooLong { requests.append(request) }
            clear()
        }
        return requests
    }

    mutating func clear() {
        request = []
        isTooLong = false
    }
}

/// Answers that go out one after the other, each so long after its request or after the answer before it.
struct ReplyQueue: Sendable {
    let delay: WireDuration
    private var busyUntil = WireInstant.zero

    init(delay: WireDuration) { self.delay = delay }

    mutating func reply(_ bytes: [UInt8], at now: WireInstant) -> TimedReply {
        busyUntil = max(busyUntil, now) + delay
        return TimedReply(bytes: bytes, due: busyUntil)
    }
}
