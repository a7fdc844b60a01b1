import Experiments
import Testing

/// The lamp of the absorption cell behind a shutter that a pin of the spectrometer moves.
@Suite struct ShutterTests {
    private static let wired = [
        "link = \"spec_abs\"\n": "link = \"spec_abs\"\nlamp = \"shutter_gpio\"\nshutter_pin = 3\n"
    ]

    /// Dark with the shutter shut, reference and sample with it open: the features are those of the cell.
    @Test(arguments: [1501] as [UInt64]) func absorbanceThroughAShutter(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed, plate: 139, changes: Self.wired, shutter: 3)
        let id = try scenario.submit()
        let record = try scenario.finish(id)
        #expect(record.state == .done, "\(scenario.describe(id))")
        scenario.expectTrueFeatures(id)
    }

    /// Another pin than the shutter's: all is read back as told, and there is no light. The reference shows it.
    @Test(arguments: [1502] as [UInt64]) func anotherPinGivesNoLight(seed: UInt64) throws {
        var scenario = try Scenario(seed: seed, plate: 139, changes: Self.wired, shutter: 4)
        let id = try scenario.submit()
        let record = try scenario.finish(id)
        #expect(record.state == .failed, "\(scenario.describe(id))")
        #expect(record.features == nil)
    }
}
