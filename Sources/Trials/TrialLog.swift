import DeviceModel
import Experiments
import Quantities
import Wire

/// What happened in a trial, the last of it, in words.
final class TrialLog {
    static let limit = 400
    private var lines: [String] = []
    private var dropped = 0

    var last: [String] { (dropped > 0 ? ["… \(dropped) lines before"] : []) + lines }

    func note(_ text: String, at now: Moment) {
        lines.append("\(Self.stamp(now)) \(text)")
        guard lines.count > 2 * Self.limit else { return }
        dropped += Self.limit
        lines.removeFirst(Self.limit)
    }

    func saw(_ event: BenchEvent, at now: Moment) {
        guard event.topic != "devices" || event.data["state"]?.text != nil else { return }
        guard case .object(let members) = event.data else { return }
        let words = members.keys.sorted().compactMap { key -> String? in
            switch members[key] {
            case .string(let text): "\(key)=\(text.prefix(120))"
            case .bool(let flag): "\(key)=\(flag)"
            case .null, .integer, .number, .array, .object, nil: nil
            }
        }
        note("\(event.topic): \(words.joined(separator: " "))", at: now)
    }

    private static func stamp(_ now: Moment) -> String {
        let milliseconds = now.wire.nanoseconds / 1_000_000
        let fraction = String(milliseconds % 1000 + 1000).dropFirst()
        return "\(milliseconds / 1000).\(fraction)"
    }
}
