import DeviceModel
import Drivers
import Interlocks
import Quantities

/// One pass to the safe state over devices that nobody owns any more: each is identified, told its safe state and read
/// back, all of them at once, within a fixed time. It is a `ControlCore` without interlock rules that has tripped before
/// its first device came, so that drivers, permits and proofs are those of the daemon.
public struct SafeStatePass: Sendable {
    /// For all of it.
    public static let allowance = WireDuration.milliseconds(2000)
    /// What has not obeyed by half time is told again, which leaves it the other half to show that it did. A port that a
    /// dying owner still holds is free within milliseconds.
    static let limits = CoreLimits(
        staleAfter: allowance, verifyWithin: .milliseconds(1000), reconnectFirst: .milliseconds(100),
        reconnectLongest: .milliseconds(400))

    private var core: ControlCore
    private let began: WireInstant
    /// When each device first showed its safe state; taken back from one that was found running after it.
    private var shownAfter: [DeviceName: WireDuration] = [:]
    /// Links that were opened, or could not be.
    private var heardOf: Set<LinkName> = []

    /// - Parameter devices: of the bench; those without an output are left alone, and so are those that no trip is for.
    public init(devices: [DeviceDefinition], at now: Moment) {
        let withOutputs = devices.filter {
            !$0.driver.safeCommands.isEmpty && EffectGroup.everything.covers($0.deviceClass)
        }
        core = ControlCore(devices: withOutputs, rules: [], limits: Self.limits, restored: [], at: now)
        began = now.wire
    }

    public var epoch: TripEpoch { core.epoch }

    public mutating func start(at now: Moment) -> [(LinkName, LinkAction)] {
        let opened = core.start(at: now)
        return take(opened + core.triggerSafeState(reason: "the daemon is gone", at: now), at: now)
    }

    public mutating func handle(
        _ event: LinkEvent, on link: LinkName, at now: Moment
    ) -> [(LinkName, LinkAction)] {
        heardOf.insert(link)
        return take(core.handle(event, on: link, at: now), at: now)
    }

    public mutating func advance(to now: Moment) -> [(LinkName, LinkAction)] { take(core.advance(to: now), at: now) }

    /// When `advance` is next needed, the end at the latest.
    public var deadline: WireInstant {
        let end = began + Self.allowance
        return min(core.deadlines.wire ?? end, end)
    }

    /// Every device has shown its safe state, or time is up.
    public func isOver(at now: Moment) -> Bool {
        now.wire - began >= Self.allowance || core.devices.allSatisfy { isSafe($0) }
    }

    public func report(at now: Moment) -> SafeStateReport {
        SafeStateReport(lines: core.devices.map { line($0) }, took: now.wire - began)
    }

    private mutating func take(_ effects: [CoreEffect], at now: Moment) -> [(LinkName, LinkAction)] {
        var actions: [(LinkName, LinkAction)] = []
        for effect in effects {
            switch effect {
            case .link(let link, let action): actions.append((link, action))
            case .notice(.proven(let name, _)):
                if shownAfter[name] == nil { shownAfter[name] = now.wire - began }
            case .notice(.foundRunning(let name, _)): shownAfter[name] = nil
            case .notice: break
            }
        }
        return actions
    }

    /// A device that is not the one of the bench file proves nothing, whatever it shows.
    private func isSafe(_ device: DeviceStatus) -> Bool {
        if case .faulted = device.state { return false }
        return shownAfter[device.definition.name] != nil && device.readBack?.isSafe ?? true
    }

    private func line(_ device: DeviceStatus) -> SafeStateReport.Line {
        let name = device.definition.name
        let (outcome, detail) = judged(device)
        return SafeStateReport.Line(
            device: name, deviceClass: device.definition.deviceClass, outcome: outcome, detail: detail,
            after: outcome == .safe ? shownAfter[name] : nil)
    }

    private func judged(_ device: DeviceStatus) -> (SafeStateReport.Outcome, String) {
        let seen = device.readBack?.detail
        if isSafe(device) { return (.safe, seen ?? "shown before its link was lost") }
        switch device.state {
        case .faulted(let why): return (.unproven, why + (seen.map { "; shows \($0)" } ?? ""))
        case .ready: return (.unproven, seen.map { "last read: \($0)" } ?? "nothing read back")
        case .identifying: return (.unreachable, "its link is open, but it did not say in time what it is")
        case .offline(let why):
            return (.unreachable, heardOf.contains(device.definition.link) ? why : "its link did not open in time")
        }
    }
}

/// What a pass left.
public struct SafeStateReport: Hashable, Sendable {
    public enum Outcome: Hashable, Sendable, CaseIterable {
        /// It was read back and is safe.
        case safe
        /// It answers, and has not shown its safe state.
        case unproven
        case unreachable
    }

    public struct Line: Hashable, Sendable {
        public let device: DeviceName
        public let deviceClass: DeviceClass
        public let outcome: Outcome
        /// What was read back or seen, or why it was not reached.
        public let detail: String
        /// From the start of the pass to the read-back that showed it; nil where none did.
        public let after: WireDuration?
    }

    /// In the order of the bench file.
    public let lines: [Line]
    public let took: WireDuration

    public var isSafe: Bool { lines.allSatisfy { $0.outcome == .safe } }
}
