import Quantities
import Wire

/// An Ocean HDX as its OBP messages show it. The light itself is the bench's `Detector`; this is the electronics.
public struct OceanHDX: Sendable {
    /// A spectrum that is being taken.
    struct Acquisition: Sendable {
        var request: OBPRequest
        var begins: BenchInstant
        var ends: BenchInstant
        var frames: Int
        var integration: BenchDuration
    }

    enum Response: Sendable {
        case nothing
        case reply([UInt8])
        case acquire(Acquisition)
        case abort([UInt8])
    }

    public let serial: String
    public private(set) var lampEnabled = false
    /// Of the GPIO, a bit a pin: which are outputs, and what they are set to.
    private(set) var pinOutputs: UInt64 = 0
    private var pinLevels: UInt64 = 0
    static let pinCount: UInt64 = 8
    private(set) var integrationMicroseconds: UInt64 = 100_000
    /// What the detector is still integrating with; a new setting is one frame late.
    private var activeIntegration: UInt64 = 100_000
    private var triggerMode: UInt64 = 0
    private var scansToAverage: UInt64 = 1
    private var boxcarWidth: UInt64 = 0
    private var acquisitionDelay: UInt64 = 0
    private var usesMD5 = false
    private var busyUntil: BenchInstant = .zero

    static let shortestIntegration: UInt64 = 6000
    static let longestIntegration: UInt64 = 10_000_000
    static let mostScans: UInt64 = 5000
    static let productID: UInt64 = 0x2003
    static let vendorID: UInt64 = 0x2457

    public init(serial: String) { self.serial = serial }

    /// Whether a pin drives its wire high; one that is no output drives nothing.
    func drivesHigh(_ pin: Int) -> Bool { (pinOutputs & pinLevels) >> UInt64(pin) & 1 == 1 }

    mutating func handle(_ request: OBPRequest, at bench: BenchInstant) -> Response {
        if let failure = request.failure { return .reply(refusal(request, failure)) }
        do throws(OBP.Failure) {
            switch Message(rawValue: request.message) {
            case .spectrum, .rawSpectrum: return try acquire(request, at: bench)
            case .abort:
                busyUntil = bench
                return .abort(acknowledgement(request))
            case .some(let message):
                if let data = try value(of: message, request) { return .reply(answer(request, data)) }
                try set(message, request)
                return request.wantsAcknowledgement ? .reply(acknowledgement(request)) : .nothing
            case .none: throw .unknownMessage
            }
        } catch {
            return .reply(refusal(request, error))
        }
    }

    /// A frame of counts as an answer: u16 little-endian, no metadata.
    func spectrum(_ pixels: [UInt16], for acquisition: Acquisition) -> [UInt8] {
        var data: [UInt8] = []
        data.reserveCapacity(2 * pixels.count)
        for pixel in boxcarWidth == 0 ? pixels : smoothed(pixels) {
            data.append(UInt8(truncatingIfNeeded: pixel))
            data.append(UInt8(truncatingIfNeeded: pixel >> 8))
        }
        return answer(acquisition.request, data)
    }

    /// The mean of each pixel and its `boxcarWidth` neighbours on either side.
    private func smoothed(_ pixels: [UInt16]) -> [UInt16] {
        let width = Int(boxcarWidth)
        return pixels.indices.map { index in
            let near = pixels[max(0, index - width)...min(pixels.count - 1, index + width)]
            return UInt16(near.reduce(0) { $0 + Int($1) } / near.count)
        }
    }

    private mutating func acquire(_ request: OBPRequest, at bench: BenchInstant) throws(OBP.Failure) -> Response {
        switch triggerMode {
        case 0: break
        case 0xff: throw .notReady
        // Edge and level wait for a signal that nobody gives here.
        default: return .nothing
        }
        let integration = BenchDuration(nanoseconds: Int64(activeIntegration) * 1000)
        activeIntegration = integrationMicroseconds
        let begins = max(bench, busyUntil) + BenchDuration(nanoseconds: Int64(acquisitionDelay) * 1000)
        let frames = Int(scansToAverage)
        busyUntil = begins + BenchDuration(nanoseconds: integration.nanoseconds * Int64(frames))
        return .acquire(
            Acquisition(request: request, begins: begins, ends: busyUntil, frames: frames, integration: integration))
    }

