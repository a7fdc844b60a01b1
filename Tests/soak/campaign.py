"""The campaign, the technician who keeps the bench going, and what breaks on it; a thread each."""

import json
import random
import socket
import threading
import time

from shared import Line, Refused

WAITING = 3
# Of a syringe; below it the bench pauses and is filled.
LOW = 0.35
FINAL = {"done", "failed", "cancelled", "interrupted", "abandoned", "attached"}

# What can break: a device of each kind, its fault, its value if it takes one. All of it ends by itself.
FAULTS = [
    *[(device, fault, None) for device in ("cui", "cs_oleate", "pfo") for fault in ("mute", "garbage", "corrupt", "duplicate",
                                                                                    "truncate", "stall", "unplug")],
    *[(device, "mute", None) for device in ("heater", "spec_pl", "spec_abs", "io")],
    ("heater", "unplug", None), ("io", "unplug", None), ("oa_cs", "delay", 0.05), ("heater", "delay", 0.05),
    ("spec_pl", "dropout", None), ("spec_abs", "stale_frame", None), ("ode_cui", "slow", 0.7), ("cui", "bubble", 20),
    ("heater", "sensor_open", None), ("io", "leak_detected", None), ("io", "pressure", 9.0)]


class Worker(threading.Thread):
    """Goes round with a connection of its own until it is told to stop; what it did not expect is kept as a fault."""

    every_s = 0.2

    def __init__(self, path):
        super().__init__(daemon=True)
        self.line, self.stopping, self.faults = Line(path), threading.Event(), []

    def run(self):
        try:
            while not self.stopping.wait(self.every_s):
                self.turn()
        except Exception as error:  # a thread that dies in silence would be missed by nobody
            self.faults.append(f"{type(self).__name__}: {type(error).__name__}: {error}")

    def stop(self):
        self.stopping.set()
        self.join()
        self.line.close()


class Campaign(Worker):
    """Keeps some experiments waiting; each fifth submit is sent twice, under the same key."""

    def __init__(self, path):
        super().__init__(path)
        self.given, self.ended, self.since = {}, {}, 0
        self.paused = threading.Event()
        self.campaign = self.line.call("campaigns.create", name="soak", key="soak")["campaign"]

    def turn(self):
        self.look()
        if self.paused.is_set() or len(self.given) - len(self.ended) >= WAITING:
            return
        number = len(self.given)
        flows = {"cui": 150 + number % 40, "ode_cui": 150, "cs_oleate": 160, "oa_cs": 20}
        asked = {"recipe": {"kind": "flows", "temperature_c": 138 + number % 5, "flows_ul_min": flows}, "key": f"soak-{number}",
                 "campaign": self.campaign, "metadata": {"number": number}}
        given = [self.line.call("experiments.submit", **asked)["experiment"] for _ in range(2 if number % 5 == 0 else 1)]
        if len(set(given)) != 1:
            self.faults.append(f"key soak-{number} gave {given}")
        self.given[asked["key"]] = given[0]

    def look(self):
        """Each end once, in the order of ends."""
        page = self.line.call("experiments.results", since=self.since, limit=20)
        for record in page["results"]:
            if record["experiment"] in self.ended:
                self.faults.append(f"{record['experiment']} ended twice")
            self.ended[record["experiment"]] = record["state"]
        self.since = page["next"]

    @property
    def is_idle(self):
        return len(self.ended) == len(self.given)

    def count(self, state):
        return list(self.ended.values()).count(state)


class Technician(Worker):
    """Resets what latched once its cause is gone, knows of every alarm, and fills the syringes of a bench that has paused."""

    every_s = 0.5

    def __init__(self, path, campaign, faults_of_bench):
        super().__init__(path)
        self.campaign, self.bench = campaign, faults_of_bench
        self.resets = self.fillings = 0
        self.alarms = set()
        self.late_alarm_at = []

    def turn(self):
        for one in self.line.call("interlocks.list")["interlocks"]:
            if one["state"] == "latched" and self.tried("interlocks.reset", interlock=one["interlock"]):
                self.resets += 1
        for one in self.line.call("alarms.list")["alarms"]:
            if one["alarm"] == "loop-late" and one["state"] == "active":
                self.late_alarm_at.append(time.monotonic())
            self.alarms.add(one["alarm"])
            if one["acknowledged"] is None:
                self.tried("alarms.acknowledge", alarm=one["alarm"])
        self.fill()

    def fill(self):
        reagents = self.line.call("reagents.list")["reagents"]
        if any(one["remaining_ul"] < LOW * one["capacity_ul"] for one in reagents):
            self.campaign.paused.set()
        elif not self.bench.is_closing:
            self.campaign.paused.clear()
        if not self.campaign.paused.is_set() or not self.campaign.is_idle or self.bench.is_closing:
            return
        for one in reagents:
            if one["remaining_ul"] < 0.9 * one["capacity_ul"]:
                self.bench.send({"device": one["device"], "fault": "refill"})
                self.tried("reagents.refill", device=one["device"])
        self.tried("reagents.empty_waste")
        self.fillings += 1

    def tried(self, method, **params):
        """Some of it is refused while a cause is there, a device is not proven safe, or a pump is in use: again later."""
        try:
            self.line.call(method, **params)
            return True
        except Refused:
            return False


class Breaker(threading.Thread):
    """Breaks something on the bench now and then, for a moment, through the simulator's door for faults."""

    def __init__(self, path, seed, speed):
        super().__init__(daemon=True)
        self.path, self.random, self.speed = path, random.Random(seed), speed
        self.stopping, self.is_closing, self.faults, self.broken = threading.Event(), False, [], 0

    def run(self):
        try:
            while not self.stopping.wait(self.random.uniform(3, 9)):
                device, fault, value = self.random.choice(FAULTS)
                words = {"device": device, "fault": fault, "for_s": round(self.random.uniform(0.3, 2.5) * self.speed, 1)}
                self.send(words if value is None else words | {"value": value})
                self.broken += 1
        except Exception as error:  # as above
            self.faults.append(f"Breaker: {type(error).__name__}: {error}")

    def send(self, words):
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(10)
            client.connect(self.path)
            client.sendall(json.dumps(words).encode() + b"\n")
            answer = json.loads(client.makefile("rb").readline())
        if not answer.get("ok"):
            self.faults.append(f"{words}: {answer}")

    def stop(self):
        """Nothing is broken any more."""
        self.is_closing = True
        self.stopping.set()
        self.join()
        self.send({"fault": "clear"})
