import DeviceModel
import Interlocks
import Quantities
import Wire

/// Who calls, as the kernel and the bench file say it.
public struct Caller: Hashable, Sendable, Codable {
    public let uid: UInt32
    public let pid: Int32
    public let role: Role
    /// The connection that it calls on; 0: none.
    public let client: UInt64

    public init(uid: UInt32, pid: Int32, role: Role, client: UInt64 = 0) {
        self.uid = uid
        self.pid = pid
        self.role = role
        self.client = client
    }
}

/// What a caller may do; each role may do what the ones before it may.
public enum Role: String, Hashable, Sendable, Codable, CaseIterable, Comparable {
    /// No group of the bench file: hello and the safe state only.
    case none
    case observer, optimizer, technician, admin

    public static func < (a: Role, b: Role) -> Bool {
        (allCases.firstIndex(of: a) ?? 0) < (allCases.firstIndex(of: b) ?? 0)
    }
}

/// What an API method asks of the control loop; everything else is answered from the snapshot or the archive.
public enum ControlRequest: Sendable, Codable {
    case plan(Recipe)
    case submit(Submission)
    case cancel(experiment: String)
    case hold(experiment: String, reason: String)
    case release(experiment: String)
    /// Withdraws an experiment that does not run; the record as the archive has it.
    case abandon(ExperimentRecord, reason: String)
    case attach(Attachment)
    case createCampaign(name: String, key: String?, metadata: JSONValue?)
    /// What recipes may look like.
    case recipeForms
    case refill(Refill)
    case emptyWaste(note: String?)
    case setStation(StationWish)
    case resetInterlock(InterlockName)
    /// Takes an interlock out of service for a while.
    case bypassInterlock(InterlockName, person: String, reason: String, span: WireDuration)
    /// Puts it back before its time.
    case restoreInterlock(InterlockName)
    /// Shows an interlock its cause, on an idle bench.
    case proveInterlock(InterlockName, person: String)
    case acknowledgeAlarm(String)
    case shelveAlarm(String, person: String, reason: String, span: WireDuration)
    case unshelveAlarm(String)
    case triggerSafeState(reason: String)
    case acquireLease(LeaseWish)
    /// nil: as long again as it was acquired for.
    case renewLease(String, span: WireDuration?)
    case releaseLease(String)
    /// - Parameter takesOver: from another person.
    case enterMaintenance(person: String, reason: String, span: WireDuration, takesOver: Bool)
    case exitMaintenance
    /// Keeps the last minutes of the flight recorder.
    case dumpRecorder(reason: String)
    /// Reads the bench file anew.
    case reload
    /// By hand; nil: of all devices that it concerns.
    case act(ManualAct, on: String?)
}

public struct Submission: Hashable, Sendable, Codable {
    public var recipe: Recipe
    public var key: String?
    public var metadata: JSONValue?
    public var campaign: String?
    /// -100 to 100; higher runs first.
    public var priority: Int
    /// nil: as the bench file says.
    public var ifClientGone: ClientGonePolicy?

    public init(
        recipe: Recipe, key: String?, metadata: JSONValue?, campaign: String?, priority: Int = 0,
        ifClientGone: ClientGonePolicy? = nil
    ) {
        self.ifClientGone = ifClientGone
        self.recipe = recipe
        self.key = key
        self.metadata = metadata
        self.campaign = campaign
        self.priority = priority
    }
}

/// A prior or external result that is given to the daemon.
public struct Attachment: Hashable, Sendable, Codable {
    public var submission: Submission
    public var features: [String: FeatureValue]
    /// Where it comes from, in its giver's words.
    public var source: String

    public init(submission: Submission, features: [String: FeatureValue], source: String) {
        self.submission = submission
        self.features = features
        self.source = source
    }
}

/// A syringe that was filled by a person.
public struct Refill: Hashable, Sendable, Codable {
    public var device: String
    /// What it holds now; nil: full.
    public var volumeUL: Double?
    public var batch: String?
    public var lot: String?
    /// mM; nil: as the bench file says of this reagent.
    public var componentsMM: [String: Double]?
    public var note: String?

    public init(
        device: String, volumeUL: Double?, batch: String?, lot: String?, componentsMM: [String: Double]?, note: String?
    ) {
        self.device = device
        self.volumeUL = volumeUL
        self.batch = batch
        self.lot = lot
        self.componentsMM = componentsMM
        self.note = note
    }
}

/// The control loop's answer. A mutation is answered once it is committed (the safe state: at once).
public enum ControlReply: Sendable {
    case plan(PlanReport)
    case submitted(experiment: String, state: ExperimentState, position: Int)
    /// Of a cancel, hold, release, abandon or attach: the experiment and its state now.
    case experiment(String, state: ExperimentState)
    case campaign(String)
    case recipeForms(RecipeForms)
    case refilled(device: String, remainingUL: Double)
    case wasteEmptied(remainingUL: Double)
    case station(StationRecord)
    case interlockReset(InterlockName)
    case interlockBypassed(InterlockName, until: WallInstant)
    case interlockRestored(InterlockName)
    case interlockProving(Injection, at: WallInstant)
    case alarmAcknowledged(String)
    case alarmShelved(String, until: WallInstant)
    case alarmUnshelved(String)
    /// The interlocks that are now latched.
    case safeState(latched: [InterlockName])
    case lease(Lease)
    case leaseReleased(String)
    case maintenance(MaintenanceView)
    case recordingKept(RecordingWish)
    case reloaded(ReloadOutcome)
    case manual(ManualOutcome)
    case refused(ControlError)
}

/// A refusal that a client can act on.
public struct ControlError: Error, Hashable, Sendable {
    /// A stable word.
    public let kind: String
    public let device: String?
    public let detail: String
    public let hint: String
    /// For an infeasible recipe: everything that is wrong with it.
    public let problems: [PlanProblem]

    public init(kind: String, device: String? = nil, detail: String, hint: String, problems: [PlanProblem] = []) {
        self.kind = kind
        self.device = device
        self.detail = detail
        self.hint = hint
        self.problems = problems
    }
}

/// Pairs a reply with the request that asked; chosen by the server.
public struct RequestToken: Hashable, Sendable, Codable {
    public let number: UInt64
    public init(number: UInt64) { self.number = number }
}
