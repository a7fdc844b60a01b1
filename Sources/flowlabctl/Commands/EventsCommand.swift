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
        examples: ["events", "events experiments --from 1", "events --topic alarms --topic 'signals:heater.*' --json"],
        notes: """
            A restart of the daemon is survived: a line "-- the daemon was away ..." stands where it was, with --json an object
            with the one member "resumed"; then follows all that the new stream of events has kept.
            """
    ) { (context) throws(Failure) in
        let named = context.arguments.operands + context.arguments.values("--topic")
        let from = try context.integer("--from", in: 0...Int.max).map(UInt64.init)
        var left = try context.integer("--count", in: 1...Int.max) ?? Int.max
        let daemon = try context.connect()
        try context.client { () throws(ClientError) in
            try daemon.subscribe(named.isEmpty ? EventsSubscribe.topics : named, from: from)
        }
        while left > 0 {
            switch try context.client({ () throws(ClientError) in try daemon.next(patience: .seconds(60)) }) {
            case .event(let event)?:
                Terminal.line(context.isJSON ? event.json.jsonText : text(event))
                left -= 1
            case .resumed(let resumption)?:
                Terminal.line(context.isJSON ? resumption.json.jsonText : resumption.text)
            case nil: continue
            }
        }
        return ExitCode.done
    }

    private static func text(_ event: DaemonConnection.Event) -> String {
        Terminal.clean("\(event.time)  \(event.sequence)  \(event.topic)  \(event.data.jsonText)")
    }
}
