import Quantities
import Wire

/// What a Fusion keeps until its power goes: everything in base units, so that a change of units changes only how the
/// numbers are written.
struct ChemyxSettings: Sendable, Equatable {
    var units = ChemyxUnits.millilitersPerMinute
    /// mm.
    var diameter = 20.0
    /// uL/min and uL; one entry a step. Zero until set: such a pump does not move.
    var rates: [Double] = [0]
    var volumes: [Double] = [0]
    /// Minutes.
    var delays: [Double] = [0]
    var primeRate = 0.0

    static let diameters = 0.103...40.0
    static let mostSteps = 10
    static let longestDelay = 9999.0

    var limits: ChemyxLimits { ChemyxLimits(diameter: diameter) }

    /// The steps of a run: as many as there are volumes, the last rate and delay repeated.
    func steps(multiStep: Bool) -> [ChemyxDrive.Step] {
        let count = multiStep ? volumes.count : 1
        return (0..<count).map { index in
            ChemyxDrive.Step(
                rate: rates[min(index, rates.count - 1)], volume: volumes[index],
                delay: .seconds(delays[min(index, delays.count - 1)] * 60))
        }
    }

    /// A new bore moves the limits; settings beyond them are cut, as anything else is.
    mutating func setDiameter(_ millimeters: Double) {
        diameter = min(max(millimeters, Self.diameters.lowerBound), Self.diameters.upperBound)
        diameter = (diameter * 1000).rounded() / 1000
        rates = rates.map { $0 == 0 ? 0 : limits.rate($0) }
        volumes = volumes.map { $0 == 0 ? 0 : limits.volume($0) }
    }

    mutating func setRates(_ values: [Double]) {
        rates = values.map { limits.rate($0 * units.microlitersPerMinute) }
    }

    mutating func setVolumes(_ values: [Double]) {
        volumes = values.map { limits.volume($0 * units.microliters) }
    }

    mutating func setDelays(_ values: [Double]) {
        delays = values.map { min(max($0, 0), Self.longestDelay) }
    }

    /// The rate that delivers the first volume in so many minutes.
    mutating func setTime(_ minutes: Double) {
        guard minutes > 0, volumes[0] != 0 else { return }
        rates = [limits.rate(abs(volumes[0]) / minutes)]
    }

    /// Minutes that the first step takes.
    var time: Double { rates[0] > 0 ? abs(volumes[0]) / rates[0] : 0 }

    var rateText: String { list(rates.map { $0 / units.microlitersPerMinute }, decimals: 6) }
    var volumeText: String { list(volumes.map { $0 / units.microliters }, decimals: 6) }
    var delayText: String { list(delays, decimals: 6) }

    private func list(_ values: [Double], decimals: Int) -> String {
        values.map { fixedDecimal($0, decimals) }.joined(separator: ",")
    }
}
