import ControlClient
import Experiments
import Testing

@Suite struct SamplingTests {
    private static let box = InputBox(inputs: [
        .init(
            name: "temperature", standsFor: .init(name: "temperature_c", minimum: 120, maximum: 150, unit: "degC"),
            isHardToChange: true),
        .init(name: "cui"), .init(name: "reaction_time"),
    ])

    private static func narrowed(_ bounds: String...) throws -> InputBox {
        var box = box
        for text in bounds { try box.narrow(text) }
        return box
    }

    private static func design(
        _ policy: SamplingPolicy, _ experiments: Int = 12, seed: UInt64 = 7, replicates: Int = 0, order: Int? = nil
    ) -> SamplingDesign {
        SamplingDesign(
            policy: policy, experiments: experiments, seed: seed, replicates: replicates,
            axes: [.init(input: 2, levels: 3), .init(input: 0, levels: 2)], baseline: [0.5, 0.5, 0.5], order: order)
    }

    // MARK: Draws

    @Test(arguments: [1, 2, 7, 100], [UInt64(1), 42])
    func everySliceOfALatinHypercubeHoldsOnePoint(_ count: Int, _ seed: UInt64) {
        let points = SamplingPolicy.latinHypercube(count, dimensions: 7, seed: seed)
        #expect(points.count == count)
        for dimension in 0..<7 {
            let slices = points.map { Int($0[dimension] * Double(count)) }
            #expect(slices.sorted() == Array(0..<count), "seed \(seed), dimension \(dimension)")
        }
    }

    /// Known values of SplitMix64 with seed 0.
    @Test func theGeneratorIsSplitMix64() {
        var generator = SeededGenerator(seed: 0)
        #expect(generator.next() == 0xE220_A839_7B1D_CDAF)
        #expect(generator.next() == 0x6E78_9E6A_A1B9_65F4)
    }

    /// A client that was killed draws again and must find its experiments.
    @Test(arguments: SamplingPolicy.allCases)
    func aSeedRepeatsItsPoints(_ policy: SamplingPolicy) {
        let points = Self.design(policy, replicates: 4).points(in: Self.box)
        #expect(points == Self.design(policy, replicates: 4).points(in: Self.box))
        #expect(points.allSatisfy { $0.x.allSatisfy { (0...1).contains($0) } })
        let other = Self.design(policy, seed: 8, replicates: 4).points(in: Self.box)
        #expect((points == other) == (policy == .grid))
    }

    @Test func aLongerRandomCampaignBeginsAsTheShorterOne() {
        let short = Self.design(.random, 5).points(in: Self.box)
        #expect(Array(Self.design(.random, 9).points(in: Self.box).prefix(5)) == short)
    }

    // MARK: Designs

