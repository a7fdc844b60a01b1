/// `value` with exactly `decimals` digits after the point, as device protocols write numbers ("20.000"); no exponent.
/// - Precondition: `decimals` is 0...9 and the value, scaled, fits 63 bits.
public func fixedDecimal(_ value: Double, _ decimals: Int) -> String {
    precondition((0...9).contains(decimals), "0 to 9 decimals")
    var scale: Int64 = 1
    for _ in 0..<decimals { scale *= 10 }
    let scaled = Int64((value.magnitude * Double(scale)).rounded())
    let sign = value < 0 && scaled != 0 ? "-" : ""
    guard decimals > 0 else { return sign + String(scaled) }
    let fraction = String(scaled % scale)
    return sign + String(scaled / scale) + "." + String(repeating: "0", count: decimals - fraction.count) + fraction
}
