"""What the machine itself does to a process that only waits: a timerfd, read at the scheduling policy and priority of
the daemon's control loop, on one CPU. usage: witness.py POLICY PRIORITY CPU

Orders: `calm` and `storm` as for the readers, `end` asks for the result.
"""

import ctypes
import gc
import os
import sys
import time

from shared import Histogram, Orders, tell

PERIOD_NS = 2_000_000
# From here on a wake-up is kept with its time; so many at most.
STALL_US, MOST_STALLS = 1_000, 500_000
CLOCK_MONOTONIC, TFD_TIMER_ABSTIME, MCL_ALL = 1, 1, 3


class Spec(ctypes.Structure):
    _fields_ = [(name, ctypes.c_long) for name in ("every_s", "every_ns", "first_s", "first_ns")]


def timer(first_ns):
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mlockall(MCL_ALL)  # where it is not permitted the daemon has it no better
    found = libc.timerfd_create(CLOCK_MONOTONIC, 0)
    spec = Spec(0, PERIOD_NS, first_ns // 10**9, first_ns % 10**9)
    if found < 0 or libc.timerfd_settime(found, TFD_TIMER_ABSTIME, ctypes.byref(spec), None) != 0:
        raise OSError(ctypes.get_errno(), "timerfd")
    return found


def main(policy, priority, cpu):
    gc.disable()
    due = time.monotonic_ns() + 50 * PERIOD_NS
    descriptor, orders = timer(due), Orders()
    os.sched_setaffinity(0, {cpu})
    os.sched_setscheduler(0, policy, os.sched_param(priority))
    late, mode, stalls, wakes = {"calm": Histogram(), "storm": Histogram()}, "calm", [], 0
    tell("ready")
    while True:
        count = int.from_bytes(os.read(descriptor, 8), sys.byteorder)
        now = time.monotonic_ns()
        # Of several that went by at once, the first is the latest.
        us = (now - due) / 1000
        due += count * PERIOD_NS
        late[mode].add(us)
        if us > STALL_US and len(stalls) < MOST_STALLS:
            stalls.append((now / 1e9, us))
        wakes += 1
        if wakes % 50:
            continue
        for order in orders.take():
            if order is None:
                return
            if order == "end":
                return tell({"late": {mode: one.told() for mode, one in late.items()}, "stalls": stalls})
            mode = order


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
