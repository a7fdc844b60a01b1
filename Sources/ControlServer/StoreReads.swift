import ControlAPI
import Experiments
import Quantities

/// What a handler finds in the store. It runs on the reading thread: a disk that hangs may hold it up as long as it likes,
/// and the safe state is triggered all the same.
struct Stored {
    private let store: any ExperimentStore

    init(_ store: any ExperimentStore) { self.store = store }

    /// What the store gives, or what a client is told when it cannot be read.
    func read<Value>(_ body: (any ExperimentStore) throws(StoreError) -> Value) throws(APIError) -> Value {
        do {
            return try body(store)
        } catch {
            throw APIError(
                .internalError, kind: "archive", detail: "the archive could not be read: \(error.detail)",
                hint: "look at the alarms of system.status and at the disk of the daemon's host")
        }
    }

    /// The stored record, or why there is none.
    func experiment(_ id: String) throws(APIError) -> ExperimentRecord {
        guard let record = try read({ store throws(StoreError) in try store.experiment(id) }) else {
            throw .notFound(
                "no experiment \"\(id.prefix(64))\"", hint: "experiments.list lists all; ids look like e-000042")
        }
        return record
    }

    /// nil when nobody made it.
    func campaign(_ id: String) throws(APIError) -> CampaignRecord? {
        try read { store throws(StoreError) in try store.campaign(id) }
    }

    /// A campaign that nobody made and that no experiment names is a typing error.
    func checkCampaign(_ id: String?) throws(APIError) {
        guard let id, try campaign(id) == nil else { return }
        let named = try read { store throws(StoreError) in
            try store.experiments(after: nil, matching: ExperimentFilter(campaign: id), limit: 1)
        }
        guard named.isEmpty else { return }
        throw APIError(
            .refused, kind: ErrorKind.unknownCampaign.word, detail: "no campaign \"\(id.prefix(64))\"",
            hint: "campaigns.list lists all; campaigns.create makes one")
    }
}

/// What a look at the store comes to.
enum Found<Result> {
    case result(Result)
    /// The control loop goes on with it.
    case post(ControlRequest)
}

/// A look at the store, for the thread that may wait for a disk.
public struct ReadRequest: Sendable {
    typealias Job = @Sendable (Stored) throws(APIError) -> StoredAnswer

    public let token: RequestToken
    let job: Job

    public func answered(by store: any ExperimentStore) -> ReadAnswer {
        do {
            return ReadAnswer(token: token, outcome: .success(try job(Stored(store))))
        } catch {
            return ReadAnswer(token: token, outcome: .failure(error))
        }
    }

    /// No room for it.
    public var refused: ReadAnswer {
        ReadAnswer(
            token: token,
            outcome: .failure(
                .busy(
                    "too many questions wait for the archive",
                    hint: "try again in a moment; if it lasts, look at the disk of the daemon's host")))
    }

    static func record(_ id: String) -> Job {
        { (stored: Stored) throws(APIError) in
            let record = try stored.experiment(id)
            return .record(try Reply.encoded(record).get(), isFinal: record.state.isFinal)
        }
    }
}

/// Back from the store.
public struct ReadAnswer: Sendable {
    public let token: RequestToken
    let outcome: Result<StoredAnswer, APIError>
}

enum StoredAnswer: Sendable {
    case json(EncodedJSON)
    case record(EncodedJSON, isFinal: Bool)
    case post(ControlRequest)
}

/// A question that the store is asked, or will be.
struct StoreQuestion {
    let destination: Destination
    let method: String
    let job: ReadRequest.Job
    /// The experiment whose record it is, when it is nothing else.
    let record: String?

    init(_ destination: Destination, _ method: String, _ job: @escaping ReadRequest.Job) {
        (self.destination, self.method, self.job, record) = (destination, method, job, nil)
    }

    init(recordOf experiment: String, for destination: Destination, _ method: String) {
        (self.destination, self.method, record) = (destination, method, experiment)
        job = ReadRequest.record(experiment)
    }
}

/// Questions at the store.
struct StoreReads {
    enum Purpose {
        case answer(StoreQuestion, deadline: WireInstant)
        /// Whether an experiment that is waited for has ended.
        case look(String)
    }

    /// Each with the count of changes when it was asked: what is older than a change is not remembered.
    var inFlight: [RequestToken: (purpose: Purpose, changes: UInt64)] = [:]
    /// Experiments that are being looked at, and whether they changed since.
    var looks: [String: Bool] = [:]

    var deadline: WireInstant? { inFlight.values.compactMap(Self.deadline).min() }

    static func deadline(_ entry: (purpose: Purpose, changes: UInt64)) -> WireInstant? {
        if case .answer(_, let deadline) = entry.purpose { deadline } else { nil }
    }

    mutating func forget(_ id: ConnectionID) {
        inFlight = inFlight.filter { entry in
            if case .answer(let question, _) = entry.value.purpose {
                question.destination.connection != id
            } else {
                true
            }
        }
    }
}
