import DeviceModel
import Drivers
import Interlocks
import Quantities

/// What those above may ask of the core.
extension ControlCore {
    /// Sends a command on its way, if the interlocks allow it. Its outcome comes as `.finished`.
    public mutating func issue(
        _ command: DeviceCommand, to device: DeviceName, at now: Moment
    ) throws(PermitRefusal) -> (CommandID, [CoreEffect]) {
        let permit = try interlocks.permit(command, for: device, at: now)
        guard let index = indexOf[device] else { throw .unknownDevice(device) }
        var out: [CoreEffect] = []
        switch command.consequence {
        case .actuates: slots[index].isOwned = true
        case .makesSafe: slots[index].isOwned = false
        case .observes: break
        }
        slots[index].wanted[CommandID(number: nextCommand)] = CommandedFlow(command, at: now)
        if case .timed(_, let later) = command { slots[index].timed[CommandID(number: nextCommand)] = later }
        let id = execute(permit, on: index, at: now, &out)
        tellWanted(id, of: index, at: now, &out)
        return (id, out)
    }

    @discardableResult
    mutating func execute(
        _ permit: consuming PermittedCommand, on index: Int, at now: Moment, _ out: inout [CoreEffect]
    ) -> CommandID {
        let id = CommandID(number: nextCommand)
        nextCommand += 1
        slots[index].outstanding.insert(id)
        let effects = slots[index].driver.execute(permit, as: id, at: now)
        perform(effects, of: index, at: now, &out)
        return id
    }

    /// Brings the whole bench to its safe state, at once and latched, whoever asks.
    public mutating func triggerSafeState(
        _ name: InterlockName = InterlockEngine.manualTrigger, reason: String, at now: Moment
    ) -> [CoreEffect] {
        var out: [CoreEffect] = []
        let latches = interlocks.trigger(name, reason: reason, at: now)
        tripped(latches, at: now, &out)
        // Asked again: whoever asks has a reason to, so every device is told again and must prove it again.
        if latches.isEmpty { bringDown(interlocks.latches, at: now, &out) }
        return out
    }

    /// Takes a reading that was computed above, as if a device had given it.
    /// - Parameter ages: false for what is told when it changes: it is good until it is told anew.
    public mutating func record(_ reading: Reading, ages: Bool = true, at now: Moment) -> [CoreEffect] {
        var out: [CoreEffect] = []
        if !ages { toldOnChange.insert(reading.signal) }
        take(reading, at: now, &out)
        return out
    }

    /// Shows an interlock its cause; see `InterlockEngine.inject`.
    public mutating func inject(
        _ interlock: InterlockName, at now: Moment
    ) throws(ProofRefusal) -> (Injection, [CoreEffect]) {
        var out: [CoreEffect] = []
        let (injection, latches) = try interlocks.inject(interlock, at: now)
        tripped(latches, at: now, &out)
        return (injection, out)
    }

    public mutating func bypass(
        _ interlock: InterlockName, by person: String, reason: String, for span: WireDuration, at now: Moment
    ) throws(BypassRefusal) -> Bypass {
        try interlocks.bypass(interlock, by: person, reason: reason, for: span, at: now)
    }

    public mutating func endBypass(_ interlock: InterlockName) -> Bypass? { interlocks.endBypass(interlock) }

    /// Those that have just run out.
    public mutating func expireBypasses(at now: Moment) -> [Bypass] { interlocks.expireBypasses(at: now) }

    public mutating func reset(_ interlock: InterlockName, at now: Moment) throws(ResetRefusal) -> Latch {
        try interlocks.reset(interlock, at: now)
    }
}

/// What readers may see.
extension ControlCore {
    public var latches: [Latch] { interlocks.latches }
    /// What the interlocks must read before these devices may start.
    public func unread(for devices: [DeviceName]) -> (interlock: InterlockName, signal: SignalName)? {
        let kinds = devices.compactMap { indexOf[$0].map { slots[$0].definition.deviceClass } }
        return interlocks.unread(for: Set(kinds))
    }
    /// What the operator shall do when it trips.
    public func response(to interlock: InterlockName) -> String { interlocks.response(of: interlock) }

    /// Why a permissive keeps these devices from starting; nil when all permit it.
    public func forbidding(_ devices: [DeviceName], at now: Moment) -> PermitRefusal? {
        interlocks.forbidding(Set(devices.compactMap { indexOf[$0].map { slots[$0].definition.deviceClass } }), at: now)
    }

    public var bypasses: [Bypass] { interlocks.bypasses }
    public var epoch: TripEpoch { interlocks.epoch }
    public var interlockStatuses: [InterlockStatus] { interlocks.statuses }
    /// Devices whose safe state a trip asked for and no read-back has shown yet.
    public var unproven: [DeviceName] { slots.indices.filter { proofs[$0] != nil }.map { slots[$0].definition.name } }

    /// It is a channel of a board, which has a clock of its own.
    public func isOnBoard(_ device: DeviceName) -> Bool { board(of: device) != nil }

    /// The board that it is a channel of.
    public func board(of device: DeviceName) -> DeviceName? {
        guard let index = indexOf[device], let link = linkIndexOf[slots[index].definition.link],
            let board = links[link].board, board != index
        else { return nil }
        return slots[board].definition.name
    }

    public func state(of device: DeviceName) -> DeviceState? { indexOf[device].map { slots[$0].state } }

    public var devices: [DeviceStatus] {
        slots.map {
            DeviceStatus(
                definition: $0.definition, limits: $0.driver.limits, state: $0.state, since: $0.since,
                readBack: $0.readBack)
        }
    }

    /// The last reading of a signal as it is to be believed at `now`: one that grew old, or whose device is gone, is
    /// stale. nil when it was never read.
    public func reading(_ signal: SignalName, at now: Moment) -> Reading? {
        guard let last = image[signal] else { return nil }
        return aged(last, at: now)
    }

    /// Every signal, sorted by name.
    public func readings(at now: Moment) -> [Reading] {
        image.keys.sorted().compactMap { reading($0, at: now) }
    }

    /// Whether each of its changes counts, because none is told again.
    public func isToldOnChange(_ signal: SignalName) -> Bool { toldOnChange.contains(signal) }

    private func aged(_ last: Reading, at now: Moment) -> Reading {
        let isOld = now.wire - last.at.wire >= limits.staleAfter
        guard isOld, last.quality == .good || last.quality == .uncertain, !isToldOnChange(last.signal) else {
            return last
        }
        return Reading(last.signal, last.value, last.unit, quality: .stale, at: last.at)
    }
}

/// One device as seen from outside.
public struct DeviceStatus: Sendable {
    public let definition: DeviceDefinition
    public let limits: DeviceLimits
    public let state: DeviceState
    public let since: Moment
    public let readBack: SafeStateReadBack?
}
