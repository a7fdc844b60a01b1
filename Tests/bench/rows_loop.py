"""The loop: how late it wakes, what it costs, what the daemon takes at rest and at its start."""

import math
import re
import statistics
import subprocess
import time

from measure import ROUNDS, Noise, cpu_percent, cpu_seconds, resident_mib
from surroundings import ROOT, Farm, ask, call, states, wait_for

LATENESS_S = 2.0
# The daemon's own priority, so that its peer waits for no more and no less.
PRIORITY, PERIOD_US = 60, 1000
# Before a reading of the figures that are published twice a second.
PUBLISHED_S = 0.6
STARTS = 5
REST_S = 3.0


def loop_lateness(place, table):
    """At 1 kHz, idle and with two busy processes more than nothing, beside cyclictest."""
    simulation, daemon = place.simulated([("scan_rate_hz = 50 ", "scan_rate_hz = 1000 ")])
    for load in ("idle", "busy"):
        busy = place.processes.start("stress-ng", "stress-ng", "--cpu", "2", "--quiet") if load == "busy" else None
        noise = Noise([daemon.process.pid, simulation.process.pid, *([busy.pid] if busy else [])])
        rounds = [(ours(daemon), cyclictest()) for _ in range(ROUNDS)]
        seen = noise.end()
        if busy:
            seen["others_percent"] = None
            place.processes.end(busy)
        for part, goal in ((0.5, 1.5), (0.99, 2.0)):
            values, floors = ([quantile(one[side], part) for one in rounds] for side in (0, 1))
            table.add(f"loop_lateness_{load}_p{part * 100:.0f}", "us", values, floors,
                      "cyclictest, same priority and period", goal, noise=seen)
    table.add("loop_1khz_cpu", "% core", [cpu_percent(daemon.process.pid, LATENESS_S) for _ in range(ROUNDS)],
              floor_is="with 12 devices; none")
    place.processes.end(daemon.process)
    place.processes.end(simulation.process)


def ours(daemon):
    """Lateness of one round: (begin us, end us, count), from the difference of two readings."""
    time.sleep(PUBLISHED_S)
    before = {one["up_to_us"]: one["count"] for one in buckets(daemon)}
    time.sleep(LATENESS_S)
    return [(one["up_to_us"] - width(one["up_to_us"]), one["up_to_us"], one["count"] - before.get(one["up_to_us"], 0))
            for one in buckets(daemon)]


def width(end):
    """Of the bucket that ends there, us: an eighth of its octave."""
    return 0.125 if end <= 1 else 2 ** (math.ceil(math.log2(end)) - 1) / 8


def buckets(daemon):
    return call(daemon.socket, "system.info")["loop"]["lateness_buckets"]


def cyclictest():
    done = subprocess.run(
        ["cyclictest", "--quiet", "--mlockall", f"--priority={PRIORITY}", f"--interval={PERIOD_US}", "--histogram=20000",
         f"--duration={LATENESS_S:.0f}"], capture_output=True, text=True, timeout=60, check=True)
    found = re.findall(r"(?m)^(\d+)\s+(\d+)$", done.stdout)
    over = re.search(r"Histogram Overflows: (\d+)", done.stdout)
    # A count at n us is of what was n to n + 1.
    counts = [(int(late), int(late) + 1, int(count)) for late, count in found if int(count)]
    return counts + [(20000, 20001, int(over[1]) if over else 0)]


def quantile(histogram, part):
    """Interpolated in its bucket, as the daemon does."""
    rank, below = part * sum(count for _, _, count in histogram), 0
    for begin, end, count in histogram:
        if count and below + count >= rank:
            return begin + (end - begin) * (rank - below) / count
        below += count
    return histogram[-1][1]


def at_rest(place, table):
    """Memory and CPU of a bench where nothing happens, and the time from exec to the first answer."""
    answers, floors = [], []
    simulation, daemon = place.simulated()
    noise = Noise([daemon.process.pid, simulation.process.pid])
    table.add("at_rest_memory", "MiB", [resident_mib(daemon.process.pid)], floor_is="none; locked, 12 devices", goal=20)
    used = [cpu_percent(daemon.process.pid, REST_S) for _ in range(ROUNDS)]
    table.add("at_rest_cpu", "% core", used, floor_is="none; 12 devices polled", goal=1, noise=noise.end())
    place.processes.end(daemon.process)
    for number in range(STARTS):
        floors.append(timed_start(place, "floor", lambda path: [f"{place.programs}/echo_floor", path, "64"], "x") * 1000)
        answers.append(timed_start(place, "start", lambda path: [
            f"{place.binaries}/flowlabd", "--config", f"{ROOT}/examples/nanocrystal.toml", "--endpoints",
            f"{simulation.directory}/endpoints.json", "--state", f"{place.directory}/started", "--socket", path],
            '{"jsonrpc":"2.0","id":1,"method":"system.hello"}') * 1000)
    table.add("start_to_answer", "ms", answers, floor_is=f"none; C echo {statistics.median(floors):.1f} ms", goal=50)
    place.processes.end(simulation.process)


def timed_start(place, name, words, question):
    path = place.path(f"{name}.sock")
    began = time.monotonic()
    process = place.processes.start(name, *words(path))
    wait_for(lambda: ask(path, question), bool, 20, every=0.0005)
    elapsed = time.monotonic() - began
    place.processes.end(process)
    return elapsed


def device_scaling(place, table):
    """CPU a device, of daemons with 8, 64 and 256 pumps that are polled every 200 ms, side by side."""
    farms = {count: Farm(place, count, 200) for count in (8, 64, 256)}
    daemons = {count: farm.daemon() for count, farm in farms.items()}
    noise = Noise([process.pid for process in place.processes.running])
    rounds = []
    for _ in range(ROUNDS):
        before, began = {n: cpu_seconds(one.process.pid) for n, one in daemons.items()}, time.monotonic()
        time.sleep(REST_S)
        elapsed = time.monotonic() - began
        rounds.append({n: (cpu_seconds(one.process.pid) - before[n]) / elapsed * 100 for n, one in daemons.items()})
    seen = noise.end()
    table.add("device_scaling_8", "% core", [one[8] for one in rounds], floor_is="none; whole daemon", noise=seen)
    each = [one[8] / 8 for one in rounds]
    for count in (64, 256):
        table.add(f"device_scaling_{count}", "% a dev", [one[count] / count for one in rounds], each, "the same of 8 devices", 1,
                  noise=seen)
    for count in farms:
        place.processes.end(daemons[count].process)
        place.processes.end(farms[count].process)
