import VirtualBench

extension FuzzTarget {
    /// Modbus/TCP to the registers of the simulated arm.
    static let simulatedArm = FuzzTarget("simulated-arm", longestInput: 512) { (bytes) throws(BrokenPromise) in
        try talkModbusTCP(bytes, to: "arm")
    }

    /// Lines to its Dashboard server: one line for each.
    static let simulatedArmPanel = FuzzTarget(
        "simulated-arm-panel", longestInput: 512,
        words: {
            [
                "robotmode\n", "programState\n", "play\n", "stop\n", "pause\n", "power on\n", "brake release\n",
                "load ", "quit\n",
            ]
        }
    ) { (bytes) throws(BrokenPromise) in
        let outputs = try talk(bytes, to: "arm_panel")
        let lines = bytes.dropFirst().count { $0 == 0x0a }
        try promise(outputs.count <= lines, "\(outputs.count) replies to \(lines) lines")
        for output in outputs { try promise(output.last == 0x0a && output.count > 1, "no line: \(output)") }
    }

    /// Frames to the simulated Magician: whatever it answers is one, with a right sum.
    static let simulatedDobot = FuzzTarget("simulated-dobot", longestInput: 512) { (bytes) throws(BrokenPromise) in
        for frame in try talk(bytes, to: "dobot") {
            try promise(frame.starts(with: [0xaa, 0xaa]) && frame.count >= 6, "no frame: \(frame)")
            try promise(frame.count == 4 + Int(frame[2]), "a frame of another length than it says: \(frame)")
            try promise(frame[3...].reduce(0, &+) == 0, "a wrong sum: \(frame)")
        }
    }

    /// The first byte says how the bytes are cut; some time passes after each piece.
    private static func talk(_ bytes: [UInt8], to link: String) throws(BrokenPromise) -> [[UInt8]] {
        var device = SimulatedDevice(link)
        let size = Int(bytes.first ?? 0) + 1
        var answers: [[UInt8]] = []
        for piece in stride(from: 1, to: bytes.count, by: size) {
            device.send(bytes[piece..<min(piece + size, bytes.count)])
            answers += device.outputs().map(\.bytes)
        }
        try device.checkTruth()
        return answers
    }
}
