/// A straight line through points by least squares.
public struct LeastSquaresLine: Hashable, Sendable {
    /// Mean of y.
    public let mean: Double
    /// Change of y per unit of x.
    public let slope: Double
    /// Standard error of the slope, from the scatter about the line.
    public let slopeError: Double

    /// `x` and `y` have the same length, at least 3, and `x` is not constant.
    public init(x: [Double], y: [Double]) {
        precondition(x.count == y.count && x.count >= 3)
        let n = Double(x.count)
        let meanX = x.reduce(0, +) / n
        let meanY = y.reduce(0, +) / n
        var sxx = 0.0
        var sxy = 0.0
        for (a, b) in zip(x, y) {
            sxx += (a - meanX) * (a - meanX)
            sxy += (a - meanX) * (b - meanY)
        }
        let slope = sxy / sxx
        let residual = zip(x, y).reduce(0.0) { sum, point in
            let error = point.1 - meanY - slope * (point.0 - meanX)
            return sum + error * error
        }
        mean = meanY
        self.slope = slope
        slopeError = (residual / (n - 2) / sxx).squareRoot()
    }
}
