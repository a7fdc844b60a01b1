/// Consistent overhead byte stuffing (Cheshire and Baker, 1999): bytes without a 0 among them, one longer in each 254.
public enum COBS {
    /// Without the delimiter.
    public static func encode(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var encoded: [UInt8] = [1]
        var start = 0
        for (index, byte) in bytes.enumerated() {
            if byte != 0 {
                encoded.append(byte)
                encoded[start] += 1
            }
            let isFull = encoded[start] == 0xff && index != bytes.count - 1
            if byte == 0 || isFull {
                start = encoded.count
                encoded.append(1)
            }
        }
        return encoded
    }

    /// - Parameter encoded: without the delimiter.
    /// - Returns: nil where a 0 is inside, a block is cut off, or there is nothing. Also takes the last code byte 01 that
    ///   some encoders add after a full block.
    public static func decode(_ encoded: some Collection<UInt8>) -> [UInt8]? {
        guard !encoded.isEmpty else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(encoded.count)
        var left = 0
        var endsInZero = false
        for byte in encoded {
            guard byte != 0 else { return nil }
            if left > 0 {
                bytes.append(byte)
                left -= 1
            } else {
                if endsInZero { bytes.append(0) }
                endsInZero = byte != 0xff
                left = Int(byte) - 1
            }
        }
        return left == 0 ? bytes : nil
    }
}
