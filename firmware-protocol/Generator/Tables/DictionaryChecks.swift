extension ProtocolDictionary {
    static let payloadMost = 64
    /// Requests whose answer must be as long as they are: the host's clock counts on it.
    static let evenRequests = ["heartbeat", "clock"]

    /// What holds between the parts of the dictionary.
    func check() throws(DictionaryError) {
        try checkNames()
        try checkChoices()
        for request in requests {
            try check(request.fields, of: "request \(request.name)", status: 0)
            try check(request.answer, of: "answer to \(request.name)", status: 1)
        }
        for event in events { try check(event.fields, of: "event \(event.name)", status: 0) }
        try checkSizes()
    }

    private func checkNames() throws(DictionaryError) {
        let names = requests.map(\.name) + events.map(\.name)
        if let twice = names.repeated { throw DictionaryError(place: "message \(twice)", detail: "two have this name") }
        let types = requests.map(\.type) + events.map(\.type)
        if let twice = types.repeated { throw DictionaryError(place: "type \(twice)", detail: "two messages have it") }
        // An answer's name in C is its request's and this ending.
        if let name = names.first(where: { $0.hasSuffix("_answer") }) {
            throw DictionaryError(place: "message \(name)", detail: "only answers end like this")
        }
    }

    private func checkChoices() throws(DictionaryError) {
        for choices in enums + flags {
            if let twice = choices.values.map(\.value).repeated {
                throw DictionaryError(place: choices.name, detail: "two have the value \(twice)")
            }
            if choices.values.contains(where: { $0.name == "other" }) {
                throw DictionaryError(place: choices.name, detail: "\"other\" is what the dictionary does not have")
            }
        }
        for choices in flags {
            for bit in choices.values where bit.value.nonzeroBitCount != 1 {
                throw DictionaryError(place: "\(choices.name), \(bit.name)", detail: "\(bit.value) is not one bit")
            }
        }
        for choices in enums where !choices.values.contains(where: { $0.value == 0 }) && choices.name != "board" {
            throw DictionaryError(place: choices.name, detail: "nothing has the value 0")
        }
        guard enums.contains(where: { $0.name == "status" && $0.values.first?.name == "ok" }) else {
            throw DictionaryError(place: "enum status", detail: "expected ok, with the value 0")
        }
    }

    private func check(_ fields: [Field], of place: String, status: Int) throws(DictionaryError) {
        if let twice = fields.map(\.name).repeated {
            throw DictionaryError(place: place, detail: "two fields are named \(twice)")
        }
        let size = status + fields.size
        guard size <= Self.payloadMost else {
            throw DictionaryError(place: place, detail: "\(size) bytes, at most \(Self.payloadMost)")
        }
        for (index, field) in fields.enumerated() {
            try check(field, isLast: index == fields.count - 1, of: "\(place), field \(field.name)")
        }
    }

    private func check(_ field: Field, isLast: Bool, of place: String) throws(DictionaryError) {
        if field.meaning.contains("*/") || field.meaning.contains("\n") {
            throw DictionaryError(place: place, detail: "a meaning is one line, without */")
        }
        if field.kind == .rest || field.isPadding, !isLast {
            throw DictionaryError(place: place, detail: "only the last field may be rest or padding")
        }
        for (named, known) in [(field.enumName, enums), (field.flagsName, flags)] {
            guard let named else { continue }
            guard known.contains(where: { $0.name == named }), field.kind == .u8 else {
                throw DictionaryError(
                    place: place, detail: "expected a u8 and one of \(known.map(\.name).joined(separator: ", "))")
            }
        }
    }

    private func checkSizes() throws(DictionaryError) {
        for name in Self.evenRequests {
            guard let request = requests.first(where: { $0.name == name }) else {
                throw DictionaryError(place: "requests", detail: "there is no \(name)")
            }
            guard request.fields.size == request.answer.size + 1 else {
                throw DictionaryError(
                    place: "request \(name)",
                    detail: "\(request.fields.size) bytes, its answer with the status \(request.answer.size + 1); "
                        + "they must be equally long, so that the clock's middle is in the middle")
            }
        }
        // version, sequence, type and CRC; as COBS one byte more, one that some encoders add, and the delimiter.
        let expected = [
            "payload_max": Self.payloadMost, "body_max": Self.payloadMost + 5,
            "encoded_max": Self.payloadMost + 8,
        ]
        for (name, value) in expected.sorted(by: { $0.key < $1.key }) {
            guard constants.contains(where: { $0.name == name && Int($0.value) == value }) else {
                throw DictionaryError(place: "constant \(name)", detail: "expected \(value)")
            }
        }
    }
}

extension Array where Element: Hashable {
    /// The first that stands here twice.
    var repeated: Element? {
        var seen: Set<Element> = []
        return first { !seen.insert($0).inserted }
    }
}
