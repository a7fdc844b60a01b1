extension Schema {
    /// Campaigns, the ledger, alarms, ends with numbers, external results, and a signal history that is drawn together
    /// as it grows old.
    ///
    /// What version 1 wrote is kept as it is: its ended experiments get their numbers in the order of submission; the
    /// time of its spectra is read from their text; its samples stay in `signals` until they are old enough.
    static let version2 = experiments2 + spectra2 + campaigns2 + ledger2 + alarms2 + signals2 + events2

    private static let experiments2 = """
        ALTER TABLE experiments ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE experiments ADD COLUMN origin TEXT NOT NULL DEFAULT 'bench';
        ALTER TABLE experiments ADD COLUMN source TEXT;
        ALTER TABLE experiments ADD COLUMN data TEXT NOT NULL DEFAULT 'none';
        ALTER TABLE experiments ADD COLUMN partial_features TEXT;
        ALTER TABLE experiments ADD COLUMN flags TEXT NOT NULL DEFAULT '[]';
        -- The number of its end among all ends.
        ALTER TABLE experiments ADD COLUMN sequence INTEGER;

        UPDATE experiments SET sequence = ended.place, data = CASE
            WHEN state = 'done' THEN 'complete'
            WHEN EXISTS (SELECT 1 FROM transitions WHERE transitions.experiment = experiments.experiment
                AND transitions.state IN ('flowing', 'settling', 'measuring')) THEN 'partial'
            ELSE 'none' END
        FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM experiments WHERE is_final = 1) AS ended
        WHERE ended.id = experiments.id;

        CREATE UNIQUE INDEX experiments_by_sequence ON experiments (sequence) WHERE sequence IS NOT NULL;
        CREATE INDEX experiments_by_campaign_sequence ON experiments (campaign, sequence)
            WHERE campaign IS NOT NULL AND sequence IS NOT NULL;
        CREATE INDEX experiments_by_campaign ON experiments (campaign, id) WHERE campaign IS NOT NULL;
        CREATE INDEX experiments_by_campaign_state ON experiments (campaign, state, id) WHERE campaign IS NOT NULL;
        CREATE INDEX experiments_by_number ON experiments (number);
        -- Holds all that the daemon reads of every experiment when it starts.
        DROP INDEX experiments_by_key;
        CREATE INDEX experiments_by_key ON experiments (key, submitted_by, experiment, state, recipe)
            WHERE key IS NOT NULL;

        -- Every pump, input and feature that records name, so that an export knows its columns without reading all.
        CREATE TABLE experiment_names (
            id INTEGER PRIMARY KEY,
            campaign TEXT NOT NULL,
            kind TEXT NOT NULL,
            name TEXT NOT NULL,
            UNIQUE (campaign, kind, name)
        ) STRICT;
        INSERT OR IGNORE INTO experiment_names (campaign, kind, name)
            SELECT coalesce(campaign, ''), 'pump', flows.key
            FROM experiments, json_each(experiments.plan, '$.flows_ul_min') AS flows
            WHERE json_valid(experiments.plan) ORDER BY experiments.id;
        INSERT OR IGNORE INTO experiment_names (campaign, kind, name)
            SELECT coalesce(campaign, ''), 'pump', flows.key
            FROM experiments, json_each(experiments.recipe, '$.flows_ul_min') AS flows
            WHERE json_valid(experiments.recipe) ORDER BY experiments.id;
        INSERT OR IGNORE INTO experiment_names (campaign, kind, name)
            SELECT coalesce(campaign, ''), 'feature', found.key
            FROM experiments JOIN measurements USING (experiment), json_each(measurements.features) AS found
            WHERE json_valid(measurements.features) ORDER BY experiments.id;

        """

    /// `wall_ns` is NULL where version 1 wrote the row: its time is in its text only.
    private static let spectra2 = """
        ALTER TABLE spectra ADD COLUMN wall_ns INTEGER;
        CREATE INDEX spectra_references ON spectra (device, kind, wall_ns) WHERE kind IN ('dark', 'reference');

        """

    private static let campaigns2 = """
        CREATE TABLE campaigns (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            campaign TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            key TEXT,
            metadata TEXT,
            created TEXT NOT NULL,
            created_by INTEGER NOT NULL
        ) STRICT;

        """

    private static let ledger2 = """
        -- What is in the syringes and in the waste now: one row, or none before anything was said.
        CREATE TABLE ledger (
            only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
            contents TEXT NOT NULL
        ) STRICT;

        CREATE TABLE reagent_acts (
            id INTEGER PRIMARY KEY,
            uid INTEGER NOT NULL,
            kind TEXT NOT NULL,
            device TEXT,
            volume_ul REAL NOT NULL,
            batch TEXT,
            lot TEXT,
            note TEXT,
            wire_ns INTEGER NOT NULL,
            bench_ns INTEGER NOT NULL,
            wall_ns INTEGER NOT NULL
        ) STRICT;

        """

    private static let alarms2 = """
        -- One row from raising to clearing, with the last text. At the time t were active:
        -- raised_ns <= t AND (cleared_ns IS NULL OR cleared_ns > t).
        CREATE TABLE alarms (
            id INTEGER PRIMARY KEY,
            alarm TEXT NOT NULL,
            text TEXT NOT NULL,
            raised_ns INTEGER NOT NULL,
            cleared_ns INTEGER
        ) STRICT;
        CREATE UNIQUE INDEX alarms_active ON alarms (alarm) WHERE cleared_ns IS NULL;
        CREATE INDEX alarms_by_time ON alarms (raised_ns, cleared_ns);

        """

    private static let signals2 = """
        -- Samples that grew old: those of one span, which begins at start_ns, are one row. `wall_ns` is the time of the
        -- first of them, `numbers` how many of `count` had a value. A sample is here or in `signals`, never in both.
        CREATE TABLE signal_means (
            signal TEXT NOT NULL,
            span_s INTEGER NOT NULL,
            start_ns INTEGER NOT NULL,
            unit TEXT NOT NULL,
            wall_ns INTEGER NOT NULL,
            value REAL,
            minimum REAL,
            maximum REAL,
            count INTEGER NOT NULL,
            numbers INTEGER NOT NULL,
            quality TEXT NOT NULL,
            PRIMARY KEY (signal, span_s, start_ns, unit)
        ) STRICT, WITHOUT ROWID;

        """

    private static let events2 = """
        -- 1, 2, … over all runs, so that a page of them is found without counting.
        ALTER TABLE events ADD COLUMN number INTEGER;
        UPDATE events SET number = numbered.place
            FROM (SELECT run, sequence, row_number() OVER (ORDER BY run, sequence) AS place FROM events) AS numbered
            WHERE numbered.run = events.run AND numbered.sequence = events.sequence;
        CREATE UNIQUE INDEX events_by_number ON events (number);

        """
}
