import DeviceModel
import Quantities
import Wire

/// A set point on its way: written, seen in the frame, then set free from a hold.
struct AlicatSet: Sendable {
    /// Standard mL/min, and in the unit of the frame.
    let flow: Double
    let shown: Double
    fileprivate var isWritten = false
    fileprivate var isCancelled = false
    fileprivate var looks = 0
    fileprivate var waitsNext = false
    fileprivate var seen: AlicatFrame?
    fileprivate var refusal: String?
    /// It was not kept as asked, and 0 was written in its place.
    fileprivate var isTakenBack = false

    init(flow: Double, shown: Double) { (self.flow, self.shown) = (flow, shown) }

    mutating func answered(_ answer: AlicatAnswer) {
        switch answer {
        case .frame(let frame): seen = frame
        case .notUnderstood: refusal = refusal ?? "answers with ?"
        case .layout, .strangeLayout, .unread: break
        }
    }

    fileprivate var isKept: Bool {
        seen.map { ($0.setPoint - flow).magnitude <= $0.setPointTolerance + flow * 1e-6 } ?? false
    }
}

/// Set point 0, the valve held shut, and looks until nothing flows.
struct AlicatClose: Sendable {
    fileprivate enum Step: Sendable { case write, hold, look }

    fileprivate var step = Step.write
    fileprivate var since: WireInstant?
    fileprivate var waitsNext = false
    var seen: AlicatFrame?
}

extension Alicat {
    func proceed(_ set: inout AlicatSet) -> DialogueMove<AlicatQuestion> {
        if set.isTakenBack { return .end(.refused("\(name) \(set.refusal ?? ""); its set point was put to 0")) }
        guard set.isWritten else {
            set.isWritten = true
            return .tell(.set(set.shown))
        }
        if let refusal = set.refusal { return .end(.refused("\(name) \(refusal)")) }
        if set.isKept, let seen = set.seen {
            guard seen.has(.hld) else { return .end(.done) }
            guard set.isCancelled else {
                set.isCancelled = true
                set.looks = 0
                return .tell(.cancelHold)
            }
        }
        guard set.looks < Self.mostLooks else { return giveUp(&set) }
        set.waitsNext.toggle()
        guard !set.waitsNext else { return .wait(Self.lookInterval) }
        set.looks += 1
        return .ask(.poll)
    }

    /// A set point that is not what was asked for, or that a hold keeps waiting, must not stay: gas would flow.
    private func giveUp(_ set: inout AlicatSet) -> DialogueMove<AlicatQuestion> {
        let shown = set.seen.map { words($0) } ?? "nothing"
        set.refusal =
            set.isKept
            ? "was told to set its valve free and shows \(shown)"
            : "was told a set point of \(shortDecimal(set.flow, 3)) mL/min and shows \(shown): "
                + "look at its full scale, and whether it takes its set point from the serial line"
        set.isTakenBack = true
        return .tell(.set(0))
    }

    func proceed(_ close: inout AlicatClose, at now: Moment) -> DialogueMove<AlicatQuestion> {
        switch close.step {
        case .write:
            close.step = .hold
            return .tell(.set(0))
        case .hold:
            close.step = .look
            close.since = now.wire
            close.seen = nil
            return .tell(.holdClosed)
        case .look:
            if let seen = close.seen, isClosed(seen) { return .end(.done) }
            guard now.wire - (close.since ?? now.wire) < Self.closeTimeout else {
                let shown = close.seen.map { words($0) } ?? "nothing"
                return .end(.failed("\(name) was told to close and shows \(shown): shut the gas off by hand"))
            }
            // Told while it was a stranger: its frames mean nothing yet.
            guard layout != nil else { return .ask(.layout) }
            close.waitsNext.toggle()
            return close.waitsNext ? .wait(Self.lookInterval) : .ask(.poll)
        }
    }
}
