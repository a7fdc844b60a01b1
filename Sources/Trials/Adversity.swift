import Quantities
import RealMath
import VirtualBench

/// One thing that goes wrong in a trial, or that somebody does; each stands for itself, so that a failing trial can be
/// told with the fewest of them.
struct Adversity: Sendable, CustomStringConvertible {
    enum Kind: Sendable {
        /// On the bench or its wires, as the fault socket of `flowlab-sim` takes it.
        case fault(FaultCommand)
        /// `kill -9`, and another daemon some time later. What its pages had not reached may be lost with the power.
        case kill(losesPower: Bool, awayFor: WireDuration)
        /// SIGTERM, and another daemon some time later.
        case stop(awayFor: WireDuration)
        case diskFull(for: WireDuration)
        case diskBroken(for: WireDuration)
        /// Commits and reads take this long.
        case diskHangs(for: WireDuration)
        case slowAnalysis(by: WireDuration, for: WireDuration)
        /// The host gives the control loop no time.
        case heldUp(for: WireDuration)
        case clockJump(by: WireDuration)
        case safeStateTrigger
    }

    /// For so long the host's end waits for a gas valve to be open.
    static let longestWait = WireDuration.seconds(300)

    let at: WireInstant
    let kind: Kind
    /// It comes when it is worst: not before a gas valve on a board is open.
    var waitsForGas = false

    var description: String { words + (waitsForGas ? ", once a gas valve is open" : "") }

    private var words: String {
        switch kind {
        case .fault(let fault):
            let span = fault.forSeconds.map { " for \(Self.short($0)) s" } ?? ""
            let value = fault.value.map { " \(Self.short($0))" } ?? ""
            return "\(fault.device ?? "bench") \(fault.fault)\(value)\(span)"
        case .kill(let losesPower, let away):
            return "\(losesPower ? "power cut" : "kill -9"), away for \(Self.short(away.seconds)) s"
        case .stop(let away): return "SIGTERM, away for \(Self.short(away.seconds)) s"
        case .diskFull(let span): return "disk full for \(Self.short(span.seconds)) s"
        case .diskBroken(let span): return "disk broken for \(Self.short(span.seconds)) s"
        case .diskHangs(let span): return "disk hangs for \(Self.short(span.seconds)) s"
        case .slowAnalysis(let by, let span):
            return "analysis slower by \(Self.short(by.seconds)) s for \(Self.short(span.seconds)) s"
        case .heldUp(let span): return "control loop held up for \(Self.short(span.seconds)) s"
        case .clockJump(let by): return "wall clock set by \(Self.short(by.seconds)) s"
        case .safeStateTrigger: return "somebody triggers the safe state"
        }
    }

    private static func short(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}

extension Adversity {
    /// All that goes wrong in one trial, in order of time; drawn from the seed alone.
    /// - Parameters:
    ///   - devices: whose faults there are.
    ///   - meanGap: seconds between two of them; nil: drawn, for some trials are calm and some are hell.
    static func schedule(
        _ generator: inout Generator, of devices: [String], from: Double, to: Double, meanGap: Double? = nil
    ) -> [Adversity] {
        let meanGap = meanGap ?? [15.0, 40, 90, 240][generator.integer(4)]
        let boards = devices.filter(VirtualBench.isBoard)
        var (seconds, all) = (from, [Adversity]())
        while true {
            seconds += -meanGap * log(1 - generator.uniform())
            guard seconds < to else { return all }
            var one = Adversity(at: .zero + .seconds(seconds), kind: kind(&generator, devices, boards))
            if !boards.isEmpty, one.leavesBoards { one.waitsForGas = generator.isLucky(0.7) }
            all.append(one)
        }
    }

    /// The boards, or one of them, hear nothing of the host any more.
    private var leavesBoards: Bool {
        switch kind {
        case .kill, .heldUp: true
        case .fault(let fault): fault.fault == "unplug" && VirtualBench.isBoard(fault.device ?? "")
        case .stop, .diskFull, .diskBroken, .diskHangs, .slowAnalysis, .clockJump, .safeStateTrigger: false
        }
    }

    private static func kind(_ generator: inout Generator, _ devices: [String], _ boards: [String]) -> Kind {
        switch generator.integer(100) {
        case 0..<62: .fault(fault(&generator, devices, boards))
        case 62..<70:
            .kill(losesPower: generator.integer(2) == 0, awayFor: .seconds(generator.uniform(0.2, 20)))
        case 70..<73: .stop(awayFor: .seconds(generator.uniform(0.2, 20)))
        case 73..<77: .diskFull(for: .seconds(generator.uniform(1, 120)))
        case 77..<80: .diskBroken(for: .seconds(generator.uniform(1, 60)))
        case 80..<84: .diskHangs(for: .seconds(generator.uniform(1, 45)))
        case 84..<90:
            .slowAnalysis(by: .seconds(generator.uniform(0.1, 8)), for: .seconds(generator.uniform(10, 200)))
        case 90..<94: .heldUp(for: .seconds(generator.uniform(0.01, 3)))
        case 94..<97: .clockJump(by: .seconds(generator.uniform(-7200, 7200)))
        default: .safeStateTrigger
        }
    }

    private static func fault(
        _ generator: inout Generator, _ devices: [String], _ boards: [String]
    ) -> FaultCommand {
        // One line and one supply for many devices: more often than each of the others.
        let isOfBoard = !boards.isEmpty && generator.isLucky(0.2)
        let device = isOfBoard ? boards[generator.integer(boards.count)] : devices[generator.integer(devices.count)]
        let faults = VirtualBench.faults(of: device).filter { $0 != .refill && $0 != .limitReset }
        let fault = faults[generator.integer(faults.count)]
        let span = fault.isMomentary ? nil : [0.3, 2, 10, 60, 300][generator.integer(5)] * generator.uniform(0.5, 1.5)
        return FaultCommand(device: device, fault: fault.rawValue, forSeconds: span, value: value(fault, &generator))
    }

    private static func value(_ fault: Fault, _ generator: inout Generator) -> Double? {
        switch fault {
        case .delay: generator.uniform(0.01, 4)
        case .slow, .leak: generator.uniform(0.3, 0.98)
        case .sensorOffset: generator.uniform(-20, 20)
        case .lampDrift, .lampStep: generator.uniform(-0.5, 0.2)
        case .plateTemperature: generator.uniform(60, 172)
        default: nil
        }
    }
}

extension Generator {
    /// Each of 0 to `count` - 1 as often.
    mutating func integer(_ count: Int) -> Int { Int(next() % UInt64(count)) }
    mutating func isLucky(_ probability: Double) -> Bool { uniform() < probability }
    mutating func span(_ low: Double, _ high: Double) -> WireDuration { .seconds(uniform(low, high)) }
}

extension WireDuration {
    static func microseconds(_ count: Int64) -> WireDuration { WireDuration(nanoseconds: count * 1000) }
}
