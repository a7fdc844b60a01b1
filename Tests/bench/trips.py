"""From the answer of a pump that trips an interlock to the first byte of the safe state, seen at the far end of the wire."""

import json
import os
import subprocess

from support import Daemon, wait_for

TRIPS = 200
# For a reset: every pump has shown its safe state by then.
PATIENCE_S = 5

BENCH = """
[bench]
name = "trips"
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
inlets = ["a"]
tube = {{ to = "cross", id_mm = 0.508, length_mm = 700 }}
[network.junctions.second]
inlets = ["b"]
tube = {{ to = "cross", id_mm = 0.508, length_mm = 500 }}
[network.junctions.cross]
inlets = ["oil"]
tube = {{ to = "eye", sections = [{{ name = "reactor", id_mm = 0.762, length_mm = 921 }}] }}
[network.detectors.eye]

[flow_rules]
balanced = ["first", "second"]
balancing_pump = "b"
carrier_pump = "oil"

[roles]
optimizer = ["nobody"]

[[interlocks]]
name = "a-runs"
cause = {{ signal = "pump.a.status", above = 0.5, unit = "code" }}
effect = ["pumps-stop"]
bypass = "never"
response = "Reset it: this is a measurement."
"""


def bench_file(ports):
    links, pumps = "", ""
    for name, port in zip(("a", "b", "oil"), ports, strict=True):
        links += f'[links.pump_{name}]\nserial = "{port}"\nbaud = 38400\n'
        pumps += (f'[devices.{name}]\ndriver = "chemyx-fusion"\nlink = "pump_{name}"\npoll_ms = 20\n'
                  f'syringe = {{ volume_ml = 50, diameter_mm = 28.6, reagent = "{name}" }}\n')
    return BENCH.format(links=links, pumps=pumps)


class Trips:
    def __init__(self, processes, binaries, programs, directory, ask):
        self.processes, self.binaries, self.programs, self.directory = processes, binaries, programs, directory
        self.ask = ask
        os.makedirs(directory)

    def measure(self):
        """The times of trips and of echoes, in us, sorted."""
        with subprocess.Popen([f"{self.programs}/trip_peer"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              text=True) as peer:
            try:
                return self.through(peer)
            finally:
                peer.kill()

    def through(self, peer):
        file = f"{self.directory}/bench.toml"
        with open(file, "w", encoding="utf-8") as out:
            out.write(bench_file(peer.stdout.readline().split()))
        daemon = Daemon(self.processes, self.binaries, f"{self.directory}/daemon", file)
        pairs = []
        try:
            wait_for(lambda: self.interlock(daemon), lambda state: state == "armed", 20)
            for _ in range(TRIPS):
                peer.stdin.write("trip\n")
                peer.stdin.flush()
                pairs.append([float(word) for word in peer.stdout.readline().split()])
                if wait_for(lambda: self.reset(daemon), bool, PATIENCE_S, every=0.005) is not True:
                    raise RuntimeError(f"trip {len(pairs)} is not reset")
        finally:
            self.processes.end(daemon.process)
        return [sorted(column) for column in zip(*pairs, strict=True)]

    def call(self, daemon, method, **params):
        return json.loads(self.ask(daemon.socket, json.dumps(
            {"jsonrpc": "2.0", "id": 1, "method": method, "params": params})) or "{}")

    def interlock(self, daemon):
        return next((one["state"] for one in self.call(daemon, "interlocks.list")["result"]["interlocks"]), None)

    def reset(self, daemon):
        """True once it took a latch away: so the stop was that of a trip."""
        return "result" in self.call(daemon, "interlocks.reset", interlock="a-runs")


def share(times, part):
    """The value below which that part of the sorted times lies."""
    return times[min(len(times) - 1, int(len(times) * part))]
