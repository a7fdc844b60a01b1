import DeviceModel
import Interlocks
import Quantities
import Wire

/// A Bronkhorst mass flow controller by ProPar on its RS-232 line (38400 8N1).
///
/// It keeps its set point when the host dies. Closed is a set point of 0, the control mode that closes the valve, and no
/// flow, each read back. What flows is asked for in 32000ths of its capacity, which it tells itself.
struct BronkhorstProPar: DialogueDevice {
    /// Source: the control modes in the database of `bronkhorst-propar`.
    static let closedMode: UInt8 = 3
    static let fullScale = 32_000.0
    /// Larger numbers are negative flows. Source: `PP_TYPE_BSINT16` of `bronkhorst-propar`.
    static let largestMeasure: UInt16 = 41_942
    static let capacityUnit = "mln/min"
    static let mostLooks = 5
    static let lookInterval = WireDuration.milliseconds(100)
    /// A flow dies away within a second or two.
    static let closeTimeout = WireDuration.milliseconds(3000)

    let name: DeviceName
    let configuration: BronkhorstConfiguration
    /// As told at identification: mL/min at full scale.
    private(set) var capacity: Double?
    private var fluid: String?
    var shown = Shown()

    /// What it last said of itself.
    struct Shown: Sendable {
        /// Standard mL/min.
        var flow: Double?
        var setPoint: UInt16?
        var mode: UInt8?
    }

    init(_ name: DeviceName, _ settings: DriverSettings) {
        self.name = name
        configuration = BronkhorstConfiguration(settings)
    }

    var deviceClass: DeviceClass { .flowController }
    var limits: DeviceLimits { .flowController(configuration.limits) }
    var safeCommands: [DeviceCommand] { [.flowController(.close)] }
    /// The vendor's client waits half a second for an answer.
    var times: DialogueTimes { DialogueTimes(poll: configuration.poll) }

    // MARK: Words

    func bytes(of question: ProParQuestion) -> [UInt8] { ProParCodec.frame(question, node: configuration.node) }
    func words(of question: ProParQuestion) -> String { question.words }
    func isAnswered(_ question: ProParQuestion) -> Bool { true }

    func read(_ bytes: [UInt8], answering question: ProParQuestion) -> DialogueReply<ProParAnswer> {
        ProParCodec.read(bytes, answering: question, node: configuration.node)
    }

    // MARK: Identity and looks

    var identification: [ProParQuestion] {
        [.serial, .unit, .capacity, .fluid, .setPoint, .measure, .mode].map { .read($0) }
    }
    var looks: [ProParQuestion] { [.setPoint, .measure, .mode].map { .read($0) } }

    mutating func identify(_ answer: ProParAnswer, to question: ProParQuestion) -> String? {
        switch (answer, question) {
        case (.declined(let why), _): return "answers \(question.words) with \(why): check which device is on this link"
        case (.text(let serial), .read(.serial)):
            guard configuration.serial.isEmpty || serial == configuration.serial else {
                return "has the serial number \(serial), expected \(configuration.serial): check the link"
            }
        case (.text(let unit), .read(.unit)) where unit != Self.capacityUnit:
            return "has its capacity in \(unit), expected \(Self.capacityUnit): change its capacity unit"
        case (.float(let most), .read(.capacity)):
            guard most > 0, most <= 1e6 else { return "has a capacity of \(most) \(Self.capacityUnit)" }
            guard most >= configuration.limits.maximum else {
                return "has a capacity of \(most) mL/min, and maximum_ml_min_std is \(configuration.limits.maximum): "
                    + "correct the bench file"
            }
        case (_, _): break
        }
        return nil
    }

    /// Another gas than the one that it believes in would flow as another amount.
    var fault: String? {
        guard let fluid, fluid.lowercased() != configuration.limits.gas.lowercased() else { return nil }
        return "\(name) measures as \(fluid), expected \(configuration.limits.gas): select that fluid on the controller"
    }

    mutating func forget() { (capacity, fluid, shown) = (nil, nil, Shown()) }

    mutating func learn(
        _ answer: ProParAnswer, to question: ProParQuestion, askedAt: WireInstant, at now: Moment
    ) -> [DriverEffect] {
        switch (answer, question) {
        case (.float(let most), .read(.capacity)): capacity = most
        case (.text(let name), .read(.fluid)): fluid = name
        case (.word(let counts), .read(.setPoint)):
            shown.setPoint = counts
            return reading("flow.set_point", flow(of: counts), now)
        case (.word(let counts), .read(.measure)):
            let signed = counts > Self.largestMeasure ? Double(counts) - 65_536 : Double(counts)
            shown.flow = capacity.map { signed / Self.fullScale * $0 }
            return reading("flow", shown.flow, now)
        case (.byte(let mode), .read(.mode)):
            shown.mode = mode
            let look = SafeStateReadBack(isSafe: isClosed, detail: words, askedAt: askedAt)
            let signal = SignalName(.flowController, name, "mode")
            return [.reading(Reading(signal, Double(mode), .code, at: now)), .readBack(look)]
        case (_, _): break
        }
        return []
    }

    private func reading(_ quantity: String, _ value: Double?, _ now: Moment) -> [DriverEffect] {
        let signal = SignalName(.flowController, name, quantity)
        return value.map { [.reading(Reading(signal, $0, .standardMillilitersPerMinute, at: now))] } ?? []
    }

    private func flow(of counts: UInt16) -> Double? { capacity.map { Double(counts) / Self.fullScale * $0 } }

    /// Set point 0, the valve closed by its mode, and nothing flows that is more than noise.
    var isClosed: Bool {
        guard let flow = shown.flow else { return false }
        return shown.setPoint == 0 && shown.mode == Self.closedMode && flow <= configuration.limits.minimum
    }

    /// `set point 12.5, flow 12.48 mL/min, control mode 0`
    var words: String {
        func number(_ value: Double?) -> String { value.map { shortDecimal($0, 2) } ?? "unknown" }
        return
            "set point \(number(shown.setPoint.flatMap { flow(of: $0) })), flow \(number(shown.flow)) mL/min, control mode "
            + (shown.mode.map { "\($0)" } ?? "unknown")
    }
}
