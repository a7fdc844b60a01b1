import DeviceModel
import Experiments
import Interlocks
import Quantities
import Simulation
import VirtualBench

/// What must hold of the bench itself, by its truth log.
struct TruthWatch {
    /// A trip must show within this: the bench file's `verify_within`, and a record's distance.
    static let tripTime = 4.0
    /// After a device's link was bad, it is told again within this.
    static let recovery = 15.0
    /// The plate's last line of defence opens at 200 degC; overshoot and what a fault set it to included.
    static let plateLimit = 205.0
    /// Flow that nobody asked for ends within this: a pump by hand has its volume, a flush its time.
    static let orphanTime = 10.0

    private let definition: BenchDefinition
    private let ruleTolerance: Double
    /// Since when latches cover a class of devices.
    private var covered: [DeviceClass: Double] = [:]
    /// Devices that were seen off since then: they must stay so.
    private var seenOff: Set<String> = []
    private var daemonSince: Double?
    /// Until when faults of a device excuse it.
    private var excused: [String: Double] = [:]
    private var hasLost: Set<String> = []
    private var activity = BenchActivity.none
    private var activityAt = 0.0
    private var flowedBefore = false
    private var orphanSince: Double?

    init(_ definition: BenchDefinition) {
        self.definition = definition
        let steps = definition.devices.compactMap { device -> Double? in
            if case .pump(let limits) = device.driver.limits { limits.resolution.microlitersPerMinute } else { nil }
        }
        ruleTolerance = (steps.max() ?? 0) + 1e-9
    }

    // MARK: The daemon

    mutating func daemonStarted(_ watched: WatchedBench, at now: Moment) {
        daemonSince = now.bench.seconds
        covered = [:]
        seenOff = []
        stepped(watched, at: now)
    }

    mutating func daemonEnded(at now: Moment) {
        daemonSince = nil
        covered = [:]
        seenOff = []
        activity = .none
    }

    mutating func stepped(_ watched: WatchedBench, at now: Moment) {
        let latches = watched.latches
        if !(latches.isEmpty && covered.isEmpty) { cover(latches, at: now.bench.seconds) }
        let new = watched.activity
        guard new != activity else { return }
        activity = new
        activityAt = now.bench.seconds
    }

    private mutating func cover(_ latches: [Latch], at seconds: Double) {
        for kind in [DeviceClass.heater, .pump] {
            let isCovered = latches.contains { $0.covers(kind) }
            if isCovered {
                covered[kind] = covered[kind] ?? seconds
            } else if covered[kind] != nil {
                covered[kind] = nil
                seenOff = seenOff.filter { ($0 == "heater") != (kind == .heater) }
            }
        }
    }

    mutating func faultBegins(_ command: FaultCommand, at now: Moment) {
        guard let device = command.device else { return }
        let ends = now.bench.seconds + (command.forSeconds ?? 0) + Self.recovery
        excused[device] = max(excused[device] ?? 0, ends)
        hasLost.insert(device)
    }

    /// What a person fills is counted anew from then on, and by another measure.
    mutating func refilled(_ device: String) { hasLost.insert(device) }

    private func isExcused(_ device: String, at seconds: Double) -> Bool {
        (excused[device] ?? -1) > seconds || (daemonSince.map { seconds - $0 < Self.recovery } ?? true)
    }

    // MARK: Records

    /// What is wrong with it.
    mutating func saw(_ record: TruthRecord) -> [String] {
        var problems: [String] = []
        if record.plateCelsius > Self.plateLimit { problems.append("the plate is at \(record.plateCelsius) degC") }
        let isHot = record.heaterMode != .off && record.heaterOutputPercent > 0 && record.contactorClosed
        judge("heater", .heater, isOn: isHot, record.seconds, &problems)
        for (pump, flow) in record.setFlows.enumerated() {
            judge(PumpName.allCases[pump].rawValue, .pump, isOn: flow != 0, record.seconds, &problems)
        }
        judgeRules(record, &problems)
        judgeStart(record, &problems)
        judgeOrphans(record, &problems)
        return problems
    }

    /// Down in time after a trip, and not up again before the reset.
    private mutating func judge(
        _ device: String, _ kind: DeviceClass, isOn: Bool, _ seconds: Double, _ problems: inout [String]
    ) {
        guard let since = covered[kind], seconds > since else { return }
        guard isOn else {
            seenOff.insert(device)
            return
        }
        guard !isExcused(device, at: seconds), !isExcused("io", at: seconds) || kind != .heater else { return }
        if seenOff.contains(device) {
            problems.append("\(device) runs again, and what tripped \(seconds - since) s ago was not reset")
        } else if seconds - since > Self.tripTime {
            problems.append("\(device) still runs \(seconds - since) s after the trip")
        }
    }

    /// The precursor streams run 1:1 and the carrier as both, while it is waited for steadiness and measured.
    private func judgeRules(_ record: TruthRecord, _ problems: inout [String]) {
        guard case .experiment(let name, let state) = activity, state == .settling || state == .measuring,
            record.seconds - activityAt > 1, covered[.pump] == nil,
            !PumpName.allCases.contains(where: { isExcused($0.rawValue, at: record.seconds) })
        else { return }
        let error = Campaign.ruleError(record)
        guard error > ruleTolerance else { return }
        problems.append("\(name) is \(state.rawValue) with flows \(record.setFlows), off the rules by \(error) uL/min")
    }

    /// Precursors start only on a plate that is as hot as it shall be.
    private mutating func judgeStart(_ record: TruthRecord, _ problems: inout [String]) {
        let flows = record.setFlows[..<7].contains { $0 != 0 }
        defer { flowedBefore = flows }
        guard flows, !flowedBefore, case .experiment(let name, .flowing) = activity,
            !isExcused("heater", at: record.seconds)
        else { return }
        let apart = abs(record.sensorCelsius - record.setPointCelsius)
        guard apart > definition.procedure.temperatureBandKelvin + 1 || record.heaterMode == .off else { return }
        problems.append(
            "\(name) starts its flows with the plate at \(record.sensorCelsius) degC, set to \(record.setPointCelsius)")
    }

    /// While a daemon runs, what flows has somebody who wants it.
    private mutating func judgeOrphans(_ record: TruthRecord, _ problems: inout [String]) {
        let flows = record.setFlows.indices.filter { pump in
            record.setFlows[pump] != 0 && !isExcused(PumpName.allCases[pump].rawValue, at: record.seconds)
        }
        guard !flows.isEmpty, activity == .none, daemonSince != nil else { return orphanSince = nil }
        let since = orphanSince ?? record.seconds
        orphanSince = since
        guard record.seconds - since > Self.orphanTime else { return }
        problems.append("\(flows.map { PumpName.allCases[$0].rawValue }) flow, and nothing runs")
        orphanSince = nil
    }

    // MARK: Conservation

    /// The ledger never has more than there is, where nothing went wrong with a pump; nor much less.
    func conservation(_ ledger: LedgerView, _ bench: VirtualBench) -> [String] {
        ledger.syringes.compactMap { syringe in
            guard let pump = PumpName.allCases.firstIndex(where: { $0.rawValue == syringe.device.text }),
                !hasLost.contains(syringe.device.text)
            else { return nil }
            let left = bench.plant.remaining[pump]
            let booked = syringe.contents.remainingUL
            let apart = booked - left
            guard apart > 5 else { return nil }
            return "the ledger has \(booked) uL of \(syringe.device), the syringe holds \(left) uL"
        }
    }
}
