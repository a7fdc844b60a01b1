import VirtualBench

extension FuzzTarget {
    /// Modbus/TCP to the simulated heater: each whole request gets one answer with its number, and what breaks the framing
    /// ends the connection.
    static let simulatedHeater = FuzzTarget("simulated-heater", longestInput: 512) { (bytes) throws(BrokenPromise) in
        try talkModbusTCP(bytes, to: "heater")
    }

    /// The same to the simulated I/O module.
    static let simulatedModule = FuzzTarget("simulated-module", longestInput: 512) { (bytes) throws(BrokenPromise) in
        try talkModbusTCP(bytes, to: "io")
    }

    static func talkModbusTCP(_ bytes: [UInt8], to link: String) throws(BrokenPromise) {
        var device = SimulatedDevice(link)
        for piece in stride(from: 1, to: bytes.count, by: Int(bytes.first ?? 0) + 1) {
            device.send(bytes[piece..<min(piece + Int(bytes[0]) + 1, bytes.count)])
        }
        let outputs = device.outputs()
        let (requests, isBroken) = ModbusOracle.requests(bytes.dropFirst())
        try promise(outputs.contains { $0.closes } == isBroken, "the connection ends: \(!isBroken)")
        guard !isBroken else { return }
        try promise(outputs.count == requests.count, "\(outputs.count) answers to \(requests.count) requests")
        for (output, request) in zip(outputs, requests) {
            try promise(output.bytes.prefix(4) == request.prefix(4), "an answer with another number")
            try promise(output.bytes.count == 6 + Int(output.bytes[5]), "an answer of another length than it says")
            let function = request.count > 7 ? request[request.startIndex + 7] : 0
            try promise(output.bytes[7] & 0x7f == function & 0x7f, "an answer to another function")
        }
        try device.checkTruth()
    }

    /// Modbus RTU to the simulated heater: whatever it answers has a right check sum and answers the frame before it. With
    /// an odd first byte the rest is the line as it stands; else it is requests, each after its length, that are framed.
    static let simulatedSerialHeater = FuzzTarget("simulated-serial-heater", longestInput: 512) {
        (bytes) throws(BrokenPromise) in
        var device = SimulatedDevice("heater", isSerialHeater: true)
        var rest = bytes.dropFirst()
        guard bytes.first.map({ $0 & 1 == 0 }) ?? false else {
            device.send(rest)
            return try checkFrames(device.outputs(), functions: nil)
        }
        while let length = rest.popFirst() {
            let request = Array(rest.prefix(Int(length)))
            rest = rest.dropFirst(Int(length))
            device.send(ModbusRTUServer.frame(1, request)[...])
            let outputs = device.outputs()
            try promise(outputs.count <= 1, "\(outputs.count) answers to one frame")
            try checkFrames(outputs, functions: request.prefix(1))
            device.wait(1)
        }
        try device.checkTruth()
    }

    private static func checkFrames(
        _ outputs: [VirtualBench.Output], functions: ArraySlice<UInt8>?
    ) throws(BrokenPromise) {
        for frame in outputs.map(\.bytes) {
            try promise(frame.count >= 4 && modbusCheckSum(frame) == 0, "a wrong check sum: \(frame)")
            try promise(frame.count <= 256, "a frame of \(frame.count) bytes")
            guard let functions else { continue }
            try promise(functions.first.map { $0 & 0x7f == frame[1] & 0x7f } ?? true, "an answer to another function")
        }
    }
}

/// Modbus/TCP framing, apart from the simulator's own.
private enum ModbusOracle {
    static func requests(_ stream: ArraySlice<UInt8>) -> (requests: [ArraySlice<UInt8>], isBroken: Bool) {
        var (rest, requests) = (stream, [ArraySlice<UInt8>]())
        while rest.count >= 7 {
            let head = Array(rest.prefix(6))
            let length = Int(head[4]) << 8 | Int(head[5])
            guard head[2] == 0, head[3] == 0, (2...254).contains(length) else { return (requests, true) }
            guard rest.count >= 6 + length else { break }
            requests.append(rest.prefix(6 + length))
            rest = rest.dropFirst(6 + length)
        }
        return (requests, false)
    }
}
