import Quantities
import VirtualBench

/// A client of the bench under a virtual clock: sends, lets time pass, collects what comes.
struct Host {
    var bench: VirtualBench
    let rate: Double
    /// Wire time.
    private(set) var now: WireInstant = .zero

    init(seed: UInt64 = 1, rate: Double = 1, _ change: (inout VirtualBench.Options) -> Void = { _ in }) {
        var options = VirtualBench.Options()
        // Most tests have the heater's power on; those of the I/O module say otherwise.
        options.hasContactor = false
        change(&options)
        self.rate = rate
        bench = VirtualBench(seed: seed, clockRate: rate, options: options)
    }

    var moment: Moment {
        let nanoseconds = Int64(Double(now.nanoseconds) * rate)
        return Moment(wire: now, bench: BenchInstant(nanoseconds: nanoseconds), wall: WallInstant(nanoseconds: 0))
    }

    mutating func wait(wire seconds: Double) {
        now = now + .seconds(seconds)
        bench.advance(to: moment)
    }

    mutating func wait(bench seconds: Double) { wait(wire: seconds / rate) }

    mutating func send(_ bytes: [UInt8], to link: String) { bench.send(bytes, to: link, at: moment) }

    /// Everything that comes within a wire time.
    mutating func receive(within seconds: Double = 0.1) -> [VirtualBench.Output] {
        wait(wire: seconds)
        return bench.drainOutputs(upTo: now)
    }

    /// One request to a pump, as text; what it says, with CR and LF shown as they are.
    mutating func ask(_ pump: String, _ command: String, end: String = "\r") -> String {
        send(Array((command + end).utf8), to: "pump_" + pump)
        return receive(within: 0.02).map { String(decoding: $0.bytes, as: UTF8.self) }.joined()
    }

    mutating func modbus(_ pdu: [UInt8], link: String = "heater") -> [UInt8]? {
        bench.handleModbus(pdu, link: link, at: moment)?.pdu
    }

    mutating func fault(_ device: String, _ fault: String, for seconds: Double? = nil, value: Double? = nil) throws {
        _ = try bench.apply(
            FaultCommand(device: device, fault: fault, forSeconds: seconds, value: value), at: moment)
    }

    /// Starts a pump for a large volume.
    mutating func run(_ pump: String, microlitersPerMinute rate: Double, diameter: Double = 28.6) {
        for command in ["set units 2", "set diameter \(diameter)", "set rate \(rate)", "set volume 20000", "start 0"] {
            _ = ask(pump, command)
        }
    }
}

func float(_ pdu: [UInt8]?, lowFirst: Bool = true) -> Float {
    guard let pdu, pdu.count == 6 else { return .nan }
    let words = [UInt32(pdu[2]) << 8 | UInt32(pdu[3]), UInt32(pdu[4]) << 8 | UInt32(pdu[5])]
    return Float(bitPattern: lowFirst ? words[1] << 16 | words[0] : words[0] << 16 | words[1])
}

func read(_ address: Int, _ count: Int = 2, function: UInt8 = 3) -> [UInt8] {
    [function, UInt8(address >> 8), UInt8(address & 0xff), 0, UInt8(count)]
}

func write(_ address: Int, _ value: Int) -> [UInt8] {
    [6, UInt8(address >> 8), UInt8(address & 0xff), UInt8(value >> 8), UInt8(value & 0xff)]
}

func writeFloat(_ address: Int, _ value: Float, lowFirst: Bool = true) -> [UInt8] {
    let bits = value.bitPattern
    let low = [UInt8(truncatingIfNeeded: bits >> 8), UInt8(truncatingIfNeeded: bits)]
    let high = [UInt8(truncatingIfNeeded: bits >> 24), UInt8(truncatingIfNeeded: bits >> 16)]
    return [16, UInt8(address >> 8), UInt8(address & 0xff), 0, 2, 4] + (lowFirst ? low + high : high + low)
}
