/// Small, seeded, the same everywhere (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) } }

    /// Small numbers are more often such as a board takes.
    mutating func payload(_ count: Int) -> [UInt8] {
        let how = Int.random(in: 0..<3, using: &self)
        return bytes(count).map { byte in
            switch how {
            case 0: byte
            case 1: Bool.random(using: &self) ? byte : byte & 7
            default: Int.random(in: 0..<3, using: &self) > 0 ? 0 : byte & 7
            }
        }
    }

    /// 0: as it is, 1: changed, 2: bytes lost, 3: bytes before it.
    mutating func damaged(_ bytes: [UInt8], how: Int) -> [UInt8] {
        var bytes = bytes
        switch how {
        case 1:
            for _ in 0..<Int.random(in: 1...3, using: &self) {
                bytes[.random(in: bytes.indices, using: &self)] ^= UInt8.random(in: 1...255, using: &self)
            }
        case 2:
            let count = Int.random(in: 1...min(4, bytes.count), using: &self)
            bytes.removeSubrange(Int.random(in: 0...bytes.count - count, using: &self)...)
        case 3: bytes = self.bytes(.random(in: 1...100, using: &self)).map { $0 | 1 } + bytes
        default: break
        }
        return bytes
    }
}
