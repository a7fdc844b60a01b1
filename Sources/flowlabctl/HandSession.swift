import ControlAPI
import ControlClient
import Glibc
import Quantities
import Usage
import Wire

/// Devices in the hand of a technician: a lease that is kept as long as the command runs. However it ends, also by Ctrl-C,
/// the daemon stops what was moved.
struct HandSession {
    /// Short, so that a command that hangs holds nothing for long.
    static let lease = 15.0
    private static let renewEvery = WireDuration.seconds(5)
    private static let look = WireDuration.milliseconds(200)
    /// Beyond the time that a pump needs, for its own report.
    private static let patience = WireDuration.seconds(15)

    let context: Context
    let daemon: LastingConnection
    let name: String
    private var renewed = Clock.monotonic

    /// Who answers for it and why, for the audit.
    static let options: [ArgumentParser.Option] = [
        .value("--person", "NAME", "Who answers for it; $USER if left out."),
        .value("--reason", "TEXT", "Why; the command if left out."), .flag("--yes", "Do not ask."),
    ]

    private init(
        _ devices: [String], _ context: Context, _ daemon: LastingConnection, for seconds: Double
    ) throws(Failure) {
        self.context = context
        self.daemon = daemon
        let params = LeaseAcquire.Params(
            devices: devices, person: Self.person(context),
            reason: context.arguments.value("--reason") ?? context.arguments.commandName, durationS: seconds)
        let json = try context.answer(daemon, LeaseAcquire.self, params)
        name = try context.decoded(LeaseShape.self, json).lease
    }

    static func person(_ context: Context) -> String {
        if let given = context.arguments.value("--person") { return given }
        for variable in ["SUDO_USER", "USER", "LOGNAME"] {
            if let value = getenv(variable), value.pointee != 0 { return String(String(cString: value).prefix(100)) }
        }
        return "uid \(getuid())"
    }

    /// Devices in hand for as long as `body` takes; given back also when it fails.
    /// - Parameter seconds: what the lease is for; longer than any one call takes, since none is renewed meanwhile.
    static func holding<Value>(
        _ devices: [String], _ context: Context, _ daemon: LastingConnection, for seconds: Double = lease,
        _ body: (inout HandSession) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        var session = try HandSession(devices, context, daemon, for: seconds)
        let value: Value
        do throws(Failure) {
            value = try body(&session)
        } catch {
            try? session.release()
            throw error
        }
        try session.release()
        return value
    }

    func call<Method: APIMethod>(
        _ method: Method.Type, _ params: Method.Params, patience: WireDuration = DaemonConnection.patience
    ) throws(Failure) -> Method.Result {
        try context.decoded(Method.Result.self, try context.answer(daemon, method, params, patience: patience))
    }

    private func release() throws(Failure) {
        do throws(Failure) {
            _ = try call(LeaseRelease.self, NamedLease(lease: name))
        } catch {
            // It has ended by itself, which is what was wanted.
            guard case .client(.refused(let refusal)) = error, refusal.kind == "unknown_lease" else { throw error }
        }
    }

    mutating func renew() throws(Failure) {
        guard Clock.monotonic - renewed >= Self.renewEvery else { return }
        renewed = Clock.monotonic
        _ = try call(LeaseRenew.self, LeaseRenew.Params(lease: name, durationS: Self.lease))
    }

    /// What these signals show now.
    func values(_ names: [String]) throws(Failure) -> [String: SignalValue] {
        try call(SignalsRead.self, SignalsRead.Params(names: names)).readings
    }

    /// Keeps the lease, and looks again and again, until `isDone` says so.
    /// - Returns: false when `span` was over first.
    mutating func wait(
        atMost span: WireDuration?, _ isDone: (HandSession) throws(Failure) -> Bool
    ) throws(Failure) -> Bool {
        let start = Clock.monotonic
        while try !isDone(self) {
            if let span, Clock.monotonic - start >= span { return false }
            try renew()
            pause(Self.look)
        }
        return true
    }

    private func pause(_ span: WireDuration) {
        var time = timespec(
            tv_sec: Int(span.nanoseconds / 1_000_000_000), tv_nsec: Int(span.nanoseconds % 1_000_000_000))
        nanosleep(&time, nil)
    }

    // MARK: Pumps

    /// Until they have ended by themselves; shows how far they are. A trip on the way ends it.
    mutating func waitUntilStanding(_ starts: [PumpStartShape]) throws(Failure) {
        var line = ProgressLine()
        let longest = starts.map(\.durationS).max() ?? 0
        var ended: Failure?
        let isDone = try wait(atMost: .seconds(longest) + Self.patience) { (session) throws(Failure) in
            let flows = try session.values(starts.map { "pump.\($0.device).flow" })
            if let trip = try session.trip() {
                ended = trip
                return true
            }
            for start in starts {
                let device = try session.call(DevicesGet.self, DevicesGet.Params(device: start.device)).device
                guard device.state != "ready" else { continue }
                ended = .file(
                    "\(device.device) is \(device.state): \(device.detail ?? "no detail"); what it moved is stopped")
                return true
            }
            let running = starts.filter { flows["pump.\($0.device).flow"]?.value != 0 }
            let names = running.map { "\($0.device) \(Show.number($0.flowULMin)) uL/min" }.joined(separator: ", ")
            if running.isEmpty { return true }
            line.show("\(names); at most \(Show.duration(longest)) of bench time; Ctrl-C stops", phase: names)
            return false
        }
        line.finish()
        if let ended { throw ended }
        guard isDone else {
            throw .file("not all pumps have stopped in time; they are stopped now: look at flowlabctl devices")
        }
    }

    /// What a pump has counted so far, forwards or back, uL.
    func counted(_ pump: String, back: Bool) throws(Failure) -> Double {
        // What was never drawn back has no reading, and a pattern finds what there is.
        let found = try values(["pump.\(pump).volume*"])
        return found["pump.\(pump).volume\(back ? ".withdrawn" : "")"]?.value ?? 0
    }

    /// What it has moved since `before`, once its counter has been read after its end; less than it was told when somebody
    /// stopped it.
    mutating func moved(_ start: PumpStartShape, since before: Double) throws(Failure) -> Double {
        let stood = Clock.monotonic
        let isBack = start.flowULMin < 0
        _ = try wait(atMost: Self.patience) { (session) throws(Failure) in
            let age = try session.values(["pump.\(start.device).volume"]).values.first?.ageS ?? .infinity
            return age < (Clock.monotonic - stood).seconds
        }
        return try counted(start.device, back: isBack) - before
    }

    /// What stopped everything, if something did.
    func trip() throws(Failure) -> Failure? {
        guard let latch = try call(SystemStatus.self, Empty()).latchedInterlocks.first else { return nil }
        return .file("stopped: \(latch.interlock): \(latch.cause); \(latch.response)")
    }
}
