import Archive
import Experiments
import Glibc
import Testing

/// What goes wrong outside: killed processes, full disks, foreign files.
@Suite struct ArchiveTroubleTests {
    let place: ArchivePlace

    init() throws { place = try ArchivePlace() }

    @Test func aFreshFileIsBroughtToThePresentSchema() throws {
        _ = try Archive(path: place.path)
        #expect(try place.sql("PRAGMA user_version") == 6)
        #expect(try place.sql("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'experiments'") == 1)
        _ = try Archive(path: place.path)
        #expect(try place.sql("PRAGMA user_version") == 6)
    }

    @Test func aNewerArchiveIsRefusedAndLeftAlone() throws {
        _ = try Archive(path: place.path)
        try place.sql("PRAGMA user_version = 7")
        #expect(throws: ArchiveError.newerVersion(path: place.path, found: 7, known: 6)) {
            try Archive(path: place.path)
        }
        #expect(try place.sql("PRAGMA user_version") == 7)
    }

    @Test func aForeignDatabaseIsRefused() throws {
        try place.sql("CREATE TABLE theirs (a)")
        #expect(throws: ArchiveError.self) { try Archive(path: place.path) }
        #expect(try place.sql("SELECT count(*) FROM sqlite_schema") == 1)
    }

    @Test func aFileThatIsNoDatabaseIsRefused() throws {
        let descriptor = open(place.path, O_CREAT | O_WRONLY, 0o640)
        let text = String(repeating: "not a database ", count: 300)
        #expect(write(descriptor, text, text.utf8.count) == text.utf8.count)
        close(descriptor)
        #expect(throws: ArchiveError.self) { try Archive(path: place.path) }
    }

    @Test func modesAreClosedToOthers() throws {
        let directory = place.directory + "/state"
        let path = directory + "/a.sqlite"
        defer {
            for ending in ["", "-wal", "-shm"] { unlink(path + ending) }
            rmdir(directory)
        }
        let before = umask(0)
        let archive = try Archive(path: path)
        umask(before)
        try archive.commit([Sample.batch(1, .experiment(Sample.queued(1)))])
        #expect(place.mode(of: directory) == 0o750)
        for ending in ["", "-wal", "-shm"] { #expect(place.mode(of: path + ending) == 0o640) }
    }

    @Test func aDirectoryOpenToEveryoneIsRefused() throws {
        chmod(place.directory, 0o777)
        do {
            _ = try Archive(path: place.path)
            Issue.record("opened")
        } catch {
            let expected =
                "\(place.directory): may be written by everyone; expected mode 0750: chmod 0750 \(place.directory)"
            #expect(error.description == expected)
        }
    }

    /// What a kill leaves of a first start.
    @Test func anUnfinishedFirstStartIsForgotten() throws {
        try ArchiveFiles.put([], into: place.path + ".new")
        try ArchiveFiles.put([1, 2, 3], into: place.path + ".new-journal")
        let archive = try Archive(path: place.path)
        try archive.commit([Sample.batch(1, .experiment(Sample.queued(1)))])
        for ending in [".new", ".new-journal"] { #expect(access(place.path + ending, F_OK) != 0) }
        #expect(place.mode(of: place.path) == 0o640)
        #expect(try Archive(path: place.path).restore().lastExperimentNumber == 1)
    }

    /// The journal of a file that is gone belongs to no other.
    @Test func aJournalWithoutItsFileIsRefused() throws {
        let archive = try Archive(path: place.path)
        try archive.commit([Sample.batch(1, .experiment(Sample.queued(1)))])
        unlink(place.path)
        #expect(throws: ArchiveError.self) { try Archive(path: place.path) }
        #expect(access(place.path, F_OK) != 0 && access(place.path + "-wal", F_OK) == 0)
        unlink(place.path + "-wal")
        #expect(try Archive(path: place.path).restore().lastExperimentNumber == 0)
    }

    @Test func aFullDiskLosesNothingAndPasses() throws {
        let archive = try Archive(path: place.path)
        try archive.commit([Sample.batch(1, .experiment(Sample.queued(1)))])
        try archive.limitPages(to: 1)
        var said: ArchiveError?
        var kept = 1
        while said == nil, kept < 100 {
            do {
                try archive.commit([Sample.batch(2, .experiment(Sample.done(kept + 1)), .spectrum(spectrum(kept + 1)))])
                kept += 1
            } catch { said = error }
        }
        let error = try #require(said)
        #expect(error.isTransient)
        #expect(error.description.contains("database or disk is full"))
        #expect(error.description.contains("make room"))
        // Whether it goes on by itself is not the database's to say: of a daemon that could not start it does not.
        #expect(!error.description.contains("by itself"))
        let reader = try ArchiveReader(path: place.path)
        #expect(try reader.experiments(after: nil, matching: ExperimentFilter(), limit: 1000).count == kept)
        try archive.limitPages(to: 100_000)
        try archive.commit([Sample.batch(2, .experiment(Sample.done(kept + 1)), .spectrum(spectrum(kept + 1)))])
        #expect(try reader.experiments(after: nil, matching: ExperimentFilter(), limit: 1000).count == kept + 1)
    }

    private func spectrum(_ number: Int) -> SpectrumRecord {
        Sample.spectrum(Sample.queued(number).experiment, "spec_pl")
    }

    /// The file as a kill leaves it: copied, journal and all, while a transaction is open and earlier ones are
    /// committed
    /// but not yet moved out of the journal.
    @Test func whatIsCommittedSurvivesAKill() throws {
        let archive = try Archive(path: place.path)
        for number in 1...3 { try archive.commit([Sample.batch(UInt64(number), .experiment(Sample.done(number)))]) }
        let other = try Connection(place.path)
        try other.run("PRAGMA cache_size = 1; BEGIN IMMEDIATE; UPDATE experiments SET state = 'failed'")
        let after = try ArchivePlace()
        for ending in ["", "-wal"] { try ArchiveFiles.copy(place.path + ending, to: after.path + ending) }
        try other.run("ROLLBACK")
        let reopened = try Archive(path: after.path)
        #expect(try reopened.restore().lastExperimentNumber == 3)
        let states = try ArchiveReader(path: after.path).experiments(after: nil, matching: ExperimentFilter(), limit: 9)
            .map(\.state)
        #expect(states == [.done, .done, .done])
    }

    /// A journal torn at any byte gives some whole prefix of the commits, never a part of one.
    @Test func aTornJournalGivesWholeCommits() throws {
        let archive = try Archive(path: place.path)
        try archive.commit([Sample.batch(1, .experiment(Sample.done(1)), .spectrum(spectrum(1)))])
        try archive.commit([Sample.batch(2, .experiment(Sample.done(2)), .spectrum(spectrum(2)))])
        let whole = try ArchiveFiles.bytes(of: place.path + "-wal")
        var seen: Set<Int> = []
        for cut in stride(from: whole.count, through: 0, by: -4001) {
            let torn = try ArchivePlace()
            try ArchiveFiles.copy(place.path, to: torn.path)
            try ArchiveFiles.put(Array(whole[..<cut]), into: torn.path + "-wal")
            let restored = try Archive(path: torn.path).restore().lastExperimentNumber
            let reader = try ArchiveReader(path: torn.path)
            for number in 1...2 {
                let name = Sample.queued(number).experiment
                #expect(try reader.spectra(of: name).count == (number <= restored ? 1 : 0))
            }
            seen.insert(restored)
        }
        #expect(seen == [0, 1, 2])
    }
}
