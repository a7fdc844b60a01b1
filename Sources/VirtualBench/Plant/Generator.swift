import RealMath

/// The bench's own source of randomness: xoshiro256++ seeded through SplitMix64, so that a seed replays exactly on
/// every machine and in every process.
public struct Generator: Sendable, RandomNumberGenerator {
    private var s0: UInt64
    private var s1: UInt64
    private var s2: UInt64
    private var s3: UInt64

    public init(seed: UInt64) {
        var mixer = seed
        func word() -> UInt64 {
            mixer &+= 0x9e37_79b9_7f4a_7c15
            var z = mixer
            z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
            return z ^ (z >> 31)
        }
        (s0, s1, s2, s3) = (word(), word(), word(), word())
    }

    /// A generator for one part of the bench: parts do not disturb each other's sequences.
    public init(seed: UInt64, part: UInt64) {
        self.init(seed: seed &+ part &* 0xd134_2543_de82_ef95)
    }

    @inline(__always)
    public mutating func next() -> UInt64 {
        let sum = s0 &+ s3
        let result = (sum << 23 | sum >> 41) &+ s0
        let shifted = s1 << 17
        s2 ^= s0
        s3 ^= s1
        s1 ^= s2
        s0 ^= s3
        s2 ^= shifted
        s3 = s3 << 45 | s3 >> 19
        return result
    }

    /// Uniform in 0..<1.
    public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    public mutating func uniform(_ low: Double, _ high: Double) -> Double { low + (high - low) * uniform() }

    /// A standard normal deviate, by Box and Muller.
    public mutating func normal() -> Double {
        let radius = sqrt(-2 * log(1 - uniform()))
        return radius * cos(2 * .pi * uniform())
    }
}

/// Quantiles of the standard normal distribution, for noise on thousands of pixels a frame: a random index costs a
/// nanosecond where Box and Muller cost twenty. The tails end at 4.0 standard deviations.
enum NormalQuantiles {
    static let bits: UInt64 = 14
    static let mask: UInt64 = (1 << bits) - 1

    static let table: [Float] = {
        let count = 1 << Int(bits)
        var quantiles = [Double](repeating: 0, count: count)
        var x = 0.0
        for index in count / 2..<count {
            let upperTail = 1 - (Double(index) + 0.5) / Double(count)
            for _ in 0..<6 { x += newtonStep(x, upperTail) }
            quantiles[index] = x
            quantiles[count - 1 - index] = -x
        }
        let variance = quantiles.reduce(0) { $0 + $1 * $1 } / Double(count)
        return quantiles.map { Float($0 / sqrt(variance)) }
    }()

    private static func newtonStep(_ x: Double, _ upperTail: Double) -> Double {
        let density = exp(-x * x / 2) / sqrt(2 * .pi)
        return max(-0.5, min(0.5, (erfc(x / sqrt(2)) / 2 - upperTail) / density))
    }
}