    // MARK: Answers

    private func answer(_ request: OBPRequest, _ data: [UInt8]) -> [UInt8] {
        var flags = OBP.Flag.response
        if request.wantsAcknowledgement { flags |= OBP.Flag.acknowledge }
        return frame(flags, request, data: data)
    }

    private func acknowledgement(_ request: OBPRequest) -> [UInt8] {
        frame(OBP.Flag.response | OBP.Flag.acknowledge, request)
    }

    private func refusal(_ request: OBPRequest, _ failure: OBP.Failure) -> [UInt8] {
        frame(OBP.Flag.response | OBP.Flag.refuse, request, failure: failure)
    }

    private func frame(_ flags: UInt16, _ request: OBPRequest, failure: OBP.Failure? = nil, data: [UInt8] = [])
        -> [UInt8]
    {
        obpFrame(
            flags: flags, failure: failure, answering: request, data: data,
            md5Checked: usesMD5 || request.checksumType == OBP.md5Checksum)
    }

    // MARK: Settings

    private enum Message: UInt32 {
        case reset = 0x0
        case resetDefaults = 0x1
        case setChecksumType = 0x10
        case hardwareRevision = 0x80
        case firmwareRevision = 0x90
        case serialNumber = 0x100
        case serialNumberLength = 0x101
        case vendor = 0xe00
        case product = 0xe01
        case deviceString = 0xe11
        case abort = 0x100000
        case spectrum = 0x101000
        case rawSpectrum = 0x101100
        case integration = 0x110000
        case shortestIntegration = 0x110001
        case longestIntegration = 0x110002
        case integrationStep = 0x110003
        case setIntegration = 0x110010
        case trigger = 0x110100
        case setTrigger = 0x110110
        case pixelCount = 0x110220
        case lamp = 0x110400
        case setLamp = 0x110410
        case delay = 0x110500
        case setDelay = 0x110510
        case scans = 0x120000
        case setScans = 0x120010
        case boxcar = 0x121000
        case setBoxcar = 0x121010
        case coefficientCount = 0x180100
        case coefficient = 0x180101
        case nonlinearityCount = 0x181100
        case strayLightCount = 0x183100
        case pinCount = 0x200000
        case pinOutputs = 0x200100
        case setPinOutputs = 0x200110
        case pinLevels = 0x200300
        case setPinLevels = 0x200310
    }

    /// The answer to a question; nil when the message is a setting.
    private func value(of message: Message, _ request: OBPRequest) throws(OBP.Failure) -> [UInt8]? {
        switch message {
        case .hardwareRevision: return [1]
        case .firmwareRevision: return littleEndian(0x0102, 2)
        case .serialNumber: return Array(serial.utf8)
        case .serialNumberLength: return [UInt8(serial.utf8.count)]
        case .vendor: return littleEndian(Self.vendorID, 2)
        case .product: return littleEndian(Self.productID, 2)
        case .deviceString: return Array("OceanHDX".utf8)
        case .integration: return littleEndian(integrationMicroseconds, 4)
        case .shortestIntegration: return littleEndian(Self.shortestIntegration, 4)
        case .longestIntegration: return littleEndian(Self.longestIntegration, 4)
        case .integrationStep: return littleEndian(1, 4)
        case .trigger: return littleEndian(triggerMode, 1)
        case .pixelCount: return littleEndian(UInt64(SpectralShapes.pixelCount), 4)
        case .lamp: return [lampEnabled ? 1 : 0]
        case .delay: return littleEndian(acquisitionDelay, 4)
        case .scans: return littleEndian(scansToAverage, 2)
        case .boxcar: return littleEndian(boxcarWidth, 1)
        case .coefficientCount: return [4]
        case .coefficient: return try wavelengthCoefficient(request)
        case .nonlinearityCount, .strayLightCount: return [0]
        case .pinCount: return littleEndian(Self.pinCount, 1)
        case .pinOutputs: return littleEndian(pinOutputs, 4)
        case .pinLevels: return littleEndian(pinLevels, 4)
        case .reset, .resetDefaults, .setChecksumType, .abort, .spectrum, .rawSpectrum, .setIntegration, .setTrigger,
            .setLamp, .setDelay, .setScans, .setBoxcar, .setPinOutputs, .setPinLevels:
            return nil
        }
    }

