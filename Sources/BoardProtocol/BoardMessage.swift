import Wire

/// Fields of a payload, both ways.
public protocol BoardFields: Hashable, Sendable {
    /// Nil where the length is not that of the fields.
    init?(payload: ArraySlice<UInt8>)
    var payload: [UInt8] { get }
}

extension BoardFields {
    public init?(payload: [UInt8]) { self.init(payload: payload[...]) }
}

/// A request of the host or an event of the board.
public protocol BoardMessage: BoardFields {
    /// As in `firmware-protocol/dictionary.json`.
    static var name: String { get }
    static var type: UInt8 { get }
}

/// What the host asks; each has one kind of answer.
public protocol BoardRequest: BoardMessage {
    /// What follows the status where that is ok.
    associatedtype Answer: BoardFields

    static var type: UInt8 { get }
}

/// Of a request that is only taken.
public struct EmptyAnswer: BoardFields {
    public init() {}

    public init?(payload: ArraySlice<UInt8>) {
        guard payload.isEmpty else { return nil }
    }

    public var payload: [UInt8] { [] }
}

/// A number of the wire that stands for a word. A board may be newer than this host: any code is kept.
public protocol BoardCode: Hashable, Sendable, CustomStringConvertible {
    init(code: UInt8)
    var code: UInt8 { get }
    var name: String { get }
    /// Those of the dictionary, in the order of their codes.
    static var known: [Self] { get }
}

extension BoardCode {
    public var description: String { name }
}

/// Reads the fields of a payload whose length was checked; what is not there is zeros.
struct PayloadReader {
    private var reader: ByteReader

    init(_ payload: ArraySlice<UInt8>) { reader = ByteReader(payload) }

    mutating func number<Number: FixedWidthInteger>() -> Number { reader.littleEndian(Number.self) ?? 0 }

    mutating func bytes(_ count: Int) -> [UInt8] { reader.take(count).map { Array($0) } ?? [] }

    mutating func rest() -> [UInt8] { bytes(reader.remaining) }
}

struct PayloadWriter {
    private(set) var bytes: [UInt8] = []

    mutating func append<Number: FixedWidthInteger>(_ number: Number) { bytes.append(littleEndian: number) }

    mutating func append(_ field: [UInt8]) { bytes += field }

    /// As many bytes as the field has, zeros where the value is shorter.
    mutating func append(_ field: [UInt8], count: Int) {
        bytes += field.prefix(count)
        bytes += repeatElement(0, count: max(0, count - field.count))
    }
}
