import RealMath

/// Concentrations in the reactive phase, mM.
public struct Concentrations: Sendable {
    public var copper: Double
    public var cesium: Double
    public var acidOfCesium: Double
    public var acidOfCopper: Double
    public var amine: Double
}

/// What the cells would show of a parcel without noise.
public struct Features: Sendable, Equatable {
    /// Absorbance at 300 nm, 1 mm path.
    public var absorbance300: Double
    /// Strengths of the main band (450 nm), of free ligand (380 nm) and of the second population (600 nm).
    public var main: Double
    public var ligandBand: Double
    public var secondBand: Double
    public var quantumYield: Double
    public var yield: Double

    /// Peak of the photoluminescence at 450 nm, counts above dark for 100 ms.
    public var peakCounts: Double {
        let distance = (Self.photonEnergy / 450 - Self.photonEnergy / 380) / 0.119
        return Self.countsPerUnit * main + Self.countsPerUnit * ligandBand * exp(-0.5 * (distance * distance))
    }

    /// Area of the photoluminescence from 410 to 560 nm, counts x nm above dark for 100 ms.
    public var areaCounts: Double {
        let areas = SpectralShapes.areas
        return Self.countsPerUnit * (main * areas.main + ligandBand * areas.ligand + secondBand * areas.second)
    }

    /// Counts per unit of band strength in a 100 ms frame.
    public static let countsPerUnit = 0.42e6
    /// hc, in eV nm.
    static let photonEnergy = 1239.84
}

/// Mass transfer limits the reaction below about 600 uL/min in all: 0 to 1.
public func mixing(totalMicrolitersPerMinute flow: Double) -> Double {
    1 / (1 + exp(-(flow - 430) / 45))
}

/// Cs3Cu2I5 from a parcel that spent `time` seconds at a mean `temperature` (degC) with a mean `mixing`.
public func chemistry(_ c: Concentrations, temperature: Double, time: Double, mixing: Double) -> Features {
    let gasConstant = 8.314e-3
    let rate = 0.16 * exp(-22 / gasConstant * (1 / (temperature + 273.15) - 1 / 408.15)) * mixing
    let conversion = 1 - exp(-rate * time)
    let ligands =
        (1 - 0.30 * exp(-c.acidOfCesium / 60)) * (1 - 0.30 * exp(-c.acidOfCopper / 50))
        * (1 - 0.25 * exp(-c.amine / 40))
    // Limited by iodide: five Cu (and so five I) to three Cs.
    let limiting = 1 / sqrt(sqrt(fourth(1 / max(c.copper, 1e-9)) + fourth(0.6 / max(c.cesium, 1e-9))))
    let decompositionRate = 0.0022 + 0.05 / (1 + exp(-(temperature - 158) / 2.5))
    let survival = exp(-decompositionRate * max(time, 0))
    let yield = limiting * conversion * ligands * (0.6 + 0.4 * survival)
    let absorbance = 0.27 * yield
    let secondPopulation = 1 / (1 + exp((temperature - 116) / 2.5))
    let size = 1 / (1 + exp(-(temperature - 124) / 11))
    let passivation =
        exp(-0.5 * square((c.acidOfCesium - 115) / 120))
        * exp(-0.5 * square((c.acidOfCopper - (45 + 22 * c.copper)) / 75))
    let brightness = 0.245 * size * survival * passivation / (1 + square(c.amine / 115))
    let quantumYield =
        brightness * (0.8 + 0.2 * c.copper / 2.6) * (0.75 + 0.25 * conversion) * (1 - 0.6 * secondPopulation)
    let absorbed = 1 - exp10(-absorbance)
    return Features(
        absorbance300: absorbance + 0.02, main: absorbed * quantumYield,
        ligandBand: 0.018 * max(c.acidOfCesium - 10, 0) / 100, secondBand: 0.035 * absorbed * secondPopulation,
        quantumYield: quantumYield, yield: yield)
}

private func square(_ x: Double) -> Double { x * x }
private func fourth(_ x: Double) -> Double { (x * x) * (x * x) }
