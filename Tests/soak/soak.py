"""The daemon under clients of all kinds for as long as you like. usage: soak.py BIN [--minutes N] [--seed N] [--keep DIR]

What is run and how it is judged stands in docs/soak.md.
"""

import argparse
import json
import os
import re
import shutil
import signal
import sys
import tempfile
import time

from shared import ROOT, Child, Place, Processes, Simulation, states, wait_for
from measure import Noise
from campaign import Breaker, Campaign, Technician
from truth import Truth
from verdict import Verdict
from watch import Watch, descriptors, witnesses

SUBSCRIBERS, READERS, DEVICES = 64, 16, 12
FIRST_CALM_S, CALM_S = 10, 6
# Rounds of a storm and a calm: three at least, and in a longer run storms in which a client that reads nothing falls so
# far behind that it is thrown out.
LEAST_ROUNDS, ROUND_S = 3, 160
# What the end takes, about.
END_S = 8
# The plate starts warm and its band is wide, so that experiments take ten seconds.
CHANGES = [("temperature_band_k", "10"), ("temperature_hold", '"2s"')]


class Soak:
    """One run: its bench, its clients, and what was seen of them."""

    def __init__(self, options, directory, processes):
        self.options, self.directory, self.processes = options, directory, processes
        self.place = Place(options.bin, None, directory, processes)
        self.results, self.open = {}, {}

    # --- The bench and its clients ------------------------------------------------------------------------------------------

    def start(self):
        self.simulation = Simulation(
            self.processes, self.options.bin, self.place.path("bench"), "--seed", self.options.seed, "--plate", 140,
            "--speed", self.options.speed)
        self.daemon = self.place.daemon(self.bench_file(), f"{self.simulation.directory}/endpoints.json", ready=DEVICES)
        self.truth = Truth(f"{self.simulation.directory}/truth.jsonl")
        self.breaker = Breaker(f"{self.simulation.directory}/faults.sock", self.options.seed, self.options.speed)
        self.campaign = Campaign(self.daemon.socket)
        self.technician = Technician(self.daemon.socket, self.campaign, self.breaker)
        self.watch = Watch(self.daemon)
        self.noise = Noise([self.daemon.process.pid, self.simulation.process.pid])
        self.witnesses = witnesses(self.processes, self.daemon.process.pid)

    def bench_file(self):
        with open(f"{ROOT}/examples/nanocrystal.toml", encoding="utf-8") as given:
            text = given.read()
        for key, value in CHANGES:
            text, count = re.subn(rf"(?m)^{key} = .*", f"{key} = {value}", text)
            if count != 1:
                raise RuntimeError(f"the example bench has not one {key}")
        path = self.place.path("bench.toml")
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        return path

    def look(self, name):
        """Keeps what the daemon has open."""
        self.open[name] = descriptors(self.daemon.process.pid)

    def client(self, name, *words):
        found = Child(self.processes, name, self.daemon.socket, *words)
        found.answer()
        return found

    # --- The run --------------------------------------------------------------------------------------------------------------

    def run(self):
        end = time.monotonic() + self.options.minutes * 60 - END_S
        self.start()
        self.campaign.start()
        self.technician.start()
        # The first experiment opens what the archive and the analysis need.
        wait_for(lambda: len(self.campaign.ended), bool, 60)
        self.look("alone")
        self.subscribers = self.client("subscribers", SUBSCRIBERS)
        self.readers = self.client("readers", READERS)
        self.hostile = self.client("hostile", self.options.seed)
        time.sleep(1)
        self.look("friends")
        self.breaker.start()
        self.watch.begin()
        self.watch.through(FIRST_CALM_S)
        left = end - time.monotonic()
        rounds = max(LEAST_ROUNDS, round(left / ROUND_S))
        for _ in range(rounds):
            self.storm(left / rounds - CALM_S)
            self.watch.through(CALM_S)
        self.watch.turn("calm")
        clients = [one.process.pid for one in (*self.witnesses, self.subscribers, self.readers, self.hostile)]
        self.noise.pids += clients
        self.noise = self.noise.end()
        self.wind_down()

    def storm(self, seconds):
        self.change("storm")
        self.watch.through(seconds)
        self.hostile.tell("calm")
        self.hostile.answer()
        self.change("calm")
        self.truth.read()
        print(f"{self.watch.samples[-1][2]:6.1f} MiB, {len(self.campaign.ended)} experiments ended, "
              f"{self.breaker.broken} faults, {self.technician.resets} resets", flush=True)

    def change(self, mode):
        self.watch.turn(mode)
        for one in (*self.witnesses, self.readers, *([self.hostile] if mode == "storm" else [])):
            one.tell(mode)

    def wind_down(self):
        """Nothing is broken any more, all devices come back, and the clients leave one kind after the other."""
        self.breaker.stop()
        self.results["hostile"] = self.ended(self.hostile)
        self.devices = wait_for(lambda: states(self.daemon.socket), lambda seen: seen == {"ready": DEVICES}, 40)
        self.settle("friends", "without_hostile")
        self.results["readers"] = self.ended(self.readers)
        self.results["subscribers"] = self.ended(self.subscribers, f"end {self.next_event()}")
        self.settle("alone", "without_clients")
        self.results["witnesses"] = [self.ended(one) for one in self.witnesses]
        self.campaign.stop()
        self.technician.stop()
        self.status = self.watch.line.call("system.status")
        self.records = self.all_records()
        self.watch.line.close()
        began = time.monotonic()
        self.exit_code = self.processes.end(self.daemon.process)
        self.end_s = time.monotonic() - began
        wait_for(lambda: self.truth.dangers, lambda seen: not seen, 5)

    def ended(self, child, order="end"):
        child.tell(order)
        found = child.answer()
        child.process.stdin.close()
        child.process.wait(10)
        self.processes.running.remove(child.process)
        return found

    def settle(self, baseline, name):
        """Links come and go while a device is looked for: what counts is that the daemon comes to rest."""
        wait_for(lambda: len(descriptors(self.daemon.process.pid)), lambda count: count <= len(self.open[baseline]), 15)
        self.look(name)

    def next_event(self):
        return self.watch.line.call("events.subscribe", topics=["maintenance"])["next"]

    def all_records(self):
        found, after = [], None
        while True:
            page = self.watch.line.call("experiments.list", limit=200, **({"after": after} if after else {}))
            found += page["experiments"]
            after = page["next"]
            if after is None:
                return found