    /// 200 to 800 nm in even steps: the cubic's last two coefficients are zero.
    private func wavelengthCoefficient(_ request: OBPRequest) throws(OBP.Failure) -> [UInt8] {
        guard let index = request.number(1) else { throw .invalidPayload }
        guard index < 4 else { throw .noSuchValue }
        let step = 600 / Double(SpectralShapes.pixelCount - 1)
        let coefficients: [Float] = [200, Float(step), 0, 0]
        return littleEndian(UInt64(coefficients[Int(index)].bitPattern), 4)
    }

    private mutating func set(_ message: Message, _ request: OBPRequest) throws(OBP.Failure) {
        switch message {
        case .reset, .resetDefaults: self = OceanHDX(serial: serial)
        case .setChecksumType: usesMD5 = try argument(request, 1, 0...1, else: .unknownChecksumType) == 1
        case .setIntegration:
            integrationMicroseconds = try argument(request, 4, Self.shortestIntegration...Self.longestIntegration)
        case .setTrigger:
            let mode = try argument(request, 1, 0...0xff)
            guard mode == 0 || mode == 1 || mode == 3 || mode == 0xff else { throw .invalidPayload }
            triggerMode = mode
        case .setLamp: lampEnabled = try argument(request, 1, 0...1) == 1
        case .setDelay: acquisitionDelay = try argument(request, 4, 0...335_500)
        case .setScans: scansToAverage = try argument(request, 2, 1...Self.mostScans)
        case .setBoxcar: boxcarWidth = try argument(request, 1, 0...15)
        case .setPinOutputs: pinOutputs = try pins(request, pinOutputs)
        case .setPinLevels: pinLevels = try pins(request, pinLevels)
        case .hardwareRevision, .firmwareRevision, .serialNumber, .serialNumberLength, .vendor, .product, .deviceString,
            .abort, .spectrum, .rawSpectrum, .integration, .shortestIntegration, .longestIntegration, .integrationStep,
            .trigger, .pixelCount, .lamp, .delay, .scans, .boxcar, .coefficientCount, .coefficient, .nonlinearityCount,
            .strayLightCount, .pinCount, .pinOutputs, .pinLevels:
            throw .unknownMessage
        }
    }

    /// New pins and the mask of those that change, 32 bits each. Source: libseabreeze, `OBPSetGPIO…VectorExchange.cpp`.
    private func pins(_ request: OBPRequest, _ old: UInt64) throws(OBP.Failure) -> UInt64 {
        guard let both = request.number(8) else { throw .lengthMismatch }
        let (new, mask) = (both & 0xffff_ffff, both >> 32)
        guard mask < 1 << Self.pinCount else { throw .invalidPayload }
        return old & ~mask | new & mask
    }

    private func argument(
        _ request: OBPRequest, _ bytes: Int, _ range: ClosedRange<UInt64>, else failure: OBP.Failure = .invalidPayload
    ) throws(OBP.Failure) -> UInt64 {
        guard let value = request.number(bytes) else { throw .lengthMismatch }
        guard range.contains(value) else { throw failure }
        return value
    }
}
