import Quantities
import Wire

/// A Thorlabs DC4100 with four LEDs, as its virtual COM port shows it.
///
/// Requests end with LF or CR LF, in either case of letters. Questions get a line; what sets something gets none, and
/// `E?` tells whether it was taken. Source: Thorlabs, micro-manager's adapter `ThorlabsDCxxxx` (`DC4100.cpp`), and acq4's
/// driver; the status bits also in the DC4100 manual, 6.3.24. The numbers and words of errors are this simulation's own.
struct ThorlabsDC4100: Accessory {
    static let link = "led"
    static let channelCount = 4
    private static let largestCurrent = 1000

    struct Channel: Sendable {
        let nanometers: Int
        var isOn = false
        var percent = 0.0
        var milliamperes = 0
        var limit = largestCurrent
        var isLocked = false
    }

    enum Mode: Int, Sendable { case current, percent, external }

    private var channels = [405, 470, 530, 625].map { Channel(nanometers: $0) }
    private var mode = Mode.current
    /// Only one LED may be on at a time.
    private var isSingle = false
    private var lastError = 0
    private var openChannel: Int?
    private var isHot = false
    /// The conditions that the last answer to `R?` showed.
    private var shownStatus = 0
    private var input = TerminatedInput(endedBy: "\n")
    private var replies = ReplyQueue(delay: .milliseconds(5))

    mutating func receive(_ bytes: [UInt8], link: String, connection: Int, at now: Moment) -> [TimedReply] {
        input.requests(bytes).compactMap { request in
            let text = String(decoding: request.filter { $0 != UInt8(ascii: "\r") }, as: UTF8.self)
            return answer(text).map { replies.reply(Array(($0 + "\r\n").utf8), at: now.wire) }
        }
    }

    mutating func disconnect(link: String, connection: Int) { input.clear() }
    mutating func advance(to now: Moment) {}

    mutating func set(_ faults: [Fault: Double]) {
        isHot = faults[.overheated] != nil
        openChannel = faults[.ledOpen].map { Int($0.rounded()) - 1 }
        for index in channels.indices where isHot || index == openChannel { channels[index].isOn = false }
    }

    /// Percent of its full light that each gives, whatever the mode that it is in.
    var truth: [String: JSONValue] {
        var members: [String: JSONValue] = ["mode": .integer(Int64(mode.rawValue))]
        for (index, channel) in channels.enumerated() {
            let percent: Double =
                switch mode {
                case .current: Double(min(channel.milliamperes, channel.limit)) / Double(Self.largestCurrent) * 100
                case .percent: channel.percent
                // Nothing stands at the input.
                case .external: 0
                }
            members["light_\(index + 1)_pct"] = .number(channel.isOn ? percent : 0)
        }
        return members
    }

    /// One bit a condition, and below it one that says that it changed since it was last asked.
    private mutating func status() -> Int {
        var bits = isHot ? 0x8 : 0
        if let openChannel { bits |= 0x2000 << (2 * openChannel) }
        for (index, channel) in channels.enumerated() where mode == .current && channel.milliamperes > channel.limit {
            bits |= 0x20_0000 << (2 * index)
        }
        defer { shownStatus = bits }
        return bits | (bits ^ shownStatus) >> 1
    }
}

/// The commands.
extension ThorlabsDC4100 {
    private enum Failure: Int, Error { case unknown = 1, parameter = 2, range = 3, locked = 4, notPossible = 5 }

    private mutating func answer(_ request: String) -> String? {
        let words = request.split(separator: " ").map { $0.uppercased() }
        guard let command = words.first else { return nil }
        do throws(Failure) {
            if command.hasSuffix("?") { return try shown(String(command.dropLast()), words.dropFirst().first) }
            try set(command, Array(words.dropFirst()))
        } catch {
            lastError = error.rawValue
        }
        return nil
    }

