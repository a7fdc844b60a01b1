import Wire

extension JSONValue {
    /// Any `Encodable` as JSON; a number that is not finite becomes null when it is written.
    public init(encoding value: some Encodable) throws(EncodingFailure) {
        do {
            self = try jsonValue(of: value, path: [])
        } catch {
            throw EncodingFailure(detail: "\(error)")
        }
    }

    /// A value that JSON cannot hold; a fault of this program.
    public struct EncodingFailure: Error, Sendable {
        public let detail: String
    }
}

/// Where a value under construction ends up; containers of `Encodable` are references by nature.
private final class Slot {
    enum Content {
        case value(JSONValue)
        case array([Slot])
        case object([String: Slot])
    }

    var content: Content?

    var value: JSONValue {
        switch content {
        case .none: .object([:])
        case .value(let value): value
        case .array(let slots): .array(slots.map(\.value))
        case .object(let members): .object(members.mapValues(\.value))
        }
    }

    func member(_ name: String) -> Slot {
        var members: [String: Slot] = [:]
        if case .object(let present) = content { members = present }
        let slot = Slot()
        members[name] = slot
        content = .object(members)
        return slot
    }

    func element() -> Slot {
        var elements: [Slot] = []
        if case .array(let present) = content { elements = present }
        let slot = Slot()
        content = .array(elements + [slot])
        return slot
    }

    var count: Int { if case .array(let slots) = content { slots.count } else { 0 } }
}

private func jsonValue(of value: some Encodable, path: [any CodingKey]) throws -> JSONValue {
    switch value {
    case let json as JSONValue: return json
    case let text as String: return .string(text)
    case let number as Double: return .number(number)
    case let texts as [String]: return .array(texts.map(JSONValue.string))
    default:
        let slot = Slot()
        try value.encode(to: ValueEncoder(slot: slot, codingPath: path))
        return slot.value
    }
}

private struct ValueEncoder: Encoder {
    let slot: Slot
    let codingPath: [any CodingKey]
    let userInfo: [CodingUserInfoKey: Any] = [:]

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        if slot.content == nil { slot.content = .object([:]) }
        return KeyedEncodingContainer(KeyedValues<Key>(slot: slot, codingPath: codingPath))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        slot.content = .array([])
        return UnkeyedValues(slot: slot, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { SingleValue(slot: slot, codingPath: codingPath) }
}

private struct KeyedValues<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let slot: Slot
    let codingPath: [any CodingKey]

    mutating func encodeNil(forKey key: Key) { slot.member(key.stringValue).content = .value(.null) }

    mutating func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
        let json = try jsonValue(of: value, path: codingPath + [key])
        slot.member(key.stringValue).content = .value(json)
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        ValueEncoder(slot: slot.member(key.stringValue), codingPath: codingPath + [key]).container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        ValueEncoder(slot: slot.member(key.stringValue), codingPath: codingPath + [key]).unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder { ValueEncoder(slot: slot.member("super"), codingPath: codingPath) }

    mutating func superEncoder(forKey key: Key) -> any Encoder {
        ValueEncoder(slot: slot.member(key.stringValue), codingPath: codingPath + [key])
    }
}

private struct UnkeyedValues: UnkeyedEncodingContainer {
    let slot: Slot
    let codingPath: [any CodingKey]
    var count: Int { slot.count }

    mutating func encodeNil() { slot.element().content = .value(.null) }

    mutating func encode<T: Encodable>(_ value: T) throws {
        slot.element().content = .value(try jsonValue(of: value, path: codingPath))
    }

    mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        ValueEncoder(slot: slot.element(), codingPath: codingPath).container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        ValueEncoder(slot: slot.element(), codingPath: codingPath).unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder { ValueEncoder(slot: slot.element(), codingPath: codingPath) }
}

private struct SingleValue: SingleValueEncodingContainer {
    let slot: Slot
    let codingPath: [any CodingKey]

    mutating func encodeNil() { slot.content = .value(.null) }
    mutating func encode(_ value: Bool) { slot.content = .value(.bool(value)) }
    mutating func encode(_ value: String) { slot.content = .value(.string(value)) }
    mutating func encode(_ value: Double) { slot.content = .value(.number(value)) }
    mutating func encode(_ value: Float) { slot.content = .value(.number(Double(value))) }
    mutating func encode(_ value: Int) { whole(value) }
    mutating func encode(_ value: Int8) { whole(value) }
    mutating func encode(_ value: Int16) { whole(value) }
    mutating func encode(_ value: Int32) { whole(value) }
    mutating func encode(_ value: Int64) { whole(value) }
    mutating func encode(_ value: UInt) { whole(value) }
    mutating func encode(_ value: UInt8) { whole(value) }
    mutating func encode(_ value: UInt16) { whole(value) }
    mutating func encode(_ value: UInt32) { whole(value) }
    mutating func encode(_ value: UInt64) { whole(value) }

    mutating func encode<T: Encodable>(_ value: T) throws {
        slot.content = .value(try jsonValue(of: value, path: codingPath))
    }

    private func whole(_ value: some BinaryInteger) {
        slot.content = .value(Int64(exactly: value).map(JSONValue.integer) ?? .number(Double(value)))
    }
}
