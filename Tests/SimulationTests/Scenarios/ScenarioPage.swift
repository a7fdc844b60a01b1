import VirtualBench

/// How a scenario reads on its page, docs/scenarios.md.
extension FaultScenario {
    var row: String { "| `\(name)` | \(begins.text) | \(sentence) | \(seen) |" }

    private var seen: String {
        let parts = [
            [ends.text], latched, alarms.map { "alarm `\($0)`" }, promises.map(\.text), [heat].compactMap { $0 },
        ]
        return parts.flatMap { $0 }.joined(separator: "; ")
    }

    private var latched: [String] {
        latches.isEmpty ? [] : ["latched " + latches.map { "`\($0.text)`" }.joined(separator: ", ")]
    }

    private var heat: String? { hottest == Self.hottestPlate ? nil : "plate below \(Int(hottest)) degC" }
}

extension FaultScenario.Beginning {
    fileprivate var text: String {
        switch self {
        case .idle: "before it"
        case .stage(let stage): stage.rawValue
        case .references(let step): "references, \(step.rawValue)"
        case .scarce(let pump, _): "settling, \(pump.rawValue) scarce"
        case .scarceWaste: "settling, little room in the waste"
        case .warmingUp: "warming up"
        }
    }
}

extension FaultScenario.Ending {
    fileprivate var text: String {
        switch self {
        case .done: "done, the result is true"
        case .failed(let kinds, let device):
            "fails as " + Self.list(kinds) + (device.map { ", names `\($0)`" } ?? "")
        case .doneOrFailed(let kinds): "done and true, or fails as " + Self.list(kinds)
        case .interrupted: "interrupted"
        case .waits: "is not begun"
        }
    }

    private static func list(_ kinds: [String]) -> String { kinds.map { "`\($0)`" }.joined(separator: " or ") }
}

extension Promise {
    var text: String { "\(what.text) within \(within) s\(since.text)" }
}

extension Promise.What {
    fileprivate var text: String {
        switch self {
        case .pumpsStand: "pumps stand"
        case .partnersStand(let pump): "all but \(pump.rawValue) stand"
        case .heaterOff: "heater off"
        case .contactorOpen: "contactor open"
        case .safe: "safe"
        }
    }
}

extension Promise.Moment {
    fileprivate var text: String {
        switch self {
        case .firstAct: ""
        case .lastAct: " of the last act"
        case .hot: " of 165 degC"
        case .end: " of the end"
        }
    }
}
