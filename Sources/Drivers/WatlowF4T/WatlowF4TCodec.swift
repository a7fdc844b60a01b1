import DeviceModel

/// Controllers that this driver speaks to; they differ in where they keep things, and in what tells them from others.
enum WatlowModel: Sendable {
    case f4t, ezZone

    /// What is asked first of a controller on a fresh link.
    var firstQuestion: WatlowQuestion { self == .f4t ? .partNumber : .setPoint }
}

/// Where a controller keeps what this driver needs. Addresses are relative, as on the wire.
/// Source: Watlow F4T manual, Modbus register tables, and ESPEC's ChamberConnectLibrary `watlowf4t.py`; for the EZ-ZONE,
/// the PM manual's Modbus register list and, for the zones of an RUI or RMA gateway, numat's `watlow` driver.
struct WatlowRegisters: Sendable {
    /// The part number: 15 registers, one character each.
    static let partNumber: UInt16 = 16
    static let partNumberCount: UInt16 = 15
    /// Unit of temperatures over Modbus TCP: 15 C, 30 F.
    static let temperatureUnit: UInt16 = 6730
    /// The same over Modbus RTU, set on its own.
    static let temperatureUnitOverSerial: UInt16 = 14080
    private static let loopStride: UInt16 = 160
    private static let zoneStride: UInt16 = 5000

    private let model: WatlowModel
    private let offset: UInt16

    /// - Parameter loop: 1 to 4.
    init(loop: Int) { (model, offset) = (.f4t, Self.loopStride * UInt16(clamping: loop - 1)) }

    /// - Parameter zone: 1 to 13.
    init(zone: Int) { (model, offset) = (.ezZone, Self.zoneStride * UInt16(clamping: zone - 1)) }

    /// Control mode request, u16. The EZ-ZONE has one register for what is asked and what is so.
    var modeRequest: UInt16 { at(2730, 1880) }
    /// Closed-loop set point, float.
    var setPoint: UInt16 { at(2782, 2160) }
    /// Set point low and high limit, two floats; of the F4T.
    var setPointLimits: UInt16 { 2774 + offset }
    /// Power in use in %, float.
    var power: UInt16 { at(2808, 1904) }
    /// Control mode in use, u16.
    var mode: UInt16 { at(2814, 1880) }
    /// Process value, float.
    var processValue: UInt16 { at(2820, 360) }

    private func at(_ f4t: UInt16, _ ezZone: UInt16) -> UInt16 { (model == .f4t ? f4t : ezZone) + offset }
}

/// Control modes, as requested at 2730 and shown at 2814. Source: Watlow F4T manual, enumerations.
enum WatlowMode: UInt16, Sendable {
    case automatic = 10
    case manual = 54
    case off = 62

    static func text(_ code: UInt16) -> String {
        switch WatlowMode(rawValue: code) {
        case .automatic: "mode 10 (auto)"
        case .manual: "mode 54 (manual)"
        case .off: "mode 62 (off)"
        case nil: "mode \(code) (unknown)"
        }
    }
}

/// Temperature unit codes. Source: Watlow F4T manual, enumerations.
enum WatlowUnitCode {
    static let celsius: UInt16 = 15
    static let fahrenheit: UInt16 = 30

    static func text(_ code: UInt16) -> String {
        switch code {
        case celsius: "degC (15)"
        case fahrenheit: "degF (30)"
        default: "code \(code)"
        }
    }
}

/// Which half of a 32-bit value comes first; a setup option of the controller, and products differ.
/// Source: Watlow F4T manual (low first), numat's `watlow` driver for the EZ-ZONE gateway (high first).
enum WatlowWordOrder: String, Sendable, CaseIterable {
    case lowFirst = "low-first"
    case highFirst = "high-first"

    var other: WatlowWordOrder { self == .lowFirst ? .highFirst : .lowFirst }

    func float(_ first: UInt16, _ second: UInt16) -> Float {
        let (low, high) = self == .lowFirst ? (first, second) : (second, first)
        return Float(bitPattern: UInt32(high) << 16 | UInt32(low))
    }

    /// The float that begins at `index`; nil where the reply is too short.
    func float(_ registers: [UInt16], at index: Int) -> Float? {
        guard index >= 0, index + 1 < registers.count else { return nil }
        return float(registers[index], registers[index + 1])
    }

    func registers(_ value: Float) -> [UInt16] {
        let low = UInt16(truncatingIfNeeded: value.bitPattern)
        let high = UInt16(truncatingIfNeeded: value.bitPattern >> 16)
        return self == .lowFirst ? [low, high] : [high, low]
    }
}

enum WatlowCodec {
    static let partNumberPrefix = "F4T"
    /// What any thermocouple or RTD can show, in degC.
    static let sensorRange: ClosedRange<Float> = -200...2000
    /// Set point limits may be left at a factory's -1999 to 9999, and worse after a change of unit. A float with swapped halves
    /// is still far off, around 1e-12 or 1e34.
    static let setPointRange: ClosedRange<Float> = -5000...20_000
    /// Swapped halves of common values also give numbers next to zero, which no controller shows.
    private static let smallest: Float = 1e-6

    /// Whether these registers can be temperatures in that order of words.
    static func arePlausible(_ registers: [UInt16], _ order: WatlowWordOrder, _ range: ClosedRange<Float>) -> Bool {
        stride(from: 0, to: registers.count, by: 2).allSatisfy { index in
            guard let value = order.float(registers, at: index) else { return false }
            return range.contains(value) && (value == 0 || value.magnitude > smallest)
        }
    }

    /// The characters of a string register block up to its first NUL; nil when they are no printable text.
    static func text(_ registers: [UInt16]) -> String? {
        let bytes = registers.prefix { $0 != 0 }.map { UInt8(exactly: $0) ?? 0 }
        guard !bytes.isEmpty, bytes.allSatisfy({ (0x20...0x7e).contains($0) }) else { return nil }
        var text = Substring(String(decoding: bytes, as: UTF8.self))
        while text.last == " " { text.removeLast() }
        return text.isEmpty ? nil : String(text)
    }
}
