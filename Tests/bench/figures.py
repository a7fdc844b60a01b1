"""The figures of flowlab, each beside a floor that was measured in the same run, turn about.

usage: figures.py DIRECTORY-OF-BINARIES DIRECTORY-OF-THE-C-PROGRAMS DIRECTORY-FOR-RESULTS

Nothing is asserted: a virtual machine's spikes would decide. Read the ratios of medians.
"""

import json
import os
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "interop"))

from support import ROOT, Daemon, Processes, Simulation, wait_for  # noqa: E402
from trips import Trips, share  # noqa: E402

ROUNDS, ROUND_S = 5, 1.0
REQUEST = ('{"jsonrpc":"2.0","id":1,"method":"signals.read",'
           '"params":{"names":["heater.temperature","pump.cui.flow"]}}')
STARTS = 5
IDLE_S = 10.0
SIMULATED_EXPERIMENTS = 5
# What the plan of the project asks of virtual time, in bench seconds a second.
WANTED_SPEED = 500.0
# What docs/safety.md promises of reaction times, us: milliseconds as a rule.
TRIP_GOALS = {0.5: 1000.0, 0.99: 5000.0}


class Table:
    def __init__(self):
        self.rows = []

    def add(self, name, value, unit, floor=None, floor_is="", goal=None):
        """A goal is the most that the value should be."""
        ratio = value / floor if floor else None
        met = None if goal is None else value <= goal
        self.rows.append({"name": name, "value": value, "unit": unit, "floor": floor, "ratio": ratio,
                          "floor_is": floor_is, "goal": goal, "met": met})

    def results(self):
        names = ("name", "value", "unit", "floor", "ratio", "goal", "met")
        return [{name: row[name] for name in names} for row in self.rows]

    def show(self):
        print(f"{'figure':<46}{'value':>10} {'unit':<10}{'floor':>10}{'ratio':>9}  floor is")
        for row in self.rows:
            floor = f"{row['floor']:.4g}" if row["floor"] is not None else "-"
            ratio = f"{row['ratio']:.3g}" if row["ratio"] is not None else "-"
            print(f"{row['name']:<46}{row['value']:>10.4g} {row['unit']:<10}{floor:>10}{ratio:>9}  {row['floor_is']}")


def ask(path, request):
    """One request line on a new connection; None while nobody answers."""
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(5)
            client.connect(path)
            client.sendall(request.encode() + b"\n")
            reply = b""
            while not reply.endswith(b"\n"):
                part = client.recv(1 << 20)
                if not part:
                    return None
                reply += part
            return reply
    except OSError:
        return None


