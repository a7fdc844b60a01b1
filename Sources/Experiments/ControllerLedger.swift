import ControlCore
import DeviceModel
import Quantities

/// The ledger, as the pumps report and as people act on it.
extension BenchController {
    /// What a dead daemon reserved its pumps may have delivered.
    mutating func takeOverLedger(isNew: Bool, at now: Moment) {
        let charged = ledger.chargeReserved()
        for (pump, volume) in charged {
            outbox.write(
                .reagentAct(
                    ReagentAct(
                        at: now, uid: 0, kind: .charge, device: pump, volumeUL: volume,
                        note: "may have been delivered while no daemon watched")))
        }
        if isNew || !charged.isEmpty { outbox.write(.ledger(ledger.record)) }
        checkLevels(at: now)
    }

    mutating func book(_ pump: String, _ volume: Volume, at now: Moment) {
        ledger.counted(pump, volume)
        if ledger.isLow(pump) { tellLow(pump, at: now) }
        releaseStanding(pump, at: now)
        if let room = ledger.wasteRoom, room <= .zero { tellWaste(at: now) }
        guard let run = active?.run else { return }
        if let empty = ledger.empty(among: (run.runningFlows ?? [:]).keys) {
            failEmpty(empty, at: now)
        } else if let room = ledger.wasteRoom, room <= .zero {
            perform(active?.run.fail("waste_full", nil, "by the ledger the waste is full", at: now) ?? [], at: now)
        }
    }

    mutating func failEmpty(_ pump: String, at now: Moment) {
        let text = "by the ledger nothing is left in the syringe of \(pump)"
        perform(active?.run.fail("reagent_empty", DeviceName(pump), text, at: now) ?? [], at: now)
    }

    /// A pump is given no more than the ledger has, and stops by itself when that is out. Its last count may come later than
    /// its stop.
    func hasRunOut(_ pump: String, _ flow: Reading) -> Bool {
        guard flow.quality == .good, flow.value == 0, let planned = active?.run.runningFlows?[pump] else {
            return false
        }
        return ledger.remaining(pump) <= planned * .seconds(2)
    }

    /// A pump that was lost while it ran, and stands now: its last count is booked, and it will deliver no more.
    private mutating func releaseStanding(_ pump: String, at now: Moment) {
        // Before its own flows start, an experiment has only the references behind it.
        guard active?.run.isHeating ?? true, flush == nil, winding.isEmpty, core.unproven.isEmpty,
            !manual.mayMove(DeviceName(pump)),
            isReachable(DeviceName(pump)),
            core.reading(SignalName(.pump, DeviceName(pump), "flow"), at: now)?.value == 0
        else { return }
        ledger.releaseReserved { $0 == pump }
    }

    private mutating func tellLow(_ pump: String, at now: Moment) {
        guard !alarms.isTold("reagent-low:\(pump)") else { return }
        let left = (ledger.remaining(pump).microliters / 1000 * 10).rounded() / 10
        raiseAlarm(
            "reagent-low:\(pump)",
            "the syringe of \(pump) has \(left) mL left by the ledger; refill it: flowlabctl reagents refill \(pump)",
            at: now)
    }

    private mutating func tellWaste(at now: Moment) {
        raiseAlarm("waste-full", "the waste is full by the ledger; empty it: flowlabctl reagents empty-waste", at: now)
    }

    private mutating func checkLevels(at now: Moment) {
        for pump in planner.pumps.keys.sorted() {
            if ledger.isLow(pump) { tellLow(pump, at: now) } else { clearAlarm("reagent-low:\(pump)", at: now) }
        }
        if let room = ledger.wasteRoom, room <= .zero { tellWaste(at: now) } else { clearAlarm("waste-full", at: now) }
    }

    /// Kept now and then: what was reserved covers the time between. A pump that was lost tells later what it delivered.
    mutating func keepLedger(at now: Moment) {
        guard ledger.isUnkept, now.bench - ledgerKeptAt >= Self.ledgerInterval else { return }
        writeLedger(at: now)
    }

    mutating func writeLedger(at now: Moment) {
        ledgerKeptAt = now.bench
        ledger.wasKept()
        outbox.write(.ledger(ledger.record))
    }

    mutating func reserve(_ volumes: [String: Volume], at now: Moment) {
        ledger.reserve(volumes)
        writeLedger(at: now)
    }

    /// All pumps have confirmed that they stand, but for those that cannot be asked.
    mutating func releaseReserved(at now: Moment) {
        let standing = Set(
            planner.pumps.keys.filter { isReachable(DeviceName($0)) && !manual.mayMove(DeviceName($0)) })
        ledger.releaseReserved { standing.contains($0) }
        writeLedger(at: now)
    }

