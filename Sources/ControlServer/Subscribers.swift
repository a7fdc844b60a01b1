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
            topics: topics, signals: signals, cursor: min(max(1, from), stream.next))
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

    func hasEventsToSend(_ connection: Connection) -> Bool {
        guard let subscription = connection.subscription else { return false }
        return connection.unwritten < APILimits.outputSoftBytes
            && stream.first(from: subscription.cursor, for: subscription) != nil
    }

    func sendEventsToAll() {
        let subscribers = connections.filter { $0.value.subscription != nil }.keys
        for id in subscribers.sorted(by: { $0.number < $1.number }) { sendEvents(to: id) }
    }

    /// Sends what is new to one subscriber, as long as it takes it. The rest waits in the ring; what falls out of the
    /// ring meanwhile is reported as a gap, and a subscriber that is too far behind is closed.
    func sendEvents(to id: ConnectionID) {
        guard var subscription = connections[id]?.subscription else { return }
        while let unwritten = connections[id]?.unwritten {
            guard unwritten < APILimits.outputSoftBytes else { break }
            for gap in subscription.newGaps(in: stream) { send(line(gap.kind, gap.range), to: id) }
            guard let item = stream.first(from: subscription.cursor, for: subscription) else {
                subscription.cursor = stream.next
                break
            }
            subscription.cursor = item.sequence + 1
            if subscription.wants(item.topic) { send(line(item), to: id) }
        }
        connections[id]?.subscription = subscription
        if stream.next - subscription.cursor > UInt64(APILimits.missedEvents) { close(id) }
    }

    private func line(_ item: StreamItem) -> [UInt8] {
        let data =
            switch item.content {
            case .event(let data): data
            case .reading(let reading): Self.json(reading)
            }
        let bytes = line(sequence: item.sequence, topic: item.topic, at: item.at, data: data)
        if bytes.count <= APILimits.lineBytes { return bytes }
        return line(sequence: item.sequence, topic: item.topic, at: item.at, data: .object(["too_large": .bool(true)]))
    }

    private func line(_ kind: String, _ missed: ClosedRange<UInt64>) -> [UInt8] {
        let data: [String: JSONValue] = [
            "kind": .string(kind), "from": Self.json(missed.lowerBound), "to": Self.json(missed.upperBound),
        ]
        return line(sequence: missed.upperBound, topic: "gap", at: snapshot().at, data: .object(data))
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
