import FoundationEssentials
import Quantities
import VirtualBench
import Wire

extension FuzzTarget {
    /// A host's bytes to a simulated pump: one reply to each line, ended by the prompt. The first byte is the style of its
    /// echo; bytes 1 to 4 let a second pass, cut the power, block the drive, free it.
    static let simulatedPump = FuzzTarget(
        "simulated-pump", longestInput: 1024,
        words: {
            ["set ", "rate ", "units ", "diameter ", "volume ", "delay ", "time ", "hexw2 ", "start 1\r", "restart\r"]
        },
        recorded: { written(to: "chemyx") }
    ) { (bytes) throws(BrokenPromise) in
        let styles = ChemyxPump.EchoStyle.allCases
        var pump = ChemyxPump(echoStyle: styles[Int(bytes.first ?? 0) % styles.count])
        var (seconds, bootedAt, lastDue) = (0.0, 0.0, WireInstant.zero)
        for piece in pieces(bytes.dropFirst()) {
            let (wire, bench) = (WireInstant.zero + .seconds(seconds), BenchInstant.zero + .seconds(seconds))
            let replies = pump.receive(piece.bytes, at: wire, bench: bench)
            let lines = seconds >= bootedAt ? piece.bytes.count { $0 == 0x0d } : 0
            try promise(replies.count == lines, "\(replies.count) replies to \(lines) lines")
            for reply in replies {
                try promise(reply.bytes.last == UInt8(ascii: ">"), "a reply without its prompt")
                try promise(reply.due >= lastDue, "a reply overtakes another")
                lastDue = reply.due
            }
            try promise((0...4).contains(pump.status) && pump.rate.isFinite, "status \(pump.status), rate \(pump.rate)")
            switch piece.end {
            case 1: seconds += 1
            case 2:
                pump.powerCycle(at: wire)
                (bootedAt, lastDue) = (seconds + 2, .zero)
            case 3: pump.meetEndOfStroke()
            default: pump.meetPressureLimit()
            }
            let moved = pump.displace(to: BenchInstant.zero + .seconds(seconds))
            try promise(moved.magnitude < 1e6, "the plunger moved \(moved) uL in a second")
        }
    }

    /// Ocean Binary Protocol to a simulated spectrometer: whatever it answers is a frame. The first byte says how the
    /// bytes are cut.
    static let simulatedSpectrometer = FuzzTarget(
        "simulated-spectrometer", recorded: { written(to: "ocean") }
    ) { (bytes) throws(BrokenPromise) in
        var device = SimulatedDevice("spec_pl")
        let size = Int(bytes.first ?? 0) * 8 + 1
        for piece in stride(from: 1, to: bytes.count, by: size) {
            device.send(bytes[piece..<min(piece + size, bytes.count)])
        }
        for output in device.outputs() {
            let frame = output.bytes
            try promise(frame.count >= 64 && frame.starts(with: [0xc1, 0xc0, 0x00, 0x11]), "no frame: \(frame)")
            try promise(frame.suffix(4) == [0xc5, 0xc4, 0xc3, 0xc2], "a frame without its end: \(frame)")
            let remaining = frame[40..<44].reversed().reduce(0) { $0 << 8 | Int($1) }
            try promise(frame.count == 44 + remaining, "a frame of another length than it says")
        }
    }

    /// Lines of the fault socket. What is taken breaks the bench, never the simulation: its truth stays numbers.
    static let faultCommands = FuzzTarget(
        "fault-commands", longestInput: 1024,
        words: {
            JSONWords.words + Fault.allCases.map(\.rawValue) + [
                "\"device\":\"", "\"fault\":\"", "\"for_s\":", "\"value\":",
            ]
        }
    ) { (bytes) throws(BrokenPromise) in
        var device = SimulatedDevice("pump_cui")
        for line in bytes.split(separator: 0x0a).prefix(20) {
            guard let command = try? JSONDecoder().decode(FaultCommand.self, from: Data(line)) else { continue }
            try device.apply(command)
        }
        try device.checkTruth()
    }

    /// What the recorded exchanges show of the host's side, after a first byte that leaves it in one piece.
    private static func written(to device: String) -> [Seed] {
        Repository.files("Tests/DriversTests/Exchanges", prefix: device + "-").map { seed in
            let lines = seed.bytes.split(separator: 0x0a).filter { $0.first == UInt8(ascii: ">") }
            let bytes = lines.flatMap { ScriptBytes.unescaped($0.drop { $0 != 0x20 }.dropFirst()) }
            return Seed(name: seed.name, bytes: [0xff] + bytes)
        }
    }

    private static func pieces(_ bytes: ArraySlice<UInt8>) -> [(bytes: [UInt8], end: UInt8)] {
        var pieces: [(bytes: [UInt8], end: UInt8)] = []
        var piece: [UInt8] = []
        for byte in bytes {
            if (1...4).contains(byte) {
                pieces.append((piece, byte))
                piece = []
            } else {
                piece.append(byte)
            }
        }
        return pieces + [(piece, 1)]
    }
}
