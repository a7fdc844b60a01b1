import Quantities

/// Flows as whole millionths of a uL/min, so that sums on a decimal grid are exact.
struct FlowGrid {
    /// Far above any syringe pump; keeps the arithmetic in range.
    static let greatest = FlowRate(microlitersPerMinute: 1e9)
    /// The step of a pump that states none: 0.001 uL/min.
    private static let defaultStep: Int64 = 1000
    let resolution: [String: FlowRate]

    /// The step of a pump, millionths of a uL/min.
    func step(_ pump: String) -> Int64 {
        guard let step = resolution[pump], step.microlitersPerMinute >= 1e-6, step <= Self.greatest else {
            return Self.defaultStep
        }
        return Int64((step.microlitersPerMinute * 1e6).rounded())
    }

    /// A flow on the grid of its pump; what is no usable number counts as 0 (it is reported elsewhere).
    func micro(_ flow: FlowRate, _ pump: String) -> Int64 {
        guard abs(flow.microlitersPerMinute) <= Self.greatest.microlitersPerMinute else { return 0 }
        let step = step(pump)
        return Int64((flow.microlitersPerMinute * 1e6 / Double(step)).rounded()) * step
    }

    /// A sum of flows on the grid of the pump that is to deliver it.
    func rounded(_ micro: Int64, _ pump: String) -> Int64 {
        let step = step(pump)
        return Int64((Double(micro) / Double(step)).rounded()) * step
    }

    static func flow(_ micro: Int64) -> FlowRate { FlowRate(microlitersPerMinute: Double(micro) / 1e6) }
}
