import Quantities
import Wire

/// An Ismatec Reglo ICC peristaltic pump, four channels, as its serial line shows it.
///
/// Source: IDEX, REGLO ICC manual 14-036 rev. C and D, chapters 14 to 18; the PyPI client `ismatec` 1.5.2. What neither of
/// them says is marked as this simulation's own.
struct IsmatecRegloICC: Accessory {
    static let link = "tubing_pump"
    static let channelCount = 4

    var channels = [RegloChannel](repeating: RegloChannel(), count: channelCount)
    /// Off: the number before a command is the pump's address, and the command is for all channels.
    var addressesChannels = false
    var address = 1
    /// Whether it says by itself what its channels do.
    var tellsEvents = true
    private var jammed = false
    private var input = TerminatedInput(endedBy: "\r\n")
    private var replies = ReplyQueue(delay: .milliseconds(10))
    private var now: BenchInstant
    private var unasked: [UInt8] = []
    /// More is not kept for a host that does not look.
    private static let mostUnasked = 1000

    init(at now: Moment) { self.now = now.bench }

    mutating func receive(_ bytes: [UInt8], link: String, connection: Int, at now: Moment) -> [TimedReply] {
        input.requests(bytes).compactMap { request in
            answer(request).map { replies.reply($0, at: now.wire) }
        }
    }

    mutating func disconnect(link: String, connection: Int) { input.clear() }

    mutating func advance(to now: Moment) {
        let seconds = (now.bench - self.now).seconds
        guard seconds > 0 else { return }
        self.now = now.bench
        for index in channels.indices {
            if channels[index].advance(by: seconds) { tell("^X\(index + 1)|A") }
        }
    }

    mutating func set(_ faults: [Fault: Double]) {
        jammed = faults[.jammed] != nil
        guard jammed else { return }
        // It has stopped, and says no more than that.
        for index in channels.indices { channels[index].stop() }
    }

    mutating func happen(_ fault: Fault, _ value: Double, at now: Moment) {
        guard fault == .restart else { return }
        for index in channels.indices {
            channels[index].stop()
            channels[index].forget()
        }
        (addressesChannels, tellsEvents) = (false, true)
        input.clear()
    }

    mutating func takeUnasked() -> [(link: String, bytes: [UInt8])] {
        guard !unasked.isEmpty else { return [] }
        defer { unasked = [] }
        return [(Self.link, unasked)]
    }

    var truth: [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        for (index, channel) in channels.enumerated() {
            members["flow_\(index + 1)_ul_min"] = .number(channel.trueFlow)
            members["pumped_\(index + 1)_ul"] = .number(channel.pumped)
        }
        return members
    }

    /// Starts channels, or none of them where one cannot. Source: the manual has `-` for settings that cannot be, whose cause
    /// `xe` tells; the client `ismatec` gets `#` from a channel that runs already.
    mutating func start(_ indices: Range<Int>) -> String {
        guard !indices.contains(where: { channels[$0].isRunning }) else { return "#" }
        guard !jammed else {
            for index in indices { channels[index].cause = .rate }
            return "-"
        }
        for index in indices where channels[index].start() != nil {
            for started in indices { channels[started].stop() }
            return "-"
        }
        for index in indices { tell("^U\(index + 1)|A|0|0|0") }
        return "*"
    }

    mutating func stop(_ indices: Range<Int>) {
        for index in indices where channels[index].isRunning {
            channels[index].stop()
            tell("^X\(index + 1)|1")
        }
    }

    private mutating func tell(_ event: String) {
        guard tellsEvents, unasked.count < Self.mostUnasked else { return }
        unasked += Array((event + "\r\n").utf8)
    }
}

extension RegloChannel {
    /// All but what has gone through the tube.
    mutating func forget() {
        let pumped = pumped
        self = RegloChannel(pumped: pumped)
    }
}

extension IsmatecRegloICC {
    static let entry = AccessoryEntry(
        "tubing_pump", "Ismatec Reglo ICC peristaltic pump, four channels, 9600 baud",
        links: [AccessoryLink(name: link, transport: .serial)], faults: [.jammed, .restart],
        make: { IsmatecRegloICC(at: $0) })
}

extension Fault {
    /// Something holds the rollers: every channel stops, and none starts.
    public static let jammed = Fault("jammed", .accessory)
    /// Power lost and back: it forgets its modes and settings.
    public static let restart = Fault("restart", .accessory, momentary: true)
}
