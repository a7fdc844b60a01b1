import ControlAPI
import Experiments
import Quantities
import Wire

/// Who asks, and when.
struct Call: Sendable {
    let caller: Caller
    let connection: ConnectionID
    let now: Moment
}

/// What a method comes to.
enum Answer<Result> {
    case result(Result)
    /// A result that is written already, in the shape that the method declares.
    case encoded(EncodedJSON)
    /// The control loop answers.
    case post(ControlRequest)
    /// The record of an experiment.
    case record(String)
    /// The store is asked, on the thread that may wait for it.
    case read(@Sendable (Stored) throws(APIError) -> Found<Result>)
    /// Answered when the experiment has ended, or after this long.
    case wait(experiment: String, patience: WireDuration)
}

/// The same once its result is written.
enum EncodedAnswer {
    case result(EncodedJSON)
    case post(ControlRequest)
    case record(String)
    case read(ReadRequest.Job)
    case wait(experiment: String, patience: WireDuration)
}

/// All methods: dispatch, `rpc.discover` and the documentation are made from this table and nothing else.
public enum MethodTable {
    static let entries: [MethodEntry] = [
        MethodEntry(SystemHello.self, ControlServer.hello),
        MethodEntry(SystemStatus.self, ControlServer.status),
        MethodEntry(SystemInfo.self, ControlServer.info),
        MethodEntry(SystemReload.self, ControlServer.reload),
        MethodEntry(DevicesList.self, ControlServer.listDevices),
        MethodEntry(DevicesGet.self, ControlServer.device),
        MethodEntry(SignalsList.self, ControlServer.listSignals),
        MethodEntry(SignalsRead.self, ControlServer.readSignals),
        MethodEntry(SignalsHistory.self, ControlServer.history),
        MethodEntry(EventsSubscribe.self, ControlServer.subscribe),
        MethodEntry(ExperimentsPlan.self, ControlServer.plan),
        MethodEntry(ExperimentsSubmit.self, ControlServer.submit),
        MethodEntry(ExperimentsGet.self, ControlServer.storedExperiment),
        MethodEntry(ExperimentsList.self, ControlServer.listExperiments),
        MethodEntry(ExperimentsResults.self, ControlServer.results),
        MethodEntry(ExperimentsWait.self, ControlServer.wait),
        MethodEntry(ExperimentsCancel.self, ControlServer.cancel),
        MethodEntry(ExperimentsHold.self, ControlServer.hold),
        MethodEntry(ExperimentsRelease.self, ControlServer.release),
        MethodEntry(ExperimentsAbandon.self, ControlServer.abandon),
        MethodEntry(ExperimentsAttach.self, ControlServer.attach),
        MethodEntry(ExperimentsResult.self, ControlServer.result),
        MethodEntry(ExperimentsSpectra.self, ControlServer.spectra),
        MethodEntry(CampaignsCreate.self, ControlServer.createCampaign),
        MethodEntry(CampaignsGet.self, ControlServer.campaign),
        MethodEntry(CampaignsList.self, ControlServer.listCampaigns),
        MethodEntry(RecipesSchema.self, ControlServer.recipeForms),
        MethodEntry(ReagentsList.self, ControlServer.listReagents),
        MethodEntry(ReagentsRefill.self, ControlServer.refill),
        MethodEntry(ReagentsEmptyWaste.self, ControlServer.emptyWaste),
        MethodEntry(StationsList.self, ControlServer.listStations),
        MethodEntry(StationsSet.self, ControlServer.setStation),
        MethodEntry(ReferencesList.self, ControlServer.listReferences),
        MethodEntry(ArchiveExport.self, ControlServer.export),
        MethodEntry(InterlocksList.self, ControlServer.listInterlocks),
        MethodEntry(InterlocksReset.self, ControlServer.resetInterlock),
        MethodEntry(InterlocksBypass.self, ControlServer.bypassInterlock),
        MethodEntry(InterlocksRestore.self, ControlServer.restoreInterlock),
        MethodEntry(InterlocksProve.self, ControlServer.proveInterlock),
        MethodEntry(AlarmsList.self, ControlServer.listAlarms),
        MethodEntry(AlarmsHistory.self, ControlServer.alarmHistory),
        MethodEntry(AlarmsAcknowledge.self, ControlServer.acknowledgeAlarm),
        MethodEntry(AlarmsShelve.self, ControlServer.shelveAlarm),
        MethodEntry(AlarmsUnshelve.self, ControlServer.unshelveAlarm),
        MethodEntry(AuditList.self, ControlServer.listAudit),
        MethodEntry(LeaseAcquire.self, ControlServer.acquireLease),
        MethodEntry(LeaseRenew.self, ControlServer.renewLease),
        MethodEntry(LeaseRelease.self, ControlServer.releaseLease),
        MethodEntry(LeaseList.self, ControlServer.listLeases),
        MethodEntry(MaintenanceEnter.self, ControlServer.enterMaintenance),
        MethodEntry(MaintenanceExit.self, ControlServer.exitMaintenance),
        MethodEntry(PumpsStart.self, ControlServer.startPump),
        MethodEntry(PumpsStop.self, ControlServer.stopPump),
        MethodEntry(PumpsPrime.self, ControlServer.primePump),
        MethodEntry(PumpsRefill.self, ControlServer.refillPump),
        MethodEntry(PumpsPurge.self, ControlServer.purge),
        MethodEntry(PumpsCalibrate.self, ControlServer.calibratePump),
        MethodEntry(HeatersSet.self, ControlServer.setHeater),
        MethodEntry(HeatersOff.self, ControlServer.heaterOff),
        MethodEntry(SpectrometersLamp.self, ControlServer.lamp),
        MethodEntry(SpectrometersAcquire.self, ControlServer.acquire),
        MethodEntry(ValvesSelect.self, ControlServer.selectValve),
        MethodEntry(RobotsTransfer.self, ControlServer.transfer),
        MethodEntry(RobotsPark.self, ControlServer.parkRobot),
        MethodEntry(RobotsHalt.self, ControlServer.haltRobot),
        MethodEntry(RobotsControl.self, ControlServer.controlRobot),
        MethodEntry(FlowControllersSet.self, ControlServer.setGas),
        MethodEntry(FlowControllersClose.self, ControlServer.closeGas),
        MethodEntry(LightsSet.self, ControlServer.setLight),
        MethodEntry(LightsOff.self, ControlServer.lightsOff),
        MethodEntry(SteppersMove.self, ControlServer.moveStepper),
        MethodEntry(SteppersHome.self, ControlServer.homeStepper),
        MethodEntry(SteppersStop.self, ControlServer.stopStepper),
        MethodEntry(BoardsClear.self, ControlServer.clearBoard),
        MethodEntry(BoardsRun.self, ControlServer.runProgram),
        MethodEntry(AnalyzersMeasure.self, ControlServer.measure),
        MethodEntry(AnalyzersWithdraw.self, ControlServer.withdraw),
        MethodEntry(RecorderDump.self, ControlServer.dumpRecorder),
        MethodEntry(RecorderList.self, ControlServer.listRecordings),
        MethodEntry(SafeStateTrigger.self, ControlServer.triggerSafeState),
        MethodEntry(RPCDiscover.self, ControlServer.discover),
    ]

