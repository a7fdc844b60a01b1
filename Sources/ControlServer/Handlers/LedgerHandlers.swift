import ControlAPI
import Experiments
import Wire

/// Reagents, waste, cuvettes, and the spectra that measurements are compared with.
extension ControlServer {
    func listReagents(_ call: Call, _ params: Empty) throws(APIError) -> Answer<ReagentsList.Result> {
        let ledger = snapshot().ledger
        return .result(
            ReagentsList.Result(
                reagents: ledger.syringes.map(ReagentsList.Entry.init), waste: ReagentsList.Waste(ledger)))
    }

    func refill(_ call: Call, _ params: ReagentsRefill.Params) throws(APIError) -> Answer<ReagentsRefill.Result> {
        let syringes = snapshot().ledger.syringes
        guard syringes.contains(where: { $0.device.text == params.device }) else {
            let names = syringes.map(\.device.text)
            let near = NearNames.to(params.device, among: names)
            let also = near.isEmpty ? "" : "did you mean \(near.joined(separator: " or "))? "
            throw .notFound(
                "no syringe \"\(params.device.prefix(64))\"",
                hint: "\(also)syringes are \(names.joined(separator: ", "))")
        }
        return .post(
            .refill(
                Refill(
                    device: params.device, volumeUL: params.volumeUL, batch: params.batch, lot: params.lot,
                    componentsMM: params.componentsMM, note: params.note)))
    }

    func emptyWaste(
        _ call: Call, _ params: ReagentsEmptyWaste.Params
    ) throws(APIError) -> Answer<ReagentsEmptyWaste.Result> {
        .post(.emptyWaste(note: params.note))
    }

    func listStations(_ call: Call, _ params: Empty) throws(APIError) -> Answer<StationsList.Result> {
        .result(StationsList.Result(stations: snapshot().stations))
    }

    func setStation(_ call: Call, _ params: StationsSet.Params) throws(APIError) -> Answer<StationRecord> {
        .post(
            .setStation(
                StationWish(
                    station: params.station, cuvettes: params.cuvettes, sample: params.sample, note: params.note)))
    }

    func listReferences(_ call: Call, _ params: Empty) throws(APIError) -> Answer<ReferencesList.Result> {
        .result(ReferencesList.Result(references: snapshot().references.map(ReferencesList.Entry.init)))
    }
}
