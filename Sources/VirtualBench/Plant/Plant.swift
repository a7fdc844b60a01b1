import RealMath

/// What flows, heats and reacts: from the plungers to the two cells. uL, s, uL/s, mM, degC.
///
/// First-order pumps with a lead-screw ripple; feed lines and the segmented line as tanks in series; the chemistry of
/// a parcel is decided by the age, the mean temperature and the mean mixing that it has gathered in the hot zone.
public struct Plant: Sendable {
    public static let timeStep = 0.1
    /// Components of a segmented tank, in SIMD order.
    private enum Part { static let age = 5, heat = 6, mixing = 7 }

    public let geometry: Geometry
    public var plate: HeatingPlate
    /// What the motors delivered in this step, and what leaves the syringes after lag and ripple, uL/s.
    public var commanded = [Double](repeating: 0, count: 8)
    public private(set) var lagged = [Double](repeating: 0, count: 8)
    public private(set) var flows = [Double](repeating: 0, count: 8)
    public private(set) var used = [Double](repeating: 0, count: 8)
    public var remaining: [Double]
    /// A pump's true share of the commanded flow; a lag added by gas, s; whether only air is left.
    public var delivery = [Double](repeating: 1, count: 8)
    public var gasLag = [Double](repeating: 0, count: 8)
    public var dry = [Bool](repeating: false, count: 8)
    public var ripple = 0.004
    /// The plate follows its set point at once: the algebra's golden vectors need it.
    public var isothermal = false
    /// Added flow resistance of a clog, kPa s/uL.
    public var clog = 0.0
    /// The stream leaves the copper line by the loop of the feed valve, or straight into the junction.
    public var isLoopInline = false
    /// The valve behind the cells leads nowhere.
    public var isOutletBlocked = false
    /// What the closed end has built up, kPa.
    private var blockedPressure = 0.0
    public private(set) var steps = 0
    public private(set) var pressure = 0.0
    /// All volume that has passed the cells since the start.
    public private(set) var swept = 0.0
    /// How long the stream ratios have been off by more than a tenth, s: segmented flow then breaks up.
    public private(set) var unevenSeconds = 0.0

    private var copper: Line
    private var cesium: Line
    private var segmented: Line
    private var loop: Line
    private let hotTanks: Int
    private let luminescenceTank: Int
    private let screwPhase: [Double]
    private let screwTurn = PumpName.allCases.map(\.screwTurnMicroliters)
    private var generator: Generator

    public init(seed: UInt64, temperature: Double = 25, geometry: Geometry = Geometry()) {
        self.geometry = geometry
        generator = Generator(seed: seed, part: 1)
        plate = HeatingPlate(temperature: temperature)
        remaining = PumpName.allCases.map(\.syringeMicroliters)
        copper = Line(volume: geometry.copperVolume, tanks: geometry.copperTanks)
        cesium = Line(volume: geometry.cesiumVolume, tanks: geometry.cesiumTanks)
        segmented = Line(volume: geometry.segmentedVolume, tanks: geometry.segmentedTanks)
        loop = Line(volume: Self.loopMicroliters, tanks: 25)
        let tank = segmented.tankVolume
        let reactor = geometry.reactorVolume
        hotTanks = (0..<geometry.segmentedTanks).prefix { (Double($0) + 0.5) * tank < reactor }.count
        let toWindow =
            reactor + geometry.cooling * Geometry.reactorArea + geometry.toLuminescenceCell * Geometry.cellArea
        luminescenceTank = Int(toWindow / tank) - 1
        var phases: [Double] = []
        for _ in 0..<8 { phases.append(generator.uniform(0, 2 * .pi)) }
        screwPhase = phases
    }

    /// Seconds since the plant was started.
    public var time: Double { Double(steps) * Self.timeStep }
    public var totalFlow: Double { flows.reduce(0, +) }
    private var copperFlow: Double { flows[0] + flows[1] + flows[2] + flows[3] }
    private var cesiumFlow: Double { flows[4] + flows[5] + flows[6] }

    /// The share of the segmented stream that is droplets: one half when the carrier equals the precursors.
    public var dropletShare: Double {
        let total = totalFlow
        return total > 1e-6 ? (copperFlow + cesiumFlow) / total : 0.5
    }

    /// Droplets keep their regular train while the streams keep their ratios; ten seconds off and it breaks up.
    public var isSegmentationStable: Bool { unevenSeconds <= 10 }

    /// One step of 0.1 s.
    public mutating func step() {
        movePlungers()
        let total = totalFlow
        if isothermal {
            plate.jump(to: plate.setPoint)
        } else {
            plate.step(Self.timeStep, flow: total, using: &generator)
        }
        transport(total: total)
        let mixed = mixing(totalMicrolitersPerMinute: total * 60)
        let gathered = SIMD8<Double>(0, 0, 0, 0, 0, 1, plate.plate, mixed) * Self.timeStep
        segmented.add(gathered, toFirst: hotTanks)
        blockedPressure = isOutletBlocked ? blockedPressure + Self.stiffness * total * Self.timeStep : 0
        pressure = backPressure(total: total) + clog * total + blockedPressure
        watchRatios(total: total)
        swept += total * Self.timeStep
        steps += 1
    }

    /// What the loop of the feed valve holds.
    public static let loopMicroliters = 250.0
    /// Syringes, tubes and fittings give way a little: kPa for each microlitre that cannot leave.
    private static let stiffness = 50.0
    private static let plainLag = 1.5
    private static let plainResponse = 1 - exp(-timeStep / plainLag)

