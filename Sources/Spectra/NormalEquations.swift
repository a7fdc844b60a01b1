/// Symmetric positive definite systems of a handful of unknowns, by Cholesky's factors.
struct NormalEquations {
    let size: Int
    /// Row by row; only the lower triangle counts.
    private(set) var matrix: [Double]
    private(set) var right: [Double]

    init(size: Int) {
        self.size = size
        matrix = Array(repeating: 0, count: size * size)
        right = Array(repeating: 0, count: size)
    }

    mutating func clear() {
        for index in matrix.indices { matrix[index] = 0 }
        for index in right.indices { right[index] = 0 }
    }

    /// Adds one observation: its derivatives by each unknown, and its residual.
    mutating func add(gradient: [Double], residual: Double) {
        for row in 0..<size {
            let factor = gradient[row]
            right[row] += factor * residual
            for column in 0...row { matrix[row * size + column] += factor * gradient[column] }
        }
    }

    /// The solution with each diagonal element raised by the fraction `damping`; nil when the matrix is singular.
    func solution(damping: Double) -> [Double]? {
        factor(damping: damping).map { solve($0, right) }
    }

    /// The diagonal of the inverse; nil when the matrix is singular.
    func inverseDiagonal() -> [Double]? {
        guard let factor = factor(damping: 0) else { return nil }
        return (0..<size).map { index in
            var unit = [Double](repeating: 0, count: size)
            unit[index] = 1
            return solve(factor, unit)[index]
        }
    }

    private func factor(damping: Double) -> [Double]? {
        var lower = matrix
        for row in 0..<size {
            for column in 0...row {
                var sum = matrix[row * size + column]
                if row == column { sum *= 1 + damping }
                for k in 0..<column { sum -= lower[row * size + k] * lower[column * size + k] }
                if row > column {
                    lower[row * size + column] = sum / lower[column * size + column]
                } else {
                    guard sum > 0 else { return nil }
                    lower[row * size + row] = sum.squareRoot()
                }
            }
        }
        return lower
    }

    private func solve(_ lower: [Double], _ right: [Double]) -> [Double] {
        var x = right
        for row in 0..<size {
            for k in 0..<row { x[row] -= lower[row * size + k] * x[k] }
            x[row] /= lower[row * size + row]
        }
        for row in (0..<size).reversed() {
            for k in row..<size where k > row { x[row] -= lower[k * size + row] * x[k] }
            x[row] /= lower[row * size + row]
        }
        return x
    }
}