    /// The names of all methods, in the order of the table.
    public static var names: [String] { entries.map(\.name) }

    /// The declared shapes of a method; nil when there is no such method.
    public static func shapes(of method: String) -> (params: Schema, result: Schema)? {
        byName[method].map { (.object($0.params), $0.result) }
    }

    private static let byName = Dictionary(entries.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })

    static func entry(for request: Request, _ caller: Caller) throws(APIError) -> MethodEntry {
        guard let entry = byName[request.method] else { throw unknown(request.method) }
        if let defect = request.defect { throw defect }
        guard caller.role >= entry.role else { throw forbidden(entry.name, caller, needs: entry.role) }
        return entry
    }

    private static func unknown(_ method: String) -> APIError {
        let near = NearNames.to(method, among: names)
        let also = near.isEmpty ? "" : "did you mean \(near.joined(separator: " or "))? "
        return APIError(
            .methodNotFound, kind: "method_not_found", detail: "no method \"\(method.prefix(64))\"",
            hint: "\(also)rpc.discover lists all methods")
    }

    static func forbidden(_ what: String, _ caller: Caller, needs role: Role) -> APIError {
        APIError(
            .refused, kind: "forbidden",
            detail: "\(what) needs the role \(role.rawValue); uid \(caller.uid) has \(caller.role.rawValue)",
            hint:
                "roles come from Unix groups: ask the administrator to add this user to the \(role.rawValue) group of the bench file, then log in anew"
        )
    }
}

/// One line of the table.
struct MethodEntry: Sendable {
    let name: String
    let role: Role
    let summary: String
    let params: [Schema.Member]
    let result: Schema
    let errors: [ErrorKind]
    let answer: @Sendable (ControlServer, Call, JSONValue?) throws(APIError) -> EncodedAnswer

    init<Method: APIMethod>(
        _ method: Method.Type,
        _ handler:
            @escaping @Sendable (ControlServer) -> (Call, Method.Params) throws(APIError) -> Answer<Method.Result>
    ) {
        self.name = Method.name
        self.role = Method.role
        self.summary = Method.summary
        self.params = Method.params
        self.result = Method.result
        self.errors = Method.errors
        let shape = Schema.object(Method.params)
        let plain = Method.Params.self as? any PlainParams.Type
        self.answer = { (server, call, json) throws(APIError) in
            let params = try Self.decode(json, as: shape, plain, for: method)
            switch try handler(server)(call, params) {
            case .post(let request): return .post(request)
            case .wait(let experiment, let patience): return .wait(experiment: experiment, patience: patience)
            case .result(let result): return .result(try Reply.encoded(result).get())
            case .encoded(let result): return .result(result)
            case .record(let experiment): return .record(experiment)
            case .read(let look): return .read(Self.job(look))
            }
        }
    }

    private static func job<Result: Encodable & SendableMetatype>(
        _ look: @escaping @Sendable (Stored) throws(APIError) -> Found<Result>
    ) -> ReadRequest.Job {
        { (stored: Stored) throws(APIError) in
            switch try look(stored) {
            case .result(let result): .json(try Reply.encoded(result).get())
            case .post(let request): .post(request)
            }
        }
    }

    private static func orEmpty(_ json: JSONValue?) -> JSONValue {
        switch json {
        case .none, .null?: .object([:])
        case .some(let json): json
        }
    }

    private static func decode<Method: APIMethod>(
        _ json: JSONValue?, as shape: Schema, _ plain: (any PlainParams.Type)?, for method: Method.Type
    ) throws(APIError) -> Method.Params {
        let json = Self.orEmpty(json)
        guard case .object = json else {
            throw .invalidParams(Method.name, "params: expected \(shape.expectation)")
        }
        do {
            try shape.check(json)
        } catch {
            throw .invalidParams(Method.name, error.text)
        }
        if let plain, let params = plain.init(checked: json) as? Method.Params { return params }
        do {
            return try json.decoded(as: Method.Params.self)
        } catch {
            throw .invalidParams(Method.name, error.detail)
        }
    }
}
