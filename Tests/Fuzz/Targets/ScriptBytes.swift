import DeviceModel
import Drivers
import Quantities
import Wire

/// How a script writes what a device says.
enum ScriptBytes {
    static let mostRegisters = 130
    static let mostBits = 2100

    /// `\r`, `\n` and `\xHH` are escapes, `hex:` begins hexadecimal; anything else stands for itself.
    static func unescaped(_ text: ArraySlice<UInt8>) -> [UInt8] {
        if text.starts(with: "hex:".utf8) { return hex(text.dropFirst(4)) }
        var bytes: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let escape = rest.popFirst() else {
                bytes.append(byte)
                continue
            }
            switch escape {
            case UInt8(ascii: "r"): bytes.append(0x0d)
            case UInt8(ascii: "n"): bytes.append(0x0a)
            case UInt8(ascii: "x"):
                bytes += hex(rest.prefix(2))
                rest = rest.dropFirst(2)
            default: bytes.append(escape)
            }
        }
        return bytes
    }

    private static func hex(_ text: ArraySlice<UInt8>) -> [UInt8] {
        let digits = text.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
        return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    static func outcome(_ words: [String]) -> ModbusReply.Outcome? {
        switch words.first {
        case "written": return .written
        case "exception": return .exception(words.last.flatMap { UInt8($0) } ?? 0)
        case "failed": return .failed(words.dropFirst().joined(separator: " "))
        case "refused": return .refusedByTrip
        case "bits": return .bits(words.dropFirst().prefix(mostBits).map { $0 == "1" })
        case "text":
            let text = words.dropFirst().joined(separator: " ").utf8
            return .registers(text.prefix(mostRegisters).map { UInt16($0) })
        case "float-low-first", "float-high-first":
            let isLowFirst = words.first == "float-low-first"
            return .registers(
                words.dropFirst().prefix(mostRegisters / 2).flatMap { word in
                    let bits = (Float(word) ?? .nan).bitPattern
                    let pair = [UInt16(truncatingIfNeeded: bits), UInt16(truncatingIfNeeded: bits >> 16)]
                    return isLowFirst ? pair : pair.reversed()
                })
        case nil: return nil
        default: return .registers(words.prefix(mostRegisters).compactMap { UInt16($0) })
        }
    }

    /// As a board's driver replies to what was relayed to it.
    static func relayed(_ words: [String]) -> RelayReply.Outcome? {
        let number = words.count > 1 ? Int64(words[1]) ?? 0 : 0
        switch words.first {
        case "refused": return .refused(UInt8(truncatingIfNeeded: number))
        case "failed": return .failed(words.dropFirst().joined(separator: " "))
        case "trip": return .refusedByTrip
        case "executed": return .executed(BoardPunctuality(late: .milliseconds(number % 100_000), uncertainty: .zero))
        case nil: return nil
        case let word?: return .answer(unescaped(Array("hex:\(word.prefix(128))".utf8)[...]))
        }
    }
}

/// A reply of the Ocean Binary Protocol to the last request, as the words after `obp` shape it.
struct OceanReply {
    static let mostPixels = 5000

    private var type: [UInt8]
    private var regarding: UInt32
    private var flags: UInt16 = 1
    private var error: UInt16 = 0
    private var version: UInt16 = 0x1100
    private var checksum: [UInt8]?
    private var hasChecksum = false
    private var repeats = 1
    private var cut = 0
    private var noise: [UInt8] = []
    private var data: [UInt8] = []

    init?(answering request: [UInt8], _ words: [String]) {
        guard request.count >= 16 else { return nil }
        type = Array(request[8..<12])
        regarding = request[12..<16].reversed().reduce(0) { $0 << 8 | UInt32($1) }
        var rest = words[...]
        while let word = rest.popFirst(), shape(word, &rest) {}
    }

    /// Returns: false once the data were read.
    private mutating func shape(_ word: String, _ rest: inout ArraySlice<String>) -> Bool {
        switch word {
        case "late": regarding &-= 1
        case "zero": regarding = 0
        case "md5": hasChecksum = true
        case "wrong-md5": (hasChecksum, checksum) = (true, [UInt8](repeating: 0x5a, count: 16))
        case "ack": flags = 3
        case "version": version = 0x2000
        case "twice": repeats = 2
        case "noise": noise = [0xc1, 0x00, 0xc1, 0xc0, 0x01] + [UInt8](repeating: 0xc1, count: 70)
        case "nack": (flags, error) = (9, rest.popFirst().flatMap { UInt16($0) } ?? 0)
        case "cut": cut = min(max(rest.popFirst().flatMap { Int($0) } ?? 0, 0), 100)
        default:
            data = Self.data(word, Array(rest))
            return false
        }
        return true
    }

    private static func data(_ kind: String, _ words: [String]) -> [UInt8] {
        let first = words.first ?? ""
        var bytes: [UInt8] = []
        switch kind {
        case "u8": bytes.append(UInt8(first) ?? 0)
        case "u32": bytes.append(littleEndian: UInt32(first) ?? 0)
        case "f32": bytes.append(littleEndian: (Float(first) ?? .nan).bitPattern)
        case "text": bytes = Array(first.utf8)
        case "spectrum":
            let start = words.dropFirst().first.flatMap { UInt16($0) } ?? 0
            for pixel in 0..<min(max(Int(first) ?? 0, 0), mostPixels) {
                bytes.append(littleEndian: start &+ UInt16(truncatingIfNeeded: pixel))
            }
        default: bytes = Array(kind.utf8)
        }
        return bytes
    }

    var bytes: [UInt8] {
        let isImmediate = data.count <= 16
        var frame: [UInt8] = [0xc1, 0xc0]
        frame.append(littleEndian: version)
        frame.append(littleEndian: flags)
        frame.append(littleEndian: error)
        frame += type
        frame.append(littleEndian: regarding)
        frame += [0, 0, 0, 0, 0, 0, hasChecksum ? 1 : 0, isImmediate ? UInt8(data.count) : 0]
        frame += isImmediate ? data + [UInt8](repeating: 0, count: 16 - data.count) : [UInt8](repeating: 0, count: 16)
        frame.append(littleEndian: UInt32((isImmediate ? 0 : data.count) + 20))
        frame += isImmediate ? [] : data
        frame += hasChecksum ? checksum ?? md5(frame) : [UInt8](repeating: 0, count: 16)
        frame += [0xc5, 0xc4, 0xc3, 0xc2]
        return noise + frame.dropLast(cut) + (repeats == 2 ? frame : [])
    }
}
