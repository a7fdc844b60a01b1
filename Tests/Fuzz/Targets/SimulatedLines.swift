import VirtualBench

/// The accessories on serial lines, and one on Modbus: they answer as they do to anybody, and what is so stays numbers.
extension FuzzTarget {
    static let simulatedTubingPump = FuzzTarget(
        "simulated-tubing-pump", longestInput: 512, words: { ["~1\r", "xE0\r", "f1200+1\r", "v1000+0\r", "xe\r"] }
    ) { (bytes) throws(BrokenPromise) in
        try talk(bytes, to: "tubing_pump") { $0.isEmpty || "*#+-".utf8.contains($0[0]) || $0.last == 0x0a }
    }

    static let simulatedGas = FuzzTarget(
        "simulated-gas", longestInput: 512, words: { ["A??D*\r", "A??M*\r", "AVE\r", "ALS ", "AHC\r", "AC\r"] }
    ) { (bytes) throws(BrokenPromise) in
        try talk(bytes, to: "gas") { $0.last == 0x0d }
    }

    static let simulatedLED = FuzzTarget(
        "simulated-led", longestInput: 512, words: { ["BP? ", "BP ", "O? ", "O -1 ", "SM ", "R?\n", "E?\n"] }
    ) { (bytes) throws(BrokenPromise) in
        try talk(bytes, to: "led") { $0.suffix(2) == [0x0d, 0x0a] }
    }

    static let simulatedCD = FuzzTarget(
        "simulated-cd", longestInput: 512,
        words: { ["list ", "read ", "ticket cd.ticket 11\nSAMPLE\ta1\r\n", "withdraw "] }
    ) { (bytes) throws(BrokenPromise) in
        try talk(bytes, to: "cd") { bytes in
            let isList = bytes.suffix(2) == [0x0a, 0x0a] || bytes == [0x0a]
            return isList || bytes.starts(with: Array("ok ".utf8)) || bytes.starts(with: Array("error ".utf8))
        }
    }

    static let simulatedBlock = FuzzTarget("simulated-block", longestInput: 512) { (bytes) throws(BrokenPromise) in
        try talkModbusTCP(bytes, to: "plate2")
    }

    /// The first byte says how the bytes are cut; some time passes after each piece.
    private static func talk(
        _ bytes: [UInt8], to link: String, whole: ([UInt8]) -> Bool
    ) throws(BrokenPromise) {
        var device = SimulatedDevice(link)
        let size = Int(bytes.first ?? 0) % 64 + 1
        for piece in stride(from: 1, to: bytes.count, by: size) {
            device.send(bytes[piece..<min(piece + size, bytes.count)])
            for output in device.outputs() {
                try promise(output.link == link && whole(output.bytes), "half an answer: \(output.bytes)")
            }
        }
        try device.checkTruth()
    }
}
