import ControlAPI
import ControlClient
import Experiments
import Usage

/// Cuvettes: what stands where.
extension Command {
    static let stations = Command(
        "stations", "What stands at each station; or says what does, after somebody has looked.",
        operands: ["[set]", "[STATION]"],
        options: [
            .value("--cuvettes", "N", "Of set: how many stand there now."),
            .value("--sample", "ID", "Of set: the experiment whose sample stands there."),
            .value("--note", "TEXT", "Kept with the act."),
        ],
        examples: ["stations", "stations set rack --cuvettes 24", "stations set arm --cuvettes 0 --note 'taken out'"],
        notes: """
            Where a move ended badly, both its ends are in doubt, and nothing is moved there until somebody has looked.
            """
    ) { (context) throws(Failure) in
        switch (context.operands.first, context.operands.count) {
        case (nil, _): try context.ask(StationsList.self, Empty()) { Terminal.write(Describe.stations($0)) }
        case ("set"?, 2): try setStation(context.operands[1], context)
        default: throw context.usage("expected set STATION --cuvettes N, or nothing")
        }
    }

    private static func setStation(_ station: String, _ context: Context) throws(Failure) -> Int32 {
        guard let cuvettes = try context.integer("--cuvettes", in: 0...Int(APILimits.cuvettes)) else {
            throw context.usage("set needs --cuvettes N, what stands at \(station) now")
        }
        let params = StationsSet.Params(
            station: station, cuvettes: cuvettes, sample: context.arguments.value("--sample"),
            note: context.arguments.value("--note"))
        return try context.ask(StationsSet.self, params) { result in
            Terminal.line("recorded: \(Describe.standing(result))")
        }
    }
}

extension Describe {
    static func stations(_ result: StationsList.Result) -> String {
        guard !result.stations.isEmpty else { return "the bench file declares no stations\n" }
        let rows = result.stations.map { station in
            [
                station.station, station.kind.rawValue,
                station.doubt == nil ? "\(station.cuvettes) of \(station.holds)" : "?", station.sample ?? "-",
                station.since, station.doubt ?? "",
            ]
        }
        let table = TextTable.text(rows, header: ["station", "kind", "cuvettes", "sample", "since", "doubt"])
        guard let first = result.stations.first(where: { $0.doubt != nil }) else { return table }
        return table
            + "what now: look at it, then flowlabctl stations set \(Terminal.clean(first.station)) --cuvettes N\n"
    }

    static func standing(_ station: StationRecord) -> String {
        let whose = station.sample.map { ", the sample of \(Terminal.clean($0))" } ?? ""
        return "\(Terminal.clean(station.station)) has \(station.cuvettes) of \(station.holds) cuvettes\(whose)"
    }
}
