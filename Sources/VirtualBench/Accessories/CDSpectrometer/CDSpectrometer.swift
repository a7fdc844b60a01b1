import Quantities
import Wire

/// A CD spectrometer with its computer: a macro of its software looks for tickets in a folder, waits until a cuvette stands
/// in the instrument, scans, and exports the spectrum as text into the same folder, a piece at a time.
///
/// No remote protocol of such instruments is public; the folder is asked as `FolderRequest` says, and the export has the
/// layout of published files of a JASCO J-810.
struct CDSpectrometer: Accessory {
    static let link = "cd"
    /// From the cuvette in its place to the first line of the export.
    static let scanTime = BenchDuration.seconds(30)
    /// From one piece of the export to the next.
    static let pieceTime = BenchDuration.seconds(1.5)
    static let pieces = 5

    enum Phase: Sendable {
        case idle
        /// The ticket asks for a sample, and no cuvette stands there.
        case waiting(sample: String)
        case scanning(sample: String, since: BenchInstant)
        case exporting(file: String, rest: [UInt8], next: BenchInstant)
        /// The export is there, whole or not; the ticket still is.
        case done

        var word: String {
            switch self {
            case .idle: "idle"
            case .waiting: "waiting"
            case .scanning: "scanning"
            case .exporting: "exporting"
            case .done: "done"
            }
        }
    }

    private(set) var phase = Phase.idle
    var folder = CDFolder()
    private var requests = FolderRequests()
    private var faults: [Fault: Double] = [:]
    /// uL in the cuvette in the instrument; nil without one.
    private var filled: Double?
    /// Somebody has come with a cuvette.
    private var brought: Double?
    private var now: BenchInstant
    private var exported = 0

    init(at now: Moment) { self.now = now.bench }

    mutating func receive(_ bytes: [UInt8], link: String, connection: Int, at now: Moment) -> [TimedReply] {
        requests.take(bytes).map { arrival in
            let answer =
                switch arrival {
                case .request(let request): folder.answer(request, at: now.bench)
                case .wrong(let why): FolderAnswer.error(why)
                }
            return TimedReply(bytes: answer, due: now.wire + .milliseconds(5))
        }
    }

    mutating func disconnect(link: String, connection: Int) { requests = FolderRequests() }

    mutating func set(_ faults: [Fault: Double]) { self.faults = faults }

    mutating func happen(_ fault: Fault, _ value: Double, at now: Moment) {
        if fault == .cuvette { brought = value }
    }

    mutating func meet(_ plant: inout Plant, _ table: inout Worktable) {
        if let microliters = brought { table.provide(at: Worktable.Place.spectrometer, microliters: microliters) }
        brought = nil
        filled = table.cuvettes[Worktable.Place.spectrometer]?.microliters
    }

    mutating func advance(to now: Moment) {
        guard now.bench >= self.now else { return }
        self.now = now.bench
        heedTicket()
        switch phase {
        case .idle, .done: break
        case .waiting(let sample):
            if filled != nil, faults[.neverMeasures] == nil { phase = .scanning(sample: sample, since: self.now) }
        case .scanning(let sample, let since):
            guard let filled else {
                phase = .waiting(sample: sample)
                return
            }
            guard self.now - since >= Self.scanTime else { return }
            startExport(of: sample, filled)
        case .exporting(let file, let rest, let next):
            if self.now >= next { export(file, rest) }
        }
    }

    /// A ticket starts a measurement, and its end withdraws one that has written nothing yet.
    private mutating func heedTicket() {
        switch (phase, folder.sample) {
        case (.idle, let sample?): phase = .waiting(sample: sample)
        case (.waiting, nil), (.scanning, nil), (.done, nil): phase = .idle
        case (.waiting(let present), let sample?) where sample != present: phase = .waiting(sample: sample)
        case (.idle, nil), (.waiting, _), (.scanning, _), (.exporting, _), (.done, _): break
        }
    }

    private mutating func startExport(of sample: String, _ microliters: Double) {
        let text = CDExport.text(
            sample, microliters, row: faults[.nanRow] == nil ? nil : CDExport.points / 2, voltage: faults[.htOver] ?? 0)
        // A software of its own writes over nothing.
        var file = "\(sample).txt"
        var number = 2
        while folder.has(file) {
            file = "\(sample)-\(number).txt"
            number += 1
        }
        export(file, Array(text.utf8))
    }

    /// Cut anywhere, also within a row.
    private mutating func export(_ file: String, _ rest: [UInt8]) {
        let length = CDExport.length / Self.pieces + 1
        let piece = Array(rest.prefix(length))
        folder.append(piece, to: file, at: now)
        let left = Array(rest.dropFirst(length))
        guard !left.isEmpty else {
            exported += 1
            phase = .done
            return
        }
        let hangs = faults[.fileStalls] != nil && left.count < CDExport.length / 2
        phase = hangs ? .done : .exporting(file: file, rest: left, next: now + Self.pieceTime)
    }

    var truth: [String: JSONValue] {
        [
            "phase": .string(phase.word), "sample": .string(folder.sample ?? ""), "exported": .integer(Int64(exported)),
            "cuvette_ul": .number(((filled ?? -1) * 10).rounded() / 10),
        ]
    }

    static let entry = AccessoryEntry(
        "cd", "a CD spectrometer that obeys tickets in a folder and exports its spectra there",
        links: [AccessoryLink(name: link, transport: .folder)],
        faults: [.fileStalls, .nanRow, .htOver, .neverMeasures, .cuvette], make: { CDSpectrometer(at: $0) })
}

extension Fault {
    /// An export ends in its middle and is never whole.
    public static let fileStalls = Fault("file_stalls", .accessory)
    /// One row of an export is no number.
    public static let nanRow = Fault("nan_row", .accessory)
    /// Volts more than the detector needs.
    public static let htOver = Fault("ht_over", .accessory, 0...1000, usual: .value(500))
    /// Tickets are not heeded.
    public static let neverMeasures = Fault("never_measures", .accessory)
    /// Somebody puts a cuvette with so many uL into the instrument.
    public static let cuvette = Fault("cuvette", .accessory, momentary: true, 0...3500, usual: .value(1500))
}
