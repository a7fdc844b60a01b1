"""What the figures are measured against: daemons, floors, pumps, and one question to a socket."""

import json
import os
import socket
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "interop"))

from support import ROOT, Daemon, Processes, Simulation, free_port, wait_for  # noqa: E402, F401


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


def call(path, method, **params):
    """What a method gives; None without an answer or with a refusal."""
    reply = ask(path, json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}))
    return json.loads(reply).get("result") if reply else None


def states(path):
    return (call(path, "system.status") or {}).get("devices", {})


class Place:
    """Where the programs are, and where this run keeps its files."""

    def __init__(self, binaries, programs, directory, processes):
        self.binaries, self.programs, self.directory, self.processes = binaries, programs, directory, processes
        self.count = 0

    def path(self, name):
        self.count += 1
        return f"{self.directory}/{self.count}-{name}"

    def daemon(self, bench, endpoints=None, ready=None):
        """A daemon whose devices are all there."""
        daemon = Daemon(self.processes, self.binaries, self.path("daemon"), bench, endpoints)
        if ready and wait_for(lambda: states(daemon.socket), lambda seen: seen == {"ready": ready}, 30) != {"ready": ready}:
            raise RuntimeError(f"not all devices are ready: {states(daemon.socket)}")
        return daemon

    def simulated(self, changes=()):
        """The example bench at the speed of the wall clock, and its daemon."""
        simulation = Simulation(self.processes, self.binaries, self.path("bench"), "--speed", "1")
        file = self.path("bench.toml")
        with open(f"{ROOT}/examples/nanocrystal.toml", encoding="utf-8") as given, open(file, "w", encoding="utf-8") as out:
            text = given.read()
            for old, new in changes:
                if text.count(old) != 1:
                    raise RuntimeError(f"the example bench has not one {old}")
                text = text.replace(old, new)
            out.write(text)
        return simulation, self.daemon(file, f"{simulation.directory}/endpoints.json", ready=12)

    def program(self, *words, timeout=60):
        """One JSON line of a program that ends by itself."""
        done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=timeout, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{words[0]}: {done.stderr.strip()}")
        return json.loads(done.stdout)

    def c(self, name, *words, **options):
        return self.program(f"{self.programs}/{name}", *words, **options)

    def swift(self, *words, **options):
        return self.program(f"{self.binaries}/flowlab-bench", *words, **options)


# A bench of pumps alone: what else a bench must have is where nobody answers.
PUMPS_BENCH = """
[bench]
name = "{name}"
simulated = true
{links}
[links.plate]
modbus_tcp = "127.0.0.1:9"
[links.eye]
tcp = "127.0.0.1:7"
{pumps}
[devices.heater]
driver = "watlow-f4t"
link = "plate"
min_c = 20
max_c = 160
[devices.eye]
driver = "ocean-hdx"
link = "eye"

[network]
origin = "first"
outlet = "eye"
[network.junctions.first]
inlets = ["{first}"]
tube = {{ to = "cross", id_mm = 0.508, length_mm = 700 }}
[network.junctions.second]
inlets = [{second}]
tube = {{ to = "cross", id_mm = 0.508, length_mm = 500 }}
[network.junctions.cross]
inlets = ["{carrier}"]
tube = {{ to = "eye", sections = [{{ name = "reactor", id_mm = 0.762, length_mm = 921 }}] }}
[network.detectors.eye]

[flow_rules]
balanced = ["first", "second"]
balancing_pump = "{balancing}"
carrier_pump = "{carrier}"

[roles]
optimizer = ["nobody"]
"""


def bench_of_pumps(name, ports, poll_ms):
    """Ports by pump: the carrier's first, then the one of the first stream, then those of the second."""
    links, pumps = "", ""
    for pump, port in ports.items():
        links += f'[links.line_{pump}]\nserial = "{port}"\nbaud = 38400\n'
        pumps += (f'[devices.{pump}]\ndriver = "chemyx-fusion"\nlink = "line_{pump}"\npoll_ms = {poll_ms}\n'
                  f'syringe = {{ volume_ml = 50, diameter_mm = 28.6, reagent = "{pump}" }}\n')
    carrier, first, *second = ports
    return PUMPS_BENCH.format(name=name, links=links, pumps=pumps, first=first, carrier=carrier, balancing=second[0],
                              second=", ".join(f'"{pump}"' for pump in second))


class Farm:
    """Many pumps on pseudo-terminals, and a daemon on them."""

    def __init__(self, place, pumps, poll_ms, counting=False):
        self.place, self.pumps = place, pumps
        words = [f"{place.programs}/pump_farm", str(pumps), *(["counting"] if counting else [])]
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        place.processes.running.append(self.process)
        self.ports = [self.process.stdout.readline().strip() for _ in range(pumps)]
        self.floor_port = self.process.stdout.readline().strip()
        self.file = place.path("bench.toml")
        with open(self.file, "w", encoding="utf-8") as out:
            ports = {f"p{number}": port for number, port in enumerate(self.ports)}
            out.write(bench_of_pumps(f"farm-{pumps}", ports, poll_ms))

    def daemon(self):
        daemon = self.place.daemon(self.file)
        wait_for(lambda: states(daemon.socket).get("ready"), lambda seen: seen == self.pumps, 60, every=0.2)
        if states(daemon.socket).get("ready") != self.pumps:
            raise RuntimeError(f"not all pumps are ready: {states(daemon.socket)}")
        return daemon

    def listen(self, path, subscribers, seconds, request="{}", floor=False):
        self.process.stdin.write(f"{'floor ' if floor else ''}{path} {subscribers} {seconds} {request}\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())
