import DeviceModel
import Drivers
import Quantities
import Testing

struct ChemyxFusionTests {
    static let settings: [String: SettingValue] = [
        "syringe.volume_ml": .number(50), "syringe.diameter_mm": .number(28.6), "syringe.reagent": .text("cui"),
    ]

    @Test(arguments: try ExchangePlayer.names("chemyx-")) func exchange(_ name: String) throws {
        try ExchangePlayer.play(name, driver: "chemyx-fusion")
    }

    @Test func limitsScaleWithTheBore() throws {
        guard case .pump(let limits) = try DriverHarness("chemyx-fusion", Self.settings).driver.limits else {
            Issue.record("not a pump's limits")
            return
        }
        #expect((limits.maximum.microlitersPerMinute - 114_480.1).magnitude < 0.1)
        #expect((limits.minimum.microlitersPerMinute - 0.19).magnitude < 1e-9)
        #expect(limits.capacity == Volume(microliters: 50_000))
        #expect(limits.reagent == "cui")
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func malformedInput(seed: UInt64) throws {
        let replies = [
            "?\rInvalid Command!\r\n>",
            "view parameter\runit = 2\r\ndia = 28.600\r\nrate = 80.000000\r\ndelay = 0.0\r\n>",
            "read limit parameter\r114480.1 0.1818 96362.4 12.8145\r\n>", "pump status\r0\r\n>", "pump status\r1\r\n>",
            "pump status\r4\r\n>", "dispensed volume\rdispensed volume = 1e300\r\n>",
            "dispensed volume\rdispensed volume = 12.5\r\n>", "set units 2\runits = 2\r\n>",
            "set diameter 28.6\rdiameter = 28.600\r\n>", "set rate 80\rrate = 80.000000\r\n>",
            "set rate 80\rrate = -nan\r\n>",
            "set volume 250\rvolume = 250.000000\r\n>",
            "set volume -250\rvolume = -250.000000\r\n>",
            "start 0\rPump start running...\r\n>", "stop\rPump stop!\r\n>",
        ]
        let run = PumpCommand.run(
            flow: FlowRate(microlitersPerMinute: 80), volume: Volume(microliters: 250))
        let back = PumpCommand.withdraw(
            flow: FlowRate(microlitersPerMinute: 80), volume: Volume(microliters: 250))
        var fuzz = try MalformedInput(
            "chemyx-fusion", Self.settings, corpus: replies.map { Array($0.utf8) },
            commands: [.pump(run), .pump(back), .pump(.stop)], seed: seed
        ) { reply, request in request.last == 0x0d && reply.starts(with: request.split(separator: 0x0d).last ?? []) }
        try fuzz.run()
    }
}
