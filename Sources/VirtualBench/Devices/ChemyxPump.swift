import Quantities
import Wire

/// A Chemyx Fusion 6000 as its serial line shows it: echo, value lines, prompt, silent clamping.
///
/// Requests are lower-case words ended by CR or CR LF. A reply is the request echoed and CR (or CR LF), text lines
/// joined by CR LF, a last CR LF, and the prompt `>`.
public struct ChemyxPump: Sendable {
    /// How the echoed request ends; captures of different models disagree.
    public enum EchoStyle: String, Sendable, CaseIterable { case cr, crlf, off }

    public var echoStyle: EchoStyle
    public var replyDelay: WireDuration
    /// After a power cycle the pump is deaf until then.
    private var bootedAt: WireInstant = .zero
    private var busyUntil: WireInstant = .zero
    private var line: [UInt8] = []
    private var lastWasCR = false
    var settings = ChemyxSettings()
    var drive = ChemyxDrive()
    /// The stall fault: the drive cannot move.
    var isBlocked = false
    private var blockedSince: BenchInstant?
    private var displaced = 0.0

    static let longestLine = 200
    static let stallDetection = BenchDuration.milliseconds(500)
    static let bootTime = WireDuration.milliseconds(2000)

    public init(echoStyle: EchoStyle = .cr, replyDelay: WireDuration = .milliseconds(10)) {
        self.echoStyle = echoStyle
        self.replyDelay = replyDelay
    }

    /// Takes bytes from the host. Commands act on the drive at `bench`; replies go out in turn.
    public mutating func receive(_ bytes: [UInt8], at wire: WireInstant, bench: BenchInstant) -> [TimedReply] {
        guard wire >= bootedAt else { return [] }
        var replies: [TimedReply] = []
        for byte in bytes {
            let followsCR = lastWasCR
            lastWasCR = byte == UInt8(ascii: "\r")
            if byte == UInt8(ascii: "\n") && followsCR { continue }
            guard byte == UInt8(ascii: "\r") else {
                if line.count < Self.longestLine { line.append(byte) }
                continue
            }
            let request = line
            line = []
            busyUntil = max(busyUntil, wire) + replyDelay
            replies.append(TimedReply(bytes: answer(request, at: bench), due: busyUntil))
        }
        return replies
    }

    /// What the plunger displaced since the last call, uL by the *set* diameter; negative when it withdrew.
    public mutating func displace(to bench: BenchInstant) -> Double {
        move(to: bench)
        defer { displaced = 0 }
        return displaced
    }

    private mutating func move(to bench: BenchInstant) {
        guard isBlocked, drive.state == .running || drive.state == .delayed else {
            blockedSince = nil
            displaced += drive.advance(to: bench)
            return
        }
        // The drive notices after half a second without motion.
        let since = blockedSince ?? bench
        blockedSince = since
        if bench - since >= Self.stallDetection { drive.stall() }
        drive.skip(to: bench)
    }

    /// The plunger has met the end of the syringe.
    public mutating func meetEndOfStroke() { drive.stall() }

    /// The force on the plunger is more than the drive can give.
    public mutating func meetPressureLimit() { drive.stall() }

    /// Rate that the pump believes it delivers, uL/min.
    public var rate: Double { isBlocked ? 0 : drive.rate }
    public var diameterMillimeters: Double { settings.diameter }
    /// 0 stopped, 1 running, 2 paused, 3 delayed, 4 stalled.
    public var status: Int { drive.state.rawValue }

    /// Power lost and back: diameter, units, rate, volume and the run are forgotten.
    public mutating func powerCycle(at wire: WireInstant) {
        settings = ChemyxSettings()
        drive = ChemyxDrive()
        line = []
        bootedAt = wire + Self.bootTime
        busyUntil = bootedAt
    }

    private mutating func answer(_ request: [UInt8], at bench: BenchInstant) -> [UInt8] {
        move(to: bench)
        let lines = execute(request)
        var reply: [UInt8] = []
        switch echoStyle {
        case .cr: reply = request + Array("\r".utf8)
        case .crlf: reply = request + Array("\r\n".utf8)
        case .off: break
        }
        for line in lines { reply += Array((line + "\r\n").utf8) }
        return reply + Array(">".utf8)
    }
}
