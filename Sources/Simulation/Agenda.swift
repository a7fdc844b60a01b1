import Experiments
import Quantities

/// Inputs that are under way, in the order in which they fall due; equal instants keep the order of adding.
struct Agenda: Sendable {
    private var items: [(due: WireInstant, input: ControllerInput)] = []

    var next: WireInstant? { items.first?.due }

    mutating func add(_ input: ControllerInput, at due: WireInstant) {
        let index = items.firstIndex { $0.due > due } ?? items.endIndex
        items.insert((due, input), at: index)
    }

    mutating func take(at now: WireInstant) -> ControllerInput? {
        guard let first = items.first, first.due <= now else { return nil }
        return items.removeFirst().input
    }
}
