import DeviceModel
import Drivers
import Interlocks
import Quantities
import Testing

@Suite struct RampLimitsTests {
    private func limits(writes: Int = 30, fastest: Double = 10) throws -> RampLimits {
        try #require(
            RampLimits(
                fastestKelvinPerMinute: fastest, smallestStepKelvin: 0.1, largestStepKelvin: 5, writesPerHour: writes))
    }

    /// 29 steps beside the start; a long ramp has them in each hour.
    @Test(arguments: [
        (100.0, 10.0, 3.5, 29), (-100, 10, 3.5, 29), (2.0, 5, 0.1, 20), (100, 0.5, 1.1, 91), (0, 5, 0.1, 0),
        (0.05, 5, 0.1, 1),
    ])
    func stepsAreTheFinestThatTheWritesAllow(kelvin: Double, rate: Double, step: Double, count: Int) throws {
        let steps = try limits().steps(over: kelvin, kelvinPerMinute: rate)
        #expect(abs(steps.stepKelvin - step) < 1e-9)
        #expect(steps.count == count)
        #expect(steps.change(atStep: steps.count) == kelvin)
        #expect(abs(steps.duration.seconds - kelvin.magnitude / rate * 60) < 1e-6)
        #expect(steps.change(atStep: 0) == 0)
    }

    @Test func whatCannotBeSaysWhy() throws {
        #expect(throws: RampRefusal.rate(11, 0.05...10)) { try limits().steps(over: 10, kelvinPerMinute: 11) }
        for rate in [0, -1, 0.01, .infinity] {
            #expect(throws: RampRefusal.self) { try limits().steps(over: 10, kelvinPerMinute: rate) }
        }
        #expect(throws: RampRefusal.self) { try limits().steps(over: 10, kelvinPerMinute: .nan) }
        let few = try limits(writes: 3)
        #expect(throws: RampRefusal.tooManyWrites(kelvin: 50, 5, writesPerHour: 3, possible: 10 / 60)) {
            try few.steps(over: 50, kelvinPerMinute: 5)
        }
        // As slow as it says, it can.
        #expect(try few.steps(over: 50, kelvinPerMinute: 0.166).count == 10)
        #expect(
            RampLimits(fastestKelvinPerMinute: 0, smallestStepKelvin: 1, largestStepKelvin: 5, writesPerHour: 9) == nil)
        #expect(
            RampLimits(fastestKelvinPerMinute: 9, smallestStepKelvin: 1, largestStepKelvin: 5, writesPerHour: 1) == nil)
    }
}

@Suite struct WatlowRampTests {
    static let settings: [String: SettingValue] = ["min_c": .number(20), "max_c": .number(180)]

    /// From 25 to 125 degC in 20 min: never ahead of the line, never far behind, within the share of the writes.
    @Test func aRampFollowsItsLine() throws {
        var controller = try ScriptedController(Self.settings)
        let began = controller.harness.wire.seconds
        try controller.ramp(125, 5)
        var lowest = 25.0
        while controller.outcomes[0].isEmpty, controller.harness.wire.seconds < began + 1300 {
            controller.wait(.milliseconds(200))
            let line = 25 + 5 * (controller.harness.wire.seconds - began) / 60
            #expect(controller.setPointCelsius <= line + 0.02)
            #expect(controller.setPointCelsius >= min(125, line) - 3.6, "a step of 3.5 K behind")
            #expect(controller.setPointCelsius >= lowest)
            lowest = controller.setPointCelsius
        }
        #expect(controller.outcomes[0] == [.done])
        #expect(controller.setPointCelsius == 125)
        #expect(abs(controller.harness.wire.seconds - began - 1200) < 1)
        #expect(controller.setPointWrites.count == 30)
        #expect(controller.confirmed == 1)
    }

    /// A step each 60 ms on a bus that needs 100 ms for one: some are left out, and the temperature is read all the while.
    @Test func stepsLeaveRoomForLooks() throws {
        var settings = Self.settings
        settings["ramp_max_k_min"] = .number(100)
        settings["set_point_writes_per_hour"] = .integer(3600)
        var controller = try ScriptedController(settings)
        let began = controller.harness.wire
        try controller.ramp(125, 100)
        controller.wait(.milliseconds(62_000), replyingAfter: .milliseconds(25))
        #expect(controller.outcomes == [[.done]])
        #expect(controller.setPointCelsius == 125)
        #expect(controller.setPointWrites.count > 200)
        let looks = controller.harness.effects.compactMap { effect -> WireInstant? in
            guard case .reading(let reading) = effect, reading.signal.text.hasSuffix(".temperature") else { return nil }
            return reading.at.wire < began ? nil : reading.at.wire
        }
        let longest = zip(looks, looks.dropFirst()).map { ($1 - $0).seconds }.max()
        // A look, a step, and what is left of the time between two looks.
        #expect(try #require(longest) < 0.45)
    }

    /// Whatever is asked for, every hour keeps to its writes, and a ramp goes one way only.
    @Test(arguments: [1, 2, 3, 4] as [UInt64]) func ramps(seed: UInt64) throws {
        print("ramps of watlow-f4t, seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        let perHour = Int.random(in: 4...60, using: &generator)
        var settings = Self.settings
        settings["set_point_writes_per_hour"] = .integer(Int64(perHour))
        settings["poll_ms"] = .integer(5000)
        var controller = try ScriptedController(settings)
        for _ in 0..<40 {
            let goal = Double(Int.random(in: 20...180, using: &generator))
            if Int.random(in: 0..<4, using: &generator) == 0 {
                try controller.hold(goal)
            } else {
                try controller.ramp(goal, Double(Int.random(in: 1...20, using: &generator)) / 2)
            }
            for _ in 0..<Int.random(in: 1...400, using: &generator) { controller.wait(.milliseconds(5000)) }
        }
        for _ in 0..<4000 { controller.wait(.milliseconds(5000)) }
        #expect(controller.outcomes.allSatisfy { $0.count == 1 })
        #expect(controller.outcomes.contains([.done]))
        let writes = controller.setPointWrites
        for (early, late) in zip(writes, writes.dropFirst(perHour)) { #expect(late.seconds - early.seconds >= 3600) }
    }
}
