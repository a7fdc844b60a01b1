/// How the spectrometer switches the light: by its lamp enable line, or by a pin of its GPIO that moves the shutter of a
/// light source, as the TTL input of a DH-2000-BAL does. The bulbs of such a source burn on behind a closed shutter.
enum OceanLamp: Hashable, Sendable {
    case enableLine
    case shutter(OceanShutter)

    var shutter: OceanShutter? { if case .shutter(let shutter) = self { shutter } else { nil } }

    /// What shows whether there is light; the last answer proves it.
    var questions: [OceanRequest] {
        switch self {
        case .enableLine: [.lamp]
        case .shutter: [.pinOutputs, .pinLevels]
        }
    }

    func firstStep(_ on: Bool) -> OceanJob.Step {
        switch self {
        case .enableLine: .setLamp(on)
        case .shutter: .setPin(on)
        }
    }
}

/// A shutter on a pin. The clients read the first eight pins alone.
struct OceanShutter: Hashable, Sendable {
    static let pins = 0...7

    let pin: Int
    /// Which level opens it is the light source's own: the bench file says it.
    let opensHigh: Bool

    var mask: UInt32 { 1 << UInt32(pin) }
    func levels(open: Bool) -> UInt32 { open == opensHigh ? mask : 0 }
    func isOpen(_ levels: UInt32) -> Bool { (levels & mask != 0) == opensHigh }
}
