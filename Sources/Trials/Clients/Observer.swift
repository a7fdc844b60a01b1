import ControlAPI
import Experiments
import Quantities
import VirtualBench
import Wire

/// Follows the events: none may be missing that no `gap` told of. It reads slowly at times, goes, and resumes.
final class Observer: SimulatedClient {
    private var stream: String?
    /// The last number that was heard of, or told as missed.
    private var last: UInt64 = 0
    private var readsAgainAt: WireInstant?
    private let topics: String

    override init(_ index: Int, _ role: Role, _ generator: inout Generator) {
        let signals = generator.isLucky(0.5) ? ",\"signals:heater.*\"" : ""
        let all = EventsSubscribe.topics.map { "\"\($0)\"" }.joined(separator: ",")
        topics = "[\(all)\(signals)]"
        super.init(index, role, &generator)
    }

    override func pause() -> WireDuration { generator.span(2, 30) }

    override func turn(_ trial: Trial) {
        guard let connection = connection else { return comeBack(trial) }
        if let at = readsAgainAt {
            guard trial.now.wire >= at else { return }
            readsAgainAt = nil
            return resume(connection, trial)
        }
        if generator.isLucky(0.04) {
            connection.isReading = false
            readsAgainAt = trial.now.wire + generator.span(1, 300)
        } else if generator.isLucky(0.03) {
            hangUp(connection.number, trial)
        } else {
            look(trial)
        }
    }

    private func look(_ trial: Trial) {
        switch generator.integer(6) {
        case 0: ask(trial, "signals.read", "{\"names\":[\"heater.*\",\"pump.*.flow\"]}")
        case 1: ask(trial, "experiments.results", "{\"since\":0}")
        case 2: ask(trial, "signals.history", "{\"signal\":\"heater.temperature\"}")
        case 3: ask(trial, "interlocks.list")
        case 4: ask(trial, "audit.list")
        default: ask(trial, "devices.list")
        }
    }

    private func comeBack(_ trial: Trial) {
        guard connect(trial) != nil else { return }
        ask(trial, "system.hello", "{\"client\":\"observer\"}")
        let resumed = stream.map { ",\"stream\":\"\($0)\",\"from\":\(last + 1)" } ?? ""
        ask(trial, "events.subscribe", "{\"topics\":\(topics)\(resumed)}")
    }

    override func answered(_ method: String, _ id: Int64, _ result: JSONValue, _ trial: Trial) {
        guard method == "events.subscribe", let new = result["stream"]?.text, new != stream else { return }
        // Who names another stream gets this one from its begin; who names none, from now on.
        let next = result["next"]?.double ?? 1
        last = stream == nil ? UInt64(max(1, next)) - 1 : 0
        stream = new
    }

    override func event(_ params: JSONValue, _ trial: Trial) {
        guard let number = params["seq"]?.double, number >= 1 else { return complain("an event without seq") }
        let sequence = UInt64(number)
        if params["topic"]?.text == "gap" {
            // One of signals says nothing of the events in its range: they still come.
            guard params["data"]?["kind"]?.text != "signals" else { return }
            let begin = UInt64(params["data"]?["from"]?.double ?? 0)
            expectNothing(before: begin, trial)
            last = max(last, UInt64(params["data"]?["to"]?.double ?? 0))
            return
        }
        if sequence <= last { complain("event \(sequence) came after \(last)") }
        expectNothing(before: sequence, trial)
        last = max(last, sequence)
    }

    private func expectNothing(before sequence: UInt64, _ trial: Trial) {
        guard let missed = trial.judge.firstPublished(after: last, before: sequence, stream: stream ?? "") else {
            return
        }
        complain("event \(missed) never came: \(last) was followed by \(sequence)")
    }

    override func lost(_ connection: UInt64, _ trial: Trial) { readsAgainAt = nil }
}
