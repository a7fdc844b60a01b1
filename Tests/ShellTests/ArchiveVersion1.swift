/// An archive as version 1 wrote it, from a daemon of that version on a simulated bench: one experiment done, one that a
/// trip ended, one that waits. Spectra and signals are cut short.
enum ArchiveVersion1 {
    static let sql = schema + rows

    private static let schema = """
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
        CREATE TABLE latches (
            interlock TEXT PRIMARY KEY,
            cause TEXT NOT NULL,
            effects TEXT NOT NULL,
            is_first_out INTEGER NOT NULL,
            wire_ns INTEGER NOT NULL,
            bench_ns INTEGER NOT NULL,
            wall_ns INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX experiments_by_state ON experiments (state, id);
        CREATE INDEX experiments_unfinished ON experiments (id) WHERE is_final = 0;
        CREATE INDEX experiments_by_key ON experiments (key) WHERE key IS NOT NULL;
        CREATE INDEX spectra_by_experiment ON spectra (experiment, id);
        CREATE INDEX signals_by_time ON signals (signal, wall_ns);
        PRAGMA application_id = 1718378850;
        PRAGMA user_version = 1;

        """

    private static let rows = """
        INSERT INTO experiments VALUES(1,'e-000001',1,'done',1,'v1-a',NULL,NULL,0,'{"flows_ul_min":{"cs_oleate":80,"cu\
        i":80,"oa_cs":15,"oa_cui":10,"ode_cui":60},"kind":"flows","temperature_c":140}','{"flows_ul_min":{"cs_oleate":\
        80,"cui":80,"oa_cs":15,"oa_cui":10,"oam_cui":0,"ode_cui":60},"kind":"flows","temperature_c":140}','{"duration_\
        s":231.596600429,"equilibrium_time_s":166.903363124,"executed":{"flows_ul_min":{"cs_oleate":80,"cui":80,"oa_cs\
        ":15,"oa_cui":10,"oam_cui":0,"ode_cui":60},"kind":"flows","temperature_c":140},"feasible":true,"flows_ul_min":\
        {"cs_oleate":80,"cui":80,"oa_cs":15,"oa_cui":10,"oam_cui":0,"ode_cs":55,"ode_cui":60,"pfo":300},"problems":[],\
        "reaction_time_s":42.000982942,"reagents_ul":{"cs_oleate":245.87,"cui":245.87,"oa_cs":46.1,"oa_cui":30.73,"oam\
        _cui":0,"ode_cs":169.04,"ode_cui":184.4,"pfo":922.02},"remaining_after_ul":{"cs_oleate":49754.13,"cui":49754.1\
        3,"oa_cs":49953.9,"oa_cui":49969.27,"oam_cui":50000,"ode_cs":49830.96,"ode_cui":49815.6,"pfo":99077.98},"resid\
        ence_time_s":139.086135937,"warnings":[]}',NULL,1);
        INSERT INTO experiments VALUES(7,'e-000002',2,'failed',1,'v1-b',NULL,NULL,0,'{"flows_ul_min":{"cs_oleate":80,"\
        cui":80,"ode_cui":70},"kind":"flows","temperature_c":140}','{"flows_ul_min":{"cs_oleate":80,"cui":80,"oa_cs":0\
        ,"oa_cui":0,"oam_cui":0,"ode_cui":70},"kind":"flows","temperature_c":140}','{"duration_s":186.981671229,"equil\
        ibrium_time_s":166.903363124,"executed":{"flows_ul_min":{"cs_oleate":80,"cui":80,"oa_cs":0,"oa_cui":0,"oam_cui\
        ":0,"ode_cui":70},"kind":"flows","temperature_c":140},"feasible":true,"flows_ul_min":{"cs_oleate":80,"cui":80,\
        "oa_cs":0,"oa_cui":0,"oam_cui":0,"ode_cs":70,"ode_cui":70,"pfo":300},"problems":[],"reaction_time_s":42.000982\
        942,"reagents_ul":{"cs_oleate":245.87,"cui":245.87,"oa_cs":0,"oa_cui":0,"oam_cui":0,"ode_cs":215.14,"ode_cui":\
        215.14,"pfo":922.02},"remaining_after_ul":{"cs_oleate":49431.6,"cui":49431.62,"oa_cs":49939.53,"oa_cui":49959.\
        69,"oam_cui":50000,"ode_cs":49563.13,"ode_cui":49542.85,"pfo":97868.54},"residence_time_s":139.086135937,"warn\
        ings":[]}','{"detail":"safe-state: asked for by uid 0: test","hint":"see interlocks.list for the cause and wha\
        t to do; submit again after the reset","kind":"trip"}',1);
        INSERT INTO experiments VALUES(9,'e-000003',3,'queued',0,'v1-c',NULL,NULL,0,'{"flows_ul_min":{"cs_oleate":80,"\
        cui":80,"ode_cui":70},"kind":"flows","temperature_c":150}','{"flows_ul_min":{"cs_oleate":80,"cui":80,"oa_cs":0\
        ,"oa_cui":0,"oam_cui":0,"ode_cui":70},"kind":"flows","temperature_c":150}','{"duration_s":226.981671229,"equil\
        ibrium_time_s":166.903363124,"executed":{"flows_ul_min":{"cs_oleate":80,"cui":80,"oa_cs":0,"oa_cui":0,"oam_cui\
        ":0,"ode_cui":70},"kind":"flows","temperature_c":150},"feasible":true,"flows_ul_min":{"cs_oleate":80,"cui":80,\
        "oa_cs":0,"oa_cui":0,"oam_cui":0,"ode_cs":70,"ode_cui":70,"pfo":300},"problems":[],"reaction_time_s":42.000982\
        942,"reagents_ul":{"cs_oleate":245.87,"cui":245.87,"oa_cs":0,"oa_cui":0,"oam_cui":0,"ode_cs":215.14,"ode_cui":\
        215.14,"pfo":922.02},"remaining_after_ul":{"cs_oleate":49431.6,"cui":49431.62,"oa_cs":49939.53,"oa_cui":49959.\
        69,"oam_cui":50000,"ode_cs":49563.13,"ode_cui":49542.85,"pfo":97868.54},"residence_time_s":139.086135937,"warn\
        ings":[]}',NULL,1);
        INSERT INTO transitions VALUES('e-000001',0,'queued','2026-11-28T02:26:26.963Z',160.37995748000000162,'submitt\
        ed by uid 0');
        INSERT INTO transitions VALUES('e-000001',1,'heating','2026-11-28T02:26:26.963Z',160.37995748000000162,'first \
        in the queue; heating to 140.0 degC');
        INSERT INTO transitions VALUES('e-000001',2,'flowing','2026-11-28T02:26:27.701Z',189.88187012000000208,'the pl\
        ate is steady at 140.0 degC');
        INSERT INTO transitions VALUES('e-000001',3,'settling','2026-11-28T02:26:27.936Z',199.27210443999999255,'all 7\
         pumps report their flow, the lamp is on');
        INSERT INTO transitions VALUES('e-000001',4,'measuring','2026-11-28T02:26:33.658Z',428.1830314399999793,'swept\
         1.575 tau and steady');
        INSERT INTO transitions VALUES('e-000001',5,'done','2026-11-28T02:26:33.861Z',436.28438008000000537,'measured \
        36 droplet frames');
        INSERT INTO transitions VALUES('e-000002',0,'queued','2026-11-28T02:26:33.900Z',437.85201852000000142,'submitt\
        ed by uid 0');
        INSERT INTO transitions VALUES('e-000002',1,'heating','2026-11-28T02:26:33.900Z',437.85201852000000142,'first \
        in the queue; heating to 140.0 degC');
        INSERT INTO transitions VALUES('e-000002',2,'flowing','2026-11-28T02:26:34.102Z',445.93256452000002809,'the pl\
        ate is steady at 140.0 degC');
        INSERT INTO transitions VALUES('e-000002',3,'settling','2026-11-28T02:26:34.345Z',455.65158795999997211,'all 5\
         pumps report their flow, the lamp is on');
        INSERT INTO transitions VALUES('e-000002',4,'failed','2026-11-28T02:26:36.959Z',560.21668336000004727,'safe-st\
        ate: asked for by uid 0: test');
        INSERT INTO transitions VALUES('e-000003',0,'queued','2026-11-28T02:26:33.923Z',438.76216524000000163,'submitt\
        ed by uid 0');
        INSERT INTO measurements VALUES('e-000001','{"flows_ul_min":{"cs_oleate":80,"cui":80,"oa_cs":15,"oa_cui":10,"o\
        de_cs":55,"ode_cui":60,"pfo":300},"temperature_c":139.8554229736328,"volumes_ul":{"cs_oleate":320.0533,"cui":3\
        20.0526,"oa_cs":60.01,"oa_cui":40.0066,"ode_cs":220.0369,"ode_cui":240.0378,"pfo":1200.204}}','{"pl_area":{"me\
        an":2784733.367417429,"n":36,"sem":4042.151374226449,"unit":"counts"},"pl_centre":{"mean":449.97401536253057,"\
        n":36,"sem":0.00986586993104,"unit":"nm"},"pl_peak":{"mean":36775.05546609411,"n":36,"sem":55.59402644356253,"\
        unit":"counts"}}','{"drift_fraction":0.023996671552547203,"drift_limit":0.03,"elapsed_s":228.910927,"required_\
        tau":1.2,"residence_time_s":139.086135937,"samples":25,"statistic":"pl_peak","swept_tau":1.575034866231591,"te\
        mperature_band_k":10,"temperature_deviation_k":5.7152862548828125,"verdict":"steady"}');
        INSERT INTO measurements VALUES('e-000002',NULL,NULL,'{"drift_fraction":1,"drift_limit":0.03,"elapsed_s":104.5\
        650954,"required_tau":1.2,"residence_time_s":139.086135937,"samples":0,"statistic":"pl_peak","swept_tau":0.714\
        3893538263268,"temperature_band_k":10,"temperature_deviation_k":0.149993896484375,"verdict":"not_steady"}');
        INSERT INTO spectra VALUES(1,'e-000001','spec_pl','droplet',0.014999999999999999444,36,'2026-11-28T02:26:33.76\
        0Z',X'00004843504a48439f944843',X'ec4e0542cf0a44be15706dc0');
        INSERT INTO signals VALUES(1,'spectrometer.spec_pl.integration',0.10000000000000000555,'s','good',454700813696\
        4,3400563200,1795832783039362030);
        INSERT INTO signals VALUES(2,'spectrometer.spec_abs.integration',0.10000000000000000555,'s','good',45470083183\
        07,3407816920,1795832783039543104);
        INSERT INTO signals VALUES(3,'heater.temperature',139.4857635498046875,'degC','good',4547024225320,4044097440,\
        1795832783055450412);
        INSERT INTO events VALUES(1,1,'devices','{"detail":null,"device":"cui","state":"identifying"}',4546986337682,2\
        528591920,1795832783017562419);
        INSERT INTO events VALUES(1,2,'devices','{"detail":null,"device":"spec_pl","state":"identifying"}',45469864414\
        89,2532744200,1795832783017666248);
        INSERT INTO events VALUES(1,3,'devices','{"detail":null,"device":"spec_abs","state":"identifying"}',4546986529\
        415,2536261240,1795832783017754212);
        INSERT INTO audit VALUES(1,0,25746,'experiments.submit','e-000001','queued',4550932621821,160379957480,1795832\
        786963846604);
        INSERT INTO audit VALUES(2,0,25760,'experiments.submit','e-000002','queued',4557869423347,437852018520,1795832\
        793900648097);
        INSERT INTO latches VALUES('safe-state','asked for by uid 0: test','everything',1,4560928539968,560216683360,1\
        795832796959764765);
        INSERT INTO sqlite_sequence VALUES('experiments',12);
        """
}
