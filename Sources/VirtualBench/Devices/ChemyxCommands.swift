import Quantities
import Wire

/// The command table of the Fusion series.
extension ChemyxPump {
    /// Executes one request; the text lines of its answer.
    mutating func execute(_ request: [UInt8]) -> [String] {
        // A leading blank is refused, trailing ones are not.
        let text = String(decoding: request, as: UTF8.self)
        let words = text.split(separator: " ").map(String.init)
        guard let first = words.first, !text.hasPrefix(" ") else { return [Self.invalid] }
        switch (first, words.count) {
        case ("set", 3): return set(words[1], to: words[2])
        case ("hexw2", 7), ("hexw2", 8): return writeAll(Array(words.dropFirst()))
        case ("start", 1): return start(multiStep: false)
        case ("start", 2) where words[1] == "0" || words[1] == "1": return start(multiStep: words[1] == "1")
        case ("echo", 2) where words[1] == "on" || words[1] == "off": return setEcho(words[1] == "on")
        default: return simple(words.joined(separator: " "))
        }
    }

    static let invalid = "Invalid Command!"

    private mutating func simple(_ command: String) -> [String] {
        switch command {
        case "stop":
            drive.stop()
            return ["Pump stop!"]
        case "pause":
            drive.pause()
            return ["Pump pause!"]
        case "restart":
            drive.restart()
            return ["Pump restart!"]
        case "status", "pump status": return [String(status)]
        case "dispensed volume":
            return ["dispensed volume = " + fixedDecimal(drive.dispensed / settings.units.microliters, 4)]
        case "elapsed time": return ["elapsed time = " + fixedDecimal(drive.elapsed.seconds / 60, 5)]
        case "read limit parameter": return [limitsLine]
        case "view parameter": return parameterLines
        case "help": return Self.helpLines
        default: return [Self.invalid]
        }
    }

    private mutating func set(_ name: String, to text: String) -> [String] {
        let values = text.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
        let numbers = values.compactMap { $0 }.filter { $0.isFinite && abs($0) < 1e9 }
        guard numbers.count == values.count, let number = numbers.first, numbers.count <= ChemyxSettings.mostSteps
        else {
            return [Self.invalid]
        }
        switch name {
        case "units":
            // An unknown unit is out of range: the answer shows the one that was kept.
            if let units = ChemyxUnits(rawValue: Int(number)) { settings.units = units }
            return ["units = \(settings.units.rawValue)"]
        case "diameter":
            settings.setDiameter(number)
            return ["diameter = " + fixedDecimal(settings.diameter, 3)]
        case "rate":
            settings.setRates(numbers)
            drive.changeRates(settings.rates)
            return ["rate = " + settings.rateText]
        case "volume":
            settings.setVolumes(numbers)
            return ["volume = " + settings.volumeText]
        case "delay":
            settings.setDelays(numbers)
            return ["delay = " + settings.delayText]
        case "time":
            settings.setTime(number)
            return ["rate = " + settings.rateText, "time = " + fixedDecimal(settings.time, 6)]
        case "primerate":
            settings.primeRate = settings.limits.rate(number * settings.units.microlitersPerMinute)
            return ["primerate = " + fixedDecimal(settings.primeRate / settings.units.microlitersPerMinute, 6)]
        default: return [Self.invalid]
        }
    }

    private mutating func start(multiStep: Bool) -> [String] {
        drive.start(settings.steps(multiStep: multiStep))
        return [drive.state == .delayed ? "Pump delay..." : "Pump start running..."]
    }

    /// `hexw2 units mode diameter volume rate delay [start]`: everything in one line.
    private mutating func writeAll(_ words: [String]) -> [String] {
        let numbers = words.prefix(6).compactMap { Double($0) }.filter { $0.isFinite && abs($0) < 1e9 }
        guard numbers.count == 6, words.count == 6 || words[6] == "start",
            let units = ChemyxUnits(rawValue: Int(numbers[0]))
        else { return [Self.invalid] }
        settings.units = units
        settings.setDiameter(numbers[2])
        settings.setVolumes([numbers[3]])
        settings.setRates([numbers[4]])
        settings.setDelays([numbers[5]])
        drive.changeRates(settings.rates)
        return words.count == 7 ? start(multiStep: numbers[1] == 1) : parameterLines
    }

    private mutating func setEcho(_ on: Bool) -> [String] {
        echoStyle = on ? (echoStyle == .off ? .cr : echoStyle) : .off
        return ["echo \(on ? "on" : "off")"]
    }

    /// Largest and smallest rate, largest and smallest volume, in the active units.
    private var limitsLine: String {
        let limits = settings.limits
        let rate = settings.units.microlitersPerMinute
        let volume = settings.units.microliters
        return [
            limits.largestRate / rate, limits.smallestRate / rate, limits.largestVolume / volume,
            limits.smallestVolume / volume,
        ].map { fixedDecimal($0, 4) }.joined(separator: " ")
    }

    private var parameterLines: [String] {
        [
            "unit = \(settings.units.rawValue)", "dia = " + fixedDecimal(settings.diameter, 3),
            "rate = " + settings.rateText, "time = " + fixedDecimal(settings.time, 6),
            "volume = " + settings.volumeText, "delay = " + settings.delayText,
        ]
    }

    private static let helpLines = [
        "set units [0..3]", "set diameter [mm]", "set rate [x,..]", "set volume [x,..]", "set delay [min,..]",
        "set time [min]", "set primerate [x]", "start [0|1]", "stop", "pause", "restart", "pump status", "status",
        "dispensed volume", "elapsed time", "read limit parameter", "view parameter", "hexw2 u m d v r t [start]",
        "echo on|off", "help",
    ]
}
