import RealMath
import Wire

/// The text of one exported spectrum: a Cotton effect of two bands of opposite sign, as two coupled transitions have it.
/// Header and order as in a published export of a J-810.
enum CDExport {
    static let first = 600.0
    static let last = 300.0
    static let step = 1.0
    static let points = 301
    /// About, in bytes.
    static let length = points * 28 + 320
    /// The light goes through the cuvette at this fill, uL.
    private static let beam = 400.0

    /// - Parameters:
    ///   - row: whose CD is no number.
    ///   - voltage: added to the detector's.
    static func text(_ sample: String, _ microliters: Double, row: Int?, voltage: Double) -> String {
        let axis = (0..<points).map { first - Double($0) * step }
        let cd = axis.map { signal($0, microliters) }
        let head = [
            "TITLE\t\(sample)", "DATA TYPE\t", "ORIGIN\tJASCO", "OWNER\t", "DATE\t26/11/29", "TIME\t12:00:00",
            "SPECTROMETER/DATA SYSTEM\tJASCO Corp., J-810, Rev. 1.00", "RESOLUTION\t",
            "DELTAX\t\(fixedDecimal(-step, 0))",
            "XUNITS\tNANOMETERS", "YUNITS\tCD[mdeg]", "Y2UNITS\tHT[V]", "FIRSTX\t\(fixedDecimal(first, 4))",
            "LASTX\t\(fixedDecimal(last, 4))", "NPOINTS\t\(points)", "FIRSTY\t\(fixedDecimal(cd[0], 5))",
            "MAXY\t\(fixedDecimal(cd.max() ?? 0, 5))", "MINY\t\(fixedDecimal(cd.min() ?? 0, 5))", "XYDATA",
        ]
        let rows = axis.indices.map { index in
            let shown = index == row ? "NaN" : fixedDecimal(cd[index], 5)
            return "\(fixedDecimal(axis[index], 4))\t\(shown)\t\(fixedDecimal(volts(axis[index]) + voltage, 3))"
        }
        let tail = ["", "##### Extended Information", "[Measurement Information]", "Data points\t\(points)"]
        return (head + rows + tail).map { $0 + "\r\n" }.joined()
    }

    /// mdeg. An empty cuvette shows nothing; a full one the most.
    private static func signal(_ nanometers: Double, _ microliters: Double) -> Double {
        let share = min(1, max(0, microliters - beam) / 1000)
        return share * (12 * band(nanometers, 512, 9) - 10 * band(nanometers, 498, 10)) + 0.02 * (nanometers - 450)
            / 150
    }

    private static func band(_ x: Double, _ center: Double, _ width: Double) -> Double {
        exp(-(x - center) * (x - center) / (2 * width * width))
    }

    /// The less light comes, the more voltage the detector gets.
    private static func volts(_ nanometers: Double) -> Double { 260 + 240 * exp(-(nanometers - last) / 80) }
}
