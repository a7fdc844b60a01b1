#!/usr/bin/env python3
"""The Debian package under a real systemd, as an administrator and three users meet it.

    scripts/e2e DIST [--seed N] [--keep DIR]

DIST has the package that `make deb` built. A container boots systemd; two simulated benches live on the host, and their
pseudo-terminals are serial ports inside. What became of heat and flow is judged by the benches' truth logs.
Ends with "e2e: N passed, N failed"; exit code 1 if anything failed. Where the machine allows no container it says so,
and ends with 0. Takes 4 minutes, and a minute more at first.
"""
import argparse
import os
import shutil
import sys
import tempfile

from changing import Changing
from container import Cannot, require_means
from deaths import Deaths
from installing import Installing
from using import Using
from world import HANGS_S, KILLED_S


class EndToEnd(Installing, Using, Deaths, Changing):
    """All of it, in the order of a bench's life."""

    def all(self):
        for work in (self.install, self.configure, self.first_connection, self.boot, self.roles, self.campaign,
                     self.pause, self.reload):
            self.group(work.__name__, work)
        self.group("kill -STOP", lambda: self.dies("kill -STOP", "STOP", HANGS_S))
        self.group("kill -9", lambda: self.dies("kill -9", "KILL", KILLED_S))
        for work in (self.dies_with_a_broken_file, self.name_is_taken, self.manager_hangs, self.stop_during_experiment,
                     self.start_limit, self.journal, self.upgrade, self.migrates, self.removal):
            self.group(work.__name__, work)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("dist", help="the directory with the package")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--keep", help="a new directory for everything that was written")
    options = parser.parse_args()
    try:
        require_means()
    except Cannot as why:
        print(f"e2e: NOT RUN here, nothing was tested: {why}")
        return 0
    work = options.keep or tempfile.mkdtemp(prefix="flowlab-e2e-")
    os.makedirs(work, exist_ok=True)
    print(f"seed {options.seed}, in {work}")
    test = EndToEnd(options, work)
    try:
        try:
            test.prepare()
        except Cannot as why:
            print(f"e2e: NOT RUN here, nothing was tested: {why}")
            return 0
        test.all()
    finally:
        test.close()
        if not options.keep:
            shutil.rmtree(work, ignore_errors=True)
    print(f"e2e: {test.passed} passed, {test.failed} failed")
    return 1 if test.failed else 0


if __name__ == "__main__":
    sys.exit(main())
