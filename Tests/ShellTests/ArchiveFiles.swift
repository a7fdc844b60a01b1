import Glibc

/// Whole files, as a kill leaves them.
enum ArchiveFiles {
    static func bytes(of path: String) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { throw ArchivePlace.Trouble.errno(errno) }
        defer { close(descriptor) }
        var all: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        while case let count = read(descriptor, &chunk, chunk.count), count > 0 { all += chunk[..<count] }
        return all
    }

    static func put(_ bytes: [UInt8], into path: String) throws {
        let descriptor = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0o640)
        guard descriptor >= 0 else { throw ArchivePlace.Trouble.errno(errno) }
        defer { close(descriptor) }
        guard write(descriptor, bytes, bytes.count) == bytes.count else { throw ArchivePlace.Trouble.errno(errno) }
    }

    static func copy(_ path: String, to other: String) throws { try put(try bytes(of: path), into: other) }
}

/// Small random numbers that a seed repeats.
struct ArchiveRandom {
    private var state: UInt64

    init(seed: UInt64) {
        print("archive: seed \(seed)")
        state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    }

    mutating func below(_ limit: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state >> 11) % limit
    }

    mutating func pick<Value>(_ values: [Value]) -> Value { values[below(values.count)] }
}
