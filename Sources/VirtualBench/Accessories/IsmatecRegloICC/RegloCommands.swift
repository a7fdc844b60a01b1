import Quantities
import Wire

/// The command table of the Reglo ICC, as far as public sources give it; what is not in it gets `#`.
extension IsmatecRegloICC {
    private static let executed = "*"
    private static let notExecuted = "#"
    private static let lineEnd = "\r\n"

    /// nil: it is for another pump, and nobody answers.
    mutating func answer(_ request: [UInt8]) -> [UInt8]? {
        guard request.allSatisfy({ (0x20...0x7e).contains($0) }) else { return Array(Self.notExecuted.utf8) }
        let text = String(decoding: request, as: UTF8.self)
        if text.hasPrefix("@") { return Array(setAddress(String(text.dropFirst())).utf8) }
        guard let digit = text.first.flatMap({ Int(String($0)) }) else { return Array(Self.notExecuted.utf8) }
        let command = String(text.dropFirst())
        guard !addressesChannels else {
            // Source: commands of the whole pump ignore the number; the client found that 0 does not work for others.
            let known = 1...Self.channelCount
            guard known.contains(digit) || digit == 0 else { return nil }
            if let reply = ofPump(command) { return Array(reply.utf8) }
            guard known.contains(digit) else { return Array(Self.notExecuted.utf8) }
            return Array(ofChannels(command, digit - 1..<digit).utf8)
        }
        guard digit == address || digit == 0 else { return nil }
        return Array((ofPump(command) ?? ofChannels(command, 0..<Self.channelCount)).utf8)
    }

    private mutating func setAddress(_ text: String) -> String {
        guard let number = Int(text), (1...8).contains(number) else { return Self.notExecuted }
        address = number
        return Self.executed
    }

    /// nil where a command is for a channel.
    private mutating func ofPump(_ command: String) -> String? {
        switch command {
        case "~": return (addressesChannels ? "1" : "0") + Self.lineEnd
        case "~0", "~1":
            addressesChannels = command == "~1"
            return Self.executed
        case "xE": return (tellsEvents ? "1" : "0") + Self.lineEnd
        case "xE0", "xE1":
            tellsEvents = command == "xE1"
            return Self.executed
        // Model, software, and the head's channels and rollers; the numbers are this simulation's own.
        case "#": return "REGLO ICC 208 408" + Self.lineEnd
        case "(": return "0208" + Self.lineEnd
        case "x!": return "8" + Self.lineEnd
        case "xS": return "17090008" + Self.lineEnd
        case "xA": return "\(Self.channelCount)" + Self.lineEnd
        case "A", "B": return Self.executed
        default: return nil
        }
    }

    private mutating func ofChannels(_ command: String, _ indices: Range<Int>) -> String {
        switch command {
        case "H": return start(indices)
        case "I", "xI":
            stop(indices)
            return Self.executed
        case "E": return indices.contains { channels[$0].isRunning } ? "+" : "-"
        case "J", "K":
            guard !indices.contains(where: { channels[$0].isRunning }) else { return Self.notExecuted }
            for index in indices { channels[index].isClockwise = command == "J" }
            return Self.executed
        default: break
        }
        // Whether a running channel takes another mode no source says; this one does not.
        if let mode = RegloChannel.Mode(rawValue: command) {
            guard !indices.contains(where: { channels[$0].isRunning }) else { return Self.notExecuted }
            for index in indices { channels[index].mode = mode }
            return Self.executed
        }
        return shown(command, channels[indices.lowerBound]).map { $0 + Self.lineEnd } ?? set(command, indices)
    }

