import Wire

/// One request to the spectrometer. Source of the numbers: libseabreeze `OBPMessageTypes.h`.
enum OceanRequest: Hashable, Sendable {
    case serialNumber, pixelCount, coefficientCount
    case coefficient(UInt8)
    case integration, lamp
    /// A spectrum, corrected by the device; what an HDX is asked by both seabreeze back ends.
    case spectrum
    case setIntegration(microseconds: UInt32)
    case setLamp(Bool)
    case abort

    var type: UInt32 {
        switch self {
        case .serialNumber: 0x100
        case .pixelCount: 0x11_0220
        case .coefficientCount: 0x18_0100
        case .coefficient: 0x18_0101
        case .integration: 0x11_0000
        case .lamp: 0x11_0400
        case .spectrum: 0x10_1000
        case .setIntegration: 0x11_0010
        case .setLamp: 0x11_0410
        case .abort: 0x10_0000
        }
    }

    /// Settings are acknowledged; questions are answered.
    var isSetting: Bool {
        switch self {
        case .setIntegration, .setLamp, .abort: true
        case .serialNumber, .pixelCount, .coefficientCount, .coefficient, .integration, .lamp, .spectrum: false
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
        case .spectrum: "spectrum"
        case .setIntegration(let microseconds): "integration time of \(microseconds) us"
        case .setLamp(let on): "lamp \(on ? "on" : "off")"
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
        case .serialNumber, .pixelCount, .coefficientCount, .integration, .lamp, .spectrum, .abort: return []
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
