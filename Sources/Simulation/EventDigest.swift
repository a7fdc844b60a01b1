import DeviceModel
import Experiments
import Quantities
import Wire

/// A running 64-bit FNV-1a digest over all that the daemon published, in order: two runs are the same when it is.
public struct EventDigest: Hashable, Sendable {
    public private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325
    public private(set) var events = 0

    public init() {}

    public mutating func add(_ event: BenchEvent) {
        events += 1
        add(event.sequence)
        add(event.topic)
        add(UInt64(bitPattern: event.at.bench.nanoseconds))
        add(event.data)
    }

    public mutating func add(_ firstSequence: UInt64, _ readings: [Reading]) {
        add(firstSequence)
        for reading in readings {
            add(reading.signal.text)
            add(reading.value.bitPattern)
            add(UInt64(bitPattern: reading.at.wire.nanoseconds))
        }
    }

    private mutating func add(_ value: JSONValue) {
        switch value {
        case .null: add(0 as UInt64)
        case .bool(let flag): add(flag ? 2 : 1 as UInt64)
        case .integer(let number): add(UInt64(bitPattern: number))
        case .number(let number): add(number.bitPattern)
        case .string(let text): add(text)
        case .array(let values): values.forEach { add($0) }
        case .object(let members):
            for key in members.keys.sorted() {
                add(key)
                add(members[key] ?? .null)
            }
        }
    }

    public mutating func add(_ text: String) { for byte in text.utf8 { add(byte: byte) } }

    private mutating func add(_ word: UInt64) {
        for shift in stride(from: 0 as UInt64, to: 64, by: 8) { add(byte: UInt8(truncatingIfNeeded: word >> shift)) }
    }

    private mutating func add(byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
}
