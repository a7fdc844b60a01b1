import DeviceModel
import Drivers
import Interlocks
import Quantities

/// Trips: what they bring down, and the proof that it is down.
extension ControlCore {
    /// Everything that a set of new latches causes. Nothing permitted before reaches a wire after this.
    mutating func tripped(_ latches: [Latch], at now: Moment, _ out: inout [CoreEffect]) {
        guard !latches.isEmpty else { return }
        for link in links { out.append(.link(link.name, .flush(interlocks.epoch))) }
        bringDown(latches, at: now, &out)
        out.append(.notice(.tripped(latches)))
    }

    mutating func bringDown(_ latches: [Latch], at now: Moment, _ out: inout [CoreEffect]) {
        for index in slots.indices {
            perform(slots[index].driver.dropActuation(at: now), of: index, at: now, &out)
        }
        let covered = slots.indices.filter { index in
            latches.contains { $0.covers(slots[index].definition.deviceClass) }
        }
        for index in inSafeOrder(covered) {
            slots[index].isOwned = false
            proofs[index] = PendingProof(since: now.wire, deadline: now.wire + limits.verifyWithin)
            commandStandstill(index, at: now, &out)
            tellSafe(index, at: now, &out)
        }
    }

    /// Heat goes first, at its controller and then at the contactor, then gas, what moves about, flow, then light: a plate
    /// without flow is hot, a flow without heat is only wet. Valves turn after the pumps behind them were told to stop. An
    /// analyzer only measures: no trip is for it, and a folder that hangs must not keep a bench from being reset.
    private func inSafeOrder(_ indices: [Int]) -> [Int] {
        let order: [DeviceClass] = [
            .heater, .io, .flowController, .robot, .stepper, .pump, .valve, .board, .light, .spectrometer,
        ]
        return order.flatMap { kind in indices.filter { slots[$0].definition.deviceClass == kind } }
    }

    /// Sends the device's safe-state commands. One that is offline gets them when its link is open again.
    mutating func tellSafe(_ index: Int, at now: Moment, _ out: inout [CoreEffect]) {
        switch slots[index].state {
        case .offline: return
        case .identifying, .ready, .faulted: break
        }
        for command in slots[index].driver.safeCommands where command.consequence == .makesSafe {
            guard let permit = try? interlocks.permit(command, for: slots[index].definition.name, at: now) else {
                continue
            }
            execute(permit, on: index, at: now, &out)
        }
    }

    /// What nobody has seen safe is told before anybody knows what it is: to stop harms nothing. It is told again once it is
    /// ready.
    mutating func tellUnseen(_ index: Int, at now: Moment, _ out: inout [CoreEffect]) {
        guard proofs[index] != nil, case .identifying = slots[index].state else { return }
        tellSafe(index, at: now, &out)
    }

    mutating func judge(_ readBack: SafeStateReadBack, of index: Int, at now: Moment, _ out: inout [CoreEffect]) {
        slots[index].readBack = readBack
        let name = slots[index].definition.name
        if let proof = proofs[index] {
            guard readBack.isSafe, readBack.askedAt >= proof.since else { return }
            proofs[index] = nil
            if slots[index].wanted.isEmpty { settle(index, .standing(at: now), at: now, &out) }
            out.append(.notice(.proven(name, readBack.detail)))
            return
        }
        let isCurrent = slots[index].outstanding.isEmpty && readBack.askedAt >= slots[index].judgeFrom
        if readBack.isSafe, slots[index].isOwned, isCurrent {
            slots[index].isOwned = false
            commandedPumpStands(index, at: now, &out)
            if slots[index].definition.deviceClass.runs {
                out.append(.notice(.foundStopped(name, readBack.detail)))
            }
        }
        if !readBack.isSafe, !slots[index].isOwned, isCurrent {
            if !slots[index].isFoundRunning { out.append(.notice(.foundRunning(name, readBack.detail))) }
            slots[index].isFoundRunning = true
            tellSafe(index, at: now, &out)
        }
        if readBack.isSafe, slots[index].isFoundRunning {
            slots[index].isFoundRunning = false
            out.append(.notice(.proven(name, readBack.detail)))
        }
    }

    /// The proof is overdue: the next effect is everything, and this device is told again until it shows that it obeyed.
    mutating func escalate(_ index: Int, at now: Moment, _ out: inout [CoreEffect]) {
        guard var proof = proofs[index] else { return }
        proof.escalations += 1
        proof.deadline = now.wire + limits.verifyWithin
        proofs[index] = proof
        let seen = slots[index].readBack.map { "last read: \($0.detail)" } ?? "nothing read back"
        let state = slots[index].state.detail.map { " (\(slots[index].state.word): \($0))" } ?? ""
        out.append(.notice(.unproven(slots[index].definition.name, seen + state)))
        tellSafe(index, at: now, &out)
        guard proof.escalations == 1 else { return }
        for other in inSafeOrder(Array(slots.indices)) where other != index && proofs[other] == nil {
            slots[other].isOwned = false
            commandStandstill(other, at: now, &out)
            proofs[other] = PendingProof(
                since: now.wire, deadline: now.wire + limits.verifyWithin, escalations: 1)
            tellSafe(other, at: now, &out)
        }
    }
}
