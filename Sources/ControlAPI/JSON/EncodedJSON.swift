import Wire

/// One JSON value as the bytes that go out: made once, from any `Encodable`, without a tree of values in between.
///
/// What an optional does not hold is written as null and not left out, so that clients need not tell the two apart.
/// Members are sorted by name.
public struct EncodedJSON: Hashable, Sendable {
    public let bytes: [UInt8]

    public init(_ value: some Encodable) throws(EncodingFailure) {
        let sink = JSONSink()
        do {
            try sink.write(value: value)
        } catch {
            throw EncodingFailure(detail: "\(error)")
        }
        self.bytes = sink.out
    }

    public init(_ value: JSONValue) { self.bytes = value.jsonBytes }

    /// - Parameter bytes: one JSON value; nothing checks that.
    public init(bytes: [UInt8]) { self.bytes = bytes }

    /// A value that JSON cannot hold; a fault of this program.
    public struct EncodingFailure: Error, Sendable {
        public let detail: String
    }
}

extension JSONValue {
    /// Any `Encodable` as a tree, for whoever wants to look inside.
    public init(encoding value: some Encodable) throws(EncodedJSON.EncodingFailure) {
        let bytes = try EncodedJSON(value).bytes
        do {
            self = try JSONParser.parse(bytes).value
        } catch {
            throw EncodedJSON.EncodingFailure(detail: error.detail)
        }
    }
}

/// Bytes under construction, and the containers that are open in them. `Encodable` writes depth first, so that writing to
/// an outer container says that the inner ones are complete.
final class JSONSink {
    private struct Frame {
        let isObject: Bool
        /// Where its first member or element begins.
        let start: Int
        let firstMember: Int
        var count = 0
    }

    private struct Member {
        let name: String
        let start: Int
    }

    private(set) var out: [UInt8] = []
    private var frames: [Frame] = []
    /// Of the open objects, outermost first.
    private var members: [Member] = []

    init() { out.reserveCapacity(512) }

    /// A whole value where one is due.
    func write<Value: Encodable>(value: Value) throws {
        if Value.self == JSONValue.self, let json = value as? JSONValue { return json.append(to: &out) }
        let (start, depth) = (out.count, frames.count)
        try value.encode(to: SinkEncoder(sink: self, depth: depth))
        close(downTo: depth)
        if out.count == start { out += "{}".utf8 }
    }

    func write(_ value: String) { JSONText.append(value, to: &out) }
    func write(_ value: Double) { JSONText.append(value, to: &out) }
    func write(_ value: Bool) { JSONText.append(value, to: &out) }
    func write(whole value: some FixedWidthInteger) { JSONText.append(value, to: &out) }
    func writeNull() { out += JSONText.null }

    // MARK: Containers

    /// Opens the container at a depth, or goes on with it: a value may ask for the container of its members twice.
    func open(isObject: Bool, at depth: Int) {
        close(downTo: depth + 1)
        guard frames.count == depth else { return }
        out.append(UInt8(ascii: isObject ? "{" : "["))
        frames.append(Frame(isObject: isObject, start: out.count, firstMember: members.count))
    }

    func beginMember(_ name: String, at depth: Int) {
        beginElement(at: depth)
        members.append(Member(name: name, start: out.count))
        JSONText.append(name, to: &out)
        out.append(UInt8(ascii: ":"))
    }

    func beginElement(at depth: Int) {
        close(downTo: depth + 1)
        if frames[depth].count > 0 { out.append(UInt8(ascii: ",")) }
        frames[depth].count += 1
    }

    func count(at depth: Int) -> Int { frames[depth].count }

    func close(downTo depth: Int) {
        while frames.count > depth, let frame = frames.popLast() {
            if frame.isObject { sortMembers(of: frame) }
            out.append(UInt8(ascii: frame.isObject ? "}" : "]"))
        }
    }

    /// A dictionary comes in the order of its hashes, which is another one in each process.
    private func sortMembers(of frame: Frame) {
        let own = members[frame.firstMember...]
        defer { members.removeSubrange(frame.firstMember...) }
        let isSorted = zip(own, own.dropFirst()).allSatisfy { $0.name < $1.name }
        if isSorted { return }
        var sorted: [UInt8] = []
        sorted.reserveCapacity(out.count - frame.start)
        for index in own.indices.sorted(by: { own[$0].name < own[$1].name }) {
            let end = index + 1 < own.endIndex ? own[index + 1].start - 1 : out.count
            if !sorted.isEmpty { sorted.append(UInt8(ascii: ",")) }
            sorted += out[own[index].start..<end]
        }
        out.replaceSubrange(frame.start..., with: sorted)
    }
}