    /// A question about one channel; nil where it is none.
    private func shown(_ command: String, _ channel: RegloChannel) -> String? {
        switch command {
        case "xD": channel.isClockwise ? "J" : "K"
        case "xM": channel.mode.rawValue
        case "xe":
            switch channel.cause {
            case .cycles: "C 0"
            case .rate: "R " + fixedDecimal(channel.maximumFlow, 2)
            case .volume: "V " + fixedDecimal(RegloChannel.largestVolume, 2)
            }
        case "S": fixedDecimal(channel.turning, 2)
        case "f": RegloNumber.text(channel.flow)
        case "v": RegloNumber.text(channel.volume)
        case "xT": String(Int((channel.runSeconds * 10).rounded()))
        case "xP": String(Int((channel.pauseSeconds * 10).rounded()))
        case "\"": String(channel.cycles)
        case "?", "!": fixedDecimal(channel.maximumFlow, 2) + " ml/min"
        case "+": fixedDecimal(channel.tubingMillimeters, 2) + " mm"
        case "%": String(channel.backsteps)
        default: nil
        }
    }

    private mutating func set(_ command: String, _ indices: Range<Int>) -> String {
        for name in ["xT", "xP", "S", "f", "v", "\"", "+", "%"] where command.hasPrefix(name) {
            let text = String(command.dropFirst(name.count))
            if name == "f" || name == "v" { return setAmount(name, text, indices) }
            guard let number = Int(text), number >= 0, text.utf8.count <= 8, set(name, number, indices) else { break }
            return Self.executed
        }
        return Self.notExecuted
    }

    /// Source: manual, 18.3.3: `1f1300-3` is answered with the number that was kept, `1300E-3`.
    private mutating func setAmount(_ name: String, _ text: String, _ indices: Range<Int>) -> String {
        guard let amount = RegloNumber.value(text) else { return Self.notExecuted }
        for index in indices {
            if name == "f" { channels[index].flow = amount } else { channels[index].volume = amount }
        }
        return RegloNumber.text(amount) + Self.lineEnd
    }

    private mutating func set(_ name: String, _ number: Int, _ indices: Range<Int>) -> Bool {
        let limits = ["xT": 35_964_000, "xP": 35_964_000, "S": 10_000, "\"": 9999, "+": 9999, "%": 100]
        guard let limit = limits[name], number <= limit else { return false }
        for index in indices {
            switch name {
            case "xT": channels[index].runSeconds = Double(number) / 10
            case "xP": channels[index].pauseSeconds = Double(number) / 10
            case "S": channels[index].turning = Double(number) / 100
            case "\"": channels[index].cycles = number
            case "+": channels[index].tubingMillimeters = Double(number) / 100
            default: channels[index].backsteps = number
            }
        }
        return true
    }
}

/// Flows and volumes on the wire: four digits of a number of 1.000 to 9.999 and a power of ten. Requests write
/// `1300-3`, answers `1300E-3`, both for 1.300e-3. Source: manual, 14.6.10 and 18.3.3.
enum RegloNumber {
    private static let longestExponent = 9

    static func value(_ text: String) -> Double? {
        let bytes = Array(text.utf8)
        guard bytes.count == 6, bytes[4] == UInt8(ascii: "+") || bytes[4] == UInt8(ascii: "-"),
            let digits = number(bytes[0..<4]), let exponent = number(bytes[5..<6])
        else { return nil }
        return Double(digits) / 1000 * power(bytes[4] == UInt8(ascii: "-") ? -exponent : exponent)
    }

    static func text(_ value: Double) -> String {
        guard value > 0 else { return "0000E+0" }
        var exponent = -longestExponent
        while exponent < longestExponent, value >= 9.9995 * power(exponent) { exponent += 1 }
        let digits = String(min(9999, Int((value / power(exponent) * 1000).rounded())))
        let sign = exponent < 0 ? "-" : "+"
        return String(repeating: "0", count: 4 - digits.utf8.count) + digits + "E\(sign)\(exponent.magnitude)"
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        digits.reduce(0 as Int?) { sum, digit in
            sum.flatMap { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) ? 10 * $0 + Int(digit - 0x30) : nil }
        }
    }

    private static func power(_ exponent: Int) -> Double {
        let scale = (0..<exponent.magnitude).reduce(1.0) { scale, _ in scale * 10 }
        return exponent < 0 ? 1 / scale : scale
    }
}
