import CBoardFirmware
import Quantities
import Wire

/// A microcontroller board that runs the reference firmware's own core: what a board does it does here by the same C code.
///
/// Its clock is its own, and it lives from event to event: the arrival of a byte, a step, and what the core says is due.
struct SimulatedBoard: Accessory {
    /// How a board of this simulation differs from the chip's data sheet.
    struct Unit: Sendable {
        let model: BoardThings.Model
        let link: String
        let serial: String
        /// Its clock's error, parts per million.
        let drift: Double
    }

    /// Each of both ends a frame's byte takes so long at 115200 baud.
    static let byteTime = 86.8
    /// No bootloader takes longer; while it runs the board hears nothing.
    static let startTime = WireDuration.milliseconds(300)

    let unit: Unit
    private var core: BoardCore
    private var things: BoardThings
    /// Where the board is on the host's clock; never goes back, and is a frame ahead of the bench at most.
    private var wire: WireInstant
    private var began: WireInstant
    private var deafUntil: WireInstant
    private var starts: UInt16 = 0
    private var unasked: [UInt8] = []
    private var faults: [Fault: Double] = [:]

    init(_ unit: Unit, at now: Moment) {
        self.unit = unit
        (wire, began, deafUntil) = (now.wire, now.wire, now.wire)
        things = BoardThings(unit.model)
        starts = 1
        core = BoardCore(unit.model, serial: unit.serial, starts: starts, cause: FLOWLAB_RESET_CAUSE_POWER_ON)
        // Nobody listens yet.
        _ = core.transmitted(at: 0)
    }

    private mutating func start(_ cause: flowlab_reset_cause_code) {
        starts &+= 1
        began = wire
        deafUntil = wire + Self.startTime
        core = BoardCore(unit.model, serial: unit.serial, starts: starts, cause: cause)
        drain()
    }

    /// Microseconds of its own clock.
    private func microseconds(_ instant: WireInstant) -> UInt32 {
        let gone = Double((instant - began).nanoseconds) / 1000
        return UInt32(truncatingIfNeeded: Int64((gone * (1 + unit.drift / 1e6)).rounded(.down)))
    }

    // MARK: The line

    mutating func receive(_ bytes: [UInt8], link: String, connection: Int, at now: Moment) -> [TimedReply] {
        advance(to: now)
        guard wire >= deafUntil else { return [] }
        let before = unasked
        unasked = []
        for byte in bytes {
            run(to: wire + Self.span(Self.byteTime))
            core.receive(byte, at: microseconds(wire))
            poll()
        }
        defer { unasked = before }
        guard !unasked.isEmpty else { return [] }
        // Its last byte is there when the line has carried all of them.
        let due = max(now.wire, wire) + Self.span(Self.byteTime * Double(unasked.count))
        return [TimedReply(bytes: unasked, due: due)]
    }

    mutating func takeUnasked() -> [(link: String, bytes: [UInt8])] {
        defer { unasked = [] }
        return unasked.isEmpty ? [] : [(unit.link, unasked)]
    }

    private static func span(_ microseconds: Double) -> WireDuration {
        WireDuration(nanoseconds: Int64((microseconds * 1000).rounded()))
    }

    // MARK: Time

    mutating func advance(to now: Moment) { run(to: now.wire) }

    private mutating func run(to end: WireInstant) {
        while wire < end {
            let due = UInt64(core.nextDue(at: microseconds(wire)))
            // Not less than a tick, since its clock is another.
            let next = min(end, wire + Self.span(Double(max(1, min(due, 1_000_000)))))
            let step = things.nextStep(of: &core, from: wire)
            wire = max(wire, min(next, step?.at ?? next))
            things.move(to: wire)
            if let step, step.at <= wire { things.step(step.axis, &core, at: wire) }
            poll()
        }
    }

    private mutating func poll() {
        things.setInputs(of: &core, faults)
        core.poll(at: microseconds(wire))
        things.take(&core, at: wire)
        drain()
    }

    private mutating func drain() { unasked += core.transmitted(at: microseconds(wire)) }

    // MARK: Faults and truth

    mutating func set(_ faults: [Fault: Double]) { self.faults = faults }

    mutating func happen(_ fault: Fault, _ value: Double, at now: Moment) {
        guard fault == .boardRestart else { return }
        advance(to: now)
        start(FLOWLAB_RESET_CAUSE_EXTERNAL)
        things.take(&core, at: wire)
    }

    var truth: [String: JSONValue] {
        var all = things.truth
        var core = core
        all["state"] = .integer(Int64(core.state()))
        all["starts"] = .integer(Int64(starts))
        return all
    }
}

extension VirtualBench {
    /// The member of a board's truth that tells whether what hangs on a channel is on, or moves; nil: nothing there can be.
    public static func boardMember(_ channel: UInt8, of accessory: String) -> String? {
        BoardThings.Model(rawValue: accessory).flatMap { BoardThings.member(channel, of: $0) }
    }

    /// Whether a device, as faults name it, is a board.
    public static func isBoard(_ device: String) -> Bool {
        AccessoryCatalog.entry(ofLink: device).map { BoardThings.Model(rawValue: $0.name) != nil } ?? false
    }
}

extension Fault {
    /// Its reset button: everything on it is off, and it knows nothing of its host.
    public static let boardRestart = Fault("board_restart", .accessory, momentary: true)
}

extension SimulatedBoard {
    static let uno = entry(
        Unit(model: .uno, link: "uno", serial: "UNO-0001", drift: 1200),
        "an Arduino Uno with two gas valves and a stepper (firmware-protocol)")
    static let stm32 = entry(
        Unit(model: .stm32f103, link: "stm32", serial: "STM-0001", drift: -35),
        "an STM32F103 with two peristaltic pumps, a stepper and a heater (firmware-protocol)")

    private static func entry(_ unit: Unit, _ summary: String) -> AccessoryEntry {
        AccessoryEntry(
            unit.model.rawValue, summary, links: [AccessoryLink(name: unit.link, transport: .serial)],
            faults: [.boardRestart, .emergencyStop, .blockSensorOpen], make: { SimulatedBoard(unit, at: $0) })
    }
}
