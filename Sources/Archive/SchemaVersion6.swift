extension Schema {
    /// Samples, where cuvettes stand, and what analyzers found.
    static let version6 = """
        CREATE TABLE stations (
            station TEXT PRIMARY KEY,
            contents TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;

        -- The files that analyzers exported, byte for byte.
        CREATE TABLE originals (
            id INTEGER PRIMARY KEY,
            experiment TEXT NOT NULL REFERENCES experiments (experiment) DEFERRABLE INITIALLY DEFERRED,
            device TEXT NOT NULL,
            file TEXT NOT NULL,
            md5 TEXT NOT NULL,
            contents BLOB NOT NULL
        ) STRICT;
        CREATE INDEX originals_by_experiment ON originals (experiment);

        ALTER TABLE measurements ADD COLUMN sample TEXT;
        """
}
