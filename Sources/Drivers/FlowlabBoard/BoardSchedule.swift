import BoardProtocol
import DeviceModel
import Interlocks
import Quantities

/// What shall be done at a time, by the board's own clock: sent ahead of need, and done when the board says so.
struct BoardSchedule: Sendable {
    fileprivate struct Entry: Sendable {
        enum Place: Sendable {
            case here
            case underWay
            /// On the board, under the number of its request.
            case there(UInt8)
        }

        let request: RelayRequest
        let at: WireInstant
        let authority: WriteAuthority
        var place = Place.here
        var notBefore = WireInstant.zero
        /// Of the board's time when it was sent.
        var uncertainty = WireDuration.zero

        var channel: UInt8? { request.message.payload.first }
        var isHere: Bool { if case .here = place { true } else { false } }
    }

    /// How far ahead it is sent.
    static let lead = WireDuration.milliseconds(2000)
    /// With less it would be a fault of the board, were it late.
    static let leastLead = WireDuration.milliseconds(30)
    /// From one try to the next while the board has no place.
    static let retry = WireDuration.milliseconds(50)
    /// A board holds so many at least (`PROTOCOL.md`, section 8).
    static let places = 8
    /// A board keeps 8 events, of which one message can bring two; more must find room first, and still reach it in time.
    static let atOnce = BoardDictionary.eventRing / 2
    static let refill = WireDuration.milliseconds(200)
    /// After its time, its event must have come.
    static let eventTime = WireDuration.milliseconds(1500)

    private var entries: [Entry] = []

    var deadline: WireInstant? {
        let isFull = free <= 0
        return entries.map { entry in
            switch entry.place {
            // One that finds no place in time fails then.
            case .here where isFull: entry.at - Self.leastLead + WireDuration(nanoseconds: 1)
            case .here: max(entry.at - Self.lead, entry.notBefore)
            case .underWay, .there: entry.at + Self.eventTime
            }
        }.min()
    }

    var ids: Set<UInt64> { Set(entries.map(\.request.id)) }
    private var free: Int { Self.places - entries.count { !$0.isHere } }

    /// Of what waits on the board, or is on its way there.
    var channelsOnBoard: [UInt8] { Set(entries.filter { !$0.isHere }.compactMap(\.channel)).sorted() }

    mutating func add(_ request: RelayRequest, at instant: WireInstant, _ authority: WriteAuthority) {
        entries.append(Entry(request: request, at: instant, authority: authority))
        entries.sort { ($0.at, $0.request.id) < ($1.at, $1.request.id) }
    }

    /// What must be sent now, and what cannot be done any more.
    mutating func due(at now: Moment, _ clock: ClockHull) -> (tasks: [BoardErrand], failed: [DriverEffect]) {
        var tasks: [BoardErrand] = []
        var failed: [DriverEffect] = []
        var free = free
        for index in entries.indices where entries[index].isHere && free > 0 {
            let entry = entries[index]
            guard max(entry.at - Self.lead, entry.notBefore) <= now.wire else { continue }
            guard entry.at - now.wire >= Self.leastLead else { continue }
            guard let estimate = clock.boardTime(of: entry.at) else {
                entries[index].notBefore = now.wire + Self.retry
                continue
            }
            let message = entry.request.message
            let words = ScheduleRequest(at: estimate.time.counter, type: message.type, body: message.payload)
            tasks.append(BoardErrand(.scheduling(entry.request.id), words, entry.authority))
            entries[index].place = .underWay
            entries[index].uncertainty = .seconds(estimate.uncertainty.seconds)
            free -= 1
        }
        entries.removeAll { entry in
            let why: String
            switch entry.place {
            case .here where entry.at - now.wire < Self.leastLead:
                why = "there was no time left to send it to the board"
            case .underWay where entry.at + Self.eventTime <= now.wire,
                .there where entry.at + Self.eventTime <= now.wire:
                why = "the board did not tell that it was done"
            default: return false
            }
            failed.append(entry.reply(.failed(why)))
            return true
        }
        return (tasks, failed)
    }

    mutating func answered(
        _ id: UInt64, _ body: BoardAnswerBody, sequence: UInt8, at now: Moment
    ) -> [DriverEffect] {
        guard let index = entries.firstIndex(where: { $0.request.id == id }) else { return [] }
        switch body.status {
        case .ok: entries[index].place = .there(sequence)
        case .queueFull:
            entries[index].place = .here
            entries[index].notBefore = now.wire + Self.retry
        default: return [entries.remove(at: index).reply(.refused(body.status.code))]
        }
        return []
    }

    /// Its request got no answer: it may be on the board, or not, so that the session must end.
    mutating func lost(_ id: UInt64) -> [DriverEffect] {
        take { $0.request.id == id }.map { $0.reply(.failed("the board did not answer")) }
    }

    mutating func executed(_ event: ExecutedEvent) -> [DriverEffect] {
        take { if case .there(event.request) = $0.place { true } else { false } }.map { entry in
            guard event.status == .ok else { return entry.reply(.refused(event.status.code)) }
            let ticks = Int64(Int32(bitPattern: event.done &- event.at)) * 1000
            let late = BoardPunctuality(late: WireDuration(nanoseconds: ticks), uncertainty: entry.uncertainty)
            return entry.reply(.executed(late))
        }
    }

    mutating func drop(channel: UInt8?, _ why: String) -> [DriverEffect] {
        take { $0.channel == channel }.map { $0.reply(.failed(why)) }
    }

    mutating func dropAll(_ why: String) -> [DriverEffect] { take { _ in true }.map { $0.reply(.failed(why)) } }

    mutating func dropByTrip() -> [DriverEffect] { take { _ in true }.map { $0.reply(.refusedByTrip) } }

    private mutating func take(_ isIt: (Entry) -> Bool) -> [Entry] {
        let taken = entries.filter(isIt)
        entries.removeAll(where: isIt)
        return taken
    }
}

extension BoardSchedule.Entry {
    fileprivate func reply(_ outcome: RelayReply.Outcome) -> DriverEffect {
        .relayed(RelayReply(id: request.id, outcome: outcome))
    }
}
