extension Schema {
    /// Interlocks that are out of service, and until when by the calendar.
    static let version3 = """
        CREATE TABLE bypasses (
            interlock TEXT PRIMARY KEY,
            person TEXT NOT NULL,
            reason TEXT NOT NULL,
            until_ns INTEGER NOT NULL,
            wire_ns INTEGER NOT NULL,
            bench_ns INTEGER NOT NULL,
            wall_ns INTEGER NOT NULL
        ) STRICT;

        """
}
