"""What is watched meanwhile: memory, descriptors and punctuality of the daemon, once a second, and the witnesses beside it."""

import os
import time

from measure import resident_mib

from shared import Child, Line, width

EVERY_S = 1.0
# Loop figures are at most half a second old.
PUBLISHED_S = 0.6
# What the alarm loop-late counts, 100 ms, at the bound of a bucket.
MUCH_TOO_LATE_US = 98_304


def descriptors(pid):
    """What the daemon has open, each by what it is."""
    found = []
    for name in os.listdir(f"/proc/{pid}/fd"):
        try:
            found.append(os.readlink(f"/proc/{pid}/fd/{name}"))
        except OSError:
            pass  # closed between the two looks
    return found


class Watch:
    """Samples, and how late the loop was in each of the two modes."""

    def __init__(self, daemon):
        self.pid, self.line = daemon.process.pid, Line(daemon.socket)
        # (time, mode, MiB, new overruns, new wakes much too late)
        self.samples = []
        self.mode = "calm"
        self.loop = {mode: {"buckets": {}, "deadlines": 0, "overruns": 0} for mode in ("calm", "storm")}
        self.seconds = {"calm": 0.0, "storm": 0.0}
        self.most_descriptors = 0
        self.before = self.missed = None
        self.has_priority = loop_scheduling(self.pid)[1] > 0

    def begin(self):
        time.sleep(PUBLISHED_S)
        self.before, self.began = self.figures(), time.monotonic()
        self.missed = self.missed_of(self.before)

    def figures(self):
        return self.line.call("system.info")["loop"]

    @staticmethod
    def missed_of(loop):
        late = sum(one["count"] for one in loop["lateness_buckets"]
                   if one["up_to_us"] - width(one["up_to_us"]) >= MUCH_TOO_LATE_US)
        return loop["overruns"], late

    def through(self, seconds):
        """Samples for so long."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            time.sleep(min(EVERY_S, left))
            self.sample()

    def sample(self):
        missed = self.missed_of(self.figures())
        self.samples.append((time.monotonic(), self.mode, resident_mib(self.pid),
                             *(now - before for now, before in zip(missed, self.missed))))
        self.missed = missed
        self.most_descriptors = max(self.most_descriptors, len(os.listdir(f"/proc/{self.pid}/fd")))

    def turn(self, mode):
        """What was until now belongs to the mode so far."""
        time.sleep(PUBLISHED_S)
        self.sample()
        now, at, kept = self.figures(), time.monotonic(), self.loop[self.mode]
        before = {one["up_to_us"]: one["count"] for one in self.before["lateness_buckets"]}
        for one in now["lateness_buckets"]:
            end = one["up_to_us"]
            kept["buckets"][end] = kept["buckets"].get(end, 0) + one["count"] - before.get(end, 0)
        for key in ("deadlines", "overruns"):
            kept[key] += now[key] - self.before[key]
        self.seconds[self.mode] += at - self.began
        self.before, self.began, self.mode = now, at, mode

    def lateness(self, mode):
        """As `quantile` takes it."""
        return [(end - width(end), end, count) for end, count in sorted(self.loop[mode]["buckets"].items())]


def loop_scheduling(pid):
    """Policy and priority of the control loop, the daemon's main thread; priority 0: it waits for its turn as all do."""
    return os.sched_getscheduler(pid), os.sched_getparam(pid).sched_priority


def witnesses(processes, pid):
    """One on each CPU. A step above the loop's priority: what the loop does itself is not the machine's doing."""
    policy, priority = loop_scheduling(pid)
    above = priority + 1 if priority > 0 else 0
    found = [Child(processes, "witness", policy, above, cpu) for cpu in sorted(os.sched_getaffinity(0))]
    for one in found:
        one.answer()
    return found
