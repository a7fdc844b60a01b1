/// One line of the fault socket: `{"device":"cui","fault":"stall","for_s":20}`. `for_s` is in bench seconds; without it
/// a fault lasts until `{"fault":"clear"}` (all) or `{"device":"cui","fault":"clear"}`. `{"fault":"list"}` tells what is
/// active and what exists.
public struct FaultCommand: Sendable, Equatable, Decodable {
    public var device: String?
    public var fault: String
    public var forSeconds: Double?
    /// What it means depends on the fault: a share, seconds, degC, bar.
    public var value: Double?

    public init(device: String? = nil, fault: String, forSeconds: Double? = nil, value: Double? = nil) {
        self.device = device
        self.fault = fault
        self.forSeconds = forSeconds
        self.value = value
    }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    private static let keys = ["device", "fault", "for_s", "value"]

    public init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: Key.self)
        for key in members.allKeys where !Self.keys.contains(key.stringValue) {
            throw DecodingError.dataCorruptedError(
                forKey: key, in: members,
                debugDescription: "unknown key \"\(key.stringValue)\"; there are \(Self.keys.joined(separator: ", "))")
        }
        device = try members.decodeIfPresent(String.self, forKey: Key("device"))
        fault = try members.decode(String.self, forKey: Key("fault"))
        forSeconds = try members.decodeIfPresent(Double.self, forKey: Key("for_s"))
        value = try members.decodeIfPresent(Double.self, forKey: Key("value"))
    }
}

/// Why a fault command was refused; the text says what there is instead.
public enum FaultError: Error, Sendable, Equatable, CustomStringConvertible {
    case noDevice(fault: String, known: [String])
    case unknownDevice(String, known: [String])
    case unknownFault(String, device: String, known: [String])
    case badDuration(Double)
    case badValue(Double, fault: String, allowed: ClosedRange<Double>?)

    public var description: String {
        switch self {
        case .noDevice(let fault, let known):
            "the fault \"\(fault)\" needs a \"device\": one of \(known.joined(separator: ", "))"
        case .unknownDevice(let name, let known):
            "there is no device \"\(name)\"; there are \(known.joined(separator: ", "))"
        case .unknownFault(let fault, let device, let known):
            "\"\(device)\" has no fault \"\(fault)\"; it has \(known.joined(separator: ", ")), and list, clear"
        case .badDuration(let seconds): "for_s is \(seconds); expected more than 0 and at most 1000000 bench seconds"
        case .badValue(let value, let fault, .some(let allowed)):
            "value is \(value); \"\(fault)\" takes \(allowed.lowerBound) to \(allowed.upperBound)"
        case .badValue(_, let fault, .none): "\"\(fault)\" takes no value; leave it out"
        }
    }
}

/// A device of the bench as faults name it.
enum BenchDevice: Sendable, Equatable {
    case pump(Int)
    case heater
    case spectrometer(Int)
    case io
    /// The tubing: it has no link.
    case reactor
    /// A device beside the plant's own, by the name of one of its links.
    case accessory(String)

    static let spectrometers = ["spec_pl", "spec_abs"]
    static let names = PumpName.allCases.map(\.rawValue) + ["heater"] + spectrometers + ["io", "reactor"]

    init?(_ name: String) {
        if let pump = PumpName.allCases.firstIndex(where: { $0.rawValue == name }) {
            self = .pump(pump)
        } else if let index = Self.spectrometers.firstIndex(of: name) {
            self = .spectrometer(index)
        } else if name == "heater" {
            self = .heater
        } else if name == "io" {
            self = .io
        } else if name == "reactor" {
            self = .reactor
        } else if AccessoryCatalog.entry(ofLink: name) != nil {
            self = .accessory(name)
        } else {
            return nil
        }
    }

    var faults: [Fault] {
        switch self {
        case .pump: Fault.allCases.filter { $0.target == .pump || $0.target == .link }
        case .heater: Fault.allCases.filter { $0.target == .heater || $0.target == .link }
        case .spectrometer: Fault.allCases.filter { $0.target == .spectrometer || $0.target == .link }
        case .io: Fault.allCases.filter { $0.target == .io || $0.target == .link }
        case .reactor: Fault.allCases.filter { $0.target == .reactor }
        case .accessory(let link): Fault.ofLinks + (AccessoryCatalog.entry(ofLink: link)?.faults(of: link) ?? [])
        }
    }

    /// The link that the device hangs on; nil for the tubing.
    static func link(of name: String) -> String? {
        switch BenchDevice(name) {
        case .pump: "pump_" + name
        case .heater, .spectrometer, .io, .accessory: name
        case .reactor, .none: nil
        }
    }
}

extension VirtualBench {
    /// The plant's own devices, `reactor` among them.
    public static var deviceNames: [String] { BenchDevice.names }

    /// The devices that faults name on a bench with these accessories.
    public static func deviceNames(with accessories: [String]) -> [String] {
        BenchDevice.names
            + AccessoryCatalog.entries.filter { accessories.contains($0.name) }.flatMap { $0.links.map(\.name) }
    }

    /// The devices that faults name, `reactor` among them; with those that are fitted beside the plant's own.
    public var deviceNames: [String] { Self.deviceNames(with: accessories.map(\.entry.name)) }

    /// Whether a fault is of the wire and not of what hangs on it.
    public static func isLinkFault(_ name: String) -> Bool { Fault.ofLinks.contains { $0.rawValue == name } }

    /// What can go wrong with one of them; empty for a name that there is not.
    public static func faults(of device: String) -> [Fault] { BenchDevice(device)?.faults ?? [] }
}
