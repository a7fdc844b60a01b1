import DeviceModel
import Quantities
import Wire

/// One measurement from its ticket to its file.
struct JascoMeasurement: Sendable {
    fileprivate enum Step: Sendable {
        /// What is there before the ticket never counts.
        case before
        case ticket, look
        /// Reading the file that `seen` says.
        case piece
        /// Whether it changed while it was read.
        case check
        case withdraw(CommandOutcome)
    }

    let job: AnalyzerJob
    fileprivate var step = Step.before
    fileprivate var since: BenchInstant
    fileprivate var before: Set<String> = []
    /// The file as the last look showed it, since when it is so, and what was found in it.
    fileprivate var seen: FolderEntry?
    fileprivate var seenSince: BenchInstant
    fileprivate var judged: (entry: FolderEntry, words: String)?
    private(set) var bytes: [UInt8] = []
    /// Of the whole file, once it is good.
    fileprivate(set) var export: JascoExport?
    /// To what was asked last; nil until it has come.
    var answer: FolderReply?

    init(_ job: AnalyzerJob, at now: Moment) {
        self.job = job
        (since, seenSince) = (now.bench, now.bench)
    }

    var file: String { seen?.name ?? "" }

    fileprivate mutating func saw(_ entry: FolderEntry?, at now: Moment) {
        guard entry != seen else { return }
        (seen, seenSince) = (entry, now.bench)
    }

    fileprivate mutating func startReading() { (step, bytes) = (.piece, []) }
    fileprivate mutating func add(_ piece: [UInt8]) { bytes += piece }
}

/// The ticket taken away, and looked for until it is gone.
struct JascoWithdrawal: Sendable {
    fileprivate var isTold = false
    fileprivate var looks = 0
    fileprivate var waitsNext = false
    var answer: FolderReply?
}

extension JascoCD {
    /// More is no spectrum; it is read on the control loop.
    static let longestFile = 512 * 1024
    private static let mostLooks = 5

    mutating func proceed(_ run: inout JascoMeasurement, at now: Moment) -> DialogueMove<FolderRequest> {
        let answer = run.answer
        run.answer = nil
        switch run.step {
        case .before:
            guard let answer else { return .ask(.list(prefix: run.job.sample)) }
            return begin(&run, answer, at: now)
        case .ticket:
            if case .refused(let why)? = answer { return withdraw(&run, "takes no ticket: \(why)") }
            guard case .done? = answer else { return .ask(.ticket(name: ticket, content(of: run.job))) }
            run.step = .look
            return proceed(&run, at: now)
        case .look:
            guard now.bench - run.since < run.job.within else { return giveUp(&run, at: now) }
            guard let answer else { return .ask(.list(prefix: run.job.sample)) }
            return look(&run, answer, at: now)
        case .piece:
            guard let seen = run.seen else { return pause(&run) }
            guard let answer else { return .ask(pieceRequest(seen, run.bytes.count)) }
            return read(&run, seen, answer)
        case .check:
            guard let answer else { return .ask(.list(prefix: run.job.sample)) }
            return check(&run, answer, at: now)
        case .withdraw(let outcome):
            guard answer == nil else { return .end(outcome) }
            return .ask(.withdraw(name: ticket))
        }
    }

    private mutating func begin(
        _ run: inout JascoMeasurement, _ answer: FolderReply, at now: Moment
    ) -> DialogueMove<FolderRequest> {
        guard case .list(let entries) = answer else { return refusedAnswer(answer) }
        guard entries.count < FolderRules.mostEntries else {
            let why = "\(FolderRules.mostEntries) files or more begin with it already: name the sample otherwise"
            return .end(.refused("sample \(run.job.sample) of \(name): \(why)"))
        }
        run.before = Set(entries.map(\.name))
        run.since = now.bench
        run.step = .ticket
        asked = run.job.sample
        return proceed(&run, at: now)
    }

    private mutating func look(
        _ run: inout JascoMeasurement, _ answer: FolderReply, at now: Moment
    ) -> DialogueMove<FolderRequest> {
        guard case .list(let entries) = answer else { return pause(&run) }
        let last = run.seen
        run.saw(entries.first { counts($0, for: run) }, at: now)
        guard let seen = run.seen, seen == last, seen.size > 0, seen != run.judged?.entry else { return pause(&run) }
        guard seen.size <= Self.longestFile else {
            return withdraw(
                &run, "wrote \(seen.name) with \(seen.size) bytes, expected at most \(Self.longestFile): no spectrum")
        }
        run.startReading()
        return .ask(pieceRequest(seen, 0))
    }

    /// New since the ticket, and of this sample: `a1.txt` and `a1-2.txt` are of `a1`, `a10.txt` is not.
    private func counts(_ entry: FolderEntry, for run: JascoMeasurement) -> Bool {
        let sample = run.job.sample
        guard entry.name.hasPrefix(sample), entry.name.hasSuffix(configuration.suffix),
            entry.name != ticket, !run.before.contains(entry.name)
        else { return false }
        return entry.name.dropFirst(sample.count).first.map { !$0.isLetter && !$0.isNumber } ?? false
    }

    private func pieceRequest(_ entry: FolderEntry, _ offset: Int) -> FolderRequest {
        .read(name: entry.name, offset: offset, length: min(FolderRules.longestPiece, entry.size - offset))
    }

