/// A tube as tanks in series: first-order upwind transport of eight quantities a tank, advanced by volume.
/// A tank's contents are a SIMD8 so that a step of the longest tube costs about a microsecond.
struct Line: Sendable {
    private(set) var tanks: [SIMD8<Double>]
    let tankVolume: Double

    init(volume: Double, tanks count: Int) {
        tanks = Array(repeating: .zero, count: count)
        tankVolume = volume / Double(count)
    }

    var outlet: SIMD8<Double> { tanks[tanks.count - 1] }

    mutating func fill(_ contents: (Int) -> SIMD8<Double>) {
        for index in tanks.indices { tanks[index] = contents(index) }
    }

    /// Pushes `volume` of `inlet` in; in as many substeps as keep the scheme stable.
    mutating func push(_ volume: Double, of inlet: SIMD8<Double>) {
        let courant = volume / tankVolume
        let substeps = courant > 1 ? Int(courant.rounded(.up)) : 1
        let share = courant / Double(substeps)
        tanks.withUnsafeMutableBufferPointer { tanks in
            for _ in 0..<substeps {
                var index = tanks.count - 1
                while index > 0 {
                    tanks[index] += share * (tanks[index - 1] - tanks[index])
                    index -= 1
                }
                tanks[0] += share * (inlet - tanks[0])
            }
        }
    }

    mutating func add(_ change: SIMD8<Double>, toFirst count: Int) {
        tanks.withUnsafeMutableBufferPointer { tanks in
            for index in 0..<count { tanks[index] += change }
        }
    }

    /// The mean of the four tanks that end at `index`, which is what a cell's window sees.
    func window(endingAt index: Int) -> SIMD8<Double> {
        let first = max(index - 3, 0)
        var sum = SIMD8<Double>.zero
        for index in first...index { sum += tanks[index] }
        return sum / Double(index - first + 1)
    }
}