class Figures:
    def __init__(self, binaries, programs, directory, processes):
        self.binaries, self.programs, self.directory, self.processes = binaries, programs, directory, processes
        self.table = Table()
        self.simulation = Simulation(processes, binaries, f"{directory}/bench", "--speed", "1")
        self.starts = 0

    def run(self):
        self.start_to_ready()
        daemon = self.start_daemon()
        wait_for(lambda: self.states(daemon.socket), lambda states: set(states) == {"ready"}, 20)
        self.idle(daemon)
        self.round_trips(daemon)
        self.processes.end(daemon.process)
        self.trips()
        self.virtual_time()

    def start_daemon(self):
        self.starts += 1
        return Daemon(self.processes, self.binaries, f"{self.directory}/daemon-{self.starts}",
                      f"{ROOT}/examples/nanocrystal.toml", f"{self.simulation.directory}/endpoints.json")

    def states(self, path):
        reply = ask(path, '{"jsonrpc":"2.0","id":1,"method":"system.status"}')
        return json.loads(reply)["result"]["devices"] if reply else {}

    # Start

    def start_to_ready(self):
        """From the start of the process to the first answer, and to all eleven devices identified."""
        floors, answers, ready = [], [], []
        for number in range(STARTS):
            floors.append(self.timed_start(f"floor-{number}", self.floor_words, lambda path: ask(path, "x"))[0])
            daemon = self.timed_start(f"start-{number}", self.daemon_words,
                                      lambda path: ask(path, '{"jsonrpc":"2.0","id":1,"method":"system.hello"}'),
                                      lambda path: set(self.states(path)) == {"ready"})
            answers.append(daemon[0])
            ready.append(daemon[1])
        floor = statistics.median(floors)
        self.table.add("start to first answer", statistics.median(answers) * 1000, "ms", floor * 1000,
                       "C echo server, same measurement")
        self.table.add("start to all 12 devices ready", statistics.median(ready) * 1000, "ms")

    def floor_words(self, path):
        return [f"{self.programs}/echo_floor", path, "64"]

    def daemon_words(self, path):
        return [f"{self.binaries}/flowlabd", "--config", f"{ROOT}/examples/nanocrystal.toml", "--endpoints",
                f"{self.simulation.directory}/endpoints.json", "--state", path + ".state", "--socket", path]

    def timed_start(self, name, words, answers, is_ready=None):
        path = f"{self.directory}/{name}.sock"
        began = time.monotonic()
        process = self.processes.start(name, *words(path))
        wait_for(lambda: answers(path), bool, 20, every=0.0005)
        answered = time.monotonic() - began
        if is_ready:
            wait_for(lambda: is_ready(path), bool, 20, every=0.005)
        ready = time.monotonic() - began
        self.processes.end(process)
        return answered, ready

    # Idle

    def idle(self, daemon):
        floor = self.processes.start("echo_floor", *self.floor_words(f"{self.directory}/idle.sock"))
        watched = {"daemon": daemon.process.pid, "simulation": self.simulation.process.pid}
        before = {name: cpu_seconds(pid) for name, pid in watched.items()}
        began = time.monotonic()
        time.sleep(IDLE_S)
        elapsed = time.monotonic() - began
        used = {name: (cpu_seconds(pid) - before[name]) / elapsed * 100 for name, pid in watched.items()}
        self.table.add("CPU, idle bench of 11 devices at rate 1", used["daemon"], "% core", used["simulation"] or None,
                       "flowlab-sim at the other end")
        self.table.add("resident memory, idle", resident_mib(watched["daemon"]), "MiB", resident_mib(floor.pid),
                       "C echo server")
        self.processes.end(floor)

    # API

    def round_trips(self, daemon):
        reply = ask(daemon.socket, REQUEST)
        path = f"{self.directory}/echo.sock"
        floor = self.processes.start("echo_floor", f"{self.programs}/echo_floor", path, len(reply))
        wait_for(lambda: ask(path, "x"), bool, 5, every=0.01)
        for clients in (1, 16):
            rounds = [(self.load(path, clients), self.load(daemon.socket, clients)) for _ in range(ROUNDS)]
            for key in ("p50_us", "p99_us"):
                floors, values = ([one[side][key] for one in rounds] for side in (0, 1))
                self.table.add(f"signals.read, {clients} client{'s' * (clients > 1)}, {key[:3]}",
                               statistics.median(values), "us", statistics.median(floors),
                               f"C echo of {len(reply)} bytes")
            floors, values = ([one[side]["rate"] for one in rounds] for side in (0, 1))
            self.table.add(f"signals.read, {clients} client{'s' * (clients > 1)}, rate", statistics.median(values),
                           "1/s", statistics.median(floors), f"C echo of {len(reply)} bytes")
        self.processes.end(floor)

    def load(self, path, clients):
        done = subprocess.run([f"{self.programs}/load", path, REQUEST, str(clients), str(ROUND_S)],
                              capture_output=True, text=True, timeout=30, check=True)
        return json.loads(done.stdout)

    # Trips

    def trips(self):
        trips, echoes = Trips(self.processes, self.binaries, self.programs, f"{self.directory}/trips", ask).measure()
        for part, goal in TRIP_GOALS.items():
            self.table.add(f"trip_to_wire_p{round(part * 100)}", share(trips, part), "us", share(echoes, part),
                           "C echo on a pseudo-terminal", goal)

    # Virtual time

    def virtual_time(self):
        done = subprocess.run([f"{self.binaries}/flowlab-simulate", "--config", f"{ROOT}/examples/nanocrystal.toml",
                               "--experiments", str(SIMULATED_EXPERIMENTS)], capture_output=True, text=True,
                              timeout=60, check=False)
        result = json.loads(done.stdout)
        self.table.add(f"virtual time, {SIMULATED_EXPERIMENTS} experiments", result["speed"], "bench s/s", WANTED_SPEED,
                       "stated figure, not measured")


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mib(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        line = next(line for line in file if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def main():
    binaries, programs, results = (os.path.abspath(word) for word in sys.argv[1:4])
    directory = tempfile.mkdtemp(prefix="flowlab-bench-")
    processes = Processes(directory)
    try:
        figures = Figures(binaries, programs, directory, processes)
        figures.run()
    finally:
        processes.end_all()
    shutil.rmtree(directory)
    figures.table.show()
    os.makedirs(results, exist_ok=True)
    with open(f"{results}/bench.json", "w", encoding="utf-8") as file:
        host = {"kernel": platform.release(), "cpus": os.cpu_count(), "load": os.getloadavg()}
        json.dump({"host": host, "rounds": ROUNDS, "figures": figures.table.rows}, file, indent=1)
    with open(f"{results}/results.json", "w", encoding="utf-8") as file:
        json.dump(figures.table.results(), file, indent=1)
    print(f"also in {results}/bench.json and results.json")


if __name__ == "__main__":
    main()
