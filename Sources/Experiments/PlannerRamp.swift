import DeviceModel
import Quantities

/// How slowly the plate's set point shall move.
public struct PlannedRamp: Hashable, Sendable {
    public let kelvinPerMinute: Double
    /// From the plate's temperature when it was planned.
    public let duration: BenchDuration
}

extension Planner {
    /// Room temperature, where the plate's is not known.
    static let room = Temperature(celsius: 25)

    func ramp(_ rate: Double?, to target: Temperature, from plate: Temperature?) -> PlannedRamp? {
        rate.map { rate in
            let way = (target.celsius - (plate ?? Self.room).celsius).magnitude
            return PlannedRamp(kelvinPerMinute: rate, duration: .seconds(way / rate * 60))
        }
    }

    /// nil: the heater can do it.
    func rampProblem(_ rate: Double, to target: Temperature?, from plate: Temperature?) -> PlanProblem? {
        guard let limits = heater?.ramp else {
            return Self.rampProblem(
                "no_ramp", rate, nil,
                "the heater of this bench makes no ramps: see ramp_max_k_min and set_point_writes_per_hour of the bench "
                    + "file; leave it out")
        }
        do throws(RampRefusal) {
            if let refusal = limits.refusal(ofRate: rate) { throw refusal }
            if let target {
                _ = try limits.steps(over: target.celsius - (plate ?? Self.room).celsius, kelvinPerMinute: rate)
            }
            return nil
        } catch {
            switch error {
            case .rate(_, let range):
                let isLow = rate < range.lowerBound
                return Self.rampProblem(
                    isLow ? "below_limit" : "above_limit", rate, isLow ? range.lowerBound : range.upperBound,
                    "choose \(range.lowerBound) to \(range.upperBound) K/min, or leave it out")
            case .tooManyWrites(_, _, _, let possible):
                return Self.rampProblem("too_many_writes", rate, possible, error.description)
            }
        }
    }

    private static func rampProblem(
        _ kind: String, _ rate: Double, _ limit: Double?, _ hint: String
    ) -> PlanProblem {
        PlanProblem(
            kind: kind, name: "ramp_k_min", value: rate.isFinite ? rate : nil, limit: limit, unit: "K/min", hint: hint)
    }

    var rampParameter: RecipeForms.Parameter? {
        heater?.ramp.map { ramp in
            RecipeForms.Parameter(
                name: "ramp_k_min", minimum: RampLimits.slowestKelvinPerMinute, maximum: ramp.fastestKelvinPerMinute,
                unit: "K/min", resolution: nil, required: false,
                meaning: "how fast the plate's set point moves at most; at once if left out")
        }
    }
}
