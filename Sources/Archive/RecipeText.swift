import Experiments

/// Reads the text of a recipe as `Coding.json` writes it, some twenty times as fast as a JSON decoder: the daemon reads
/// one for each key when it starts. It gives up on everything unusual, and the decoder has the last word then.
struct RecipeText {
    private var bytes: UnsafeBufferPointer<UInt8>
    private var at = 0

    private struct GiveUp: Error {}

    private enum Member {
        case word(String)
        case number(Double)
        case numbers([String: Double])
    }

    /// nil when it is not as usual.
    static func recipe(_ text: String) -> Recipe? {
        var text = text
        return text.withUTF8 { bytes in
            var reader = RecipeText(bytes: bytes)
            guard let members = try? reader.members(), reader.at == bytes.count else { return nil }
            return recipe(members)
        }
    }

    /// Exactly the members of one kind.
    private static func recipe(_ members: [(name: String, value: Member)]) -> Recipe? {
        var (kind, temperature, ramp): (String?, Double?, Double?)
        var (flows, x): ([String: Double]?, [String: Double]?)
        for (name, value) in members {
            switch (name, value) {
            case ("kind", .word(let word)): kind = word
            case ("temperature_c", .number(let number)): temperature = number
            case ("ramp_k_min", .number(let number)): ramp = number
            case ("flows_ul_min", .numbers(let numbers)): flows = numbers
            case ("x", .numbers(let numbers)): x = numbers
            default: return nil
            }
        }
        switch (kind, temperature, flows, x) {
        case ("flows", let temperature?, let flows?, nil):
            return .flows(FlowsRecipe(temperatureC: temperature, flowsULMin: flows, rampKMin: ramp))
        case ("box", nil, nil, let x?): return .box(BoxRecipe(x: x, rampKMin: ramp))
        case ("references", nil, nil, nil) where ramp == nil: return .references
        default: return nil
        }
    }

    // MARK: JSON without blanks and escapes

    private mutating func members() throws(GiveUp) -> [(name: String, value: Member)] {
        var members: [(name: String, value: Member)] = []
        try object { (reader, name) throws(GiveUp) in members.append((name, try reader.member())) }
        return members
    }

    private mutating func member() throws(GiveUp) -> Member {
        switch peek {
        case UInt8(ascii: "\""): return .word(try string())
        case UInt8(ascii: "{"):
            var numbers: [String: Double] = [:]
            try object { (reader, name) throws(GiveUp) in
                guard numbers.updateValue(try reader.number(), forKey: name) == nil else { throw GiveUp() }
            }
            return .numbers(numbers)
        default: return .number(try number())
        }
    }

    private mutating func object(
        _ member: (inout RecipeText, String) throws(GiveUp) -> Void
    ) throws(GiveUp) {
        try skip("{")
        while peek != UInt8(ascii: "}") {
            let name = try string()
            try skip(":")
            try member(&self, name)
            guard peek == UInt8(ascii: ",") else { break }
            at += 1
            guard peek == UInt8(ascii: "\"") else { throw GiveUp() }
        }
        try skip("}")
    }

    private mutating func string() throws(GiveUp) -> String {
        try skip("\"")
        let start = at
        while let byte = peek, byte != UInt8(ascii: "\"") {
            guard byte >= 0x20, byte < 0x7F, byte != UInt8(ascii: "\\") else { throw GiveUp() }
            at += 1
        }
        let text = String(decoding: bytes[start..<at], as: UTF8.self)
        try skip("\"")
        return text
    }

    private mutating func number() throws(GiveUp) -> Double {
        let start = at
        while let byte = peek, Self.isOfNumber(byte) { at += 1 }
        guard let value = Double(String(decoding: bytes[start..<at], as: UTF8.self)) else { throw GiveUp() }
        return value
    }

    private static func isOfNumber(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "e"),
            UInt8(ascii: "E"):
            true
        default: false
        }
    }

    private var peek: UInt8? { at < bytes.count ? bytes[at] : nil }

    private mutating func skip(_ character: Unicode.Scalar) throws(GiveUp) {
        guard peek == UInt8(ascii: character) else { throw GiveUp() }
        at += 1
    }
}
