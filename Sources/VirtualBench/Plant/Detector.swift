import RealMath

/// One cell with its light source and detector: turns true features into a frame of 16-bit counts.
public struct Detector: Sendable {
    public enum Kind: Sendable { case luminescence, absorption }

    public let kind: Kind
    public var lampOn = false
    /// It shines whatever the spectrometer says of it.
    public var lampIsStuckOn = false
    /// Relative change of the lamp (0 when new) and absorbance of deposits on the window.
    public var lampDrift = 0.0
    public var fouling = 0.0
    /// A gain fault: every pixel beyond its range.
    public var saturated = false

    static let dark: Float = 1500
    static let readNoise: Float = 18
    static let gain: Float = 0.35
    /// Integration time for which `SpectralShapes.lamp` and the band strengths are given, s.
    static let referenceIntegration = 0.1

    private var slugs: SlugTrain
    private var generator: Generator
    private var sourceNoise = 0.0
    private var lampNoise = 0.0
    private var lastFrame = -1.0
    private var runOffset = 0.0

    public init(_ kind: Kind, seed: UInt64) {
        self.kind = kind
        let part: UInt64 = kind == .luminescence ? 2 : 4
        slugs = SlugTrain(generator: Generator(seed: seed, part: part))
        generator = Generator(seed: seed, part: part + 1)
    }

    /// A new set of flows lays the slugs a little differently: an offset that stays for the whole run.
    public mutating func startRun() {
        runOffset = (kind == .luminescence ? 0.0108 : 0.0275) * generator.normal()
    }

    /// A frame over the integration time `seconds` that starts at bench time `start`, with the plant's present flows.
    public mutating func frame(of plant: Plant, start: Double, seconds: Double) -> [UInt16] {
        let broken = !plant.isSegmentationStable
        advanceNoise(to: start + seconds, amplitude: broken ? 5 : 1)
        let flow = plant.totalFlow
        let from = plant.swept + flow * (start - plant.time)
        let droplets = slugs.dropletFraction(
            from: from, to: from + flow * seconds, share: plant.dropletShare, broken: broken)
        switch kind {
        case .luminescence:
            return luminescence(plant.luminescenceFeatures, droplets: droplets, exposure: seconds)
        case .absorption:
            return absorption(plant.absorptionFeatures, droplets: droplets, exposure: seconds)
        }
    }

    private var isLit: Bool { lampOn || lampIsStuckOn }

    /// Source noise is correlated: 0.3 after one second.
    private mutating func advanceNoise(to time: Double, amplitude: Double) {
        let memory = lastFrame < 0 ? 0 : pow(0.3, max(0, time - lastFrame))
        let fresh = sqrt(1 - memory * memory)
        sourceNoise = memory * sourceNoise + fresh * generator.normal() * amplitude
        lampNoise = memory * lampNoise + fresh * generator.normal()
        lastFrame = time
    }

    private mutating func luminescence(_ features: Features, droplets: Double, exposure: Double) -> [UInt16] {
        let relative = exposure / Self.referenceIntegration
        let light = isLit ? (1 + lampDrift) : 0
        let scale =
            Features.countsPerUnit * relative * droplets * light * (1 + 0.0098 * sourceNoise) * (1 + runOffset)
        let main = Float(scale * features.main)
        let ligand = Float(scale * features.ligandBand)
        let second = Float(scale * features.secondBand)
        let scatter = Float(900 * relative * light)
        let (mainShape, ligandShape) = (SpectralShapes.main, SpectralShapes.ligand)
        let (secondShape, excitationShape) = (SpectralShapes.second, SpectralShapes.excitation)
        return detected(
            signal { pixel in
                let bands = main * mainShape[pixel] + ligand * ligandShape[pixel] + second * secondShape[pixel]
                return bands + scatter * excitationShape[pixel]
            })
    }

    private mutating func absorption(_ features: Features, droplets: Double, exposure: Double) -> [UInt16] {
        let absorbance = Float(
            droplets * features.absorbance300 * (1 + 0.0122 * sourceNoise) * (1 + runOffset))
        let relative = exposure / Self.referenceIntegration
        let light = isLit ? Float(relative * (1 + lampDrift) * (1 + 0.0026 * lampNoise) * exp10(-fouling)) : 0
        guard light > 0 else { return detected([Float](repeating: 0, count: SpectralShapes.pixelCount)) }
        let (lamp, attenuation) = (SpectralShapes.lamp, SpectralShapes.attenuation)
        return detected(
            signal { pixel in light * lamp[pixel] * Float(exp(Double(absorbance * attenuation[pixel]))) })
    }

    @inline(__always)
    private func signal(_ light: (Int) -> Float) -> [Float] {
        [Float](unsafeUninitializedCapacity: SpectralShapes.pixelCount) { buffer, count in
            for pixel in 0..<SpectralShapes.pixelCount { buffer[pixel] = light(pixel) }
            count = SpectralShapes.pixelCount
        }
    }

    /// Dark level, shot and read noise, rounding, 16 bits.
    private mutating func detected(_ light: [Float]) -> [UInt16] {
        if saturated { return [UInt16](repeating: .max, count: SpectralShapes.pixelCount) }
        var source = generator
        let pixels = NormalQuantiles.table.withUnsafeBufferPointer { quantiles in
            [UInt16](unsafeUninitializedCapacity: light.count) { pixels, count in
                var random: UInt64 = 0
                for pixel in light.indices {
                    if pixel & 3 == 0 { random = source.next() }
                    let spread = (Self.gain * light[pixel] + Self.readNoise * Self.readNoise).squareRoot()
                    let counts = Self.dark + light[pixel] + spread * quantiles[Int(random & NormalQuantiles.mask)]
                    random >>= NormalQuantiles.bits
                    // Half up: `rounded()` is a call into libm on this architecture.
                    pixels[pixel] = counts < 65535 ? UInt16(max(0, counts + 0.5)) : .max
                }
                count = light.count
            }
        }
        generator = source
        return pixels
    }
}