    private mutating func shown(_ name: String, _ argument: String?) throws(Failure) -> String {
        switch name {
        case "N": return "DC4100"
        case "S": return "M00277834"
        case "V": return "2.2.0"
        case "H": return "Thorlabs"
        case "R": return String(status())
        case "E":
            defer { lastError = 0 }
            return lastError == 0 ? "Error 0: No error" : "Error \(lastError): Command failed"
        case "M": return String(mode.rawValue)
        case "SM": return isSingle ? "1" : "0"
        default: return try shown(name, channels[try index(argument)])
        }
    }

    private func shown(_ name: String, _ channel: Channel) throws(Failure) -> String {
        switch name {
        case "O": channel.isOn ? "1" : "0"
        case "BP": fixedDecimal(channel.percent, 1)
        case "CC": String(channel.milliamperes)
        case "L": String(channel.limit)
        case "ML": String(Self.largestCurrent)
        case "A": channel.isLocked ? "1" : "0"
        case "WL": String(channel.nanometers)
        default: throw .unknown
        }
    }

    private mutating func set(_ command: String, _ arguments: [String]) throws(Failure) {
        switch (command, arguments.count) {
        case ("M", 1):
            guard let new = Int(arguments[0]).flatMap(Mode.init(rawValue:)) else { throw .range }
            mode = new
        case ("SM", 1):
            isSingle = try flag(arguments[0])
            if isSingle, channels.count(where: \.isOn) > 1 { switchAll(false) }
        case ("O", 2) where arguments[0] == "-1":
            let isOn = try flag(arguments[1])
            guard !isOn || !isSingle else { throw .notPossible }
            switchAll(isOn)
        case ("O", 2): try switchOne(try index(arguments[0]), try flag(arguments[1]))
        case ("BP", 2):
            let percent = Double(arguments[1]) ?? -1
            guard (0...100).contains(percent) else { throw .range }
            channels[try index(arguments[0])].percent = (percent * 10).rounded() / 10
        case ("CC", 2): channels[try index(arguments[0])].milliamperes = try current(arguments[1])
        case ("L", 2): channels[try index(arguments[0])].limit = try current(arguments[1])
        case ("A", 2): channels[try index(arguments[0])].isLocked = try flag(arguments[1])
        case ("M", _), ("SM", _), ("O", _), ("BP", _), ("CC", _), ("L", _), ("A", _): throw .parameter
        default: throw .unknown
        }
    }

    private mutating func switchAll(_ isOn: Bool) {
        for index in channels.indices where !isOn || mayLight(index) { channels[index].isOn = isOn }
    }

    private mutating func switchOne(_ index: Int, _ isOn: Bool) throws(Failure) {
        guard !isOn || !channels[index].isLocked else { throw .locked }
        guard !isOn || mayLight(index) else { throw .notPossible }
        if isOn, isSingle { switchAll(false) }
        channels[index].isOn = isOn
    }

    private func mayLight(_ index: Int) -> Bool { !isHot && index != openChannel && !channels[index].isLocked }

    private func index(_ text: String?) throws(Failure) -> Int {
        guard let text, let number = Int(text) else { throw .parameter }
        guard channels.indices.contains(number) else { throw .range }
        return number
    }

    private func flag(_ text: String) throws(Failure) -> Bool {
        guard text == "0" || text == "1" else { throw .range }
        return text == "1"
    }

    private func current(_ text: String) throws(Failure) -> Int {
        guard let number = Int(text), (0...Self.largestCurrent).contains(number) else { throw .range }
        return number
    }
}

extension ThorlabsDC4100 {
    static let entry = AccessoryEntry(
        "led", "Thorlabs DC4100 driver of four LEDs, 115200 baud",
        links: [AccessoryLink(name: link, transport: .serial)], faults: [.ledOpen, .overheated],
        make: { _ in ThorlabsDC4100() })
}

extension Fault {
    /// The channel, 1 to 4, whose LED is not there any more; it is off.
    public static let ledOpen = Fault("led_open", .accessory, 1...4, usual: .value(1))
    /// The chassis is too hot: every LED is off, and none goes on.
    public static let overheated = Fault("overheated", .accessory)
}
