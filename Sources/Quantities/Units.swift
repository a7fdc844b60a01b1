/// The unit of a signal's value, spelled as clients and bench files spell it.
public enum Unit: String, Hashable, Sendable, CaseIterable, Codable {
    case celsius = "degC"
    case microlitersPerMinute = "uL/min"
    case microliters = "uL"
    case percent = "%"
    case kilopascal = "kPa"
    case bar = "bar"
    case millilitersPerMinute = "mL/min"
    /// Of a gas, at the standard state that its controller is set to.
    case standardMillilitersPerMinute = "mL/min(std)"
    case milliamperes = "mA"
    case volts = "V"
    case seconds = "s"
    case millimeters = "mm"
    case nanometers = "nm"
    case counts = "counts"
    case absorbance = "AU"
    /// A state or a switch, as a small whole number named in `docs/signals.md`.
    case code = "code"
}

/// A volumetric flow. Zero or more where a pump delivers; the unit of the whole API is uL/min.
public struct FlowRate: Hashable, Comparable, Sendable, Codable {
    public let microlitersPerMinute: Double
    public init(microlitersPerMinute: Double) { self.microlitersPerMinute = microlitersPerMinute }
    public static var zero: Self { Self(microlitersPerMinute: 0) }
    public var microlitersPerSecond: Double { microlitersPerMinute / 60 }
    public static func < (a: Self, b: Self) -> Bool { a.microlitersPerMinute < b.microlitersPerMinute }
    public static func + (a: Self, b: Self) -> Self {
        Self(microlitersPerMinute: a.microlitersPerMinute + b.microlitersPerMinute)
    }
    public static func - (a: Self, b: Self) -> Self {
        Self(microlitersPerMinute: a.microlitersPerMinute - b.microlitersPerMinute)
    }
    public static func * (a: Self, time: BenchDuration) -> Volume {
        Volume(microliters: a.microlitersPerSecond * time.seconds)
    }

    /// This flow on a grid of `step`, to the nearest line.
    public func rounded(to step: FlowRate) -> FlowRate {
        let lines = (microlitersPerMinute / step.microlitersPerMinute).rounded()
        return FlowRate(microlitersPerMinute: (lines * step.microlitersPerMinute * 1e6).rounded() / 1e6)
    }
}

/// A volume of liquid.
public struct Volume: Hashable, Comparable, Sendable, Codable {
    public let microliters: Double
    public init(microliters: Double) { self.microliters = microliters }
    public static var zero: Self { Self(microliters: 0) }
    public static func < (a: Self, b: Self) -> Bool { a.microliters < b.microliters }
    public static func + (a: Self, b: Self) -> Self { Self(microliters: a.microliters + b.microliters) }
    public static func - (a: Self, b: Self) -> Self { Self(microliters: a.microliters - b.microliters) }
    public static func * (a: Self, factor: Double) -> Self { Self(microliters: a.microliters * factor) }
    /// How long this volume takes at that flow; nil when nothing flows.
    public static func / (a: Self, flow: FlowRate) -> BenchDuration? {
        flow > .zero ? .seconds(a.microliters / flow.microlitersPerSecond) : nil
    }
}

/// A temperature on the Celsius scale.
public struct Temperature: Hashable, Comparable, Sendable, Codable {
    public let celsius: Double
    public init(celsius: Double) { self.celsius = celsius }
    public static func < (a: Self, b: Self) -> Bool { a.celsius < b.celsius }
}

/// A length: of a tube, of its bore.
public struct Length: Hashable, Comparable, Sendable {
    public let millimeters: Double
    public init(millimeters: Double) { self.millimeters = millimeters }
    public static func < (a: Self, b: Self) -> Bool { a.millimeters < b.millimeters }
}
