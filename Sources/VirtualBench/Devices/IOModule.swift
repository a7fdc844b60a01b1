import Quantities

/// An I/O module on Modbus: eight relays, eight digital inputs, four 4-20 mA inputs in microamperes, and a watchdog for
/// its line. It is no vendor's: its addresses are those of the example bench file, all from 0, and the watchdog's time is
/// holding register 100, in seconds, 0 for none.
///
/// The watchdog runs on the wire's clock, as the module's own does. A request of any kind is a sign of life. When none
/// comes in time the relays drop, and stay so until they are written.
public struct IOModule: Sendable {
    public static let relays = 8
    static let watchdogRegister = 100

    public private(set) var coils = [Bool](repeating: false, count: relays)
    public internal(set) var inputs = [Bool](repeating: false, count: 8)
    /// Loop currents, uA. Where nothing is wired no current flows.
    public internal(set) var loops = [UInt16](repeating: 0, count: 4)
    public private(set) var watchdogSeconds: UInt16 = 0
    private var heardAt: WireInstant

    public init(at now: WireInstant) { heardAt = now }

    /// Drops the relays once nobody has asked anything for too long.
    public mutating func watch(at now: WireInstant) {
        guard watchdogSeconds > 0, now - heardAt >= .seconds(Double(watchdogSeconds)) else { return }
        coils = [Bool](repeating: false, count: Self.relays)
    }

    /// Answers one request; malformed ones get an exception.
    public mutating func handle(_ pdu: [UInt8], at now: WireInstant) -> [UInt8] {
        watch(at: now)
        heardAt = max(heardAt, now)
        guard let function = pdu.first else { return [0x80, Exception.illegalFunction.rawValue] }
        do throws(Exception) {
            guard (1...6).contains(function) else { throw .illegalFunction }
            guard pdu.count == 5 else { throw .illegalValue }
            let (address, value) = (word(pdu, 1), word(pdu, 3))
            switch function {
            case 1: return [1] + (try bits(coils, address, value))
            case 2: return [2] + (try bits(inputs, address, value))
            case 3: return [3] + (try holding(address, value))
            case 4: return [4] + (try registers(loops, address, value))
            case 5: try setCoil(address, value)
            default: try setHolding(address, value)
            }
            return pdu
        } catch {
            return [function | 0x80, error.rawValue]
        }
    }

    enum Exception: UInt8, Error {
        case illegalFunction = 1
        case illegalAddress = 2
        case illegalValue = 3
    }

    private func bits(_ all: [Bool], _ address: Int, _ count: Int) throws(Exception) -> [UInt8] {
        guard (1...2000).contains(count) else { throw .illegalValue }
        guard address + count <= all.count else { throw .illegalAddress }
        var bytes = [UInt8](repeating: 0, count: (count + 7) / 8)
        for index in 0..<count where all[address + index] { bytes[index / 8] |= 1 << UInt8(index % 8) }
        return [UInt8(bytes.count)] + bytes
    }

    private func registers(_ all: [UInt16], _ address: Int, _ count: Int) throws(Exception) -> [UInt8] {
        guard (1...125).contains(count) else { throw .illegalValue }
        guard address + count <= all.count else { throw .illegalAddress }
        let values = all[address..<address + count]
        return [UInt8(2 * count)] + values.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] }
    }

    private func holding(_ address: Int, _ count: Int) throws(Exception) -> [UInt8] {
        guard (1...125).contains(count) else { throw .illegalValue }
        guard address == Self.watchdogRegister, count == 1 else { throw .illegalAddress }
        return try registers([watchdogSeconds], 0, 1)
    }

    /// FF00h is on, 0 is off. Source: Modbus application protocol 1.1b3, section 6.5.
    private mutating func setCoil(_ address: Int, _ value: Int) throws(Exception) {
        guard value == 0xff00 || value == 0 else { throw .illegalValue }
        guard coils.indices.contains(address) else { throw .illegalAddress }
        coils[address] = value != 0
    }

    private mutating func setHolding(_ address: Int, _ value: Int) throws(Exception) {
        guard address == Self.watchdogRegister else { throw .illegalAddress }
        watchdogSeconds = UInt16(value)
    }

    private func word(_ bytes: [UInt8], _ index: Int) -> Int { Int(bytes[index]) << 8 | Int(bytes[index + 1]) }
}

/// A pressure transmitter, 0 to 10 bar on 4 to 20 mA. Beyond its range it stays at 3.8 and 20.5 mA, as NAMUR NE 43 says,
/// so that a low or high pressure is not taken for a broken loop.
enum PressureTransmitter {
    static func microamperes(kilopascals: Double) -> UInt16 {
        let current = 4000 + kilopascals / 100 / 10 * 16_000
        return UInt16(max(3800, min(20_500, current)).rounded())
    }
}