def options():
    parser = argparse.ArgumentParser(prog="soak", description="flowlabd under clients of all kinds, see docs/soak.md.")
    parser.add_argument("bin", metavar="BIN", help="the directory with flowlabd and flowlab-sim")
    parser.add_argument("--minutes", type=float, default=2, help="of the whole run; 2 if left out, and at least")
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"), help="of faults and clients")
    parser.add_argument("--speed", type=float, default=30, help="bench seconds a second")
    parser.add_argument("--times", choices=("judged", "told"), default="judged",
                        help="of the loop: told, where other programs make this machine late")
    parser.add_argument("--keep", metavar="DIR", help="keep archive, truth and logs there")
    found = parser.parse_args()
    found.bin = os.path.abspath(found.bin)
    if not os.access(f"{found.bin}/flowlabd", os.X_OK):
        parser.error(f"{found.bin} has no flowlabd")
    if found.minutes < 2:
        parser.error("less than two minutes say nothing of memory")
    return found


def main():
    given = options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    print(f"soak: seed {given.seed}, {given.minutes:g} minutes", flush=True)
    directory = os.path.abspath(given.keep) if given.keep else tempfile.mkdtemp(prefix="flowlab-soak.")
    os.makedirs(directory, exist_ok=True)
    processes = Processes(directory)
    verdict = Verdict()
    try:
        soak = Soak(given, directory, processes)
        verdict.score.section("the run", soak.run)
        if not verdict.score.failed:
            verdict.judge(soak)
            verdict.table(soak)
            with open(f"{directory}/samples.json", "w", encoding="utf-8") as out:
                json.dump({"samples": soak.watch.samples, "stalls": verdict.stalls(soak)}, out)
    finally:
        processes.end_all()
        if verdict.score.failed and not given.keep:
            with open(f"{directory}/flowlabd.log", errors="replace") as log:
                sys.stdout.writelines(log.readlines()[-40:])
        if not given.keep:
            shutil.rmtree(directory, ignore_errors=True)
    print(f"soak: {verdict.score.passed} passed, {verdict.score.failed} failed")
    sys.exit(1 if verdict.score.failed or not verdict.score.passed else 0)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
