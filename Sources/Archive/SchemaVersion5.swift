extension Schema {
    /// The maintenance that is on, and what becomes of an experiment whose client has gone.
    static let version5 = """
        CREATE TABLE maintenance (
            only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
            person TEXT NOT NULL,
            reason TEXT NOT NULL,
            uid INTEGER NOT NULL,
            since_ns INTEGER NOT NULL,
            until_ns INTEGER NOT NULL
        ) STRICT;

        -- What is in somebody's hand now; gone when the lease ends.
        CREATE TABLE leases (
            lease TEXT PRIMARY KEY,
            what TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;

        ALTER TABLE experiments ADD COLUMN if_client_gone TEXT;
        """
}