    // MARK: People's acts

    mutating func refill(_ refill: Refill, _ caller: Caller, _ token: RequestToken, at now: Moment) {
        if let error = refusal(of: refill, at: now) {
            outbox.reply(token, .refused(error))
            return
        }
        ledger.refill(refill, by: caller.uid, at: now)
        let left = ledger.remaining(refill.device).microliters
        outbox.write(
            .reagentAct(
                ReagentAct(
                    at: now, uid: caller.uid, kind: .refill, device: refill.device, volumeUL: left,
                    batch: refill.batch, lot: refill.lot, note: refill.note)))
        writeLedger(at: now)
        checkLevels(at: now)
        audit(
            "reagents.refill", "\(refill.device): \(left) uL, batch \(refill.batch ?? "-")", "recorded", caller, at: now
        )
        outbox.reply(token, .refilled(device: refill.device, remainingUL: left))
    }

    /// It runs, or nobody can say that it does not while something of it is still open.
    private func mayDeliver(_ pump: String, at now: Moment) -> Bool {
        guard let syringe = ledger.record.syringes[pump] else { return false }
        if syringe.reservedUL > 0 { return true }
        guard isReachable(DeviceName(pump)) else { return syringe.uncertainUL > 0 }
        return (core.reading(SignalName(.pump, DeviceName(pump), "flow"), at: now)?.value ?? 0) != 0
    }

    private func refusal(of refill: Refill, at now: Moment) -> ControlError? {
        guard let limits = planner.pumps[refill.device] else {
            return ControlError(
                kind: "unknown_device", device: refill.device,
                detail: "no pump \"\(refill.device.prefix(64))\" on this bench",
                hint: "the pumps are \(planner.pumps.keys.sorted().joined(separator: ", "))")
        }
        if active?.run.pumps.contains(refill.device) == true || flush?.pumps.contains(DeviceName(refill.device)) == true
        {
            return ControlError(
                kind: "device_busy", device: refill.device, detail: "\(refill.device) is in use by what runs now",
                hint: "wait until the experiment has ended, or cancel it")
        }
        if mayDeliver(refill.device, at: now) {
            return ControlError(
                kind: "device_busy", device: refill.device,
                detail: "\(refill.device) is not known to stand: what it delivers would be missing in the new filling",
                hint: "make it ready again, wait until it is stopped (flowlabctl devices), then record the refill")
        }
        let volume = refill.volumeUL ?? limits.capacity.microliters
        guard volume >= 0, volume <= limits.capacity.microliters else {
            return ControlError(
                kind: "out_of_range", device: refill.device,
                detail:
                    "volume_ul is \(volume), the syringe of \(refill.device) holds at most \(limits.capacity.microliters)",
                hint: "give what is in the syringe now, from 0 to what it holds")
        }
        let components = refill.componentsMM ?? definition.ledger.componentsMM[limits.reagent] ?? [:]
        if let bad = components.sorted(by: { $0.key < $1.key }).first(where: { !$0.value.isFinite || $0.value < 0 }) {
            return ControlError(
                kind: "out_of_range", device: refill.device, detail: "components_mm.\(bad.key) is \(bad.value)",
                hint: "a molarity is a number from 0 up, in mM")
        }
        let known = definition.ledger.componentsMM[limits.reagent] ?? [:]
        if !known.isEmpty, let stranger = components.keys.sorted().first(where: { known[$0] == nil }) {
            return ControlError(
                kind: "stock_refused", device: refill.device,
                detail: "\(limits.reagent) has no component \"\(stranger.prefix(64))\"; it has "
                    + known.keys.sorted().joined(separator: ", "),
                hint: "give the molarity of each; a new component belongs into the bench file first")
        }
        let complaints = ledger.complaints(components)
        guard complaints.isEmpty else {
            return ControlError(
                kind: "stock_refused", device: refill.device, detail: complaints.joined(separator: "; "),
                hint: "prepare the stock anew; nothing was recorded")
        }
        return nil
    }

    mutating func emptyWaste(_ note: String?, _ caller: Caller, _ token: RequestToken, at now: Moment) {
        let before = ledger.record.waste.usedUL
        ledger.emptyWaste(by: caller.uid, at: now)
        outbox.write(
            .reagentAct(
                ReagentAct(at: now, uid: caller.uid, kind: .emptyWaste, device: nil, volumeUL: before, note: note)))
        writeLedger(at: now)
        checkLevels(at: now)
        audit("reagents.empty_waste", "\(before) uL taken out", "recorded", caller, at: now)
        outbox.reply(token, .wasteEmptied(remainingUL: ledger.wasteRoom?.microliters ?? 0))
    }
}
