import ControlAPI
import ControlClient
import Experiments
import Quantities
import Usage
import Wire

extension Command {
    /// Rows that are shown of a long history; the CSV file has all.
    private static let shownPoints = 40

    static let history = Command(
        "history", "What a signal was.", operands: [ArgumentParser.Operand("SIGNAL", of: .named("signal"))],
        options: [
            .value("--from", "TIME", "RFC 3339, or how long ago: 30min, 2h, 3d; from the oldest sample if left out."),
            .value("--to", "TIME", "Likewise; now if left out."),
            .value("--csv", "FILE", "Write all points there."),
        ],
        examples: [
            "history heater.temperature --from 2h", "history pump.cui.flow --from 2026-11-20T08:00:00Z --csv cui.csv",
        ], notes: "flowlabctl signals names all signals. Old samples are drawn together: n says how many."
    ) { (context) throws(Failure) in
        let now = Clock.wall
        let from = try context.time("--from", now: now)
        let to = try context.time("--to", now: now) ?? now
        let signal = context.operands[0]
        let daemon = try context.connect()
        var points: [SignalsHistory.Point] = []
        var unit = ""
        var next = from?.rfc3339
        repeat {
            let params = SignalsHistory.Params(signal: signal, from: next, to: to.rfc3339)
            let json = try context.answer(daemon, SignalsHistory.self, params)
            if context.isJSON { Terminal.line(json.jsonText) }
            let page = try context.decoded(SignalsHistory.Result.self, json)
            points += page.points
            unit = page.unit
            next = page.next
        } while next != nil
        if let file = context.arguments.value("--csv") { try ClientFile.write(csv(points, signal, unit), to: file) }
        if let file = context.arguments.value("--csv"), !context.isJSON {
            Terminal.line("\(points.count) points written to \(Terminal.clean(file))")
        } else if !context.isJSON {
            show(points, signal, unit)
        }
        return ExitCode.done
    }

    private static func csv(_ points: [SignalsHistory.Point], _ signal: String, _ unit: String) -> String {
        CSV.row(["time", "signal", "value", "minimum", "maximum", "n", "unit", "quality"])
            + points.map { point in
                CSV.row([
                    point.time, signal, text(point.value), text(point.minimum), text(point.maximum), "\(point.n)", unit,
                    point.quality.rawValue,
                ])
            }.joined()
    }

    private static func text(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }

    private static func show(_ points: [SignalsHistory.Point], _ signal: String, _ unit: String) {
        guard let first = points.first, let last = points.last else {
            return Terminal.line("nothing is kept of \(Terminal.clean(signal)) in that time")
        }
        let least = points.compactMap(\.minimum).min(), most = points.compactMap(\.maximum).max()
        let rows = points.suffix(shownPoints).map { point in
            [
                point.time, Show.number(point.value, 3), Show.number(point.minimum, 3), Show.number(point.maximum, 3),
                "\(point.n)", point.quality.rawValue,
            ]
        }
        Terminal.write(TextTable.text(rows, header: ["time", unit, "minimum", "maximum", "n", "quality"]))
        Terminal.line(Sparkline(isUnicode: Terminal.isUnicode).condensed(points.map(\.value), width: 72))
        Terminal.line(
            "\(points.count) points from \(Terminal.clean(first.time)) to \(Terminal.clean(last.time)), "
                + "\(Show.number(least, 3)) to \(Show.number(most, 3)) \(Terminal.clean(unit))")
        if points.count > shownPoints { Terminal.line("the last \(shownPoints) are shown; --csv FILE writes all") }
    }
}
