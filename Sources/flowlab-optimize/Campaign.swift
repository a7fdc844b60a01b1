import ControlAPI
import ControlClient
import Experiments
import Quantities
import Wire

/// What became of one point.
struct Outcome {
    enum Kind {
        case ended(ExperimentRecord)
        case infeasible([PlanProblem])
        case refused(APIError)
    }

    let point: SamplingDesign.Point
    /// 1 for the first.
    let attempt: Int
    let kind: Kind

    var record: ExperimentRecord? { if case .ended(let record) = kind { record } else { nil } }
}

/// Runs points one after the other, with a few ahead in the queue so that the bench never waits for this client.
struct Campaign {
    /// Experiments submitted and not yet ended.
    static let ahead = 3

    let options: Options
    let box: InputBox
    let points: [SamplingDesign.Point]
    /// Its id.
    let campaign: String
    private let daemon: LastingConnection
    private var progress = ProgressLine()
    private(set) var outcomes: [Outcome] = []
    private var running: [Running] = []

    private struct Running {
        let point: SamplingDesign.Point
        let attempt: Int
        let experiment: String
    }

    init(_ options: Options, _ box: InputBox, _ design: SamplingDesign, _ daemon: LastingConnection) throws(ClientError)
    {
        self.options = options
        self.box = box
        self.points = design.points(in: box)
        self.daemon = daemon
        self.campaign = try Self.campaign(options.campaign, daemon)
    }

    /// The id of a campaign that there is, or of one that is made now, or was by an earlier run.
    private static func campaign(_ name: String, _ daemon: LastingConnection) throws(ClientError) -> String {
        if name.hasPrefix("c-"), name.dropFirst(2).allSatisfy(\.isNumber) {
            return try daemon.call(CampaignsGet.self, CampaignsGet.Params(campaign: name)).campaign
        }
        let key = "optimize-\(String(fingerprint(name), radix: 36))"
        return try daemon.call(CampaignsCreate.self, CampaignsCreate.Params(name: name, key: key)).campaign
    }

    /// - Parameter ended: called after each outcome.
    mutating func run(ended: (Campaign) -> Void) throws(ClientError) {
        var next = points.startIndex
        while outcomes.count < points.count {
            while next < points.endIndex, running.count < Self.ahead {
                let before = outcomes.count
                try submit(points[next], attempt: 1)
                next += 1
                if outcomes.count > before { ended(self) }
            }
            if !running.isEmpty, try awaitFirst() { ended(self) }
        }
        progress.finish()
    }

    /// Stable over restarts of this client, and another one for another recipe.
    private func key(_ point: SamplingDesign.Point, attempt: Int) -> String {
        let again = attempt > 1 ? "-again\(attempt - 1)" : ""
        let place = String(Self.fingerprint("\(point.x)"), radix: 36)
        return "optimize-\(campaign)-\(options.seed)-\(point.role.rawValue)\(point.number)-\(place)\(again)"
    }

    /// FNV-1a.
    private static func fingerprint(_ text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    private mutating func submit(_ point: SamplingDesign.Point, attempt: Int) throws(ClientError) {
        let params = ExperimentsSubmit.Params(
            recipe: box.recipe(point.x), key: key(point, attempt: attempt), metadata: metadata(point),
            campaign: campaign)
        do throws(ClientError) {
            let submitted = try daemon.call(ExperimentsSubmit.self, params)
            running.append(Running(point: point, attempt: attempt, experiment: submitted.experiment))
        } catch {
            guard case .refused(let refusal) = error, !["forbidden", "unknown_campaign"].contains(refusal.kind) else {
                throw error
            }
            let kind: Outcome.Kind = refusal.problems.isEmpty ? .refused(refusal) : .infeasible(refusal.problems)
            outcomes.append(Outcome(point: point, attempt: attempt, kind: kind))
        }
    }

    private func metadata(_ point: SamplingDesign.Point) -> JSONValue {
        .object([
            "policy": .string(options.policy.rawValue), "seed": .integer(Int64(clamping: options.seed)),
            "role": .string(point.role.rawValue), "number": .integer(Int64(point.number)),
        ])
    }

    /// Waits for the first that is under way. False when it is tried again.
    private mutating func awaitFirst() throws(ClientError) -> Bool {
        let first = running.removeFirst()
        let record = try wait(for: first)
        let mayBeTriedAgain = record.state == .failed || record.state == .interrupted
        if mayBeTriedAgain, first.attempt <= options.retries {
            try submit(first.point, attempt: first.attempt + 1)
            return false
        }
        outcomes.append(Outcome(point: first.point, attempt: first.attempt, kind: .ended(record)))
        return true
    }

    private mutating func wait(for one: Running) throws(ClientError) -> ExperimentRecord {
        while true {
            let record = try daemon.call(
                ExperimentsWait.self, ExperimentsWait.Params(experiment: one.experiment, timeoutS: 1),
                patience: .seconds(30))
            if record.state.isFinal { return record }
            let status = try daemon.call(SystemStatus.self, Empty())
            let part = Show.bar(Double(outcomes.count) / Double(points.count), width: 12)
            progress.show(
                "\(part) \(outcomes.count)/\(points.count)  \(ExperimentProgressText.text(record, status))",
                phase: "\(record.experiment) \(record.state.rawValue)")
        }
    }
}
