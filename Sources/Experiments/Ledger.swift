import DeviceModel
import Quantities

/// Books what the pumps displace: out of the syringes, into the waste. A pump's report is motor motion; a ledger is how a
/// syringe that runs dry is known at all, where the spectrum hardly shows it.
struct Ledger: Sendable {
    /// uL; what is less is a crumb of a rounding, and counts as nothing left.
    static let crumb = 0.1

    let rules: LedgerRules
    /// What each pump's syringe holds when full.
    let capacities: [String: Volume]
    private(set) var record: LedgerRecord
    /// Something was booked since the record was last kept.
    private(set) var isUnkept = false
    /// Counts the changes of what is left and what is used.
    private(set) var revision: UInt64 = 0
    /// Each pump's own count, as last read.
    private var counts: [String: Double] = [:]
    private var withdrawals: [String: Double] = [:]

    /// - Parameter restored: what the archive kept; syringes that are new, or hold another reagent now, begin full.
    init(rules: LedgerRules, pumps: [String: PumpLimits], restored: LedgerRecord?) {
        self.rules = rules
        capacities = pumps.mapValues(\.capacity)
        record = LedgerRecord(syringes: [:], waste: restored?.waste ?? .init())
        for (pump, limits) in pumps {
            let kept = restored?.syringes[pump].flatMap { $0.reagent == limits.reagent ? $0 : nil }
            record.syringes[pump] =
                kept
                ?? .init(
                    reagent: limits.reagent, componentsMM: rules.componentsMM[limits.reagent] ?? [:],
                    filledUL: limits.capacity.microliters)
        }
    }

    // MARK: Booking

    /// What a dead daemon's pumps may have delivered unseen counts as used.
    mutating func chargeReserved() -> [(pump: String, volumeUL: Double)] {
        var charged: [(String, Double)] = []
        for pump in record.syringes.keys.sorted() {
            let reserved = record.syringes[pump]?.reservedUL ?? 0
            guard reserved > 0 else { continue }
            book(reserved, of: pump)
            record.syringes[pump]?.uncertainUL += reserved
            record.syringes[pump]?.reservedUL = 0
            charged.append((pump, reserved))
        }
        return charged
    }

    /// A pump's own count; the first one read is where booking begins, one that falls is a new count.
    mutating func counted(_ pump: String, _ total: Volume) {
        let before = counts.updateValue(total.microliters, forKey: pump) ?? total.microliters
        let moved = total.microliters - before
        guard moved > 0 else { return }
        book(moved, of: pump)
        if let reserved = record.syringes[pump]?.reservedUL {
            record.syringes[pump]?.reservedUL = max(0, reserved - moved)
        }
    }

    /// A pump's own count of what it drew back.
    mutating func drewBack(_ pump: String, _ total: Volume) {
        let before = withdrawals.updateValue(total.microliters, forKey: pump) ?? 0
        let moved = total.microliters - before
        guard moved > 0 else { return }
        let known = record.syringes[pump]?.drawnBackUL ?? 0
        record.syringes[pump]?.drawnBackUL = known + moved
        isUnkept = true
    }

    private mutating func book(_ microliters: Double, of pump: String) {
        record.syringes[pump]?.usedUL += microliters
        record.waste.usedUL += microliters
        isUnkept = true
        revision += 1
    }

    mutating func wasKept() { isUnkept = false }

    /// What pumps that are about to run may deliver at most.
    mutating func reserve(_ volumes: [String: Volume]) {
        for (pump, volume) in volumes { record.syringes[pump]?.reservedUL = volume.microliters }
    }

    /// - Parameter stands: whether a pump is known to stand; what another one may still deliver stays reserved.
    mutating func releaseReserved(where stands: (String) -> Bool) {
        for (pump, syringe) in record.syringes where syringe.reservedUL > 0 && stands(pump) {
            record.syringes[pump]?.reservedUL = 0
            isUnkept = true
        }
    }

    // MARK: Acts

    mutating func refill(_ refill: Refill, by uid: UInt32, at now: Moment) {
        guard let syringe = record.syringes[refill.device], let capacity = capacities[refill.device] else { return }
        var filled = LedgerRecord.Syringe(
            reagent: syringe.reagent,
            componentsMM: refill.componentsMM ?? rules.componentsMM[syringe.reagent] ?? [:],
            filledUL: refill.volumeUL ?? capacity.microliters)
        filled.batch = refill.batch
        filled.lot = refill.lot
        filled.filled = now.wall.rfc3339
        filled.filledBy = uid
        record.syringes[refill.device] = filled
        revision += 1
    }

    mutating func emptyWaste(by uid: UInt32, at now: Moment) {
        record.waste = LedgerRecord.Waste()
        revision += 1
        record.waste.emptied = now.wall.rfc3339
        record.waste.emptiedBy = uid
    }

    // MARK: Looking

    func remaining(_ pump: String) -> Volume { Volume(microliters: record.syringes[pump]?.remainingUL ?? 0) }

    func isLow(_ pump: String) -> Bool {
        guard let syringe = record.syringes[pump] else { return false }
        return syringe.remainingUL <= syringe.filledUL * rules.lowFraction
    }

    /// What a pump can still draw in.
    func room(in pump: String) -> Volume {
        let content = record.syringes[pump]?.contentUL ?? 0
        return Volume(microliters: max(0, (capacities[pump]?.microliters ?? 0) - content))
    }

    /// nil: not limited.
    var wasteRoom: Volume? {
        rules.wasteCapacity.map { capacity in
            let room = capacity.microliters - record.waste.usedUL
            return Volume(microliters: room < Self.crumb ? 0 : room)
        }
    }

    /// Among these pumps the first, in order of name, whose syringe is empty by the books.
    func empty(among pumps: some Sequence<String>) -> String? {
        pumps.sorted().first { record.syringes[$0].map { $0.remainingUL < Self.crumb } ?? false }
    }

    /// The ratios that the contents of a syringe break, in words.
    func complaints(_ componentsMM: [String: Double]) -> [String] {
        rules.ratios.compactMap { ratio in
            ratio.violation(componentsMM).map { found in
                "\(ratio.component)/\(ratio.per) is \((found * 10_000).rounded() / 10_000), expected at least "
                    + "\(ratio.atLeast): \(ratio.response)"
            }
        }
    }

    func view(in order: [DeviceName]) -> LedgerView {
        let syringes = order.compactMap { pump in
            record.syringes[pump.text].map {
                SyringeView(
                    device: pump, capacityUL: capacities[pump.text]?.microliters ?? 0, contents: $0,
                    isLow: isLow(pump.text))
            }
        }
        return LedgerView(
            syringes: syringes, wasteCapacityUL: rules.wasteCapacity?.microliters, waste: record.waste)
    }
}
