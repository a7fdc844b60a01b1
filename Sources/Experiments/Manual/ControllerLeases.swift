import ControlCore
import DeviceModel
import Interlocks
import Quantities

/// Leases: who moves devices by hand says so first, and keeps saying so.
extension BenchController {
    mutating func acquireLease(_ wish: LeaseWish, _ caller: Caller, _ token: RequestToken, at now: Moment) {
        let detail = "\(wish.devices.joined(separator: ", ")) by \(wish.person): \(wish.reason)"
        do throws(ControlError) {
            let devices = try leasable(wish.devices, by: caller.client)
            try checkArchive()
            let lease = manual.add(
                devices, person: wish.person, reason: wish.reason, caller, for: wish.span, at: now)
            outbox.write(.leaseSet(lease.lease, lease.what))
            audit("lease.acquire", "\(lease.what): \(wish.reason)", "acquired", caller, at: now)
            outbox.publish("maintenance", EventData.lease(lease, "acquired"), at: now)
            outbox.reply(token, .lease(lease))
        } catch {
            audit("lease.acquire", detail, error.kind, caller, at: now)
            answer(token, .refused(error))
        }
    }

    /// What is begun by hand must be kept, as what experiments begin.
    func checkArchive() throws(ControlError) {
        guard let archiveTrouble else { return }
        throw ControlError(
            kind: "archive_unavailable", detail: archiveTrouble,
            hint: "make room on its disk; to stop something is always possible")
    }

    /// Not through the outbox where the archive cannot write: whoever stops something must hear that it is done.
    mutating func answer(_ token: RequestToken, _ reply: ControlReply) {
        if archiveTrouble == nil { outbox.reply(token, reply) } else { effects.append(.reply(token, reply)) }
    }

    private func leasable(_ names: [String], by client: UInt64) throws(ControlError) -> [DeviceName] {
        var devices: [DeviceName] = []
        for name in names {
            let device = DeviceName(name)
            guard definition.devices.contains(where: { $0.name == device }) else { throw unknownDevice(name) }
            // A plate is not heated without its contactor.
            let needed = device == definition.procedure.heater ? definition.procedure.heating : [device]
            devices += needed.filter { !devices.contains($0) }
        }
        try checkQuiet()
        for device in devices {
            guard let lease = manual.lease(on: device) else { continue }
            throw isTaken(device, by: lease, for: client)
        }
        guard manual.leases.count < ManualControl.mostLeases else {
            throw ControlError(
                kind: "busy", detail: "\(manual.leases.count) leases are held", hint: "release some that are not used")
        }
        return devices
    }

    func isTaken(_ device: DeviceName, by lease: Lease, for client: UInt64) -> ControlError {
        ControlError(
            kind: "leased", device: device.text, detail: lease.text,
            hint: lease.holder.client == client
                ? "this connection holds it already: lease.renew keeps it"
                : "ask \(lease.person), or wait until it has lapsed; a technician may end it: lease.release")
    }

    /// What is moved by hand beside an experiment would spoil it.
    private func checkQuiet() throws(ControlError) {
        let what: String
        if let active {
            what = "\(active.record.experiment) runs"
        } else if flush != nil {
            what = "the line is being flushed"
        } else if shutdown != nil {
            what = "the daemon is ending"
        } else {
            return
        }
        throw ControlError(
            kind: "bench_busy", detail: "\(what); nothing is moved by hand meanwhile",
            hint: "wait for it, or cancel it; maintenance.enter keeps the next one from starting")
    }

    func unknownDevice(_ name: String) -> ControlError {
        let names = definition.devices.map(\.name.text)
        return ControlError(
            kind: "unknown_device", device: String(name.prefix(64)), detail: "no device \"\(name.prefix(64))\"",
            hint: "devices are \(names.joined(separator: ", "))")
    }

    mutating func renewLease(
        _ name: String, _ span: WireDuration?, _ caller: Caller, _ token: RequestToken, at now: Moment
    ) {
        guard let known = manual.lease(named: name) else { return refuseUnknownLease(token, name) }
        guard known.holder.client == caller.client else {
            return refuse(
                token, "not_leased", "\(name) is held by another connection, of uid \(known.holder.uid)",
                "renew a lease on the connection that acquired it, or acquire one")
        }
        guard let lease = manual.renew(name, for: span, at: now) else { return }
        outbox.reply(token, .lease(lease))
    }

    private mutating func refuseUnknownLease(_ token: RequestToken, _ name: String) {
        refuse(
            token, "unknown_lease", "no lease \"\(name.prefix(64))\": it lapsed, was released, or never was",
            "what was moved under it was stopped (flowlabctl audit --method lease.release); acquire a new one: lease.acquire"
        )
    }

    /// By its holder, or by a technician who needs the devices.
    mutating func releaseLease(_ name: String, _ caller: Caller, _ token: RequestToken, at now: Moment) {
        guard let lease = manual.lease(named: name) else { return refuseUnknownLease(token, name) }
        let isOwn = lease.holder.client == caller.client
        end(lease, isOwn ? "released" : "ended by uid \(caller.uid)", at: now)
        audit("lease.release", lease.what, isOwn ? "released" : "ended by another", caller, at: now)
        answer(token, .leaseReleased(name))
    }

    /// All that it covers is stopped: what was moved under it, and what was left hot before. A valve, and a robot that
    /// stands, stay where they are.
    mutating func end(_ lease: Lease, _ why: String, at now: Moment) {
        let left = manual.remove(lease)
        outbox.write(.leaseEnded(lease.lease))
        outbox.publish("maintenance", EventData.lease(lease, why, stopped: left), at: now)
        stopMoved(lease.devices.filter { left.contains($0) || runs($0) }, at: now)
        idleSince = now.bench
    }

    func runs(_ device: DeviceName) -> Bool {
        definition.devices.first { $0.name == device }?.deviceClass.runs ?? true
    }

    /// What an earlier daemon had given out: it died with what was in hand in an unknown state.
    mutating func takeOver(_ hands: [String: String], since: String, at now: Moment) {
        guard !hands.isEmpty else { return }
        for lease in hands.keys.sorted() { outbox.write(.leaseEnded(lease)) }
        let reason =
            "the daemon ended while devices were moved by hand (\(hands.values.sorted().joined(separator: "; ")))\(since)"
        take(core.triggerSafeState(InterlockEngine.uncleanEnd, reason: reason, at: now), at: now)
    }

    /// Heat first; a device that a trip brings down is proven there.
    func stopOrder(_ devices: [DeviceName]) -> [DeviceName] {
        let heating = definition.procedure.heating
        return heating.filter(devices.contains) + devices.filter { !heating.contains($0) }
    }

    mutating func stopMoved(_ devices: [DeviceName], at now: Moment) {
        let unproven = core.unproven
        for device in stopOrder(devices) where isReachable(device) && !unproven.contains(device) {
            guard let driver = definition.devices.first(where: { $0.name == device })?.driver else { continue }
            for command in driver.safeCommands { stop(device, command, at: now) }
        }
    }

    mutating func lapseLeases(at now: Moment) {
        for lease in manual.leases where lease.ends <= now.wire {
            end(lease, "lapsed", at: now)
            audit("lease.release", lease.what, "lapsed", lease.holder, at: now)
        }
    }

    /// A connection is gone: its leases end, and its experiments have one client less.
    mutating func clientGone(_ client: UInt64, at now: Moment) {
        for lease in manual.leases where lease.holder.client == client {
            end(lease, "its client has gone", at: now)
            audit("lease.release", lease.what, "client gone", lease.holder, at: now)
        }
        attendance.gone(client, at: now.wire)
    }
}
