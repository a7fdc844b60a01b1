import DeviceModel
import Drivers
import Quantities
import Testing

struct OceanHDXTests {
    @Test(arguments: try ExchangePlayer.names("ocean-")) func exchange(_ name: String) throws {
        try ExchangePlayer.play(name, driver: "ocean-hdx")
    }

    @Test func everyPixelArrives() throws {
        var harness = try DriverHarness("ocean-hdx", [:])
        harness.handle(.opened(identity: "test"))
        let identity: [[UInt8]?] = [
            Array("HDX00123".utf8), OceanFrames.word(2068), [1], OceanFrames.word(Float(200).bitPattern),
            OceanFrames.word(20_000), [0],
        ]
        for data in identity { answer(&harness, data ?? []) }
        let burst = BurstRequest(frames: 2, integration: .milliseconds(20))
        try harness.execute(.spectrometer(.acquire(burst)))
        for first in [0, 65_000] as [UInt16] { answer(&harness, OceanFrames.spectrum(pixels: 2068, first: first)) }
        let bursts = harness.takeEffects().compactMap { effect -> SpectrumBurst? in
            if case .burst(let burst) = effect { burst } else { nil }
        }
        let frames = try #require(bursts.first).frames
        #expect(bursts.count == 1 && frames.count == 2)
        #expect(frames[0].counts == (0..<2068).map { UInt16($0) })
        #expect(frames[1].counts == (0..<2068).map { UInt16(65_000) &+ UInt16($0) })
    }

    /// A line that corrupts bytes may tell an integration time of an hour, without a checksum that would show it: time-outs
    /// are not made of that, or the lamp's safe command would wait for an hour.
    @Test(arguments: [0, 5999, 10_000_001, 3_600_000_000, .max] as [UInt32])
    func anIntegrationThatNoDeviceHasIsNotBelieved(microseconds: UInt32) throws {
        var harness = try DriverHarness("ocean-hdx", [:])
        harness.handle(.opened(identity: "test"))
        for data in [Array("HDX00123".utf8), OceanFrames.word(30), [1], OceanFrames.word(Float(200).bitPattern)] {
            answer(&harness, data)
        }
        answer(&harness, OceanFrames.word(microseconds))
        #expect(OceanFrames.type(of: harness.lastSent) == 0x11_0000, "it is asked again")
        answer(&harness, OceanFrames.word(20_000))
        answer(&harness, [0])
        try harness.execute(.spectrometer(.lamp(on: false)))
        harness.wait(.seconds(10))
        #expect(harness.outcomes[harness.issued[0]]?.count == 1, "no answer in ten seconds is an outcome")
    }

    private func answer(_ harness: inout DriverHarness, _ data: [UInt8]) {
        let type = OceanFrames.type(of: harness.lastSent) ?? 0
        let regarding = OceanFrames.regarding(of: harness.lastSent) ?? 0
        harness.handle(.received(OceanFrames.reply(type, regarding, data)))
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func malformedInput(seed: UInt64) throws {
        let replies =
            [
                OceanFrames.reply(0x100, 0, Array("HDX00123".utf8), checksum: .md5),
                OceanFrames.reply(0x11_0220, 0, OceanFrames.word(30)),
                OceanFrames.reply(0x18_0100, 0, [2]), OceanFrames.reply(0x18_0101, 0, OceanFrames.word(0x4348_0000)),
                OceanFrames.reply(0x11_0000, 0, OceanFrames.word(20_000)), OceanFrames.reply(0x11_0400, 0, [0]),
                OceanFrames.reply(0x11_0400, 0, [1]), OceanFrames.reply(0x11_0010, 0, flags: 3),
                OceanFrames.reply(0x11_0410, 0, flags: 3), OceanFrames.reply(0x10_0000, 0, flags: 3),
                OceanFrames.reply(0x10_1000, 0, OceanFrames.spectrum(pixels: 30, first: 5), checksum: .md5),
            ]
        let burst = BurstRequest(frames: 3, integration: .milliseconds(20))
        var fuzz = try MalformedInput(
            "ocean-hdx", [:], corpus: replies,
            commands: [
                .spectrometer(.acquire(burst)), .spectrometer(.lamp(on: true)), .spectrometer(.lamp(on: false)),
                .spectrometer(.abort),
            ], seed: seed
        ) { reply, request in OceanFrames.type(of: reply) == OceanFrames.type(of: request) }
        try fuzz.run()
    }
}
