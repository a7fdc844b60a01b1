import Experiments

/// The bench at one glance.
public enum SystemStatus: APIMethod {
    public static let name = "system.status"
    public static let role = Role.observer
    public static let summary = "What runs, what waits and why, what is latched, how the devices are."
    public static let params: [Schema.Member] = []
    public static let result = Schema.object([
        .required("bench", .string(), "Name of the bench."),
        .required("simulated", .boolean, "Whether the devices are simulated."),
        .required("state", .word(["tripped", "running", "maintenance", "held", "idle"]), "In one word."),
        .required("time", .time, "Now; UTC."),
        .required("uptime_s", .number(), "Since the daemon started."),
        .optional("running", Running.schema, "The experiment that runs, and how far it is."),
        .required("queue", .array(.string()), "Experiments that wait, first to run first."),
        .required("held", .array(.string()), "Those of them that wait for experiments.release."),
        .optional("held_because", .string(), "Why nothing is started although something waits."),
        .required(
            "alarms", .array(Alarm.schema),
            "Conditions that a person should know of, but for trips and what is shelved; alarms.list has all."),
        .required("unacknowledged", .integer(), "Alarms that nobody has acknowledged, trips and past ones among them."),
        .required("latched_interlocks", .array(InterlockLatch.schema), "Trips that wait for a reset, first-out first."),
        .optional("maintenance", MaintenanceShape.schema, "Whose the bench is; null: the daemon's."),
        .required("leases", .array(LeaseShape.schema), "Devices that somebody has in hand."),
        .required("devices", .table(.integer()), "Number of devices by state: offline, identifying, ready, faulted."),
    ])
    public typealias Params = Empty

    public struct Result: Codable, Sendable {
        public var bench: String
        public var simulated: Bool
        public var state: String
        public var time: String
        public var uptimeS: Double
        public var running: Running?
        public var queue: [String]
        public var held: [String]
        public var heldBecause: String?
        public var alarms: [Alarm]
        public var unacknowledged: Int
        public var latchedInterlocks: [InterlockLatch]
        public var devices: [String: Int]
        public var leases: [LeaseShape]
        public var maintenance: MaintenanceShape?

        public init(
            bench: String, simulated: Bool, state: String, time: String, uptimeS: Double, running: Running?,
            queue: [String], held: [String], heldBecause: String?, alarms: [Alarm], unacknowledged: Int,
            latchedInterlocks: [InterlockLatch], devices: [String: Int], leases: [LeaseShape] = [],
            maintenance: MaintenanceShape? = nil
        ) {
            self.bench = bench
            self.simulated = simulated
            self.state = state
            self.time = time
            self.uptimeS = uptimeS
            self.running = running
            self.queue = queue
            self.held = held
            self.heldBecause = heldBecause
            self.alarms = alarms
            self.unacknowledged = unacknowledged
            self.latchedInterlocks = latchedInterlocks
            self.devices = devices
            self.leases = leases
            self.maintenance = maintenance
        }

        enum CodingKeys: String, CodingKey {
            case bench, simulated, state, time, running, queue, held, alarms, unacknowledged, devices, leases,
                maintenance
            case uptimeS = "uptime_s"
            case heldBecause = "held_because"
            case latchedInterlocks = "latched_interlocks"
        }
    }

    /// Times are bench time.
    public struct Running: Codable, Sendable {
        public var experiment: String
        public var state: ExperimentState
        public var inStateS: Double
        public var stateDeadlineS: Double
        public var sweptTau: Double
        public var requiredTau: Double
        public var residenceTimeS: Double?
        public var remainingS: Double

        public init(
            experiment: String, state: ExperimentState, inStateS: Double, stateDeadlineS: Double, sweptTau: Double,
            requiredTau: Double, residenceTimeS: Double?, remainingS: Double
        ) {
            self.experiment = experiment
            self.state = state
            self.inStateS = inStateS
            self.stateDeadlineS = stateDeadlineS
            self.sweptTau = sweptTau
            self.requiredTau = requiredTau
            self.residenceTimeS = residenceTimeS
            self.remainingS = remainingS
        }

        enum CodingKeys: String, CodingKey {
            case experiment, state
            case inStateS = "in_state_s"
            case stateDeadlineS = "state_deadline_s"
            case sweptTau = "swept_tau"
            case requiredTau = "required_tau"
            case residenceTimeS = "residence_time_s"
            case remainingS = "remaining_s"
        }

        static let schema = Schema.object([
            .required("experiment", .string(), "Its id."),
            .required("state", ExperimentSchema.state, "How far it is."),
            .required("in_state_s", .number(), "Bench time in this state."),
            .required("state_deadline_s", .number(), "Bench time after which this state counts as failed."),
            .required("swept_tau", .number(), "Residence times swept so far."),
            .required("required_tau", .number(), "Residence times to sweep before anything is measured."),
            .optional("residence_time_s", .number(), "tau, bench time."),
            .required("remaining_s", .number(), "Expected bench time to its end."),
        ])
    }

    public struct Alarm: Codable, Sendable {
        public var id: String
        public var text: String
        public var since: String
        public var priority: String
        public var state: String

        public init(id: String, text: String, since: String, priority: String = "high", state: String = "active") {
            self.id = id
            self.text = text
            self.since = since
            self.priority = priority
            self.state = state
        }

        static let schema = Schema.object([
            .required("id", .string(), "device:NAME, unproven:NAME, archive, …"),
            .required("text", .string(), "In words."), .required("since", .time, "When it was raised; UTC."),
            .required("priority", .string(), "low, medium, high or critical: how soon a person is needed."),
            .required("state", .string(), "active, or acknowledged: somebody knows."),
        ])
    }
}
