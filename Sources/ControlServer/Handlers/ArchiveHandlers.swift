import ControlAPI
import Experiments
import Quantities

/// What was kept, for people and other programs.
extension ControlServer {
    func history(_ call: Call, _ params: SignalsHistory.Params) throws(APIError) -> Answer<SignalsHistory.Result> {
        let limit = params.limit ?? APILimits.defaultHistoryPoints
        let from = params.from.flatMap(TimeText.instant) ?? .zero
        let end = params.to.flatMap(TimeText.instant) ?? call.now.wall
        guard from <= end else {
            throw .invalidParams(SignalsHistory.name, "from: \(from.rfc3339) is later than to, \(end.rfc3339)")
        }
        let current = snapshot().readings.first { $0.signal.text == params.signal }
        let unknown = unknownSignal(params.signal)
        return .read { (stored) throws(APIError) in
            let samples = try stored.read { store throws(StoreError) in
                try store.history(of: params.signal, from: from, to: end, limit: limit)
            }
            guard let unit = samples.first?.unit ?? current?.unit.rawValue else { throw unknown }
            let (kept, next) = Self.page(samples, isFull: samples.count >= limit)
            return .result(
                SignalsHistory.Result(
                    signal: params.signal, unit: unit, points: kept.map(SignalsHistory.Point.init), next: next?.rfc3339)
            )
        }
    }

    /// A page ends between two milliseconds, because that is how finely `next` is written: what lies in the last
    /// millisecond of a full page comes with the next one.
    private static func page(
        _ samples: [SignalSample], isFull: Bool
    ) -> (samples: ArraySlice<SignalSample>, next: WallInstant?) {
        guard isFull, let last = samples.last else { return (samples[...], nil) }
        let millisecond = WallInstant(nanoseconds: last.at.nanoseconds / 1_000_000 * 1_000_000)
        let kept = samples.prefix { $0.at < millisecond }
        return kept.isEmpty ? (samples[...], millisecond + .milliseconds(1)) : (kept, millisecond)
    }

    func export(_ call: Call, _ params: ArchiveExport.Params) throws(APIError) -> Answer<ArchiveExport.Result> {
        guard params.campaign == nil || params.table == .experiments || params.table == .transitions else {
            throw .invalidParams(
                ArchiveExport.name, "campaign: only experiments and transitions belong to one; leave it out")
        }
        let page = params.page ?? 1
        return .read { (stored) throws(APIError) in
            try stored.checkCampaign(params.campaign)
            let (csv, pages) = try stored.read { store throws(StoreError) in
                try store.export(params.table, campaign: params.campaign, page: page)
            }
            guard page <= max(1, pages) else {
                throw .notFound(
                    "\(params.table.rawValue) has \(pages) pages", hint: "ask for page 1 to \(max(1, pages))")
            }
            return .result(ArchiveExport.Result(table: params.table, page: page, pages: pages, csv: csv))
        }
    }
}
