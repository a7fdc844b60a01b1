import ControlCore
import DeviceModel
import Interlocks
import Quantities

/// Pumps by hand: a finite volume each, that the books have and the waste has room for.
extension BenchController {
    /// With what the bench file says where nothing was said.
    func resolved(_ move: PumpMove, of pump: String) -> (flow: FlowRate, volume: Volume) {
        let usual = move.withdraws ? ledger.room(in: pump) : definition.maintenance.primeVolume
        return (move.flow ?? definition.maintenance.primeFlow, move.volume ?? usual)
    }

    /// - Parameter given: what it will have given before, in the same program.
    func start(
        of pump: DeviceName, _ move: PumpMove, given: Volume = .zero, at now: Moment
    ) throws(ControlError) -> PumpStart {
        guard let limits = planner.pumps[pump.text] else { throw unknownDevice(pump.text) }
        let room = ledger.room(in: pump.text) + given
        let (usual, volume) = resolved(move, of: pump.text)
        let flow = usual.rounded(to: limits.resolution)
        guard usual >= limits.minimum, flow >= limits.minimum, usual <= limits.maximum, flow <= limits.maximum else {
            throw outOfRange(
                pump, "flow_ul_min is \(usual.microlitersPerMinute)",
                "\(limits.minimum.microlitersPerMinute) to \(limits.maximum.microlitersPerMinute)")
        }
        if move.withdraws, move.volume == nil, room < limits.smallestVolume {
            throw ControlError(
                kind: "insufficient", device: pump.text, detail: "by the ledger the syringe of \(pump) is full",
                hint: "if it is not, say what is in it: reagents.refill with volume_ul")
        }
        guard volume >= limits.smallestVolume, volume <= limits.capacity else {
            throw outOfRange(
                pump, "volume_ul is \(Self.short(volume.microliters))",
                "\(Self.short(limits.smallestVolume.microliters)) to \(Self.short(limits.capacity.microliters))")
        }
        if move.withdraws { try checkRoom(pump, room, for: volume) } else { try checkLedger(pump, volume) }
        try checkWay(of: pump, at: now)
        try checkArchive()
        let signed = move.withdraws ? -flow.microlitersPerMinute : flow.microlitersPerMinute
        return PumpStart(device: pump, flow: FlowRate(microlitersPerMinute: signed), volume: volume)
    }

    static func short(_ microliters: Double) -> Double { (microliters * 100).rounded() / 100 }

    private func outOfRange(_ pump: DeviceName, _ what: String, _ expected: String) -> ControlError {
        ControlError(
            kind: "out_of_range", device: pump.text, detail: "\(what) for \(pump), expected \(expected)",
            hint: "give a value in this range; nothing was moved")
    }

    private func checkRoom(_ pump: DeviceName, _ room: Volume, for volume: Volume) throws(ControlError) {
        guard volume > room else { return }
        throw ControlError(
            kind: "insufficient", device: pump.text,
            detail:
                "by the ledger the syringe of \(pump) has room for "
                + "\(Self.short(room.microliters)) uL with what was drawn back, not for \(volume.microliters)",
            hint: "withdraw less; if the ledger is wrong, say what is in the syringe: reagents.refill")
    }

    /// What is given and wasted is there, or nothing moves.
    func checkLedger(_ pump: DeviceName, _ volume: Volume) throws(ControlError) {
        let left = ledger.remaining(pump.text)
        guard volume <= left else {
            throw ControlError(
                kind: "insufficient", device: pump.text,
                detail:
                    "by the ledger the syringe of \(pump) holds \(Self.short(left.microliters)) uL, less than \(volume.microliters)",
                hint: "fill it and say so: reagents.refill; or give less")
        }
        try checkWaste(volume, besides: [pump])
    }

    /// What other pumps have been given goes there too.
    func checkWaste(_ volume: Volume, besides pumps: [DeviceName]) throws(ControlError) {
        let others = ledger.record.syringes.filter { !pumps.contains(DeviceName($0.key)) }
        let promised = others.reduce(0) { $0 + $1.value.reservedUL }
        guard let room = ledger.wasteRoom, volume + Volume(microliters: promised) > room else { return }
        let also = promised > 0 ? " beside the \(Self.short(promised)) uL that other pumps are giving" : ""
        throw ControlError(
            kind: "insufficient",
            detail:
                "the waste has room for \(Self.short(room.microliters)) uL, less than \(Self.short(volume.microliters))\(also)",
            hint: "empty it and say so: reagents.empty_waste")
    }

    /// Every pump to a finite volume, which it ends by itself; reserved first, since the daemon may die.
    mutating func begin(
        _ starts: [PumpStart], _ act: ManualAct, _ lease: Lease, _ token: RequestToken, at now: Moment
    ) throws(ControlError) {
        let infused = starts.filter { $0.flow > .zero }
        if !infused.isEmpty {
            needsFlush = true
            reserve(Dictionary(infused.map { ($0.device.text, $0.volume) }) { first, _ in first }, at: now)
        }
        try send(starts.map { ($0.command, $0.device) }, .init(token, lease, act, .moving(starts)), at: now)
    }

    /// The idle line's flush, under the caller's leases.
    mutating func purge(_ caller: Caller, _ token: RequestToken, at now: Moment) throws(ControlError) {
        guard let flush = definition.procedure.flush else {
            throw ControlError(
                kind: "not_configured", detail: "the bench file has no [flush]",
                hint: "flush by hand with pumps.start, or add [flush] to the bench file")
        }
        try checkValvesAtHome(at: now)
        var starts: [PumpStart] = []
        var waste = Volume.zero
        for (pump, flow) in flush.flows.sorted(by: { $0.key < $1.key }) {
            _ = try lease(of: caller, on: DeviceName(pump))
            let move = PumpMove(flow: flow, volume: flow * flush.duration)
            starts.append(try start(of: DeviceName(pump), move, at: now))
            waste = waste + flow * flush.duration
        }
        guard let first = starts.first else { return }
        try checkWaste(waste, besides: starts.map(\.device))
        let lease = try lease(of: caller, on: first.device)
        try begin(starts, .purge, lease, token, at: now)
    }
}
