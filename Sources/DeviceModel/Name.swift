/// A name from the bench file, typed by what it names, so that a link is never taken for a device.
public struct Name<Kind>: Hashable, Comparable, Sendable, Codable, ExpressibleByStringLiteral, CustomStringConvertible {
    public let text: String

    public init(_ text: String) { self.text = text }
    public init(stringLiteral text: String) { self.text = text }
    public var description: String { text }
    public static func < (a: Self, b: Self) -> Bool { a.text < b.text }
}

public enum DeviceKind: Sendable {}
public enum LinkKind: Sendable {}
public enum SignalKind: Sendable {}
public enum InterlockKind: Sendable {}

public typealias DeviceName = Name<DeviceKind>
/// One serial port, one Modbus bus or one TCP peer.
public typealias LinkName = Name<LinkKind>
/// A quantity of a device: `pump.cui.flow`, `heater.temperature`. The registry of names is `docs/signals.md`.
public typealias SignalName = Name<SignalKind>
public typealias InterlockName = Name<InterlockKind>

extension SignalName {
    /// `<class>.<device>.<quantity>`; a device that is named as its class (`heater`) is not named twice.
    public init(_ kind: DeviceClass, _ device: DeviceName, _ quantity: String) {
        let owner = kind.rawValue == device.text ? device.text : "\(kind.rawValue).\(device.text)"
        self.init("\(owner).\(quantity)")
    }
}
