"""See scripts/test-hotplug."""
import argparse
import os
import random
import shutil
import sys
import tempfile

import daemon
import rules
import suggest
from shared import FAILED, PASSED

PARTS = {"rules": rules.run, "suggest": suggest.run, "daemon": daemon.run}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("bin")
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    parser.add_argument("--keep")
    parser.add_argument("--only", choices=sorted(PARTS))
    options = parser.parse_args()
    options.bin = os.path.abspath(options.bin)
    print(f"hotplug: seed {options.seed}", flush=True)
    options.work = options.keep or tempfile.mkdtemp(prefix="flowlab-hotplug-")
    os.makedirs(options.work, exist_ok=True)
    try:
        for name, part in PARTS.items():
            if options.only in (None, name):
                part(options)
    finally:
        if not options.keep:
            shutil.rmtree(options.work, ignore_errors=True)
    print(f"hotplug: {len(PASSED)} passed, {len(FAILED)} failed")
    return 1 if FAILED else 0


sys.exit(main())
