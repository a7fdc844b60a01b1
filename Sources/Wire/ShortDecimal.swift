/// At most `decimals` digits after the point, and no zeros at the end: `20`, `28.6`.
/// - Precondition: as `fixedDecimal`.
public func shortDecimal(_ value: Double, _ decimals: Int) -> String {
    var text = fixedDecimal(value, decimals)
    guard decimals > 0 else { return text }
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
}
