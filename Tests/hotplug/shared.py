"""What the parts of the test have in common."""
import os
import time

PATIENCE_S = 20
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PASSED, FAILED = [], []


def check(what, holds, detail=""):
    (PASSED if holds else FAILED).append(what)
    print(f"{'ok  ' if holds else 'FAIL'} {what}" + (f": {detail}" if detail and not holds else ""), flush=True)


def until(what, condition, patience=PATIENCE_S):
    """The seconds that it took."""
    began = time.monotonic()
    while time.monotonic() < began + patience:
        if condition():
            return time.monotonic() - began
        time.sleep(0.01)
    raise SystemExit(f"{what} did not come within {patience} s")


def takes(condition, patience):
    """The seconds that it took; more than `patience` when it did not come."""
    try:
        return until("", condition, patience)
    except SystemExit:
        return float("inf")


def unmocked():
    """The environment of programs that shall see the host as it is."""
    return {name: value for name, value in os.environ.items() if name not in ("LD_PRELOAD", "UMOCKDEV_DIR")}
