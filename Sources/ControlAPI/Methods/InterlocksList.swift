import Experiments

/// The cause-and-effect matrix as it stands now.
public enum InterlocksList: APIMethod {
    public static let name = "interlocks.list"
    public static let role = Role.observer
    public static let summary = "All interlocks: cause, effects, state, last input, and the latch if it tripped."
    public static let params: [Schema.Member] = []
    public static let result = Schema.object([
        .required("interlocks", .array(Entry.schema), "In the bench file's order.")
    ])
    public typealias Params = Empty

    public struct Result: Codable, Sendable {
        public var interlocks: [Entry]

        public init(interlocks: [Entry]) { self.interlocks = interlocks }
    }

    public struct Entry: Codable, Sendable {
        public var interlock: String
        /// `waiting`, `armed`, `pending`, `latched`, `bypassed`.
        public var state: String
        public var cause: String
        public var effects: [String]
        /// Classes of device that may not start while its cause is there.
        public var blocks: [String]
        public var mayBypass: Bool
        public var bypass: InterlockBypass?
        public var response: String
        public var last: SignalValue?
        public var latch: InterlockLatch?

        public init(
            interlock: String, state: String, cause: String, effects: [String], blocks: [String], mayBypass: Bool,
            bypass: InterlockBypass?, response: String, last: SignalValue?, latch: InterlockLatch?
        ) {
            self.interlock = interlock
            self.state = state
            self.cause = cause
            self.effects = effects
            self.blocks = blocks
            self.mayBypass = mayBypass
            self.bypass = bypass
            self.response = response
            self.last = last
            self.latch = latch
        }

        enum CodingKeys: String, CodingKey {
            case interlock, state, cause, effects, blocks, bypass, response, last, latch
            case mayBypass = "may_bypass"
        }

        static let schema = Schema.object([
            .required("interlock", .string(), "Its name in the bench file."),
            .required("state", .word(["waiting", "armed", "pending", "latched", "bypassed"]), "How it stands."),
            .required("cause", .string(), "When it trips, in words."),
            .required("effects", .array(.string()), "What it does: heater-off, pumps-stop, …"),
            .required("blocks", .array(.string()), "Classes of device that may not start while its cause is there."),
            .required("may_bypass", .boolean, "Whether a technician may take it out of service."),
            .optional("bypass", InterlockBypass.schema, "Who took it out of service; null while it is in service."),
            .required("response", .string(), "What the operator shall do, as the bench file says it."),
            .optional("last", SignalValue.schema, "Its last input; null before the first."),
            .optional("latch", InterlockLatch.schema, "The trip that waits for a reset."),
        ])
    }
}

/// A trip that waits for its reset.
public struct InterlockLatch: Codable, Sendable {
    public var interlock: String
    public var cause: String
    public var time: String
    public var isFirstOut: Bool
    public var effects: [String]
    /// What the operator shall do, as the bench file says it.
    public var response: String

    public init(
        interlock: String, cause: String, time: String, isFirstOut: Bool, effects: [String], response: String
    ) {
        self.interlock = interlock
        self.cause = cause
        self.time = time
        self.isFirstOut = isFirstOut
        self.effects = effects
        self.response = response
    }

    static let schema = Schema.shape(
        Schema.Shape(
            "Latch", "A trip that waits for its reset.",
            .object([
                .required("interlock", .string(), "Its name in the bench file."),
                .required("cause", .string(), "What tripped it, in words."), .required("time", .time, "When; UTC."),
                .required("first_out", .boolean, "Whether it came before the others."),
                .required("effects", .array(.string()), "What it did."),
                .required("response", .string(), "What the operator shall do, as the bench file says it."),
            ])))

    enum CodingKeys: String, CodingKey {
        case interlock, cause, time, effects, response
        case isFirstOut = "first_out"
    }
}
