import ControlCore
import DeviceModel
import Experiments
import Quantities

/// `flowlabd --safe-state` after the daemon's death, in virtual time.
extension SimulatedLab {
    /// Runs a pass to its end and returns what it reports. A daemon that still runs keeps it away: kill it first.
    public mutating func runSafeStatePass() -> SafeStateReport {
        precondition(controller == nil, "a living daemon has the bench")
        let pass = SafeStatePass(devices: definition.devices, at: now)
        safeStatePass = pass
        performOfPass { $0.start(at: $1) }
        while let pass = safeStatePass, !pass.isOver(at: now), let next = nextInstant {
            moveClock(to: next)
            step()
        }
        let report = (safeStatePass ?? pass).report(at: now)
        safeStatePass = nil
        kill()
        return report
    }

    mutating func deliverToPass(_ input: ControllerInput) {
        switch input {
        case .link(let link, let event): performOfPass { $0.handle(event, on: link, at: $1) }
        case .time: performOfPass { $0.advance(to: $1) }
        case .request, .clientGone, .attends, .archived, .archiveFailed, .analysed, .recorder, .shutdown: break
        }
    }

    private mutating func performOfPass(_ body: (inout SafeStatePass, Moment) -> [(LinkName, LinkAction)]) {
        guard var pass = safeStatePass else { return }
        let actions = body(&pass, now)
        safeStatePass = pass
        for (link, action) in actions { perform(action, on: link) }
    }
}
