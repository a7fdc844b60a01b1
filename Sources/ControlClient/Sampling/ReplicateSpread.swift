/// How far replicates scatter.
public enum ReplicateSpread {
    /// Relative sample standard deviation, %; nil with fewer than two values, or a mean of 0.
    public static func percent(_ values: [Double]) -> Double? {
        guard values.count > 1 else { return nil }
        let mean = values.reduce(0, +) / Double(values.count)
        guard mean != 0 else { return nil }
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (squares / Double(values.count - 1)).squareRoot() / mean.magnitude * 100
    }
}
