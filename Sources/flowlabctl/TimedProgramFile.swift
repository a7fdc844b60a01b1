import ControlAPI
import ControlClient

/// A timed program as technicians write it: a line for each step, `#` begins a comment.
///
///     # s   device  what
///     0     argon   select open
///     0.5   feed    pump 600 200      # uL/min, uL; or withdraw 600 200
///     1     stage   move 12.5         # mm
///     2     argon   select closed
enum TimedProgramFile {
    static let forms = "select POSITION, pump UL_MIN UL, withdraw UL_MIN UL, move MM, or stop"

    static func read(_ text: String, from file: String) throws(Failure) -> [BoardsRun.Step] {
        var steps: [BoardsRun.Step] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let words = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace).map(String.init)
            guard !words.isEmpty else { continue }
            do throws(Slip) {
                steps.append(try step(words))
            } catch {
                throw .file("\(file), line \(index + 1): \"\(line.prefix(80))\": \(error.text)")
            }
        }
        guard !steps.isEmpty else { throw .file("\(file): has no step, expected lines as: 0.5 DEVICE \(forms)") }
        return steps
    }

    private struct Slip: Error { let text: String }

    private static func step(_ words: [String]) throws(Slip) -> BoardsRun.Step {
        guard words.count > 2 else { throw Slip(text: "expected a time in s, a device, and \(forms)") }
        let at = try number(words[0], "the time is", "seconds from the start, as 0.5")
        guard (0...APILimits.programSeconds).contains(at) else {
            throw Slip(text: "the time is \(words[0]), expected 0 to \(Show.number(APILimits.programSeconds)) s")
        }
        var step = BoardsRun.Step(words[2] == "withdraw" ? "pump" : words[2], atS: at, device: words[1])
        switch (words[2], words.count) {
        case ("select", 4): step.position = words[3]
        case ("pump", 5), ("withdraw", 5):
            step.flowULMin = try number(words[3], "the flow is", "uL/min, as 600")
            step.volumeUL = try number(words[4], "the volume is", "uL, as 200")
            step.withdraw = words[2] == "withdraw"
        case ("move", 4): step.positionMM = try number(words[3], "the position is", "mm, as 12.5")
        case ("stop", 3): break
        default: throw Slip(text: "\"\(words[2...].joined(separator: " "))\", expected \(forms)")
        }
        return step
    }

    private static func number(_ word: String, _ what: String, _ expected: String) throws(Slip) -> Double {
        guard let value = Double(word), value.isFinite else {
            throw Slip(text: "\(what) \"\(word)\", expected \(expected)")
        }
        return value
    }

    /// For people.
    static func text(_ step: BoardsRun.Step) -> String {
        switch step.kind {
        case "select": "select \(step.position ?? "")"
        case "pump":
            (step.withdraw == true ? "withdraw " : "pump ")
                + "\(Show.number(step.flowULMin ?? 0)) uL/min, \(Show.number(step.volumeUL ?? 0)) uL"
        case "move": "move \(Show.number(step.positionMM ?? 0)) mm"
        default: step.kind
        }
    }
}
