import DeviceModel

/// Why a command was not permitted.
public enum PermitRefusal: Error, Hashable, Sendable {
    case unknownDevice(DeviceName)
    case wrongClass(DeviceName, DeviceClass)
    case latched(Latch, response: String)
    case inputUnknown(InterlockName, SignalName)
    case voting(InterlockName, String)
    case blocked(InterlockName, String, response: String)

    /// The stable word for clients.
    public var kind: String {
        switch self {
        case .unknownDevice: "unknown_device"
        case .wrongClass: "wrong_device_class"
        case .latched: "interlock_latched"
        case .inputUnknown: "interlock_input_unknown"
        case .voting: "interlock_pending"
        case .blocked: "not_permitted"
        }
    }

    public var text: String {
        switch self {
        case .unknownDevice(let name): "no device \(name) on this bench"
        case .wrongClass(let name, let kind): "\(name) is a \(kind.rawValue) and does not understand this command"
        case .latched(let latch, _): "interlock \(latch.interlock) tripped at \(latch.at.wall.rfc3339): \(latch.cause)"
        case .inputUnknown(let rule, let signal): "interlock \(rule) has not yet read \(signal)"
        case .voting(let rule, let why): "interlock \(rule) is about to trip: \(why)"
        case .blocked(let rule, let why, _): "\(rule) does not permit it: \(why)"
        }
    }

    public var hint: String {
        switch self {
        case .unknownDevice: "list the devices with devices.list"
        case .wrongClass: "send it to a device of the right class"
        case .latched(let latch, let response): "\(response) Then: flowlabctl interlocks reset \(latch.interlock)"
        case .inputUnknown(_, let signal): "wait until the device that measures \(signal) is ready"
        case .voting: "look at the signal that the interlock watches"
        case .blocked(_, _, let response): response
        }
    }
}

/// Why a latch was not taken away.
public enum ResetRefusal: Error, Hashable, Sendable {
    case unknown(InterlockName, known: [InterlockName])
    case notLatched(InterlockName)
    case causePresent(InterlockName, String)

    public var kind: String {
        switch self {
        case .unknown: "unknown_interlock"
        case .notLatched: "not_latched"
        case .causePresent: "cause_present"
        }
    }

    public var text: String {
        switch self {
        case .unknown(let name, let known):
            "no interlock \(name); this bench has \(known.map(\.text).joined(separator: ", "))"
        case .notLatched(let name): "interlock \(name) is not latched"
        case .causePresent(let name, let why): "interlock \(name) cannot be reset: \(why)"
        }
    }

    public var hint: String {
        switch self {
        case .unknown, .notLatched: "see interlocks.list"
        case .causePresent: "remove the cause first; the latch holds until then"
        }
    }
}

public enum InterlockState: String, Hashable, Sendable {
    /// Not read yet: it permits nothing and cannot trip.
    case waitingForInput = "waiting"
    case armed
    /// Its cause is there and the on-delay runs.
    case pending
    case latched
    /// Out of service until its bypass ends.
    case bypassed
}

/// One row as a client sees it.
public struct InterlockStatus: Hashable, Sendable {
    public let name: InterlockName
    public let cause: String
    public let effects: [EffectGroup]
    public let blocks: [DeviceClass]
    public let mayBypass: Bool
    public let response: String
    public let state: InterlockState
    public let last: Reading?
    public let latch: Latch?
    public let bypass: Bypass?
}
