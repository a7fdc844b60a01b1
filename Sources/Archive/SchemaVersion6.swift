extension Schema {
    /// Samples, and where cuvettes stand.
    static let version6 = """
        CREATE TABLE stations (
            station TEXT PRIMARY KEY,
            contents TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;

        ALTER TABLE measurements ADD COLUMN sample TEXT;
        """
}
