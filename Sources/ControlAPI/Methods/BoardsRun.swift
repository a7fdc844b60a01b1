import DeviceModel
import Experiments
import Quantities

/// Steps at set times, by the clocks of boards.
public enum BoardsRun: APIMethod {
    public static let name = "boards.run"
    public static let role = Role.technician
    public static let summary =
        "Lets leased devices on boards do their steps at set times, by the boards' own clocks; answered after the last step, with how late each was. Where one cannot be done the others are taken back, and all of its devices are stopped."
    public static let params: [Schema.Member] = [
        .required(
            "steps", .array(step, count: 1...APILimits.programSteps),
            "In any order. The first step can be at 0; the program starts 0.5 s after it was asked for.")
    ]
    public static let result = Schema.object([
        .required("start", .time, "The time that at_s counts from."),
        .required(
            "steps",
            .array(
                .object([
                    .required("device", .string(), "As asked."), .required("at_s", .number(), "As asked."),
                    .required("late_s", .number(), "When it took effect, after at_s, by the board's own clock."),
                    .required(
                        "clock_uncertainty_s", .number(),
                        "How far off the daemon can have been with the board's time; comes on top of late_s."),
                ])), "As asked, in the same order."),
    ])
    public static let errors: [ErrorKind] =
        ErrorKind.ofActs + [.outOfRange, .insufficient, .deadEnd, .archiveUnavailable]

    private static let at = Schema.Member.required(
        "at_s", .number(0...APILimits.programSeconds), "When, from the start of the program; real time.")

    private static func kind(_ word: String, _ doc: String, _ members: Schema.Member...) -> Schema {
        .object([.required("kind", .word([word]), doc), at, NamedDevice.member] + members)
    }

    private static let step = Schema.shape(
        Schema.Shape(
            "TimedStep", "What one device on a board does at a set time.",
            .kinds([
                "select": kind(
                    "select", "A gas valve goes to a position.",
                    .required("position", .string(count: 1...APILimits.nameCharacters), "open or closed.")),
                "pump": kind(
                    "pump", "A pump gives a finite volume, and stops by itself then.",
                    .required("flow_ul_min", PumpMoveParams.flow, "How fast."),
                    .required("volume_ul", PumpMoveParams.volume, "How much."),
                    .optional("withdraw", .boolean, "true: it draws the volume back.")),
                "move": kind(
                    "move", "A stepper that is homed begins to move.",
                    .required("position_mm", .number(-1e5...1e5), "Where to.")),
                "stop": kind("stop", "A pump or a stepper stops; the last step of its device."),
            ])))

    public struct Params: Codable, Sendable {
        public var steps: [Step]
        public init(steps: [Step]) { self.steps = steps }
    }

    /// As it was written; which members it has depends on its kind.
    public struct Step: Codable, Sendable {
        public var kind: String
        public var atS: Double
        public var device: String
        public var position: String?
        public var flowULMin: Double?
        public var volumeUL: Double?
        public var withdraw: Bool?
        public var positionMM: Double?

        public init(_ kind: String, atS: Double, device: String) {
            self.kind = kind
            self.atS = atS
            self.device = device
        }

        enum CodingKeys: String, CodingKey {
            case kind
            case atS = "at_s"
            case device
            case position
            case flowULMin = "flow_ul_min"
            case volumeUL = "volume_ul"
            case withdraw
            case positionMM = "position_mm"
        }

        /// Without the members of other kinds.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(kind, forKey: .kind)
            try container.encode(atS, forKey: .atS)
            try container.encode(device, forKey: .device)
            if let position { try container.encode(position, forKey: .position) }
            if let flowULMin { try container.encode(flowULMin, forKey: .flowULMin) }
            if let volumeUL { try container.encode(volumeUL, forKey: .volumeUL) }
            if let withdraw { try container.encode(withdraw, forKey: .withdraw) }
            if let positionMM { try container.encode(positionMM, forKey: .positionMM) }
        }

        /// The schema has seen that the members of its kind are there.
        public var step: TimedStep {
            let action: TimedStep.Action =
                switch kind {
                case "select": .select(position: position ?? "")
                case "pump":
                    .pump(
                        PumpMove(
                            flow: FlowRate(microlitersPerMinute: flowULMin ?? 0),
                            volume: Volume(microliters: volumeUL ?? 0), withdraws: withdraw ?? false))
                case "move": .move(position: positionMM ?? .nan)
                default: .stop
                }
            return TimedStep(at: .seconds(atS), device: device, action: action)
        }
    }

    public struct Result: Codable, Sendable {
        public struct Done: Codable, Sendable {
            public var device: String
            public var atS: Double
            public var lateS: Double
            public var clockUncertaintyS: Double

            enum CodingKeys: String, CodingKey {
                case device
                case atS = "at_s"
                case lateS = "late_s"
                case clockUncertaintyS = "clock_uncertainty_s"
            }
        }

        public var start: String
        public var steps: [Done]

        public init(_ run: TimedRun) {
            start = run.start.rfc3339
            steps = zip(run.steps, run.punctuality).map { step, punctuality in
                Done(
                    device: step.device, atS: step.at.seconds, lateS: punctuality.late.seconds,
                    clockUncertaintyS: punctuality.uncertainty.seconds)
            }
        }
    }
}
