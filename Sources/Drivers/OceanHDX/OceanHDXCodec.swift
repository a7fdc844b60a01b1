import Wire

/// One request to the spectrometer. Source of the numbers: libseabreeze `OBPMessageTypes.h`; of what the GPIO's settings
/// carry (pins and mask, 32 bits each): `OBPSetGPIOOutputEnableVectorExchange.cpp`.
enum OceanRequest: Hashable, Sendable {
    case serialNumber, pixelCount, coefficientCount
    case coefficient(UInt8)
    case integration, lamp
    /// Of the GPIO: which pins are outputs, and the level of each; a bit a pin.
    case pinOutputs, pinLevels
    /// A spectrum, corrected by the device; what an HDX is asked by both seabreeze back ends.
    case spectrum
    case setIntegration(microseconds: UInt32)
    case setLamp(Bool)
    /// Only the pins of the mask are changed.
    case setPinOutputs(UInt32, mask: UInt32)
    case setPinLevels(UInt32, mask: UInt32)
    case abort

    var type: UInt32 {
        switch self {
        case .serialNumber: 0x100
        case .pixelCount: 0x11_0220
        case .coefficientCount: 0x18_0100
        case .coefficient: 0x18_0101
        case .integration: 0x11_0000
        case .lamp: 0x11_0400
        case .pinOutputs: 0x20_0100
        case .pinLevels: 0x20_0300
        case .spectrum: 0x10_1000
        case .setIntegration: 0x11_0010
        case .setLamp: 0x11_0410
        case .setPinOutputs: 0x20_0110
        case .setPinLevels: 0x20_0310
        case .abort: 0x10_0000
        }
    }

    /// Settings are acknowledged; questions are answered.
    var isSetting: Bool {
        switch self {
        case .setIntegration, .setLamp, .setPinOutputs, .setPinLevels, .abort: true
        case .serialNumber, .pixelCount, .coefficientCount, .coefficient, .integration, .lamp, .pinOutputs, .pinLevels,
            .spectrum:
            false
        }
    }

    var words: String {
        switch self {
        case .serialNumber: "serial number"
        case .pixelCount: "pixel count"
        case .coefficientCount: "count of wavelength coefficients"
        case .coefficient(let index): "wavelength coefficient \(index)"
        case .integration: "integration time"
        case .lamp: "lamp state"
        case .pinOutputs: "GPIO outputs"
        case .pinLevels: "GPIO levels"
        case .spectrum: "spectrum"
        case .setIntegration(let microseconds): "integration time of \(microseconds) us"
        case .setLamp(let on): "lamp \(on ? "on" : "off")"
        case .setPinOutputs: "GPIO pin as output"
        case .setPinLevels(let levels, _): "GPIO pin \(levels == 0 ? "low" : "high")"
        case .abort: "abort"
        }
    }

    func message(regarding: UInt32) -> OceanMessage {
        OceanMessage(type: type, flags: isSetting ? .acknowledgementAsked : [], regarding: regarding, data: argument)
    }

    private var argument: [UInt8] {
        switch self {
        case .coefficient(let index): return [index]
        case .setLamp(let on): return [on ? 1 : 0]
        case .setIntegration(let microseconds):
            var bytes: [UInt8] = []
            bytes.append(littleEndian: microseconds)
            return bytes
        case .setPinOutputs(let pins, let mask), .setPinLevels(let pins, let mask):
            var bytes: [UInt8] = []
            bytes.append(littleEndian: pins)
            bytes.append(littleEndian: mask)
            return bytes
        case .serialNumber, .pixelCount, .coefficientCount, .integration, .lamp, .pinOutputs, .pinLevels, .spectrum,
            .abort:
            return []
        }
    }
}

/// Reads the data of replies; nil where they have another shape.
enum OceanCodec {
    static let maximumSerialBytes = 64

    static func serial(_ data: [UInt8]) -> String? {
        let bytes = data.prefix { $0 != 0 }
        guard !bytes.isEmpty, bytes.count <= maximumSerialBytes, bytes.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            return nil
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func byte(_ data: [UInt8]) -> UInt8? { data.count == 1 ? data[0] : nil }

    static func number(_ data: [UInt8]) -> UInt32? {
        var reader = ByteReader(data)
        return data.count == 4 ? reader.littleEndian(UInt32.self) : nil
    }

    /// The level or direction of the first eight pins at least. Source: libseabreeze takes the first byte of what comes.
    static func pins(_ data: [UInt8]) -> UInt32? {
        guard (1...4).contains(data.count) else { return nil }
        return data.reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    static func coefficient(_ data: [UInt8]) -> Double? {
        guard let bits = number(data) else { return nil }
        let value = Float(bitPattern: bits)
        return value.isFinite ? Double(value) : nil
    }

    /// Source: pyseabreeze unpacks an HDX spectrum as u16, little-endian, without metadata.
    static func counts(_ data: [UInt8], pixels: Int) -> [UInt16]? {
        guard data.count == 2 * pixels else { return nil }
        return (0..<pixels).map { UInt16(data[2 * $0]) | UInt16(data[2 * $0 + 1]) << 8 }
    }
}