    private func read(
        _ run: inout JascoMeasurement, _ seen: FolderEntry, _ answer: FolderReply
    ) -> DialogueMove<FolderRequest> {
        guard case .piece(let piece) = answer, !piece.isEmpty else {
            // It went, or shrank, or cannot be read yet: looked at again from the start.
            run.judged = nil
            return pause(&run)
        }
        run.add(piece)
        guard run.bytes.count >= seen.size else { return .ask(pieceRequest(seen, run.bytes.count)) }
        run.step = .check
        return .ask(.list(prefix: run.job.sample))
    }

    private mutating func check(
        _ run: inout JascoMeasurement, _ answer: FolderReply, at now: Moment
    ) -> DialogueMove<FolderRequest> {
        guard case .list(let entries) = answer, let seen = run.seen, entries.contains(seen) else { return pause(&run) }
        switch JascoExport.read(run.bytes) {
        case .incomplete(let words):
            run.judged = (seen, words)
            return pause(&run)
        case .wrong(let why): return withdraw(&run, "wrote \(seen.name), which is no result: \(why)")
        case .whole(let export):
            if let why = refusal(of: export, in: seen.name) { return withdraw(&run, why) }
            run.export = export
            asked = nil
            run.step = .withdraw(.done)
            return proceed(&run, at: now)
        }
    }

    /// What is whole and must not be used nevertheless.
    private func refusal(of export: JascoExport, in file: String) -> String? {
        guard let ht = export.columns.first(where: { $0.name == "HT" }) else {
            return "wrote \(file) without the detector voltage: export HT as well (Y2UNITS HT[V])"
        }
        for column in export.columns {
            // Spectra are kept in 32 bits.
            guard let row = column.values.firstIndex(where: { !Float($0).isFinite }) else { continue }
            return "wrote \(file) with \(column.name) of \(column.values[row]) in row \(row + 1), "
                + "at \(shortDecimal(export.wavelengths[row], 3)) nm: not_a_number"
        }
        guard let row = ht.values.firstIndex(where: { $0 > configuration.htLimitVolts }) else { return nil }
        let shown = ht.values[row].magnitude < 1e6 ? shortDecimal(ht.values[row], 1) : "\(ht.values[row])"
        return "wrote \(file) with HT of \(shown) V at \(shortDecimal(export.wavelengths[row], 3)) nm, limit "
            + "\(shortDecimal(configuration.htLimitVolts, 1)) V: ht_over_limit; dilute the sample, or begin at a "
            + "longer wavelength"
    }

    /// The time is over.
    private mutating func giveUp(_ run: inout JascoMeasurement, at now: Moment) -> DialogueMove<FolderRequest> {
        abandon()
        let waited = "\(shortDecimal((now.bench - run.since).seconds, 0)) s after the ticket"
        guard let seen = run.seen else {
            let wanted = "\(run.job.sample)*\(configuration.suffix)"
            return withdraw(
                &run, "left no new file \(wanted) \(waited): result_missing; look at the instrument and its software")
        }
        let found = run.judged.map(\.words) ?? "not read yet"
        let still = shortDecimal((now.bench - run.seenSince).seconds, 0)
        return withdraw(
            &run,
            "left \(seen.name) with \(found) (\(seen.size) bytes, unchanged for \(still) s) \(waited): "
                + "result_incomplete; look at the instrument's software, and measure under another name")
    }

    /// The ticket goes, then the command fails.
    private mutating func withdraw(_ run: inout JascoMeasurement, _ what: String) -> DialogueMove<FolderRequest> {
        asked = nil
        run.step = .withdraw(.failed("\(name) \(what)"))
        return .ask(.withdraw(name: ticket))
    }

    private func refusedAnswer(_ answer: FolderReply) -> DialogueMove<FolderRequest> {
        guard case .refused(let why) = answer else { return .end(.failed("\(name) answered something else")) }
        return .end(.failed("the folder of \(name) cannot be read: \(why)"))
    }

    private func pause(_ run: inout JascoMeasurement) -> DialogueMove<FolderRequest> {
        run.step = .look
        return .wait(configuration.poll)
    }

    /// `KEY<TAB>value` lines, as the exports have them.
    private func content(of job: AnalyzerJob) -> [UInt8] {
        let method = configuration.method.map { "METHOD\t\($0)\r\n" } ?? ""
        let seconds = "WITHIN_S\t\(shortDecimal(job.within.seconds, 0))\r\n"
        return Array("SAMPLE\t\(job.sample)\r\n\(method)\(seconds)".utf8)
    }

    func proceed(_ withdrawal: inout JascoWithdrawal) -> DialogueMove<FolderRequest> {
        let answer = withdrawal.answer
        withdrawal.answer = nil
        guard withdrawal.isTold else {
            withdrawal.isTold = true
            return .tell(.withdraw(name: ticket))
        }
        if case .list(let entries)? = answer, !entries.contains(where: { $0.name == ticket }) { return .end(.done) }
        guard withdrawal.looks < Self.mostLooks else {
            return .end(.failed("\(ticket) of \(name) is still in the folder: remove it by hand"))
        }
        withdrawal.waitsNext.toggle()
        guard withdrawal.waitsNext else { return .wait(.milliseconds(200)) }
        withdrawal.looks += 1
        return .ask(.list(prefix: ticket))
    }
}
