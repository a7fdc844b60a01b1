"""Parts of the daemon: its archive and its Modbus bus, each beside the library that it stands on; trips and calls to the
wire; virtual time."""

import json
import os
import sqlite3
import subprocess
import time

from measure import ROUNDS, Noise
from surroundings import ROOT, free_port
from trips import Trips, share

READINGS_PER_S, WRITE_S = 10_000, 2.0
FEW_ROWS, MANY_ROWS = 100_000, 10_000_000
# Signals of the filled archive, one of which is read; a sample each second.
SIGNALS = 20
QUESTIONS = 100
POLL_S, AHEAD = 1.0, 4
CALLS = 100
SIMULATED_EXPERIMENTS = 5
WANTED_SPEED = 2000.0


def archive(place, table):
    noise = Noise()
    rounds = []
    for _ in range(ROUNDS):
        rounds.append((
            place.swift("archive-write", place.path("archive.sqlite"), READINGS_PER_S, WRITE_S),
            place.c("archive_floor", place.path("floor.sqlite"), READINGS_PER_S, WRITE_S)))
    seen = noise.end()
    used, floors = ([one[side]["percent"] for one in rounds] for side in (0, 1))
    table.add("archive_write", "% core", used, floor_is=f"none; 10 000 readings/s; SQLite alone {sorted(floors)[2]:.1f}", goal=5,
              noise=seen)
    table.add("archive_write_floor", "% core", used, floors, "SQLite alone, ten readings a commit")
    archives = {rows: filled(place, rows) for rows in (FEW_ROWS, MANY_ROWS)}
    rounds = [{rows: place.swift("archive-read", path, newest, QUESTIONS) for rows, (path, newest) in archives.items()}
              for _ in range(ROUNDS)]
    for name, key in (("hour", "hour_us"), ("experiment", "experiment_us")):
        table.add(f"archive_query_{name}", "us", [one[MANY_ROWS][key] for one in rounds], [one[FEW_ROWS][key] for one in rounds],
                  f"{FEW_ROWS} rows in place of {MANY_ROWS}", 1.5)
    for path, _ in archives.values():
        os.remove(path)


def filled(place, rows):
    """An archive with so many samples and nine experiments; its path, and the time of the newest sample. Filled past the
    daemon's own code, which would take a minute."""
    path = place.path(f"{rows}.sqlite")
    place.swift("archive-write", path, 100, 0.1)
    newest = time.time_ns()
    database = sqlite3.connect(path)
    database.executescript(f"""
        PRAGMA synchronous = OFF;
        PRAGMA journal_mode = OFF;
        BEGIN;
        DROP INDEX signals_by_time;
        WITH RECURSIVE counter (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM counter WHERE n < {rows} - 1)
        INSERT INTO signals (signal, value, unit, quality, wire_ns, bench_ns, wall_ns)
            SELECT CASE n % {SIGNALS} WHEN 0 THEN 'heater.temperature' ELSE 'pump.p' || n % {SIGNALS} || '.flow' END,
                n * 0.001, 'degC', 'good', n, n, {newest} - ({rows} - 1 - n) / {SIGNALS} * 1000000000
            FROM counter;
        CREATE INDEX signals_by_time ON signals (signal, wall_ns);
        WITH RECURSIVE counter (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < 9)
        INSERT INTO experiments (experiment, number, state, is_final, submitted_by, recipe, executed, plan, simulated)
            SELECT printf('e-%06d', n), n, 'cancelled', 1, 1000, '{RECIPE}', '{RECIPE}', '{PLAN}', 1 FROM counter;
        COMMIT;
        PRAGMA journal_mode = WAL;
        """)
    database.close()
    return path, newest


RECIPE = '{"kind":"flows","temperature_c":140,"flows_ul_min":{"cui":80}}'
PLAN = json.dumps({
    "feasible": True, "executed": None, "flows_ul_min": {"cui": 80}, "reaction_time_s": 30, "residence_time_s": 61.5,
    "equilibrium_time_s": 73.8, "duration_s": 300, "reagents_ul": {}, "remaining_after_ul": {}, "warnings": [],
    "problems": []})


def modbus_polls(place, table):
    port = free_port()
    server = place.processes.start("mb_peer", f"{place.programs}/mb_peer", "server", port)
    time.sleep(0.3)
    noise = Noise([server.pid])
    rounds = [{"alone": place.swift("modbus", port, 1, POLL_S), "ours": place.swift("modbus", port, AHEAD, POLL_S),
               "floor": place.c("mb_peer", "poll", port, POLL_S)} for _ in range(ROUNDS)]
    seen = noise.end()
    floors = [one["floor"]["rate"] for one in rounds]
    table.add("modbus_polls", "1/s", [one["ours"]["rate"] for one in rounds], floors, "libmodbus alone, one on the wire each", 0.7,
              most=False, noise=seen)
    table.add("modbus_polls_lone_device", "1/s", [one["alone"]["rate"] for one in rounds], floors,
              "the same; each asked after the last answer", noise=seen)
    place.processes.end(server)


def trips(place, table):
    """From an answer that trips, and from a client's call of pumps.stop, to the first byte of the stop on the wire."""
    noise = Noise()
    found = Trips(place).measure()
    seen = noise.end()
    for name, goal_of in (("trip_to_wire", {0.5: 2.0, 0.99: None}), ("command_to_wire", {0.5: 2.0, 0.99: None})):
        rounds = found[name]
        for part, goal in goal_of.items():
            values, floors = ([share(sorted(pair[side] for pair in one), part) for one in rounds] for side in (0, 1))
            table.add(f"{name}_p{round(part * 100)}", "us", values, floors,
                      "C echo on a pty" if name == "trip_to_wire" else "C: socket, then pty", goal, noise=seen)


def virtual_time(place, table):
    speeds = []
    for _ in range(3):
        done = subprocess.run([f"{place.binaries}/flowlab-simulate", "--config", f"{ROOT}/examples/nanocrystal.toml",
                               "--experiments", str(SIMULATED_EXPERIMENTS)], capture_output=True, text=True,
                              timeout=60, check=False)
        speeds.append(json.loads(done.stdout)["speed"])
    table.add("virtual_time", "bench s/s", speeds, floor_is=f"none; {SIMULATED_EXPERIMENTS} experiments", goal=WANTED_SPEED,
              most=False)
