import DeviceModel
import Drivers
import Interlocks
import Quantities

/// A driver on a virtual clock, with an interlock engine that judges each write it wants.
///
/// What it promises whatever the wire says: a write that actuates belongs to a command that is under way and to the
/// present trip epoch; nothing is written to a closed link; each command ends once; deadlines move on; memory is bounded.
struct DriverBench {
    static let device: DeviceName = "dut"
    /// Of all collections that a driver may hold on to.
    static let mostElements = 12_000
    /// Deadlines at one instant; more means that the driver spins.
    static let mostLooks = 200

    private(set) var driver: any Driver
    private let deviceClass: DeviceClass
    private var engine: InterlockEngine
    private var wire = WireInstant.zero
    private var isOpen = false
    private var wantsReopening = false
    private var issued: [CommandID: (consequence: DeviceCommand.Consequence, hasEnded: Bool)] = [:]
    private(set) var lastRequest: ModbusRequest?
    private(set) var lastRelay: RelayRequest?
    private(set) var lastSent: [UInt8] = []

    init(_ entry: DriverEntry, _ settings: DriverSettings) {
        driver = entry.make(Self.device, settings)
        deviceClass = entry.deviceClass
        engine = InterlockEngine(rules: [], devices: [Self.device: entry.deviceClass])
    }

    private var now: Moment { Moment(wire: wire, bench: BenchInstant(nanoseconds: wire.nanoseconds), wall: .zero) }

    mutating func handle(_ event: LinkEvent) throws(BrokenPromise) {
        switch event {
        case .opened: isOpen = true
        case .closed: isOpen = false
        case .received, .modbus, .relayed: guard isOpen else { return }
        case .deadline, .present: break
        }
        try judge(driver.handle(event, at: now))
        try reopenIfAsked()
    }

    /// A latch in the way is reset first: this is about the driver.
    mutating func execute(_ command: DeviceCommand) throws(BrokenPromise) {
        guard command.deviceClass == deviceClass else { return }
        _ = try? engine.reset(InterlockEngine.manualTrigger, at: now)
        let permit: PermittedCommand
        do throws(PermitRefusal) {
            permit = try engine.permit(command, for: Self.device, at: now)
        } catch {
            throw BrokenPromise(description: "no permit: \(error)")
        }
        let id = CommandID(number: UInt64(issued.count + 1))
        issued[id] = (command.consequence, false)
        try judge(driver.execute(permit, as: id, at: now))
        try reopenIfAsked()
    }

    mutating func trip() throws(BrokenPromise) {
        _ = engine.trigger(InterlockEngine.manualTrigger, reason: "fuzz", at: now)
        try judge(driver.dropActuation(at: now))
        let left = issued.values.filter { $0.consequence == .actuates && !$0.hasEnded }
        try promise(left.isEmpty, "\(left.count) actuations outlive a trip")
        try reopenIfAsked()
    }

    /// Lets time pass, with every deadline on the way.
    mutating func wait(_ span: WireDuration) throws(BrokenPromise) {
        let end = wire + span
        var looks = 0
        while let deadline = driver.deadline, deadline <= end {
            looks = deadline <= wire ? looks + 1 : 0
            try promise(looks < Self.mostLooks, "the deadline \(deadline.seconds) s does not move on")
            wire = max(wire, deadline)
            try handle(.deadline)
        }
        wire = end
    }

    /// All is quiet, then the link goes: every command has ended by now.
    mutating func end() throws(BrokenPromise) {
        try wait(.seconds(60))
        try handle(.closed(reason: "the end"))
        let unfinished = issued.filter { !$0.value.hasEnded }.keys.sorted()
        try promise(unfinished.isEmpty, "commands \(unfinished.map(\.number)) have no outcome")
        try checkMemory()
    }

    func checkMemory() throws(BrokenPromise) {
        let held = elements(of: driver)
        try promise(held < Self.mostElements, "the driver holds \(held) elements")
    }

    private mutating func reopenIfAsked() throws(BrokenPromise) {
        guard wantsReopening else { return }
        wantsReopening = false
        try handle(.closed(reason: "reopening"))
        try handle(.opened(identity: "fuzz"))
    }

    private mutating func judge(_ effects: [DriverEffect]) throws(BrokenPromise) {
        for effect in effects {
            switch effect {
            case .send(let bytes, let authority):
                try judge(authority, isUrgent: false)
                lastSent = bytes
            case .modbus(let request, let authority, let urgent):
                try judge(authority, isUrgent: urgent)
                lastRequest = request
            case .relay(let request, let authority):
                try judge(authority, isUrgent: request.isUrgent, goesOn: true)
                lastRelay = request
            case .relayed, .channels, .executed: continue
            case .finished(let id, _):
                try promise(issued[id]?.hasEnded == false, "command \(id.number) ends twice, or was never given")
                issued[id]?.hasEnded = true
            case .reopen: wantsReopening = true
            case .reading(let reading):
                try promise(reading.value.isFinite || reading.quality == .bad, "\(reading.signal) is \(reading.value)")
            case .confirmed(let id):
                try promise(issued[id]?.hasEnded == false, "command \(id.number) is confirmed when it has ended")
            case .result(let result):
                let numbers = result.wavelengths + result.columns.flatMap(\.values)
                try promise(numbers.allSatisfy(\.isFinite), "a result of \(result.file) with what is no number")
                try promise(issued[result.command]?.hasEnded == false, "a result of a command that has ended")
            case .state, .readBack, .burst: continue
            }
        }
    }

    /// - Parameter goesOn: what a command began may be said again after its end.
    private func judge(_ authority: WriteAuthority, isUrgent: Bool, goesOn: Bool = false) throws(BrokenPromise) {
        try promise(isOpen, "a write to a closed link")
        guard case .permit(let stamp) = authority else { return try promise(!isUrgent, "an urgent question") }
        try promise(engine.admits(authority), "a write of an earlier trip epoch")
        try promise(!isUrgent || stamp.makesSafe, "an urgent write that does not make safe")
        let wanted: DeviceCommand.Consequence = stamp.makesSafe ? .makesSafe : .actuates
        let isWanted = issued.values.contains { $0.consequence == wanted && (!$0.hasEnded || goesOn) }
        try promise(isWanted, "a write that no command asked for")
    }
}

/// Of all collections inside a value; bytes and registers count as they are.
private func elements(of value: Any) -> Int {
    let mirror = Mirror(reflecting: value)
    let inside = { mirror.children.reduce(0) { $0 + elements(of: $1.value) } }
    guard mirror.displayStyle == .collection else { return inside() }
    let isPlain = mirror.children.first.map { $0.value is UInt8 || $0.value is UInt16 } ?? true
    return mirror.children.count + (isPlain ? 0 : inside())
}
