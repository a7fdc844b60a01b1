import Wire

/// Frames as an HDX sends them, made byte by byte, apart from the driver's own codec.
struct OceanFrames {
    enum Checksum { case none, md5, wrong }

    static func reply(
        _ type: UInt32, _ regarding: UInt32, _ data: [UInt8] = [], flags: UInt16 = 1, error: UInt16 = 0,
        version: UInt16 = 0x1100, checksum: Checksum = .none
    ) -> [UInt8] {
        let immediate = data.count <= 16 ? data : []
        let payload = data.count <= 16 ? [] : data
        var bytes: [UInt8] = [0xc1, 0xc0]
        bytes.append(littleEndian: version)
        bytes.append(littleEndian: flags)
        bytes.append(littleEndian: error)
        bytes.append(littleEndian: type)
        bytes.append(littleEndian: regarding)
        bytes += [0, 0, 0, 0, 0, 0, checksum == .none ? 0 : 1, UInt8(immediate.count)]
        bytes += immediate + [UInt8](repeating: 0, count: 16 - immediate.count)
        bytes.append(littleEndian: UInt32(payload.count + 20))
        bytes += payload
        switch checksum {
        case .none: bytes += [UInt8](repeating: 0, count: 16)
        case .md5: bytes += md5(bytes)
        case .wrong: bytes += [UInt8](repeating: 0x5a, count: 16)
        }
        return bytes + [0xc5, 0xc4, 0xc3, 0xc2]
    }

    static func spectrum(pixels: Int, first: UInt16) -> [UInt8] {
        (0..<pixels).flatMap { pixel -> [UInt8] in
            let count = first &+ UInt16(truncatingIfNeeded: pixel)
            return [UInt8(truncatingIfNeeded: count), UInt8(truncatingIfNeeded: count >> 8)]
        }
    }

    static func word(_ value: UInt32) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: value)
        return bytes
    }

    static func type(of frame: [UInt8]) -> UInt32? { number(frame, at: 8) }
    static func regarding(of frame: [UInt8]) -> UInt32? { number(frame, at: 12) }

    private static func number(_ frame: [UInt8], at index: Int) -> UInt32? {
        guard frame.count >= index + 4 else { return nil }
        var reader = ByteReader(frame[index...])
        return reader.littleEndian(UInt32.self)
    }
}