    private mutating func movePlungers() {
        for pump in 0..<8 {
            let target = dry[pump] || remaining[pump] <= 0 ? 0 : commanded[pump] * delivery[pump]
            let response =
                gasLag[pump] == 0 ? Self.plainResponse : 1 - exp(-Self.timeStep / (Self.plainLag + gasLag[pump]))
            lagged[pump] += (target - lagged[pump]) * response
            // A lag never quite reaches zero; a nanolitre an hour is zero.
            if lagged[pump] < 1e-9 && target == 0 { lagged[pump] = 0 }
            guard lagged[pump] != 0 else {
                flows[pump] = 0
                continue
            }
            flows[pump] = lagged[pump] * (1 + ripple * sin(2 * .pi * used[pump] / screwTurn[pump] + screwPhase[pump]))
            used[pump] += flows[pump] * Self.timeStep
            remaining[pump] = max(remaining[pump] - flows[pump] * Self.timeStep, 0)
        }
    }

    private mutating func transport(total: Double) {
        let q1 = copperFlow
        let q2 = cesiumFlow
        if q1 > 1e-6 {
            let inlet = SIMD8<Double>(
                Stock.copper * flows[0], Stock.oleicAcidInCopper * flows[0] + Stock.oleicAcid * flows[1],
                Stock.oleylamineInCopper * flows[0] + Stock.oleylamine * flows[2], 0, 0, 0, 0, 0)
            copper.push(q1 * Self.timeStep, of: inlet / q1)
            if isLoopInline { loop.push(q1 * Self.timeStep, of: copper.outlet) }
        }
        if q2 > 1e-6 {
            let inlet = SIMD8<Double>(
                Stock.cesium * flows[4], Stock.oleicAcidInCesium * flows[4] + Stock.oleicAcid * flows[5],
                0, 0, 0, 0, 0, 0)
            cesium.push(q2 * Self.timeStep, of: inlet / q2)
        }
        guard total > 1e-6 else { return }
        segmented.push(total * Self.timeStep, of: junction(q1, q2))
    }

    /// What enters the reactor: the two streams mixed, or plain carrier when neither flows.
    private func junction(_ q1: Double, _ q2: Double) -> SIMD8<Double> {
        guard q1 + q2 > 1e-6 else { return .zero }
        let share = q1 / (q1 + q2)
        let a = isLoopInline ? loop.outlet : copper.outlet
        let b = cesium.outlet
        return SIMD8(a[0] * share, b[0] * (1 - share), b[1] * (1 - share), a[1] * share, a[2] * share, 0, 0, 0)
    }

    /// Hagen and Poiseuille, 4 mPa s, about 16 kPa at the usual flow.
    private func backPressure(total: Double) -> Double {
        let radius4 = 5.08e-4 * 5.08e-4 * 5.08e-4 * 5.08e-4
        return 128 * 0.004 * (0.7 * (copperFlow + cesiumFlow) / 2 + 0.25 * total) * 1e-9 / (.pi * radius4) / 1e3
    }

    private mutating func watchRatios(total: Double) {
        let precursors = copperFlow + cesiumFlow
        let flowing = precursors > 0.5 && total > 1
        let uneven = abs(copperFlow - cesiumFlow) > 0.1 * cesiumFlow || abs(flows[7] - precursors) > 0.1 * precursors
        unevenSeconds = flowing && uneven ? unevenSeconds + Self.timeStep : 0
    }

    private func features(at tank: Int) -> Features {
        let parcel = segmented.window(endingAt: tank)
        let age = max(parcel[Part.age], 1e-6)
        let c = Concentrations(
            copper: parcel[0], cesium: parcel[1], acidOfCesium: parcel[2], acidOfCopper: parcel[3], amine: parcel[4])
        return chemistry(
            c, temperature: age > 1e-3 ? parcel[Part.heat] / age : 25, time: age, mixing: parcel[Part.mixing] / age)
    }

    /// True features of what stands in the photoluminescence window, and in the absorption window further on.
    public var luminescenceFeatures: Features { features(at: luminescenceTank) }
    public var absorptionFeatures: Features { features(at: geometry.segmentedTanks - 1) }

    /// Puts every line at the steady state of `recipe`, as if it had flowed for ever.
    public mutating func settle(_ recipe: PlantRecipe) {
        commanded = recipe.flows.map { $0 / 60 }
        lagged = commanded
        plate.setPoint = recipe.temperature
        plate.jump(to: recipe.temperature)
        let q1 = commanded[0] + commanded[1] + commanded[2] + commanded[3]
        let q2 = commanded[4] + commanded[5] + commanded[6]
        let total = commanded.reduce(0, +)
        let c = recipe.mixed
        let copperContents =
            SIMD8<Double>(c.copper, c.acidOfCopper, c.amine, 0, 0, 0, 0, 0) * ((q1 + q2) / q1)
        let cesiumContents = SIMD8<Double>(c.cesium, c.acidOfCesium, 0, 0, 0, 0, 0, 0) * ((q1 + q2) / q2)
        copper.fill { _ in copperContents }
        cesium.fill { _ in cesiumContents }
        let tank = segmented.tankVolume
        let reactor = geometry.reactorVolume
        let mixed = mixing(totalMicrolitersPerMinute: total * 60)
        segmented.fill { index in
            let age = min(Double(index + 1) * tank, reactor) / total
            return SIMD8(
                c.copper, c.cesium, c.acidOfCesium, c.acidOfCopper, c.amine, age, age * recipe.temperature, age * mixed)
        }
    }
}
