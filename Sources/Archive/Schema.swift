/// The archive's tables. A version is never changed once released: what is new is a further migration.
enum Schema {
    /// `flab`, so that a foreign database is not taken for an archive.
    static let applicationID: Int64 = 0x666C_6162
    static var version: Int64 { Int64(migrations.count) }

    /// `migrations[n]` leads from version n to n + 1.
    static let migrations: [String] = [version1, version2, version3, version4, version5, version6]

    /// Brings the database to the present version, all or nothing. Refuses a newer or a foreign one.
    static func migrate(_ database: Database, path: String) throws(ArchiveError) {
        try database.transaction("IMMEDIATE") { () throws(ArchiveError) in
            let found = try database.integer("PRAGMA user_version") ?? 0
            guard found <= version else { throw .newerVersion(path: path, found: found, known: version) }
            guard found >= 0 else {
                throw .place(path: path, detail: "user_version is \(found), which no flowlabd writes; restore a copy")
            }
            let owner = try database.integer("PRAGMA application_id") ?? 0
            let tables = try database.integer("SELECT count(*) FROM sqlite_schema") ?? 0
            guard owner == applicationID || (owner == 0 && found == 0 && tables == 0) else {
                throw .place(path: path, detail: "a database, but not flowlabd's; move it away, or name another path")
            }
            guard found < version else { return }
            for step in Int(found)..<migrations.count { try database.execute(migrations[step]) }
            try database.execute("PRAGMA application_id = \(applicationID)")
            try database.execute("PRAGMA user_version = \(version)")
        }
    }

    /// Instants are whole nanoseconds: wire and bench since the daemon's start, wall since 1970. JSON columns hold what
    /// clients see. Foreign keys wait for the commit, since a batch may write in any order.
    private static let version1 = """
        CREATE TABLE experiments (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            experiment TEXT NOT NULL UNIQUE,
            number INTEGER NOT NULL,
            state TEXT NOT NULL,
            is_final INTEGER NOT NULL,
            key TEXT,
            campaign TEXT,
            metadata TEXT,
            submitted_by INTEGER NOT NULL,
            recipe TEXT NOT NULL,
            executed TEXT NOT NULL,
            plan TEXT NOT NULL,
            error TEXT,
            simulated INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX experiments_by_state ON experiments (state, id);
        CREATE INDEX experiments_unfinished ON experiments (id) WHERE is_final = 0;
        CREATE INDEX experiments_by_key ON experiments (key) WHERE key IS NOT NULL;

        CREATE TABLE transitions (
            experiment TEXT NOT NULL REFERENCES experiments (experiment) DEFERRABLE INITIALLY DEFERRED,
            position INTEGER NOT NULL,
            state TEXT NOT NULL,
            time TEXT NOT NULL,
            bench_s REAL NOT NULL,
            cause TEXT NOT NULL,
            PRIMARY KEY (experiment, position)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE measurements (
            experiment TEXT PRIMARY KEY REFERENCES experiments (experiment) DEFERRABLE INITIALLY DEFERRED,
            measured TEXT,
            features TEXT,
            certificate TEXT
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE spectra (
            id INTEGER PRIMARY KEY,
            experiment TEXT NOT NULL REFERENCES experiments (experiment) DEFERRABLE INITIALLY DEFERRED,
            device TEXT NOT NULL,
            kind TEXT NOT NULL,
            integration_s REAL NOT NULL,
            frames INTEGER NOT NULL,
            time TEXT NOT NULL,
            wavelengths_nm BLOB NOT NULL,
            counts BLOB NOT NULL
        ) STRICT;
        CREATE INDEX spectra_by_experiment ON spectra (experiment, id);

        CREATE TABLE signals (
            id INTEGER PRIMARY KEY,
            signal TEXT NOT NULL,
            value REAL,
            unit TEXT NOT NULL,
            quality TEXT NOT NULL,
            wire_ns INTEGER NOT NULL,
            bench_ns INTEGER NOT NULL,
            wall_ns INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX signals_by_time ON signals (signal, wall_ns);

        -- Sequence numbers begin anew with each start of the daemon, hence the run.
        CREATE TABLE events (
            run INTEGER NOT NULL,
            sequence INTEGER NOT NULL,
            topic TEXT NOT NULL,
            data TEXT NOT NULL,
            wire_ns INTEGER NOT NULL,
            bench_ns INTEGER NOT NULL,
            wall_ns INTEGER NOT NULL,
            PRIMARY KEY (run, sequence)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE audit (
            id INTEGER PRIMARY KEY,
            uid INTEGER NOT NULL,
            pid INTEGER NOT NULL,
            method TEXT NOT NULL,
            detail TEXT NOT NULL,
            outcome TEXT NOT NULL,
            wire_ns INTEGER NOT NULL,
            bench_ns INTEGER NOT NULL,
            wall_ns INTEGER NOT NULL
        ) STRICT;

        -- What is latched now; how it came and went is among the events.
        CREATE TABLE latches (
            interlock TEXT PRIMARY KEY,
            cause TEXT NOT NULL,
            effects TEXT NOT NULL,
            is_first_out INTEGER NOT NULL,
            wire_ns INTEGER NOT NULL,
            bench_ns INTEGER NOT NULL,
            wall_ns INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """
}
