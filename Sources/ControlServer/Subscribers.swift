import ControlAPI
import DeviceModel
import Experiments
import Quantities
import Wire

extension ControlServer {
    /// `events.subscribe`: from now on, or from a number of the stream on.
    func subscribe(_ call: Call, _ params: EventsSubscribe.Params) throws(APIError) -> Answer<EventsSubscribe.Result> {
        var topics: Set<String> = []
        var signals: [Glob] = []
        for topic in params.topics {
            if EventsSubscribe.topics.contains(topic) {
                topics.insert(topic)
            } else if topic.hasPrefix(Subscription.signalPrefix), topic.count > Subscription.signalPrefix.count {
                signals.append(Glob(String(topic.dropFirst(Subscription.signalPrefix.count))))
            } else {
                throw Self.unknownTopic(topic)
            }
        }
        let isOtherStream = params.stream.map { $0 != identity.stream } ?? false
        let from = isOtherStream ? 1 : params.from ?? stream.next
        connections[call.connection]?.subscription = Subscription(
            asked: params.topics, topics: topics, signals: signals, cursor: min(max(1, from), stream.next))
        if connections[call.connection] != nil { subscribers.insert(call.connection) }
        return .result(EventsSubscribe.Result(stream: identity.stream, next: stream.next))
    }

    private static func unknownTopic(_ topic: String) -> APIError {
        APIError(
            .invalidParams, kind: "invalid_params",
            detail: "events.subscribe: topics: no topic \"\(topic.prefix(64))\"",
            hint:
                "topics are \(EventsSubscribe.topics.joined(separator: ", ")) and signals:<pattern>, as signals:heater.*"
        )
    }

    func hasEventsToSend(_ id: ConnectionID) -> Bool {
        guard let connection = connections[id], let subscription = connection.subscription,
            subscription.cursor < stream.next
        else { return false }
        return connection.unwritten < APILimits.outputSoftBytes
            && stream.first(from: subscription.cursor, for: subscription) != nil
    }

    func sendEventsToAll() {
        var shared: SharedNews?
        for id in subscribers { sendEvents(to: id, sharing: &shared) }
    }

    /// Sends what is new to one subscriber, in one piece and as long as it takes it. The rest waits in the ring; what falls
    /// out of the ring meanwhile is reported as a gap, and a subscriber that is too far behind is closed.
    func sendEvents(to id: ConnectionID) {
        var shared: SharedNews?
        sendEvents(to: id, sharing: &shared)
    }

    /// - Parameter shared: what another subscriber was just sent.
    private func sendEvents(to id: ConnectionID, sharing shared: inout SharedNews?) {
        guard let connection = connections[id], var subscription = connection.subscription else { return }
        if let shared, shared.isNews(to: subscription),
            connection.unwritten + shared.bytes.count < APILimits.outputSoftBytes
        {
            connection.subscription?.cursor = shared.upTo
            if !shared.bytes.isEmpty { send(shared.bytes, to: id) }
            return
        }
        let from = subscription.cursor
        let hasLostNone = from > max(stream.events.lastDropped, stream.readings.lastDropped)
        var news: [UInt8] = []
        // The line of most is the only one, and is not copied.
        func tell(_ line: [UInt8]) { if news.isEmpty { news = line } else { news += line } }
        while connection.unwritten + news.count < APILimits.outputSoftBytes {
            for gap in subscription.newGaps(in: stream) { tell(line(gap.kind, gap.range)) }
            guard let item = stream.first(from: subscription.cursor, for: subscription) else {
                subscription.cursor = stream.next
                break
            }
            subscription.cursor = item.sequence + 1
            if subscription.wants(item) { tell(line(item)) }
        }
        connection.subscription = subscription
        if hasLostNone, subscription.cursor == stream.next {
            shared = SharedNews(asked: subscription.asked, from: from, bytes: news, upTo: stream.next)
        }
        if !news.isEmpty { send(news, to: id) }
        if stream.next - subscription.cursor > UInt64(APILimits.missedEvents) { close(id) }
    }

    /// Written once for all who get it.
    private func line(_ item: StreamItem) -> [UInt8] {
        if let known = lines[item.sequence] { return known }
        let line = written(item)
        lines.keep(line, of: item.sequence)
        return line
    }

    private func written(_ item: StreamItem) -> [UInt8] {
        let data =
            switch item.content {
            case .event(let data): data
            case .reading(let reading): Self.json(reading)
            case .lost(let from): Self.gap("all", from...item.sequence)
            }
        let bytes = line(sequence: item.sequence, topic: item.topic, at: item.at, data: data)
        if bytes.count <= APILimits.lineBytes { return bytes }
        return line(sequence: item.sequence, topic: item.topic, at: item.at, data: .object(["too_large": .bool(true)]))
    }

    private func line(_ kind: String, _ missed: ClosedRange<UInt64>) -> [UInt8] {
        line(sequence: missed.upperBound, topic: "gap", at: snapshot().at, data: Self.gap(kind, missed))
    }

    /// - Parameter kind: `events`, `signals` or `all`.
    private static func gap(_ kind: String, _ missed: ClosedRange<UInt64>) -> JSONValue {
        .object(["kind": .string(kind), "from": json(missed.lowerBound), "to": json(missed.upperBound)])
    }

    private func line(sequence: UInt64, topic: String, at moment: Moment, data: JSONValue) -> [UInt8] {
        let params: [String: JSONValue] = [
            "stream": .string(identity.stream), "seq": Self.json(sequence), "topic": .string(topic),
            "time": .string(moment.wall.rfc3339), "bench_s": .number(moment.bench.seconds), "data": data,
        ]
        let event: JSONValue = .object([
            "jsonrpc": .string("2.0"), "method": .string("event"), "params": .object(params),
        ])
        return event.jsonBytes + Array("\n".utf8)
    }

    private static func json(_ sequence: UInt64) -> JSONValue { .integer(Int64(clamping: sequence)) }

    private static func json(_ reading: Reading) -> JSONValue {
        .object([
            "signal": .string(reading.signal.text), "unit": .string(reading.unit.rawValue),
            "value": reading.quality == .bad ? .null : .number(reading.value),
            "quality": .string(reading.quality.rawValue),
        ])
    }
}
