import Wire

extension JSONValue {
    /// This value as a `Decodable`. Members that the type does not name are ignored, and null reads as nan where a number
    /// must be: that is how a number that is not finite is written.
    public func decoded<Value: Decodable>(as type: Value.Type) throws(DecodingFailure) -> Value {
        do {
            return try read(type, path: [])
        } catch let error as DecodingError {
            throw DecodingFailure(error)
        } catch {
            throw DecodingFailure(detail: "\(error)")
        }
    }

    /// A value that is not of the type's shape.
    public struct DecodingFailure: Error, Sendable {
        public let detail: String

        init(detail: String) { self.detail = detail }

        init(_ error: DecodingError) {
            let context: DecodingError.Context? =
                switch error {
                case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
                    .dataCorrupted(let context):
                    context
                @unknown default: nil
                }
            let path = context?.codingPath.map(\.stringValue).joined(separator: ".") ?? ""
            let what = context?.debugDescription ?? "\(error)"
            detail = path.isEmpty ? what : "\(path): \(what)"
        }
    }

    fileprivate func read<Value: Decodable>(_ type: Value.Type, path: [any CodingKey]) throws -> Value {
        if Value.self == JSONValue.self, let json = self as? Value { return json }
        return try Value(from: ValueDecoder(value: self, codingPath: path))
    }

    fileprivate func text(at path: [any CodingKey]) throws -> String {
        guard case .string(let text) = self else { throw mismatch(String.self, path) }
        return text
    }

    fileprivate func flag(at path: [any CodingKey]) throws -> Bool {
        guard case .bool(let flag) = self else { throw mismatch(Bool.self, path) }
        return flag
    }

    fileprivate func real(at path: [any CodingKey]) throws -> Double {
        if self == .null { return .nan }
        guard let number = double else { throw mismatch(Double.self, path) }
        return number
    }

    fileprivate func whole<Number: FixedWidthInteger>(_ type: Number.Type, at path: [any CodingKey]) throws -> Number {
        switch self {
        case .integer(let value): if let number = Number(exactly: value) { return number }
        case .number(let value): if let number = Number(exactly: value) { return number }
        case .null, .bool, .string, .array, .object: break
        }
        throw mismatch(type, path)
    }

    fileprivate func mismatch<Wanted>(_ type: Wanted.Type, _ path: [any CodingKey]) -> DecodingError {
        .typeMismatch(type, .init(codingPath: path, debugDescription: "expected \(type), found \(kindInWords)"))
    }

    private var kindInWords: String {
        switch self {
        case .null: "null"
        case .bool: "true or false"
        case .integer, .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

private struct ValueDecoder: Decoder {
    let value: JSONValue
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .object(let members) = value else { throw value.mismatch([String: JSONValue].self, codingPath) }
        return KeyedDecodingContainer(ValueMembers<Key>(members: members, codingPath: codingPath))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .array(let elements) = value else { throw value.mismatch([JSONValue].self, codingPath) }
        return ValueElements(elements: elements, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer {
        SingleValue(value: value, codingPath: codingPath)
    }
}

private struct ValueMembers<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let members: [String: JSONValue]
    let codingPath: [any CodingKey]

    var allKeys: [Key] { members.keys.compactMap { Key(stringValue: $0) } }

    func contains(_ key: Key) -> Bool { members[key.stringValue] != nil }

    func decodeNil(forKey key: Key) throws -> Bool { try member(key) == .null }

    func decode(_ type: String.Type, forKey key: Key) throws -> String { try member(key).text(at: codingPath + [key]) }

    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try member(key).real(at: codingPath + [key]) }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        try member(key).read(type, path: codingPath + [key])
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try decoder(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try decoder(key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { ValueDecoder(value: members["super"] ?? .null, codingPath: codingPath) }

    func superDecoder(forKey key: Key) throws -> any Decoder { try decoder(key) }

    private func member(_ key: Key) throws -> JSONValue {
        guard let value = members[key.stringValue] else {
            throw DecodingError.keyNotFound(
                key, .init(codingPath: codingPath, debugDescription: "no member \"\(key.stringValue)\""))
        }
        return value
    }

    private func decoder(_ key: Key) throws -> ValueDecoder {
        ValueDecoder(value: try member(key), codingPath: codingPath + [key])
    }
}

private struct ValueElements: UnkeyedDecodingContainer {
    let elements: [JSONValue]
    let codingPath: [any CodingKey]
    private(set) var currentIndex = 0

    init(elements: [JSONValue], codingPath: [any CodingKey]) {
        self.elements = elements
        self.codingPath = codingPath
    }

    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex >= elements.count }

    private mutating func next() throws -> JSONValue {
        guard currentIndex < elements.count else {
            throw DecodingError.valueNotFound(
                JSONValue.self, .init(codingPath: codingPath, debugDescription: "the array has ended"))
        }
        defer { currentIndex += 1 }
        return elements[currentIndex]
    }

    mutating func decodeNil() throws -> Bool {
        guard currentIndex < elements.count, elements[currentIndex] == .null else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode(_ type: String.Type) throws -> String { try next().text(at: codingPath) }
    mutating func decode(_ type: Double.Type) throws -> Double { try next().real(at: codingPath) }
    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try next().read(type, path: codingPath) }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
        try ValueDecoder(value: next(), codingPath: codingPath).container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try ValueDecoder(value: next(), codingPath: codingPath).unkeyedContainer()
    }

    mutating func superDecoder() throws -> any Decoder { ValueDecoder(value: try next(), codingPath: codingPath) }
}

private struct SingleValue: SingleValueDecodingContainer {
    let value: JSONValue
    let codingPath: [any CodingKey]

    func decodeNil() -> Bool { value == .null }
    func decode(_ type: Bool.Type) throws -> Bool { try value.flag(at: codingPath) }
    func decode(_ type: String.Type) throws -> String { try value.text(at: codingPath) }
    func decode(_ type: Double.Type) throws -> Double { try value.real(at: codingPath) }
    func decode(_ type: Float.Type) throws -> Float { Float(try value.real(at: codingPath)) }
    func decode(_ type: Int.Type) throws -> Int { try value.whole(type, at: codingPath) }
    func decode(_ type: Int8.Type) throws -> Int8 { try value.whole(type, at: codingPath) }
    func decode(_ type: Int16.Type) throws -> Int16 { try value.whole(type, at: codingPath) }
    func decode(_ type: Int32.Type) throws -> Int32 { try value.whole(type, at: codingPath) }
    func decode(_ type: Int64.Type) throws -> Int64 { try value.whole(type, at: codingPath) }
    func decode(_ type: UInt.Type) throws -> UInt { try value.whole(type, at: codingPath) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try value.whole(type, at: codingPath) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try value.whole(type, at: codingPath) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try value.whole(type, at: codingPath) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try value.whole(type, at: codingPath) }
    func decode<T: Decodable>(_ type: T.Type) throws -> T { try value.read(type, path: codingPath) }
}
