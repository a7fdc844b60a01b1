"""Runs all tests: run.py DIRECTORY-OF-BINARIES [NAME…]. Ends with `python: N passed, N failed`.

What is drawn at random is drawn from `$SEED`; without it, from a new seed, which is printed.
"""

from __future__ import annotations

import os
import random
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


def main() -> int:
    if len(sys.argv) < 2 or not os.access(f"{sys.argv[1]}/flowlabd", os.X_OK):
        print(__doc__, file=sys.stderr)
        return 2
    os.environ["FLOWLAB_BIN"] = os.path.abspath(sys.argv[1])
    os.environ.pop("FLOWLAB_SOCKET", None)
    os.environ.setdefault("SEED", str(random.randrange(1 << 30)))
    print(f"seed {os.environ['SEED']}, of the bench {BENCH_SEED}", flush=True)
    # A socket or a task that is left behind is a fault of the package.
    warnings.simplefilter("error", ResourceWarning)
    loader = unittest.defaultTestLoader
    names = [f"tests.{name}" for name in sys.argv[2:]]
    tests = loader.loadTestsFromNames(names) if names else loader.discover(str(HERE), top_level_dir=str(HERE.parent))
    runner: Any = unittest.TextTestRunner(resultclass=Score, verbosity=0, stream=sys.stdout, warnings="error")
    result = runner.run(tests)
    SharedBench.close()
    failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    print(f"python: {result.passed} passed, {failed} failed", flush=True)
    return 1 if failed or not result.passed else 0


if __name__ == "__main__":
    sys.exit(main())
