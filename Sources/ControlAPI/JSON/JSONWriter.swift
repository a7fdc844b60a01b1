/// JSON written member by member, for answers that are asked for thousands of times a second: what `Encodable` would do
/// with containers, boxes and keys is here an append. Whoever uses it keeps the members sorted by name.
public struct JSONWriter {
    private var out: [UInt8] = []
    /// Nothing stands before the next member or element in its container.
    private var isFirst = true

    public init(capacity: Int = 512) { out.reserveCapacity(capacity) }

    public var encoded: EncodedJSON { EncodedJSON(bytes: out) }
    /// Bytes so far.
    public var count: Int { out.count }

    /// A number as `value` writes it, for who puts a text together himself.
    public static func append(_ number: Double, to out: inout [UInt8]) { JSONText.append(number, to: &out) }

    // MARK: Containers

    public mutating func beginObject() { begin(UInt8(ascii: "{")) }
    public mutating func endObject() { end(UInt8(ascii: "}")) }
    public mutating func beginArray() { begin(UInt8(ascii: "[")) }
    public mutating func endArray() { end(UInt8(ascii: "]")) }

    private mutating func begin(_ bracket: UInt8) {
        out.append(bracket)
        isFirst = true
    }

    private mutating func end(_ bracket: UInt8) {
        out.append(bracket)
        isFirst = false
    }

    private mutating func separate() {
        if !isFirst { out.append(UInt8(ascii: ",")) }
        isFirst = false
    }

    /// The name of the member whose value comes next; plain letters only.
    public mutating func name(_ name: StaticString) {
        separate()
        out.append(UInt8(ascii: "\""))
        name.withUTF8Buffer { out += $0 }
        out.append(UInt8(ascii: "\""))
        out.append(UInt8(ascii: ":"))
    }

    /// The same for a name that is not known here.
    public mutating func name(_ name: String) {
        separate()
        JSONText.append(name, to: &out)
        out.append(UInt8(ascii: ":"))
    }

    /// Before each element of an array.
    public mutating func element() { separate() }

    // MARK: Values

    public mutating func value(_ encoded: EncodedJSON) { out += encoded.bytes }

    public mutating func value(_ text: String?) {
        if let text { JSONText.append(text, to: &out) } else { out += JSONText.null }
    }

    public mutating func value(_ number: Double?) {
        if let number { JSONText.append(number, to: &out) } else { out += JSONText.null }
    }

    public mutating func value(_ whole: Int) { JSONText.append(whole, to: &out) }
    public mutating func value(_ flag: Bool) { JSONText.append(flag, to: &out) }
    public mutating func null() { out += JSONText.null }
}
