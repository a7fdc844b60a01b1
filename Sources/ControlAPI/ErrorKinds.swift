/// One word of `error.data.kind`, which stays the same as versions go.
public struct ErrorKind: Hashable, Sendable {
    public let word: String
    public let codes: [ErrorCode]
    /// When it is given.
    public let when: String

    init(_ word: String, _ codes: ErrorCode..., when: String) {
        self.word = word
        self.codes = codes.isEmpty ? [.refused] : codes
        self.when = when
    }
}

extension ErrorKind {
    /// Any request may get these.
    public static let ofEveryMethod: [ErrorKind] = [
        ErrorKind("parse_error", .parseError, when: "not JSON"),
        ErrorKind("invalid_request", .invalidRequest, when: "JSON, but no request; an empty or too long batch"),
        ErrorKind("method_not_found", .methodNotFound, when: "no such method; names the ones that come near"),
        ErrorKind("invalid_params", .invalidParams, when: "names the member and what was expected"),
        ErrorKind("forbidden", when: "the role forbids it, or the experiment is another's"),
        ErrorKind("too_large", .invalidRequest, .refused, when: "a line or a reply over 1 MiB"),
        ErrorKind("busy", when: "too many clients, waiting requests, or requests to the control loop"),
        ErrorKind("timeout", when: "the control loop did not answer within 30 s"),
        ErrorKind("internal_error", .internalError, when: "a fault of the daemon"),
        ErrorKind("archive", .internalError, when: "the archive cannot be read"),
    ]

    public static let notFound = ErrorKind("not_found", when: "nothing has this name; the hint says what there is")
    public static let invalidBenchFile = ErrorKind(
        "invalid_bench_file", when: "the bench file cannot be read, or is not right; the daemon goes on as before")
    public static let recorderOff = ErrorKind("recorder_off", when: "the bench file switches the flight recorder off")
    public static let noResult = ErrorKind("no_result", when: "the experiment is not done")
    public static let infeasible = ErrorKind(
        "infeasible", when: "the recipe cannot run on this bench; `problems` lists everything that is wrong with it")
    public static let queueFull = ErrorKind("queue_full", when: "too many experiments wait")
    public static let keyConflict = ErrorKind("key_conflict", when: "the key was used with other params")
    public static let archiveUnavailable = ErrorKind(
        "archive_unavailable", when: "the archive cannot write, so that nothing new is taken")
    public static let unknownCampaign = ErrorKind("unknown_campaign", when: "no campaign has this id")
    public static let notCancellable = ErrorKind("not_cancellable", when: "it neither waits nor runs")
    public static let notWaiting = ErrorKind("not_waiting", when: "it does not wait in the queue")
    public static let running = ErrorKind("running", when: "it runs: cancel it first")
    public static let unknownInterlock = ErrorKind("unknown_interlock", when: "no interlock has this name")
    public static let notLatched = ErrorKind("not_latched", when: "there is no latch to take away")
    public static let bypassForbidden = ErrorKind(
        "bypass_forbidden", when: "the bench file says that it may not be bypassed")
    public static let notBypassed = ErrorKind("not_bypassed", when: "it is in service")
    public static let notTestable = ErrorKind(
        "not_testable", when: "a permissive, bypassed, not read yet, or something is latched")
    public static let benchBusy = ErrorKind("bench_busy", when: "an experiment runs or waits, or devices are leased")
    public static let unknownAlarm = ErrorKind(
        "unknown_alarm", when: "no such alarm stands or waits to be acknowledged")
    public static let shelvingForbidden = ErrorKind("shelving_forbidden", when: "it is critical")
    public static let notShelved = ErrorKind("not_shelved", when: "it is not on a shelf")
    public static let causePresent = ErrorKind("cause_present", when: "the interlock would trip again at once")
    public static let safeStateUnproven = ErrorKind(
        "safe_state_unproven", when: "a device has not shown its safe state since the trip")
    public static let unknownDevice = ErrorKind("unknown_device", when: "no device, or no pump, has this name")
    public static let deviceBusy = ErrorKind("device_busy", when: "its pump or its station is in use by what runs now")
    public static let outOfRange = ErrorKind(
        "out_of_range", when: "a number outside of what the device or the syringe can do")
    public static let stockRefused = ErrorKind("stock_refused", when: "a ratio of the bench file forbids this stock")

    public static let unknownLease = ErrorKind("unknown_lease", when: "it lapsed, was released, or never was")
    public static let notLeased = ErrorKind("not_leased", when: "this connection has no lease on the device")
    public static let leased = ErrorKind("leased", when: "somebody else has the device in hand")
    public static let wrongDeviceClass = ErrorKind("wrong_device_class", when: "the device is of another class")
    public static let deviceNotReady = ErrorKind(
        "device_not_ready", when: "it is offline, being identified, or faulted")
    public static let deadEnd = ErrorKind("dead_end", when: "a valve leaves the pump no way out")
    public static let valveAway = ErrorKind("valve_away", when: "a valve stands where a flush must not go")
    public static let unknownStation = ErrorKind("unknown_station", when: "no station has this name")
    public static let stationEmpty = ErrorKind("station_empty", when: "no cuvette is known to stand there")
    public static let stationOccupied = ErrorKind("station_occupied", when: "no room is left there")
    public static let stationUnknown = ErrorKind(
        "station_unknown", when: "a move ended badly there, and nobody has looked since")
    public static let insufficient = ErrorKind(
        "insufficient", when: "too little in the syringe, or too little room in it or in the waste, by the ledger")
    public static let commandFailed = ErrorKind(
        "command_failed", when: "the device did not do it, or did not confirm it")
    public static let stoppedByHand = ErrorKind(
        "stopped_by_hand", when: "somebody stopped a device before all was begun")
    public static let trip = ErrorKind("trip", when: "a trip came first")
    public static let interlockLatched = ErrorKind("interlock_latched", when: "a trip has not been reset")
    public static let interlockInputUnknown = ErrorKind(
        "interlock_input_unknown", when: "an interlock has not yet read its input")
    public static let interlockPending = ErrorKind("interlock_pending", when: "an interlock is about to trip")
    public static let notPermitted = ErrorKind("not_permitted", when: "a permissive forbids it")
    public static let notConfigured = ErrorKind("not_configured", when: "the bench file does not say how")
    public static let inMaintenance = ErrorKind("in_maintenance", when: "the bench belongs to another person now")
    public static let notInMaintenance = ErrorKind("not_in_maintenance", when: "no maintenance is on")

    static let ofSomeMethods: [ErrorKind] = [
        notFound, noResult, infeasible, queueFull, keyConflict, archiveUnavailable, unknownCampaign, notCancellable,
        notWaiting, running, unknownInterlock, notLatched, causePresent, bypassForbidden,
        notBypassed, notTestable, benchBusy, unknownAlarm, shelvingForbidden, notShelved, safeStateUnproven,
        unknownDevice, deviceBusy,
        outOfRange, stockRefused, unknownLease, notLeased, leased, wrongDeviceClass, deviceNotReady, insufficient,
        deadEnd, valveAway, unknownStation, stationEmpty, stationOccupied, stationUnknown,
        commandFailed, stoppedByHand, trip, interlockLatched, interlockInputUnknown, interlockPending, notPermitted,
        notConfigured,
        inMaintenance, notInMaintenance,
    ]

    /// The whole vocabulary.
    public static let all = ofEveryMethod + ofSomeMethods
}
