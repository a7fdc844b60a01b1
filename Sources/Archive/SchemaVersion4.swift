extension Schema {
    /// Alarms with their priority and who acknowledged them, alarms that are shelved, and the audit by its methods. Of what
    /// older daemons raised nobody is asked any more.
    static let version4 = """
        ALTER TABLE alarms ADD COLUMN priority TEXT NOT NULL DEFAULT 'medium';
        ALTER TABLE alarms ADD COLUMN acknowledged_ns INTEGER;
        ALTER TABLE alarms ADD COLUMN acknowledged_by INTEGER;
        UPDATE alarms SET acknowledged_ns = coalesce(cleared_ns, raised_ns);
        CREATE INDEX alarms_unacknowledged ON alarms (alarm, raised_ns)
            WHERE acknowledged_ns IS NULL AND priority IN ('high', 'critical');

        CREATE TABLE shelves (
            alarm TEXT PRIMARY KEY,
            person TEXT NOT NULL,
            reason TEXT NOT NULL,
            until_ns INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE INDEX audit_by_method ON audit (method, id);
        """
}