    @Test func aGridVariesSomeInputsAndHoldsTheOthers() throws {
        let box = try Self.narrowed("temperature=0.2:0.8")
        let points = Self.design(.grid).points(in: box)
        #expect(
            points.map(\.x) == [
                [0.2, 0.5, 0], [0.8, 0.5, 0], [0.2, 0.5, 0.5], [0.8, 0.5, 0.5], [0.2, 0.5, 1], [0.8, 0.5, 1],
            ])
        #expect(Set(points.map(\.number)) == Set(1...6))
        #expect(SamplingPolicy.grid(levels: [1]) == [[0.5]])
    }

    @Test(arguments: [2, 3, 5, 9])
    func replicatesAlternateWithPerturbations(_ count: Int) throws {
        let box = try Self.narrowed("temperature=0.4:0.6")
        let points = Self.design(.replicate, replicates: count).points(in: box)
        #expect(points.count == 2 * count - 1)
        for (place, point) in points.enumerated() {
            #expect(point.role == (place % 2 == 0 ? .baseline : .sample))
            if place % 2 == 0 { #expect(point.x == [0.5, 0.5, 0.5]) }
            #expect((0.4...0.6).contains(point.x[0]))
        }
        #expect(points.filter { $0.role == .baseline }.map(\.number) == Array(1...count))
    }

    @Test(arguments: [(9, 5), (1, 5), (20, 2), (7, 1), (4, 4)])
    func baselinesLieEvenlyAmongTheOthers(_ samples: Int, _ replicates: Int) {
        let points = Self.design(.lhs, samples, replicates: replicates).points(in: Self.box)
        #expect(points.count == samples + replicates)
        let places = points.indices.filter { points[$0].role == .baseline }
        guard replicates > 1 else { return #expect(places == [samples / 2]) }
        #expect(places.first == 0 && places.last == points.count - 1)
        let gaps = zip(places, places.dropFirst()).map { $1 - $0 }
        #expect((gaps.max() ?? 0) - (gaps.min() ?? 0) <= 1)
        let drawn = Self.design(.lhs, samples).points(in: Self.box)
        #expect(points.filter { $0.role == .sample } == drawn)
    }

    @Test(arguments: SamplingPolicy.allCases)
    func sortingKeepsThePointsAndTheirNumbers(_ policy: SamplingPolicy) {
        let drawn = Self.design(policy, replicates: 3).points(in: Self.box)
        let sorted = Self.design(policy, replicates: 3, order: 0).points(in: Self.box)
        #expect(Set(sorted) == Set(drawn) && sorted.count == drawn.count)
        let samples = sorted.filter { $0.role == .sample }.map { $0.x[0] }
        #expect(samples == samples.sorted())
    }

    /// The way to the baseline's temperature and back is taken from where it is shortest.
    @Test(arguments: [UInt64(1), 2, 3, 7, 99])
    func sortedBaselinesLieBetweenTheirNearestPoints(_ seed: UInt64) {
        let points = Self.design(.lhs, 9, seed: seed, replicates: 5, order: 0).points(in: Self.box)
        let places = points.indices.filter { points[$0].role == .baseline }
        #expect(zip(places, places.dropFirst()).allSatisfy { $1 == $0 + 2 }, "seed \(seed): \(places)")
        let distance = { (point: SamplingDesign.Point) in (point.x[0] - 0.5).magnitude }
        let between = places.dropLast().map { distance(points[$0 + 1]) }
        let outside = points[..<places[0]] + points[(places[4] + 1)...]
        #expect((between.max() ?? 1) <= (outside.map(distance).min() ?? 0), "seed \(seed)")
    }

    @Test func aSingleBaselineStandsWhereItsTemperatureIs() {
        let points = Self.design(.lhs, 8, replicates: 1, order: 0).points(in: Self.box)
        #expect(points.map { $0.x[0] } == points.map { $0.x[0] }.sorted())
    }

    // MARK: The box

    @Test func boundsNarrowInBoxOrBenchUnits() throws {
        let box = try Self.narrowed("temperature_c=126:144", "cui=0.25:0.5")
        #expect(box.bounds == [0.2...0.8, 0.25...0.5, 0...1])
        #expect(box.x(at: [0, 1, 0.5]) == [0.2, 0.5, 0.5] && box.centre == [0.5, 0.375, 0.5])
        let held = try box.value("temperature_c=150")
        #expect(held.index == 0 && held.x == 1)
        #expect(
            box.recipe([0.1, 0.2, 0.3]) == .box(BoxRecipe(x: ["temperature": 0.1, "cui": 0.2, "reaction_time": 0.3])))
    }

    @Test(arguments: [
        "temperature_c=100:140", "temperature=0.8:0.2", "temperature=0:1.1", "temperature=1", "temperature", "cui=a:b",
        "cuii=0:1", "cui=0:0.5:1", "cui=0:", "cui=nan:nan",
    ])
    func mistakesInBoundsAreNamed(_ text: String) {
        #expect(throws: InputBox.Mistake.self) { try Self.narrowed(text) }
    }

    @Test func onlyInputsOfTheBoxAreTaken() {
        let parameter = { (name: String) in
            RecipeForms.Parameter(
                name: name, minimum: 0, maximum: 1, unit: "", resolution: nil, required: true, meaning: "")
        }
        let box = InputBox(.init(parameters: [parameter("x.cui"), parameter("ramp_k_min")], constraints: []))
        #expect(box.inputs.map(\.name) == ["cui"] && box.hardToChange == nil)
    }

    @Test func scatterIsTheSampleStandardDeviation() throws {
        let percent = try #require(ReplicateSpread.percent([98, 100, 102]))
        #expect((percent - 2).magnitude < 1e-12)
        #expect(ReplicateSpread.percent([1]) == nil && ReplicateSpread.percent([-1, 1]) == nil)
    }
}
