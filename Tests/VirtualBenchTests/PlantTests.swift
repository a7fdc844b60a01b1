import Testing
import VirtualBench

/// Equal to a relative tolerance.
func close(_ value: Double, _ expected: Double?, _ tolerance: Double) -> Bool {
    guard let expected else { return false }
    return abs(value - expected) <= tolerance * max(abs(expected), 1e-300)
}

@Suite struct PlantTests {
    @Test func geometryIsTheReferenceOne() throws {
        let golden = try Golden.load().geometry
        let geometry = Geometry()
        #expect(close(geometry.copperVolume, golden["V_cu"], 1e-12))
        #expect(close(geometry.cesiumVolume, golden["V_cs"], 1e-12))
        #expect(close(geometry.reactorVolume, golden["V_r"], 1e-12))
        #expect(close(geometry.segmentedVolume, golden["V_seg"], 1e-12))
        #expect(close(geometry.equivalentVolume, golden["V_eq"], 1e-12))
    }

    /// The algebra, point by point; 1e-9 leaves room only for the order of additions and another libm.
    @Test func recipesConcentrationsAndFeaturesAreTheReferenceOnes() throws {
        let points = try Golden.load().points
        #expect(points.count == 27)
        let pumps = ["CuI", "OA_cu", "OAm", "ODE_cu", "CsOA", "OA_cs", "ODE_cs", "PFO"]
        for point in points {
            let recipe = PlantRecipe(box: point.x)
            for (flow, name) in zip(recipe.flows, pumps) { #expect(close(flow, point.recipe[name], 1e-9), "\(name)") }
            #expect(close(recipe.temperature, point.recipe["T"], 1e-9))
            #expect(close(recipe.reactionTime, point.recipe["tR"], 1e-9))
            let mixed = recipe.mixed
            #expect(close(mixed.copper, point.mixed["Cu"], 1e-9))
            #expect(close(mixed.cesium, point.mixed["Cs"], 1e-9))
            #expect(close(mixed.acidOfCesium, point.mixed["OAcs"], 1e-9))
            #expect(close(mixed.acidOfCopper, point.mixed["OAcu"], 1e-9))
            #expect(close(mixed.amine, point.mixed["OAm"], 1e-9))
            let features = chemistry(
                mixed, temperature: recipe.temperature, time: recipe.reactionTime,
                mixing: mixing(totalMicrolitersPerMinute: recipe.totalFlow))
            #expect(close(features.absorbance300, point.features["A300"], 1e-9))
            #expect(close(features.main, point.features["PLmain"], 1e-9))
            #expect(close(features.ligandBand, point.features["PL380"], 1e-9))
            #expect(close(features.secondBand, point.features["PL600"], 1e-9))
            #expect(close(features.quantumYield, point.features["PLQY"], 1e-9))
            #expect(close(features.yield, point.features["yield_"], 1e-9))
            #expect(close(features.peakCounts, point.peak, 1e-9))
            let residence = Geometry().residenceTime(totalFlow: recipe.totalFlow / 60)
            #expect(close(residence, point.residenceTime, 1e-9))
        }
    }

    /// A change of recipe seen at both cells. The same scheme with the same step: only rounding may differ, and 2000
    /// steps of a stable scheme do not amplify it.
    @Test func theFrontArrivesAsInTheReference() throws {
        let golden = try Golden.load().transition
        var plant = Plant(seed: 1)
        plant.ripple = 0
        plant.isothermal = true
        plant.settle(PlantRecipe(box: golden.from))
        let settled = PlantRecipe(box: golden.from).totalFlow / 60
        let settling = 1.3 * plant.geometry.residenceTime(totalFlow: settled)
        while plant.time < settling - 1e-9 { plant.step() }
        let change = plant.time
        let recipe = PlantRecipe(box: golden.to)
        plant.commanded = recipe.flows.map { $0 / 60 }
        plant.plate.setPoint = recipe.temperature
        for row in golden.rows {
            while plant.time < change + row[0] - 1e-6 { plant.step() }
            #expect(close(plant.absorptionFeatures.absorbance300, row[1], 1e-9), "t \(row[0])")
            #expect(close(plant.luminescenceFeatures.peakCounts, row[2], 1e-9), "t \(row[0])")
        }
    }

    /// The plate under its loop from 25 to 140 degC, without sensor noise. The loop is stable, so rounding dies out.
    @Test func thePlateHeatsAsInTheReference() throws {
        let golden = try Golden.load().heating
        var generator = Generator(seed: 1)
        var plate = HeatingPlate(temperature: 25)
        plate.sensorNoise = 0
        plate.mode = .automatic
        plate.setPoint = 140
        var steps = 0
        for row in golden.rows {
            while Double(steps) * 0.1 < row[0] - 1e-6 {
                plate.step(0.1, flow: golden.flow, using: &generator)
                steps += 1
            }
            #expect(close(plate.plate, row[1], 1e-9), "t \(row[0])")
            #expect(close(plate.output, row[2], 1e-8), "t \(row[0])")
        }
    }
}
