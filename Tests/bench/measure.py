"""Rounds, ratios, CPU and noise: what every figure is made of."""

import os
import resource
import statistics
import time

ROUNDS = 5
TICKS = os.sysconf("SC_CLK_TCK")


class Table:
    """The rows, each a value beside its floor or peer of the same run."""

    def __init__(self):
        self.rows = []

    def add(self, name, unit, values, floors=None, floor_is="", goal=None, most=True, noise=None, digits=4):
        """Medians of the rounds. With floors, one a round, the ratio is the median of the rounds' ratios, with its
        least and most; a goal is then of the ratio, else of the value. `most`: the goal is an upper bound."""
        value = statistics.median(values)
        ratios = sorted(one / floor for one, floor in zip(values, floors, strict=True)) if floors else []
        ratio = statistics.median(ratios) if ratios else None
        judged = value if ratio is None else ratio
        met = None if goal is None else judged <= goal if most else judged >= goal
        row = {
            "name": name, "value": value, "unit": unit, "floor": statistics.median(floors) if floors else None,
            "ratio": ratio, "goal": goal, "met": met, "floor_is": floor_is, "goal_is": self.goal_text(goal, most, ratio),
            "spread": [ratios[0], ratios[-1]] if ratios else [min(values), max(values)], "rounds": len(values)}
        if noise:
            row |= noise
        self.rows.append(row)
        print(self.line(row), flush=True)

    @staticmethod
    def goal_text(goal, most, ratio):
        if goal is None:
            return None
        return f"{'ratio' if ratio is not None else 'value'} {'<=' if most else '>='} {goal:g}"

    @staticmethod
    def head():
        return f"{'figure':<34}{'value':>9} {'unit':<9}{'floor':>9}{'ratio':>7} {'spread':<13}{'goal':<16}{'':<5}floor is"

    @staticmethod
    def line(row):
        floor = f"{row['floor']:.4g}" if row["floor"] is not None else "-"
        ratio = f"{row['ratio']:.3g}" if row["ratio"] is not None else "-"
        spread = "-".join(f"{end:.3g}" for end in row["spread"])
        met = {None: "", True: "met", False: "MISS"}[row["met"]]
        noise = f"; others {row['others_percent']:.0f} %" if (row.get("others_percent") or 0) >= 5 else ""
        return (f"{row['name']:<34}{row['value']:>9.4g} {row['unit']:<9}{floor:>9}{ratio:>7} {spread:<13}"
                f"{row['goal_is'] or '-':<16}{met:<5}{row['floor_is']}{noise}")


class Noise:
    """What others took of the machine meanwhile, in percent of a core: processes that are not ours, and the hypervisor."""

    def __init__(self, pids=()):
        self.pids = pids
        self.began, self.busy, self.steal = time.monotonic(), *machine_seconds()
        self.own = self.own_seconds()

    def own_seconds(self):
        children, me = resource.getrusage(resource.RUSAGE_CHILDREN), resource.getrusage(resource.RUSAGE_SELF)
        return sum(use.ru_utime + use.ru_stime for use in (children, me)) + sum(cpu_seconds(pid) for pid in self.pids)

    def end(self):
        elapsed = time.monotonic() - self.began
        busy, steal = machine_seconds()
        others = busy - self.busy - (self.own_seconds() - self.own)
        return {"others_percent": round(max(0.0, others) / elapsed * 100, 1),
                "steal_percent": round((steal - self.steal) / elapsed * 100, 1)}


def machine_seconds():
    """Seconds of all cores that were not idle, stolen ones apart."""
    with open("/proc/stat", encoding="utf-8") as file:
        user, nice, system, _, _, irq, softirq, steal = (int(word) for word in file.readline().split()[1:9])
    return (user + nice + system + irq + softirq) / TICKS, steal / TICKS


def cpu_seconds(pid, thread=None):
    """Of a process, or of its threads of that name; to the nanosecond."""
    total = 0
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            if thread is None or task_name(pid, task) == thread:
                with open(f"/proc/{pid}/task/{task}/schedstat", encoding="utf-8") as file:
                    total += int(file.read().split()[0])
    except OSError:
        pass
    return total / 1e9


def task_name(pid, task):
    with open(f"/proc/{pid}/task/{task}/comm", encoding="utf-8") as file:
        return file.read().strip()


def cpu_percent(pid, seconds, thread=None):
    """Of a core, over so long."""
    before, began = cpu_seconds(pid, thread), time.monotonic()
    time.sleep(seconds)
    return (cpu_seconds(pid, thread) - before) / (time.monotonic() - began) * 100


def resident_mib(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS")) / 1024


def pin(pid, cpus, thread=None):
    """To these CPUs, with all its threads or with those of that name."""
    for task in os.listdir(f"/proc/{pid}/task"):
        if thread is None or task_name(pid, task) == thread:
            os.sched_setaffinity(int(task), cpus)
