/// `Encoder` over a `JSONSink`. A value that JSON cannot hold is a fault of this program, so that no coding path is kept.
struct SinkEncoder: Encoder {
    let sink: JSONSink
    /// Of the container that the value would open.
    let depth: Int

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        sink.open(isObject: true, at: depth)
        return KeyedEncodingContainer(SinkMembers<Key>(sink: sink, depth: depth))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        sink.open(isObject: false, at: depth)
        return SinkElements(sink: sink, depth: depth)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { SinkValue(sink: sink) }
}

private struct SinkMembers<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let sink: JSONSink
    let depth: Int

    var codingPath: [any CodingKey] { [] }

    private func begin(_ key: Key) { sink.beginMember(key.stringValue, at: depth) }

    mutating func encodeNil(forKey key: Key) {
        begin(key)
        sink.writeNull()
    }

    mutating func encode(_ value: String, forKey key: Key) {
        begin(key)
        sink.write(value)
    }

    mutating func encode(_ value: Double, forKey key: Key) {
        begin(key)
        sink.write(value)
    }

    mutating func encode(_ value: Bool, forKey key: Key) {
        begin(key)
        sink.write(value)
    }

    mutating func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
        begin(key)
        try sink.write(value: value)
    }

    // MARK: What is not there is null

    mutating func encodeIfPresent(_ value: String?, forKey key: Key) {
        if let value { encode(value, forKey: key) } else { encodeNil(forKey: key) }
    }

    mutating func encodeIfPresent(_ value: Double?, forKey key: Key) {
        if let value { encode(value, forKey: key) } else { encodeNil(forKey: key) }
    }

    mutating func encodeIfPresent(_ value: Bool?, forKey key: Key) {
        if let value { encode(value, forKey: key) } else { encodeNil(forKey: key) }
    }

    mutating func encodeIfPresent(_ value: Int?, forKey key: Key) throws {
        if let value { try encode(value, forKey: key) } else { encodeNil(forKey: key) }
    }

    mutating func encodeIfPresent(_ value: UInt32?, forKey key: Key) throws {
        if let value { try encode(value, forKey: key) } else { encodeNil(forKey: key) }
    }

    mutating func encodeIfPresent(_ value: UInt64?, forKey key: Key) throws {
        if let value { try encode(value, forKey: key) } else { encodeNil(forKey: key) }
    }

    mutating func encodeIfPresent<T: Encodable>(_ value: T?, forKey key: Key) throws {
        if let value { try encode(value, forKey: key) } else { encodeNil(forKey: key) }
    }

    // MARK: Containers inside

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        begin(key)
        return SinkEncoder(sink: sink, depth: depth + 1).container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        begin(key)
        return SinkEncoder(sink: sink, depth: depth + 1).unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder {
        sink.beginMember("super", at: depth)
        return SinkEncoder(sink: sink, depth: depth + 1)
    }

    mutating func superEncoder(forKey key: Key) -> any Encoder {
        begin(key)
        return SinkEncoder(sink: sink, depth: depth + 1)
    }
}

private struct SinkElements: UnkeyedEncodingContainer {
    let sink: JSONSink
    let depth: Int

    var codingPath: [any CodingKey] { [] }
    var count: Int { sink.count(at: depth) }

    mutating func encodeNil() {
        sink.beginElement(at: depth)
        sink.writeNull()
    }

    mutating func encode(_ value: String) {
        sink.beginElement(at: depth)
        sink.write(value)
    }

    mutating func encode(_ value: Double) {
        sink.beginElement(at: depth)
        sink.write(value)
    }

    mutating func encode<T: Encodable>(_ value: T) throws {
        sink.beginElement(at: depth)
        try sink.write(value: value)
    }

    mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        sink.beginElement(at: depth)
        return SinkEncoder(sink: sink, depth: depth + 1).container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        sink.beginElement(at: depth)
        return SinkEncoder(sink: sink, depth: depth + 1).unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder {
        sink.beginElement(at: depth)
        return SinkEncoder(sink: sink, depth: depth + 1)
    }
}

private struct SinkValue: SingleValueEncodingContainer {
    let sink: JSONSink

    var codingPath: [any CodingKey] { [] }

    mutating func encodeNil() { sink.writeNull() }
    mutating func encode(_ value: Bool) { sink.write(value) }
    mutating func encode(_ value: String) { sink.write(value) }
    mutating func encode(_ value: Double) { sink.write(value) }
    mutating func encode(_ value: Float) { sink.write(Double(value)) }
    mutating func encode(_ value: Int) { sink.write(whole: value) }
    mutating func encode(_ value: Int8) { sink.write(whole: value) }
    mutating func encode(_ value: Int16) { sink.write(whole: value) }
    mutating func encode(_ value: Int32) { sink.write(whole: value) }
    mutating func encode(_ value: Int64) { sink.write(whole: value) }
    mutating func encode(_ value: UInt) { sink.write(whole: value) }
    mutating func encode(_ value: UInt8) { sink.write(whole: value) }
    mutating func encode(_ value: UInt16) { sink.write(whole: value) }
    mutating func encode(_ value: UInt32) { sink.write(whole: value) }
    mutating func encode(_ value: UInt64) { sink.write(whole: value) }
    mutating func encode<T: Encodable>(_ value: T) throws { try sink.write(value: value) }
}
