"""Runs all tests: run.py DIRECTORY-OF-BINARIES [NAME…]. Ends with `python: N passed, N failed`.

What is drawn at random is drawn from `$SEED`; without it, from a new seed, which is printed.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import time
import unittest
import warnings
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from tests.support import BENCH_SEED, SharedBench  # noqa: E402, the package is there now
SLOW_S = 5.0
SCORE = "python: {} passed, {} failed"
ON_BENCH = [["test_example"], ["test_daemon", "test_contract", "test_processes"]]
"""Modules that wait for a bench most of their time; all others are one group more."""


class Score(unittest.TextTestResult):
    """Counts, and names what took long."""

    passed = 0

    def startTest(self, test: unittest.TestCase) -> None:
        super().startTest(test)
        self._began = time.monotonic()

    def stopTest(self, test: unittest.TestCase) -> None:
        super().stopTest(test)
        took = time.monotonic() - self._began
        if took > SLOW_S:
            print(f"{took:5.1f} s {test.id()}", flush=True)

    def addSuccess(self, test: unittest.TestCase) -> None:
        super().addSuccess(test)
        self.passed += 1

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:
        super().addSkip(test, reason)
        print(f"skipped {test.id()}: {reason}", flush=True)


def run(names: list[str]) -> bool:
    loader = unittest.defaultTestLoader
    # A socket or a task that is left behind is a fault of the package.
    warnings.simplefilter("error", ResourceWarning)
    runner: Any = unittest.TextTestRunner(resultclass=Score, verbosity=0, stream=sys.stdout, warnings="error")
    result = runner.run(loader.loadTestsFromNames([f"tests.{name}" for name in names]))
    SharedBench.close()
    failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    print(SCORE.format(result.passed, failed), flush=True)
    return not failed and result.passed > 0


def run_side_by_side(binaries: str, groups: list[list[str]]) -> bool:
    """Each group in a process of its own, with a bench of its own: they wait for chemistry more than they compute."""
    started = [
        subprocess.Popen([sys.executable, __file__, binaries, *names], stdout=subprocess.PIPE, text=True)
        for names in groups]
    passed = failed = 0
    for names, process in zip(groups, started, strict=True):
        output, _ = process.communicate()
        # Without the seed, which all have in common, and the score, which is added up.
        print(output.partition("\n")[2].rpartition("python: ")[0], end="", flush=True)
        score = re.search(SCORE.format(r"(\d+)", r"(\d+)") + "\n$", output)
        if score is None or (process.returncode != 0) != (score[2] != "0"):
            print(f"FAILED: {' '.join(names)} ended with exit code {process.returncode}")
            failed += 1
        if score is not None:
            passed, failed = passed + int(score[1]), failed + int(score[2])
    print(SCORE.format(passed, failed), flush=True)
    return not failed and passed > 0


def main() -> int:
    if len(sys.argv) < 2 or not os.access(f"{sys.argv[1]}/flowlabd", os.X_OK):
        print(__doc__, file=sys.stderr)
        return 2
    os.environ["FLOWLAB_BIN"] = os.path.abspath(sys.argv[1])
    os.environ.pop("FLOWLAB_SOCKET", None)
    os.environ.setdefault("SEED", str(random.randrange(1 << 30)))
    print(f"seed {os.environ['SEED']}, of the benches {BENCH_SEED}", flush=True)
    if sys.argv[2:]:
        return 0 if run(sys.argv[2:]) else 1
    rest = sorted({path.stem for path in HERE.glob("test_*.py")}.difference(*ON_BENCH))
    return 0 if run_side_by_side(sys.argv[1], [*ON_BENCH, rest]) else 1


if __name__ == "__main__":
    sys.exit(main())
