extension ProtocolDictionary {
    /// `flowlab_messages.h`, for the core and for boards in C.
    var header: String {
        var text = HeaderText()
        text.add("/* Made from dictionary.json by `make dictionary`; do not edit. */")
        text.add("#ifndef FLOWLAB_MESSAGES_H\n#define FLOWLAB_MESSAGES_H\n\n#include <stdint.h>\n#include <string.h>\n")
        text.add("#define FLOWLAB_PROTOCOL \(version)")
        text.add("#define FLOWLAB_DICTIONARY 0x\(hash.hexadecimal)UL\n")
        for constant in constants {
            text.add("#define FLOWLAB_\(constant.name.uppercased()) \(constant.value)UL /* \(constant.meaning) */")
        }
        text.add("")
        for choices in enums { text.add(choices, tag: "\(choices.name)_code", prefix: choices.name) }
        for choices in flags { text.add(choices, tag: "\(choices.name)_flag", prefix: "\(choices.name)_flag") }
        text.add("enum flowlab_message {")
        for (name, type, meaning) in requests.map({ ($0.name, $0.type, $0.meaning) })
            + events.map({ ($0.name, $0.type, $0.meaning) })
        {
            text.add("    FLOWLAB_\(name.uppercased()) = \(type), /* \(meaning) */")
        }
        text.add("};\n")
        text.add(HeaderText.numbers)
        for request in requests {
            text.add("/* \(request.name): \(request.meaning). */")
            text.add(request.fields, of: request.name, direction: .get, offset: 0)
            text.add("/* Its answer, the status before it. */")
            text.add(request.answer, of: "\(request.name)_answer", direction: .put, offset: 1)
        }
        for event in events {
            text.add("/* \(event.name): \(event.meaning). */")
            text.add(event.fields, of: event.name, direction: .put, offset: 0)
        }
        text.add("#endif")
        return text.text
    }
}

/// Lines of C.
private struct HeaderText {
    /// A board reads requests, and writes answers and events.
    enum Direction: String {
        case get
        case put
    }

    private(set) var text = ""

    mutating func add(_ line: String) { text += "\(line)\n" }

    mutating func add(_ choices: ProtocolDictionary.Choices, tag: String, prefix: String) {
        add("enum flowlab_\(tag) {")
        for choice in choices.values {
            add("    FLOWLAB_\(prefix.uppercased())_\(choice.name.uppercased()) = \(choice.value),")
        }
        add("};\n")
    }

    /// - Parameter offset: of the first field in the payload.
    mutating func add(
        _ fields: [ProtocolDictionary.Field], of name: String, direction: Direction, offset: Int
    ) {
        let more = fields.hasRest ? " /* and what follows */" : ""
        add("#define FLOWLAB_\(name.uppercased())_SIZE \(offset + fields.size)\(more)")
        let kept = fields.filter { !$0.isPadding && $0.kind != .rest }
        guard !kept.isEmpty else { return add("") }
        add("typedef struct {")
        for field in kept {
            let comment = field.meaning.isEmpty ? "" : " /* \(field.meaning) */"
            add("    \(field.declaration);\(comment)")
        }
        add("} flowlab_\(name);")
        let parameters =
            direction == .get ? "const uint8_t *p, flowlab_\(name) *m" : "uint8_t *p, const flowlab_\(name) *m"
        add("static inline void flowlab_\(direction.rawValue)_\(name)(\(parameters)) {")
        var place = offset
        for field in kept {
            add("    \(direction == .get ? field.get(at: place) : field.put(at: place));")
            place += field.kind.size
        }
        add("}\n")
    }

    static let numbers = """
        /* Little-endian numbers. */
        static inline uint16_t flowlab_get_u16(const uint8_t *p) { return (uint16_t)(p[0] | ((uint16_t)p[1] << 8)); }
        static inline uint32_t flowlab_get_u32(const uint8_t *p) {
            return (uint32_t)p[0] | ((uint32_t)p[1] << 8) | ((uint32_t)p[2] << 16) | ((uint32_t)p[3] << 24);
        }
        static inline void flowlab_put_u16(uint8_t *p, uint16_t v) {
            p[0] = (uint8_t)v;
            p[1] = (uint8_t)(v >> 8);
        }
        static inline void flowlab_put_u32(uint8_t *p, uint32_t v) {
            flowlab_put_u16(p, (uint16_t)v);
            flowlab_put_u16(p + 2, (uint16_t)(v >> 16));
        }

        """
}

extension ProtocolDictionary.Field {
    fileprivate var declaration: String {
        switch kind {
        case .u8: "uint8_t \(name)"
        case .u16: "uint16_t \(name)"
        case .u32: "uint32_t \(name)"
        case .i32: "int32_t \(name)"
        case .bytes(let count): "uint8_t \(name)[\(count)]"
        case .rest: ""
        }
    }

    fileprivate func get(at place: Int) -> String {
        switch kind {
        case .u8: "m->\(name) = p[\(place)]"
        case .u16: "m->\(name) = flowlab_get_u16(p + \(place))"
        case .u32: "m->\(name) = flowlab_get_u32(p + \(place))"
        case .i32: "m->\(name) = (int32_t)flowlab_get_u32(p + \(place))"
        case .bytes(let count): "memcpy(m->\(name), p + \(place), \(count))"
        case .rest: ""
        }
    }

    fileprivate func put(at place: Int) -> String {
        switch kind {
        case .u8: "p[\(place)] = m->\(name)"
        case .u16: "flowlab_put_u16(p + \(place), m->\(name))"
        case .u32: "flowlab_put_u32(p + \(place), m->\(name))"
        case .i32: "flowlab_put_u32(p + \(place), (uint32_t)m->\(name))"
        case .bytes(let count): "memcpy(p + \(place), m->\(name), \(count))"
        case .rest: ""
        }
    }
}
