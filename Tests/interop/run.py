"""Runs the interoperability checks: run.py DIRECTORY-OF-BINARIES [driver|simulators]."""

import logging
import os
import shutil
import signal
import sys
import tempfile

from heater_driver import HeaterChecks
from simulators import SimulatorChecks
from support import Processes, Score


def end_on_signal(_number, _frame):
    raise SystemExit(130)


def main():
    logging.getLogger("pymodbus").setLevel(logging.CRITICAL)
    binaries = os.path.abspath(sys.argv[1])
    wanted = sys.argv[2:] or ["simulators", "driver"]
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, end_on_signal)
    directory = tempfile.mkdtemp(prefix="flowlab-interop-")
    score, processes = Score(), Processes(directory)
    sections = {"driver": HeaterChecks, "simulators": SimulatorChecks}
    try:
        for name in wanted:
            checks = sections[name](score, processes, binaries, directory)
            score.section(name, checks.run)
            processes.end_all()
    finally:
        processes.end_all()
    print(f"interop: {score.passed} passed, {score.failed} failed", flush=True)
    if score.failed:
        print(f"the programs' logs are in {directory}")
        return 1
    shutil.rmtree(directory)
    return 0


if __name__ == "__main__":
    sys.exit(main())
