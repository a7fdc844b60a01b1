/// The pump's unit setting: one number for rate and volume together.
enum ChemyxUnits: Int, Sendable {
    case millilitersPerMinute = 0
    case millilitersPerHour = 1
    case microlitersPerMinute = 2
    case microlitersPerHour = 3

    /// uL in one unit of volume.
    var microliters: Double {
        switch self {
        case .millilitersPerMinute, .millilitersPerHour: 1000
        case .microlitersPerMinute, .microlitersPerHour: 1
        }
    }

    /// uL/min in one unit of rate.
    var microlitersPerMinute: Double {
        switch self {
        case .millilitersPerMinute: 1000
        case .millilitersPerHour: 1000.0 / 60
        case .microlitersPerMinute: 1
        case .microlitersPerHour: 1.0 / 60
        }
    }
}

/// What the drive can do, in terms of the set diameter. The maker's simulator states 125.9622 mL/min and 106.0288 mL,
/// 0.0002 mL/min and 0.0141 mL for 30 mm: 15 cm of stroke at up to 17.82 cm/min.
struct ChemyxLimits: Sendable, Equatable {
    let largestRate: Double
    let smallestRate: Double
    let largestVolume: Double
    let smallestVolume: Double

    /// Rates in uL/min and volumes in uL for a bore in mm.
    init(diameter: Double) {
        let area = Double.pi / 4 * (diameter * diameter)
        largestRate = 178.2 * area
        smallestRate = 2.83e-4 * area
        largestVolume = 150 * area
        smallestVolume = 0.01995 * area
    }

    func rate(_ wanted: Double) -> Double { min(max(wanted, smallestRate), largestRate) }

    /// The sign is the direction and is kept.
    func volume(_ wanted: Double) -> Double {
        let size = min(max(abs(wanted), smallestVolume), largestVolume)
        return wanted < 0 ? -size : size
    }
}
