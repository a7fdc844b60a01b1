import DeviceModel
import Quantities
import Wire

/// A channel on its way to its light, step by step, each read back before the next.
struct ThorlabsSet: Sendable {
    fileprivate enum Step: Sendable {
        case readMode
        /// Which channel is turned off before the mode changes.
        case darken(Int)
        case writeMode, checkMode, readSelection, writeSelection, checkSelection
        case writePercent, checkPercent, turnOn, checkOn, checkStatus
    }

    let channel: ThorlabsConfiguration.Channel
    let percent: Double
    fileprivate var step = Step.readMode
    /// To what was asked last; nil until it has come.
    var answer: ThorlabsAnswer?

    init(channel: ThorlabsConfiguration.Channel, percent: Double) { (self.channel, self.percent) = (channel, percent) }
}

/// All four told to be dark, and looked at until they are.
struct ThorlabsOff: Sendable {
    fileprivate var told = 0
    fileprivate var looks = 0
    /// What each channel showed since all were told.
    var seen: [Int: Bool] = [:]
}

extension ThorlabsDC4100 {
    /// How far a brightness that comes back may be from the one that was asked for: some units keep whole percent.
    private static let percentTolerance = 0.5

    func proceed(_ set: inout ThorlabsSet) -> DialogueMove<ThorlabsQuestion> {
        let channel = set.channel.index
        defer { set.answer = nil }
        switch set.step {
        case .readMode:
            guard case .mode(let mode) = set.answer else { return .ask(.mode) }
            set.step = mode == .percent ? .readSelection : .darken(0)
            return proceedAnew(&set)
        case .darken(let index):
            // As Thorlabs' own adapter does it: nothing is lit while the mode changes.
            set.step = index + 1 < Self.channelCount ? .darken(index + 1) : .writeMode
            return .tell(.turn(index, on: false))
        case .writeMode:
            set.step = .checkMode
            return .tell(.setMode(.percent))
        case .checkMode:
            guard case .mode(let mode) = set.answer else { return .ask(.mode) }
            guard mode == .percent else { return refused("was told the mode percent (1) and shows another") }
            set.step = .readSelection
            return proceedAnew(&set)
        case .readSelection, .checkSelection: return proceedWithSelection(&set)
        case .writeSelection:
            set.step = .checkSelection
            return .tell(.setMultiSelection)
        case .writePercent:
            set.step = .checkPercent
            return .tell(.setPercent(channel, set.percent))
        case .checkPercent:
            guard case .percent(let shown) = set.answer else { return .ask(.percent(channel)) }
            guard (shown - set.percent).magnitude <= Self.percentTolerance else {
                let numbers = "\(shortDecimal(set.percent, 1)) % and keeps \(shortDecimal(shown, 1)) %"
                return refused("was told channel \(set.channel.name) at \(numbers)")
            }
            set.step = .turnOn
            return proceedAnew(&set)
        case .turnOn:
            set.step = .checkOn
            return .tell(.turn(channel, on: true))
        case .checkOn:
            guard case .isOn(let isOn) = set.answer else { return .ask(.isOn(channel)) }
            guard !isOn else { return .end(.done) }
            set.step = .checkStatus
            return proceedAnew(&set)
        case .checkStatus:
            guard case .status = set.answer else { return .ask(.status) }
            let why = status(of: channel) ?? "says nothing of why: is the channel locked at its panel?"
            return .end(.failed("\(name) was told to turn channel \(set.channel.name) on and it stays off; it \(why)"))
        }
    }

    private func proceedWithSelection(_ set: inout ThorlabsSet) -> DialogueMove<ThorlabsQuestion> {
        guard case .isMultiSelection(let isMulti) = set.answer else { return .ask(.selection) }
        if isMulti {
            set.step = .writePercent
        } else if case .checkSelection = set.step {
            return refused("was told to let several LEDs be on and does not")
        } else {
            set.step = .writeSelection
        }
        return proceedAnew(&set)
    }

    /// The answer was used up; the next step begins without one.
    private func proceedAnew(_ set: inout ThorlabsSet) -> DialogueMove<ThorlabsQuestion> {
        set.answer = nil
        return proceed(&set)
    }

    private func refused(_ what: String) -> DialogueMove<ThorlabsQuestion> { .end(.refused("\(name) \(what)")) }

    func proceed(_ off: inout ThorlabsOff) -> DialogueMove<ThorlabsQuestion> {
        guard off.told == Self.channelCount else {
            defer { off.told += 1 }
            return .tell(.turn(off.told, on: false))
        }
        if let next = (0..<Self.channelCount).first(where: { off.seen[$0] == nil }) { return .ask(.isOn(next)) }
        guard off.seen.values.contains(true) else { return .end(.done) }
        off.looks += 1
        guard off.looks < Self.mostLooks else {
            return .end(.failed("\(name) was told to be dark and shows \(lightWords): cut its power"))
        }
        off.seen = [:]
        return .wait(Self.lookInterval)
    }
}
