import Quantities
import Wire

/// A simulated device beside the plant's own: its links, its wire protocol, and faults of its own. It is written to the
/// vendor's protocol, and is as idle as the device itself: it moves when it is told, and in its own time.
protocol Accessory: Sendable {
    /// What it puts on a connection before anybody asks, such as a banner.
    func greeting(on link: String) -> [UInt8]

    /// Bytes from the host; on a Modbus link it gets requests instead.
    mutating func receive(_ bytes: [UInt8], link: String, connection: Int, at now: Moment) -> [TimedReply]

    /// One Modbus request, function and data; malformed ones get an exception.
    mutating func handle(_ pdu: [UInt8], at now: Moment) -> [UInt8]

    /// The host's end of a connection is gone: half a request is forgotten.
    mutating func disconnect(link: String, connection: Int)

    /// Time passes; what moves moves on. Called ten times a bench second at least, and before anything else is.
    mutating func advance(to now: Moment)

    /// The faults that are active on it, each with its value; all others are gone.
    mutating func set(_ faults: [Fault: Double])

    /// A momentary fault.
    mutating func happen(_ fault: Fault, _ value: Double, at now: Moment)

    /// What it says without being asked, by link, since the last call.
    mutating func takeUnasked() -> [(link: String, bytes: [UInt8])]

    /// What it does to the plant and to what stands about, and they to it; once for each step of the plant.
    mutating func meet(_ plant: inout Plant, _ table: inout Worktable)

    /// What is really so, for the truth log: a flat object of numbers, booleans and texts.
    var truth: [String: JSONValue] { get }
}

extension Accessory {
    func greeting(on link: String) -> [UInt8] { [] }
    mutating func receive(_ bytes: [UInt8], link: String, connection: Int, at now: Moment) -> [TimedReply] { [] }
    mutating func handle(_ pdu: [UInt8], at now: Moment) -> [UInt8] { [(pdu.first ?? 0) | 0x80, 1] }
    mutating func disconnect(link: String, connection: Int) {}
    mutating func set(_ faults: [Fault: Double]) {}
    mutating func happen(_ fault: Fault, _ value: Double, at now: Moment) {}
    mutating func takeUnasked() -> [(link: String, bytes: [UInt8])] { [] }
    mutating func meet(_ plant: inout Plant, _ table: inout Worktable) {}
}

/// How an accessory is reached.
public struct AccessoryLink: Hashable, Sendable {
    public enum Transport: String, Sendable { case serial, tcp, modbus, folder }

    public let name: String
    public let transport: Transport
}

/// What is known of an accessory before one is made.
public struct AccessoryEntry: Sendable {
    /// As `flowlab-sim --with` names it.
    public let name: String
    /// One line for people.
    public let summary: String
    public let links: [AccessoryLink]
    /// What can go wrong with it beyond its links, under the name of its first link.
    let ownFaults: [Fault]
    let make: @Sendable (Moment) -> any Accessory

    init(
        _ name: String, _ summary: String, links: [AccessoryLink], faults: [Fault],
        make: @escaping @Sendable (Moment) -> any Accessory
    ) {
        self.name = name
        self.summary = summary
        self.links = links
        ownFaults = faults
        self.make = make
    }

    func faults(of link: String) -> [Fault] { link == links.first?.name ? ownFaults : [] }
}

/// Every accessory is one line here and one file or folder beside this one.
public enum AccessoryCatalog {
    public static let entries: [AccessoryEntry] = [
        ViciActuator.feedValve,
        ViciActuator.reagentSelector,
        RunzeValve.outletValve,
        IsmatecRegloICC.entry,
        AlicatMFC.entry,
        BronkhorstMFC.entry,
        ThorlabsDC4100.entry,
        WatlowEZZone.entry,
        RobotArm.entry,
        DobotMagician.entry,
        CDSpectrometer.entry,
        SimulatedBoard.uno,
        SimulatedBoard.stm32,
    ]

    static func entry(ofLink link: String) -> AccessoryEntry? {
        entries.first { $0.links.contains { $0.name == link } }
    }
}
