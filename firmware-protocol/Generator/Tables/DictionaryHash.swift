extension ProtocolDictionary {
    /// What the hash is over: everything that two sides must agree on, and no words. Each line ends with LF.
    /// PROTOCOL.md has the definition.
    public var canonicalLines: [String] {
        var lines = ["protocol \(version)"]
        lines += constants.map { "constant \($0.name) \($0.value)" }
        lines += enums.flatMap { choices in choices.values.map { "enum \(choices.name) \($0.name) \($0.value)" } }
        lines += flags.flatMap { choices in choices.values.map { "flag \(choices.name) \($0.name) \($0.value)" } }
        lines += requests.map { request in
            (["request", request.name, "\(request.type)"] + request.fields.map(\.signature) + ["->"]
                + request.answer.map(\.signature)).joined(separator: " ")
        }
        lines += events.map { event in
            (["event", event.name, "\(event.type)"] + event.fields.map(\.signature)).joined(separator: " ")
        }
        return lines
    }

    /// A host and a board that have the same one mean the same by each byte.
    public var hash: UInt32 { fnv1a(canonicalLines.map { "\($0)\n" }.joined().utf8) }
}

extension ProtocolDictionary.Field {
    fileprivate var signature: String { "\(name):\(kind.text)" }
}

/// FNV-1a, 32 bits.
public func fnv1a(_ bytes: some Sequence<UInt8>) -> UInt32 {
    bytes.reduce(0x811c_9dc5) { hash, byte in (hash ^ UInt32(byte)) &* 0x0100_0193 }
}

extension UInt32 {
    /// Eight digits: `437786A2`.
    var hexadecimal: String {
        let digits = String(self, radix: 16, uppercase: true)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
