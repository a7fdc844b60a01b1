import Experiments
import Quantities
import Simulation
import Testing
import VirtualBench

/// What happens to a bench, or what somebody does to it.
enum Act: Sendable {
    case fault(String, Fault, value: Double? = nil, for: Double? = nil)
    /// The device's faults are mended.
    case mend(String)
    case wait(Double)
    case reset(String)
    /// Somebody presses stop on the pump itself.
    case stopAtPanel(PumpName)
    /// Somebody presses start on it: it runs what it was last given.
    case startAtPanel(PumpName)
    /// Somebody sets another rate on it, uL/min.
    case rateAtPanel(PumpName, Double)
    /// The host gives the daemon no time for so long.
    case holdUp(Double)
    /// Another master switches the contactor's relay off.
    case switchRelayOff
    case safeState
    /// A client asks so often at one instant: plans, the status of the queue, and submissions.
    case flood(Int)
    case kill(losingUncommitted: Bool)
    case restart
    case shutDown
    case fillDisk
    case makeRoom
    /// Somebody, or a time server, sets the host's clock.
    case jumpClock(seconds: Double)
}

extension Scenario {
    mutating func perform(_ act: Act) throws {
        switch act {
        case .fault(let device, let what, let value, let seconds):
            try fault(device, what.rawValue, for: seconds, value: value)
        case .mend(let device): try fault(device, "clear")
        case .wait(let seconds): run(seconds)
        case .reset(let name):
            guard Self.isReset(reset(.init(name))) else { throw Unexpected(what: "\(name) was not reset") }
        case .stopAtPanel(let pump): press("stop", on: pump)
        case .startAtPanel(let pump): press("start", on: pump)
        case .rateAtPanel(let pump, let rate): press("set rate \(rate)", on: pump)
        case .holdUp(let seconds): lab.holdUp(for: .seconds(seconds))
        case .switchRelayOff: _ = lab.bench.handleModbus([5, 0, 0, 0, 0], link: "io", at: lab.now)
        case .safeState: try triggerSafeState()
        case .flood(let count): try flood(count)
        case .kill(let losing): lab.kill(losingUncommitted: losing)
        case .restart: lab.restart()
        case .shutDown: lab.shutDown()
        case .fillDisk: lab.fillDisk()
        case .makeRoom: lab.makeRoomOnDisk()
        case .jumpClock(let seconds): lab.jumpWallClock(by: .seconds(seconds))
        }
    }

    /// Another hand than the daemon's, on the pump's second line.
    private mutating func press(_ words: String, on pump: PumpName) {
        lab.bench.send(Array((words + "\r").utf8), to: "pump_\(pump.rawValue)", connection: 1, at: lab.now)
    }

    private mutating func triggerSafeState() throws {
        let token = lab.request(.triggerSafeState(reason: "smell of solvent"), as: Self.observer)
        guard case .safeState? = lab.replies[token] else { throw Unexpected(what: "no immediate answer") }
    }

    private mutating func flood(_ count: Int) throws {
        let chosen = recipe()
        let tokens = (0..<count).map { number in
            let submission = Submission(recipe: chosen, key: "flood-\(number)", metadata: nil, campaign: nil)
            return lab.request(number % 2 == 0 ? .plan(chosen) : .submit(submission), as: Self.optimizer)
        }
        run(0.1)
        let unanswered = tokens.count { lab.replies[$0] == nil }
        guard unanswered == 0 else { throw Unexpected(what: "\(unanswered) of \(count) were not answered") }
    }
}
