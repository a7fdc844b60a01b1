import Drivers
import Quantities
import Testing

struct WatlowEZZoneTests {
    @Test(arguments: try ExchangePlayer.names("ezzone-")) func exchange(_ name: String) throws {
        try ExchangePlayer.play(name, driver: "watlow-ez-zone")
    }

    /// By the same steps as on an F4T.
    @Test func itRamps() throws {
        var controller = try ScriptedController(WatlowF4TTests.settings, driver: "watlow-ez-zone")
        try controller.ramp(35, 10)
        #expect(controller.confirmed == 1)
        for _ in 0..<120 { controller.wait(.seconds(1)) }
        #expect(controller.outcomes == [[.done]])
        #expect(controller.setPointCelsius == 35 && controller.setPointWrites.count > 3)
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func malformedInput(seed: UInt64) throws {
        print("malformed input for watlow-ez-zone, seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        var controller = try ScriptedController(WatlowF4TTests.settings, opens: false, driver: "watlow-ez-zone")
        controller.harness.handle(.opened(identity: "fuzz"))
        for step in 0..<30_000 {
            try controller.stumble(&generator)
            if step % 200 == 0 { #expect(elements(of: controller.harness.driver) < 1000) }
        }
        controller.harness.wait(.milliseconds(60_000))
        controller.harness.handle(.closed(reason: "end"))
        #expect(controller.outcomes.allSatisfy { $0.count == 1 })
        #expect(controller.outcomes.filter { $0 == [.done] }.count > controller.outcomes.count / 50)
    }
}
