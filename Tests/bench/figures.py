"""The figures of flowlab, each beside a floor or a peer that was measured in the same run, turn about.

usage: figures.py DIRECTORY-OF-BINARIES DIRECTORY-OF-THE-C-PROGRAMS DIRECTORY-FOR-RESULTS [ROW...]

Nothing is asserted: a virtual machine's spikes would decide. Read the ratios of medians, and what the machine did besides.
"""

import json
import os
import platform
import shutil
import sys
import tempfile
import time

import rows_api
import rows_loop
import rows_parts
from measure import ROUNDS, Table
from surroundings import Place, Processes

ROWS = [
    rows_loop.loop_lateness, rows_loop.at_rest, rows_api.api_read, rows_api.fanout_64, rows_parts.archive,
    rows_loop.device_scaling, rows_parts.modbus_polls, rows_parts.trips, rows_parts.virtual_time]


def measure(place, table, wanted):
    """Each group of rows; one that fails is said and leaves the others alone."""
    failures = []
    for row in ROWS:
        if wanted and row.__name__ not in wanted:
            continue
        began = time.monotonic()
        try:
            row(place, table)
        except Exception as error:  # whatever a daemon, a floor or the system did
            failures.append(f"{row.__name__}: {type(error).__name__}: {error}")
            print(f"FAILED {failures[-1]}", flush=True)
        place.processes.end_all()
        print(f"    ({row.__name__}: {time.monotonic() - began:.0f} s)", flush=True)
    return failures


def write(results, table, failures):
    os.makedirs(results, exist_ok=True)
    host = {"kernel": platform.release(), "cpu": cpu_name(), "cpus": os.cpu_count(), "load": os.getloadavg()}
    with open(f"{results}/bench.json", "w", encoding="utf-8") as file:
        json.dump({"host": host, "rounds": ROUNDS, "figures": table.rows, "failures": failures}, file, indent=1)
    with open(f"{results}/results.json", "w", encoding="utf-8") as file:
        json.dump(table.rows, file, indent=1)
    print(f"also in {results}/bench.json and results.json; what each row means: docs/figures.md")


def cpu_name():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        return next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), "unknown")


def main():
    binaries, programs, results = (os.path.abspath(word) for word in sys.argv[1:4])
    known = [row.__name__ for row in ROWS]
    unknown = [name for name in sys.argv[4:] if name not in known]
    if unknown:
        sys.exit(f"figures.py: no row {', '.join(unknown)}; there are {', '.join(known)}")
    directory = tempfile.mkdtemp(prefix="flowlab-bench-")
    processes, table = Processes(directory), Table()
    print(Table.head())
    try:
        failures = measure(Place(binaries, programs, directory, processes), table, sys.argv[4:])
    finally:
        processes.end_all()
    if not failures:
        shutil.rmtree(directory)
    write(results, table, failures)
    sys.exit(f"logs in {directory}" if failures else 0)


if __name__ == "__main__":
    main()
