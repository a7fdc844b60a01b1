import Quantities
import VirtualBench
import Wire

/// One link of the simulated bench, and the clock.
struct SimulatedDevice {
    private static let fresh = VirtualBench(seed: 1)
    private static let fitted: VirtualBench = {
        var options = VirtualBench.Options()
        options.accessories = AccessoryCatalog.entries.map(\.name)
        return VirtualBench(seed: 1, options: options)
    }()
    private static let serial: VirtualBench = {
        var options = VirtualBench.Options()
        options.heaterLink = .rtu
        return VirtualBench(seed: 1, options: options)
    }()
    static let longestWait = 5.0

    private let link: String
    private var bench: VirtualBench
    private var seconds = 0.0

    init(_ link: String, isSerialHeater: Bool = false) {
        self.link = link
        let isAccessory = VirtualBench.transport(of: link) != nil
        bench = isSerialHeater ? Self.serial : isAccessory ? Self.fitted : Self.fresh
    }

    private var now: Moment {
        Moment(wire: .zero + .seconds(seconds), bench: .zero + .seconds(seconds), wall: .zero)
    }

    mutating func send(_ bytes: ArraySlice<UInt8>) { bench.send(Array(bytes), to: link, at: now) }

    /// All that comes within some seconds.
    mutating func outputs() -> [VirtualBench.Output] {
        guard bench.nextOutput != nil else { return [] }
        seconds += Self.longestWait
        return bench.drainOutputs(upTo: now.wire)
    }

    mutating func wait(_ span: Double) { seconds += span }

    mutating func apply(_ command: FaultCommand) throws(BrokenPromise) {
        let answer: JSONValue
        do throws(FaultError) {
            answer = try bench.apply(command, at: now)
        } catch {
            return try promise(!error.description.isEmpty, "a refusal without words")
        }
        try promise(OtherReader.takes(answer.jsonBytes), "no JSON: \(answer.jsonText)")
        seconds += 0.3
    }

    mutating func checkTruth() throws(BrokenPromise) {
        seconds += 1
        bench.advance(to: now)
        for record in bench.drainTruth() {
            try promise(OtherReader.takes(Array(record.jsonLine.utf8)), "no JSON: \(record.jsonLine)")
        }
    }
}
