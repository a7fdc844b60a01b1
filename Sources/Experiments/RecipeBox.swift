import Hydraulics
import Quantities

/// What the inputs of a recipe of the kind `box` mean: each goes from 0 to 1 over a range of temperature, of a pump's
/// share of its stream, or of the time in the heated section.
///
/// The two precursor streams are equal and the carrier equals both, so that each stream is a quarter of the flow through
/// the section. What the shares leave of the first stream is filled by one pump, of the second by the balancing pump.
public struct RecipeBox: Hashable, Sendable {
    public struct Share: Hashable, Sendable {
        public let pump: String
        public let range: ClosedRange<Double>

        public init(pump: String, range: ClosedRange<Double>) {
            self.pump = pump
            self.range = range
        }
    }

    public static let temperatureInput = "temperature"
    public static let timeInput = "reaction_time"
    /// Streams in the flow through the section: two of precursors, and a carrier as large as both.
    static let streams = 4.0

    /// degC
    public let temperature: ClosedRange<Double>
    /// s
    public let reactionTime: ClosedRange<Double>
    public let sectionVolume: Volume
    public let shares: [Share]
    /// Takes what is left of the first stream.
    public let filler: String
    private let firstStream: Set<String>

    public init(
        temperature: ClosedRange<Double>, reactionTime: ClosedRange<Double>, sectionVolume: Volume, shares: [Share],
        filler: String, rules: FlowRules
    ) {
        self.temperature = temperature
        self.reactionTime = reactionTime
        self.sectionVolume = sectionVolume
        self.shares = shares
        self.filler = filler
        firstStream = Set(rules.firstStream)
    }

    /// The inputs in their order.
    public var inputs: [String] { [Self.temperatureInput] + shares.map(\.pump) + [Self.timeInput] }

    /// The recipe that a point stands for, not yet rounded to any device's grid.
    /// - Precondition: every input is there.
    func flows(at x: [String: Double]) -> FlowsRecipe {
        let time = value(x[Self.timeInput] ?? 0, in: reactionTime)
        let stream = sectionVolume.microliters / time * 60 / Self.streams
        var flows: [String: Double] = [:]
        var filled = 0.0
        for share in shares {
            let part = value(x[share.pump] ?? 0, in: share.range)
            flows[share.pump] = part * stream
            if firstStream.contains(share.pump) { filled += part }
        }
        flows[filler] = (1 - filled) * stream
        return FlowsRecipe(temperatureC: value(x[Self.temperatureInput] ?? 0, in: temperature), flowsULMin: flows)
    }

    /// The point that stands for these flows; near the asked one, moved by the rounding.
    func point(temperature celsius: Double, flows: [String: FlowRate]) -> [String: Double] {
        let stream = firstStream.reduce(0) { $0 + (flows[$1]?.microlitersPerMinute ?? 0) }
        guard stream > 0 else { return [:] }
        var x = [Self.temperatureInput: place(celsius, in: temperature)]
        for share in shares {
            x[share.pump] = place((flows[share.pump]?.microlitersPerMinute ?? 0) / stream, in: share.range)
        }
        let time = sectionVolume.microliters / (Self.streams * stream) * 60
        x[Self.timeInput] = place(time, in: reactionTime)
        return x
    }

    private func value(_ x: Double, in range: ClosedRange<Double>) -> Double {
        range.lowerBound + (range.upperBound - range.lowerBound) * x
    }

    /// To a millionth, which is finer than the grid of a pump; rounding of flows leads out of no box.
    private func place(_ value: Double, in range: ClosedRange<Double>) -> Double {
        let width = range.upperBound - range.lowerBound
        guard width > 0 else { return 0 }
        return min(max(((value - range.lowerBound) / width * 1e6).rounded() / 1e6, 0), 1)
    }
}
