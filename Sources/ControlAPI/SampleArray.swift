/// An array of samples as the API carries it: base64 of little-endian 32-bit floats.
public enum SampleArray {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    public static func encode(_ samples: [Float]) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(samples.count * 4)
        for sample in samples {
            let bits = sample.bitPattern
            for shift in stride(from: UInt32(0), through: 24, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: bits >> shift))
            }
        }
        return base64(bytes)
    }

    /// nil when the text is not base64 of whole floats.
    public static func decode(_ text: String) -> [Float]? {
        guard let bytes = bytes(ofBase64: text), bytes.count % 4 == 0 else { return nil }
        return stride(from: 0, to: bytes.count, by: 4).map { at in
            let low = UInt32(bytes[at]) | UInt32(bytes[at + 1]) << 8
            return Float(bitPattern: low | UInt32(bytes[at + 2]) << 16 | UInt32(bytes[at + 3]) << 24)
        }
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        var out: [UInt8] = []
        out.reserveCapacity((bytes.count + 2) / 3 * 4)
        for at in stride(from: 0, to: bytes.count, by: 3) {
            let present = min(3, bytes.count - at)
            var group = UInt32(bytes[at]) << 16
            if present > 1 { group |= UInt32(bytes[at + 1]) << 8 }
            if present > 2 { group |= UInt32(bytes[at + 2]) }
            for place in 0..<4 {
                let letter = alphabet[Int(group >> (18 - 6 * UInt32(place)) & 63)]
                out.append(place <= present ? letter : UInt8(ascii: "="))
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    private static func bytes(ofBase64 text: String) -> [UInt8]? {
        let letters = Array(text.utf8)
        guard letters.count % 4 == 0 else { return nil }
        let padding = letters.reversed().prefix(2).prefix { $0 == UInt8(ascii: "=") }.count
        var out: [UInt8] = []
        var group: UInt32 = 0
        for (index, letter) in letters.dropLast(padding).enumerated() {
            guard let digit = value(of: letter) else { return nil }
            group = group << 6 | digit
            if index % 4 == 3 {
                out += [
                    UInt8(truncatingIfNeeded: group >> 16), UInt8(truncatingIfNeeded: group >> 8),
                    UInt8(truncatingIfNeeded: group),
                ]
                group = 0
            }
        }
        if padding == 2 { out.append(UInt8(truncatingIfNeeded: group >> 4)) }
        if padding == 1 { out += [UInt8(truncatingIfNeeded: group >> 10), UInt8(truncatingIfNeeded: group >> 2)] }
        return out
    }

    private static func value(of letter: UInt8) -> UInt32? {
        switch letter {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(letter) - 65
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(letter) - 71
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(letter) + 4
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
