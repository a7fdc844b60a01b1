import Quantities
import Wire

/// A Runze SV-06 selector valve of six ports, as its serial line (57600 8N1) shows it: behind the cells, port 1 leads to
/// waste, port 2 to the filler of the cuvettes, the others are plugged.
///
/// Source of frames, functions and status codes: flowchem 1.1.6, `devices/runze`; of the reset position between the last
/// port and port 1, which connects nothing: Runze's data sheet of the SV-06. No public source says what a query of the
/// position answers there, or after a stop between two ports: here it is status 06, unknown location.
struct RunzeValve: Accessory {
    enum Status {
        static let good: UInt8 = 0x00, frameError: UInt8 = 0x01, parameterError: UInt8 = 0x02
        static let busy: UInt8 = 0x04, stalled: UInt8 = 0x05, unknownLocation: UInt8 = 0x06
        static let accepted: UInt8 = 0xfe, unknownError: UInt8 = 0xff
    }

    private struct Move {
        /// nil: the reset position.
        let target: Int?
        let ends: BenchInstant
    }

    static let ports = 6
    /// Bench seconds from a port to the next.
    static let portTime = 0.4
    static let replyDelay = WireDuration.milliseconds(10)
    static let waste = 1, filler = 2

    private var address: UInt8 = 1
    /// Where the rotor is; nil between two ports.
    private var port: Int? = Self.waste
    private var move: Move?
    private var isStalled = false
    /// It does not know where it stands: it has lost count, or was stopped between two ports.
    private var isLost = false
    private var faults: [Fault: Double] = [:]
    private var frames = RunzeFrames()
    private var busyUntil = WireInstant.zero

    var truth: [String: JSONValue] {
        ["port": port.map { .integer(Int64($0)) } ?? .null, "moving": .bool(move != nil)]
    }

    mutating func receive(_ bytes: [UInt8], link: String, connection: Int, at now: Moment) -> [TimedReply] {
        frames.receive(bytes).compactMap { frame in
            guard frame.address == address, let answer = execute(frame, at: now) else { return nil }
            busyUntil = max(busyUntil, now.wire) + Self.replyDelay
            return TimedReply(
                bytes: RunzeFrames.frame(frame.address, answer.status, answer.value), due: busyUntil)
        }
    }

    mutating func disconnect(link: String, connection: Int) { frames = RunzeFrames() }

    mutating func set(_ faults: [Fault: Double]) {
        self.faults = faults
        if faults[.lostPosition] != nil { isLost = true }
    }

    mutating func advance(to now: Moment) {
        guard let move, now.bench >= move.ends else { return }
        self.move = nil
        isStalled = faults[.stuck] != nil
        guard !isStalled else { return }
        port = move.target
        isLost = faults[.lostPosition] != nil
    }

    mutating func meet(_ plant: inout Plant, _ table: inout Worktable) {
        let open = move == nil ? port : nil
        plant.isOutletBlocked = open != Self.waste && open != Self.filler
        if open == Self.filler { table.pour(plant.totalFlow * Plant.timeStep) }
    }

    private mutating func execute(_ frame: RunzeFrames.Request, at now: Moment) -> (status: UInt8, value: UInt16)? {
        guard frame.isSound else { return (Status.frameError, 0) }
        if frame.isFactory { return setUp(frame) }
        switch frame.function {
        case 0x44: return (go(to: Int(frame.value), at: now), 0)
        case 0x45: return (begin(nil, portsAway: isLost ? Self.ports : port ?? Self.ports, at: now), 0)
        case 0x49: return (stop(), 0)
        case 0x4a: return (motorStatus, 0)
        case 0x3e:
            guard move == nil else { return (Status.busy, 0) }
            guard let port, !isLost else { return (Status.unknownLocation, 0) }
            return (Status.good, UInt16(port))
        case 0x20: return (Status.good, UInt16(address))
        // Its speeds are this one's settings, turns a minute.
        case 0x27: return (Status.good, 200)
        case 0x2b: return (Status.good, 100)
        default: return (Status.unknownError, 0)
        }
    }

