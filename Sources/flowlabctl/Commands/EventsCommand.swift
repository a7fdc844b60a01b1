import ControlAPI
import ControlClient
import Usage
import Wire

extension Command {
    static let events = Command(
        "events", "Events as they happen, until interrupted.", operands: ["[TOPIC]"],
        options: [
            .repeated(
                "--topic", "TOPIC", "\(EventsSubscribe.topics.joined(separator: ", ")), signals:<pattern>.",
                of: .words(EventsSubscribe.topics)),
            .value("--from", "SEQ", "Begin at this sequence number of the stream; 1 is the oldest that is kept."),
            .value("--count", "N", "End after so many."),
        ],
        examples: ["events", "events experiments --from 1", "events --topic alarms --topic 'signals:heater.*' --json"]
    ) { (context) throws(Failure) in
        let named = context.arguments.operands + context.arguments.values("--topic")
        let from = try context.integer("--from", in: 0...Int.max).map(UInt64.init)
        var left = try context.integer("--count", in: 1...Int.max) ?? Int.max
        let daemon = try context.connect()
        let params = EventsSubscribe.Params(topics: named.isEmpty ? EventsSubscribe.topics : named, from: from)
        _ = try context.answer(daemon, EventsSubscribe.self, params)
        while left > 0 {
            guard let event = try next(daemon) else { continue }
            Terminal.line(context.isJSON ? event.json.jsonText : text(event))
            left -= 1
        }
        return ExitCode.done
    }

    private static func next(_ daemon: DaemonConnection) throws(Failure) -> DaemonConnection.Event? {
        do {
            return try daemon.nextEvent(patience: .seconds(60))
        } catch {
            throw .client(error)
        }
    }

    private static func text(_ event: DaemonConnection.Event) -> String {
        Terminal.clean("\(event.time)  \(event.sequence)  \(event.topic)  \(event.data.jsonText)")
    }
}
