import VirtualBench

extension FuzzTarget {
    /// A host's bytes to a VICI actuator: at most one reply to each line, ended by CR. The first byte says how the bytes
    /// are cut.
    static let simulatedFeedValve = FuzzTarget("simulated-feed-valve", longestInput: 512, words: { viciWords }) {
        (bytes) throws(BrokenPromise) in
        try talkVici(bytes, to: "feed_valve")
    }

    /// The same to a selector with the long form of replies.
    static let simulatedSelector = FuzzTarget("simulated-selector", longestInput: 512, words: { viciWords }) {
        (bytes) throws(BrokenPromise) in
        try talkVici(bytes, to: "reagent_selector")
    }

    private static let viciWords = [
        "CP\r", "GO", "GOB\r", "CW", "CC", "TO\r", "HM\r", "NP", "AM", "CNT", "VR\r", "IFM", "LG", "ID", "*ID*\r",
    ]

    private static func talkVici(_ bytes: [UInt8], to link: String) throws(BrokenPromise) {
        var device = SimulatedDevice(link)
        let size = Int(bytes.first ?? 0) + 1
        for piece in stride(from: 1, to: bytes.count, by: size) {
            device.send(bytes[piece..<min(piece + size, bytes.count)])
        }
        let outputs = device.outputs()
        let lines = bytes.dropFirst().count { $0 == 0x0d }
        try promise(outputs.count <= lines, "\(outputs.count) replies to \(lines) lines")
        for output in outputs {
            try promise(output.bytes.last == 0x0d && output.bytes.count > 1, "no line: \(output.bytes)")
            try promise(output.bytes.allSatisfy { $0 < 0x7f }, "no text: \(output.bytes)")
        }
        try device.checkTruth()
    }

    /// Frames to a Runze valve: whatever it answers is a frame with a right sum and a status that there is. The first byte
    /// says how the bytes are cut.
    static let simulatedOutletValve = FuzzTarget("simulated-outlet-valve", longestInput: 512) {
        (bytes) throws(BrokenPromise) in
        var device = SimulatedDevice("outlet_valve")
        let size = Int(bytes.first ?? 0) + 1
        for piece in stride(from: 1, to: bytes.count, by: size) {
            device.send(bytes[piece..<min(piece + size, bytes.count)])
        }
        let outputs = device.outputs()
        try promise(
            outputs.count * 8 < bytes.count || outputs.isEmpty, "\(outputs.count) replies to \(bytes.count - 1) bytes")
        for frame in outputs.map(\.bytes) {
            try promise(frame.count == 8 && frame[0] == 0xcc && frame[5] == 0xdd, "no frame: \(frame)")
            let sum = frame.prefix(6).reduce(0) { $0 + Int($1) }
            try promise(frame[6] == sum & 0xff && Int(frame[7]) == sum >> 8, "a wrong sum: \(frame)")
            try promise(frame[2] <= 6 || frame[2] >= 0xfe, "no status: \(frame)")
        }
        try device.checkTruth()
    }
}