    /// A factory frame: of those only the change of the address is known.
    private mutating func setUp(_ frame: RunzeFrames.Request) -> (status: UInt8, value: UInt16)? {
        guard frame.function == 0x00, frame.value <= 0xff else { return (Status.parameterError, 0) }
        address = UInt8(frame.value)
        return (Status.good, 0)
    }

    private var motorStatus: UInt8 {
        if move != nil { return Status.busy }
        if isStalled { return Status.stalled }
        return isLost ? Status.unknownLocation : Status.good
    }

    private mutating func go(to target: Int, at now: Moment) -> UInt8 {
        guard (1...Self.ports).contains(target) else { return Status.parameterError }
        let upwards = port.map { (target - $0 + Self.ports) % Self.ports } ?? Self.ports
        let away = isLost ? Self.ports : min(upwards, port == nil ? upwards : Self.ports - upwards)
        return begin(target, portsAway: away, at: now)
    }

    private mutating func begin(_ target: Int?, portsAway: Int, at now: Moment) -> UInt8 {
        guard move == nil else { return Status.busy }
        isStalled = false
        move = Move(target: target, ends: now.bench + .seconds(Double(portsAway) * Self.portTime))
        return Status.accepted
    }

    private mutating func stop() -> UInt8 {
        if let move, move.target != port { (port, isLost) = (nil, true) }
        move = nil
        return Status.good
    }
}

extension RunzeValve {
    static let outletValve = AccessoryEntry(
        "outlet_valve", "Runze SV-06 behind the cells: port 1 to waste, port 2 to the filler of the cuvettes",
        links: [AccessoryLink(name: "outlet_valve", transport: .serial)], faults: [.stuck, .lostPosition]
    ) { _ in RunzeValve() }
}

extension Fault {
    /// The valve has lost count of its ports, until it has moved without this fault.
    public static let lostPosition = Fault("lost_position", .accessory)
}

/// The frames of Runze's valves: `CC address function value DD sum`, numbers with the low byte first; a factory frame has
/// a password before its value of four bytes. The sum is that of all bytes before it.
struct RunzeFrames: Sendable {
    struct Request: Sendable, Equatable {
        let address: UInt8
        let function: UInt8
        let value: UInt32
        let isFactory: Bool
        /// Whether its end and its sum are right.
        let isSound: Bool
    }

    private static let password: [UInt8] = [0xff, 0xee, 0xbb, 0xaa]
    private var input: [UInt8] = []

    /// The frames that have become whole; what comes before a head is dropped.
    mutating func receive(_ bytes: [UInt8]) -> [Request] {
        var requests: [Request] = []
        for byte in bytes where !input.isEmpty || byte == 0xcc {
            input.append(byte)
            let isFactory = input.count > 6 && Array(input[3..<7]) == Self.password
            guard input.count >= 14 || (input.count >= 8 && !isFactory) else { continue }
            requests.append(Self.request(input, isFactory))
            input = []
        }
        return requests
    }

    private static func request(_ frame: [UInt8], _ isFactory: Bool) -> Request {
        let end = frame.count - 3
        let value = frame[(isFactory ? 7 : 3)..<end].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let isSound = frame[end] == 0xdd && Array(frame.suffix(2)) == sum(frame.dropLast(2))
        return Request(
            address: frame[1], function: frame[2], value: value, isFactory: isFactory, isSound: isSound)
    }

    static func frame(_ address: UInt8, _ status: UInt8, _ value: UInt16) -> [UInt8] {
        let frame = [0xcc, address, status, UInt8(value & 0xff), UInt8(value >> 8), 0xdd]
        return frame + sum(frame[...])
    }

    private static func sum(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        let total = bytes.reduce(0) { $0 + Int($1) }
        return [UInt8(total & 0xff), UInt8(total >> 8 & 0xff)]
    }
}
