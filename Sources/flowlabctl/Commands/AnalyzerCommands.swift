import ControlAPI
import ControlClient
import DeviceModel
import Quantities
import Usage
import Wire

/// Instruments with software of their own, by hand.
extension Command {
    /// Beyond the time that the instrument is given, for the answer.
    private static let answerTime = 30.0

    static let analyze = Command(
        "analyze", "Has an analyzer measure what stands in it, or takes back what it was asked for.",
        operands: [ArgumentParser.Operand("ANALYZER", of: .named("device")), "measure|withdraw", "[SAMPLE]"],
        options: [
            .value("--within", "TIME", "Longest wait for the whole result; 10min if left out."),
            .flag("--csv", "Wavelengths and columns as CSV."),
        ] + HandSession.options,
        examples: [
            "analyze cd measure blank-1", "analyze cd measure blank-1 --csv > blank-1.csv", "analyze cd withdraw",
        ],
        notes: """
            Not while an experiment runs. SAMPLE is what the result shall be called, in the instrument's folder too: a new name \
            each time, and none of an experiment. The result is not stored. Ctrl-C takes the question back, withdraw does so at \
            any time; what the instrument has begun it may end.
            """
    ) { (context) throws(Failure) in
        let (device, action) = (context.operands[0], context.operands[1])
        switch (action, context.operands.count) {
        case ("withdraw", 2):
            let json = try context.answer(
                try context.connectOnce(), AnalyzersWithdraw.self, NamedDevice(device: device))
            Terminal.line(context.isJSON ? json.jsonText : "\(Terminal.clean(device)) is asked for nothing any more")
            return ExitCode.done
        case ("measure", 3): return try measure(device, context.operands[2], context)
        default: throw context.usage("expected measure SAMPLE, or withdraw")
        }
    }

    private static func measure(_ device: String, _ sample: String, _ context: Context) throws(Failure) -> Int32 {
        let within = context.arguments.value("--within") == nil ? 600 : try context.duration("--within")
        let question = "\(Terminal.clean(device)) measures what stands in it, as \(Terminal.clean(sample)). Do it?"
        guard try context.confirms(question) else { return ExitCode.unconfirmed }
        let params = AnalyzersMeasure.Params(device: device, sample: sample, withinS: within)
        let daemon = try context.connectOnce()
        let json = try HandSession.holding([device], context, daemon) { (_) throws(Failure) in
            try context.answer(daemon, AnalyzersMeasure.self, params, patience: .seconds(within + answerTime))
        }
        if context.isJSON {
            Terminal.line(json.jsonText)
        } else {
            try show(try context.decoded(AnalyzersMeasure.Result.self, json), context)
        }
        return ExitCode.done
    }

    private static func show(_ result: AnalyzersMeasure.Result, _ context: Context) throws(Failure) {
        let columns = result.columns.map { SampleArray.decode($0.values) ?? [] }
        guard let axis = SampleArray.decode(result.wavelengthsNM), let first = axis.first, let last = axis.last,
            columns.allSatisfy({ $0.count == axis.count })
        else { throw .file("the daemon's arrays cannot be read") }
        let names = result.columns.map { Terminal.clean($0.name) }
        let units = result.columns.map { Terminal.clean($0.unit) }
        if context.arguments.has("--csv") {
            let heads = zip(names, units).map { "\($0.lowercased())_\($1.lowercased())" }
            Terminal.line((["wavelength_nm"] + heads).joined(separator: ","))
            for row in axis.indices {
                let numbers = [axis[row]] + columns.map { $0[row] }
                Terminal.line(numbers.map { "\($0)" }.joined(separator: ","))
            }
            return
        }
        let span = "\(Show.number(Double(first), 1)) to \(Show.number(Double(last), 1)) nm"
        Terminal.line("\(Terminal.clean(result.device)): \(Terminal.clean(result.file)), \(axis.count) rows, \(span)")
        for (index, values) in columns.enumerated() {
            guard let top = values.indices.max(by: { abs(values[$0]) < abs(values[$1]) }) else { continue }
            Terminal.line(
                "  \(names[index]): most \(Show.number(Double(values[top]), 2)) \(units[index]) at "
                    + "\(Show.number(Double(axis[top]), 1)) nm")
        }
    }
}
