import Quantities
import Wire

/// The accessories of one bench, on its links and in its time.
extension VirtualBench {
    /// One that is fitted.
    struct Fitted: Sendable {
        let entry: AccessoryEntry
        var device: any Accessory
        /// As last written to the truth log.
        var shown: [String: JSONValue] = [:]
        var links: [AccessoryLink] { entry.links }
    }

    /// Every link of this bench.
    public var links: [String] { Self.linkNames + accessories.flatMap { $0.links.map(\.name) } }

    /// How an accessory's link is reached; nil for the plant's own.
    public static func transport(of link: String) -> AccessoryLink.Transport? {
        AccessoryCatalog.entry(ofLink: link)?.links.first { $0.name == link }?.transport
    }

    /// The accessories that hang on any of these links, by their names.
    public static func accessories(on links: Set<String>) -> [String] {
        AccessoryCatalog.entries.filter { $0.links.contains { links.contains($0.name) } }.map(\.name)
    }

    /// The links of every accessory that there is, by its name.
    public static var accessoryLinks: [String: [String]] {
        Dictionary(AccessoryCatalog.entries.map { ($0.name, $0.links.map(\.name)) }, uniquingKeysWith: { $1 })
    }

    static func fit(_ names: [String], at now: Moment) -> [Fitted] {
        AccessoryCatalog.entries.filter { names.contains($0.name) }.map { Fitted(entry: $0, device: $0.make(now)) }
    }

    func accessory(on link: String) -> Int? {
        accessories.firstIndex { $0.links.contains { $0.name == link } }
    }

    /// A connection begins; only who speaks first has something to say.
    public mutating func connect(_ link: String, connection: Int = 0, at now: WireInstant) {
        guard let index = accessory(on: link) else { return }
        let banner = accessories[index].device.greeting(on: link)
        if !banner.isEmpty { emit(banner, link, connection, due: now + .milliseconds(1)) }
    }

    /// Bytes for one of them; false where the link is none of theirs.
    mutating func receiveAccessory(_ bytes: [UInt8], _ link: String, _ connection: Int, at now: Moment) -> Bool {
        guard let index = accessory(on: link) else { return false }
        if Self.transport(of: link) == .modbus {
            receiveModbusTCP(bytes, link, connection, at: now)
            return true
        }
        accessories[index].device.advance(to: now)
        let replies = accessories[index].device.receive(bytes, link: link, connection: connection, at: now)
        for reply in replies { emit(reply.bytes, link, connection, due: reply.due) }
        if notes(index) { record(.accessories) }
        return true
    }

    mutating func answerAccessory(_ pdu: [UInt8], at index: Int, _ now: Moment) -> [UInt8] {
        accessories[index].device.advance(to: now)
        defer { if notes(index) { record(.accessories) } }
        return accessories[index].device.handle(pdu, at: now)
    }

    /// One step of the plant.
    mutating func stepAccessories(to end: BenchInstant) {
        guard !accessories.isEmpty else { return }
        let now = Moment(wire: clock.wire(of: end), bench: end, wall: .zero)
        for index in accessories.indices {
            accessories[index].device.advance(to: now)
            accessories[index].device.meet(&plant, &table)
            for said in accessories[index].device.takeUnasked() { emit(said.bytes, said.link, 0, due: now.wire) }
        }
        noteAccessories()
    }

    mutating func applyAccessoryFaults() {
        for index in accessories.indices {
            let names = Set(accessories[index].links.map(\.name))
            let active = faults.active.filter { names.contains($0.device) && $0.fault.target == .accessory }
            accessories[index].device.set(
                Dictionary(active.map { ($0.fault, $0.value) }, uniquingKeysWith: { $1 }))
        }
    }

    /// A change of what is really so makes a record of truth.
    mutating func noteAccessories() {
        var changed = false
        for index in accessories.indices where notes(index) { changed = true }
        if changed { record(.accessories) }
    }

    /// Whether what is really so of one of them has changed.
    private mutating func notes(_ index: Int) -> Bool {
        let truth = accessories[index].device.truth
        guard truth != accessories[index].shown else { return false }
        accessories[index].shown = truth
        return true
    }

    /// What is really so of all of them, by name; with what stands about.
    var accessoryTruth: [String: JSONValue] {
        guard !accessories.isEmpty else { return [:] }
        var all = Dictionary(
            accessories.map { ($0.entry.name, JSONValue.object($0.shown)) }, uniquingKeysWith: { $1 })
        all["table"] = .object([
            "spilled_ul": .number((table.spilled * 1e3).rounded() / 1e3),
            "dropped": .integer(Int64(table.dropped)), "discarded": .integer(Int64(table.discarded)),
            "cuvettes": .object(
                Dictionary(
                    table.cuvettes.map {
                        ("\($0.key)", JSONValue.number(($0.value.microliters * 1e3).rounded() / 1e3))
                    },
                    uniquingKeysWith: { $1 })),
        ])
        return all
    }
}
