import ControlAPI
import Experiments
import Interlocks
import Quantities
import Wire

extension ControlServer {
    func hello(_ call: Call, _ params: SystemHello.Params) throws(APIError) -> Answer<SystemHello.Result> {
        .result(
            SystemHello.Result(
                api: APIVersion.api, daemon: APIVersion.daemon, bench: identity.bench,
                simulated: identity.isSimulated, role: call.caller.role))
    }

    func info(_ call: Call, _ params: Empty) throws(APIError) -> Answer<SystemInfo.Result> {
        let limits = Dictionary(SystemInfo.limits.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        return .result(
            SystemInfo.Result(
                api: APIVersion.api, daemon: APIVersion.daemon, bench: identity.bench,
                simulated: identity.isSimulated, stream: identity.stream,
                started: identity.started.wall.rfc3339, limits: limits, figures: figures()))
    }

    func reload(_ call: Call, _ params: Empty) throws(APIError) -> Answer<SystemReload.Result> { .post(.reload) }

    func status(_ call: Call, _ params: Empty) throws(APIError) -> Answer<SystemStatus.Result> {
        let bench = snapshot()
        let latches = bench.interlocks.compactMap(Self.latch).sorted { $0.isFirstOut && !$1.isFirstOut }
        let status = SystemStatus.Result(
            bench: identity.bench, simulated: identity.isSimulated, state: Self.word(bench, latches),
            time: call.now.wall.rfc3339, uptimeS: (call.now.wire - identity.started.wire).seconds,
            running: bench.running.map(running), queue: bench.queued, held: bench.held,
            heldBecause: bench.heldBecause, alarms: bench.alarms.compactMap(Self.standing),
            unacknowledged: bench.alarms.count { $0.acknowledgement == nil && $0.shelf == nil },
            latchedInterlocks: latches, devices: Self.states(bench.devices),
            leases: bench.leases.map(LeaseShape.init), maintenance: bench.maintenance.map(MaintenanceShape.init))
        do throws(EncodedJSON.EncodingFailure) {
            return .encoded(try StatusText.json(status))
        } catch {
            throw .internalError(error.detail)
        }
    }

    /// nil for one that is over or shelved, and for a trip, which is told with its latch.
    private static func standing(_ alarm: Alarm) -> SystemStatus.Alarm? {
        guard !alarm.isLatched, alarm.state == .active || alarm.state == .acknowledged else { return nil }
        return SystemStatus.Alarm(
            id: alarm.id, text: alarm.text, since: alarm.since.wall.rfc3339, priority: alarm.priority.rawValue,
            state: alarm.state.rawValue)
    }

    private static func states(_ devices: [DeviceView]) -> [String: Int] {
        var states: [String: Int] = [:]
        for device in devices { states[device.state.word, default: 0] += 1 }
        return states
    }

    private static func word(_ bench: BenchSnapshot, _ latches: [InterlockLatch]) -> String {
        if !latches.isEmpty { return "tripped" }
        if bench.running != nil { return "running" }
        if let view = bench.maintenance, view.state != .waiting { return "maintenance" }
        return bench.heldBecause == nil ? "idle" : "held"
    }

    private func running(_ progress: ExperimentProgress) -> SystemStatus.Running {
        SystemStatus.Running(
            experiment: progress.experiment, state: progress.state, inStateS: progress.inState.seconds,
            stateDeadlineS: progress.stateDeadline.seconds, sweptTau: progress.sweptTau,
            requiredTau: progress.requiredTau, residenceTimeS: progress.residenceTime.seconds,
            remainingS: progress.remaining.seconds)
    }

    func discover(_ call: Call, _ params: Empty) throws(APIError) -> Answer<JSONValue> {
        if let discovered { return .encoded(discovered) }
        let json = try Reply.encoded(MethodTable.openRPC(bench: identity.bench)).get()
        discovered = json
        return .encoded(json)
    }
}
