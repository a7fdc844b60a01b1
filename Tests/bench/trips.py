"""From the answer of a pump that trips an interlock to the first byte of the safe state, and from a client's call of
pumps.stop to its first byte, seen at the far end of the wire."""

import os
import subprocess

from measure import ROUNDS
from surroundings import Daemon, bench_of_pumps, call, wait_for

# A round.
TRIPS = 40
# For a reset: every pump has shown its safe state by then.
PATIENCE_S = 5

INTERLOCK = """
[[interlocks]]
name = "a-runs"
cause = { signal = "pump.a.status", above = 0.5, unit = "code" }
effect = ["pumps-stop"]
bypass = "never"
response = "Reset it: this is a measurement."
"""


def bench_file(ports):
    first, second, carrier = ports
    return bench_of_pumps("trips", {"oil": carrier, "a": first, "b": second}, poll_ms=20) + INTERLOCK


class Trips:
    def __init__(self, place):
        self.place, self.directory = place, place.path("trips")
        os.makedirs(self.directory)

    def measure(self):
        """By name, for each round the pairs of a time and its floor's, in us."""
        with subprocess.Popen([f"{self.place.programs}/trip_peer"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              text=True) as peer:
            try:
                return self.through(peer)
            finally:
                peer.kill()

    def through(self, peer):
        file = f"{self.directory}/bench.toml"
        with open(file, "w", encoding="utf-8") as out:
            out.write(bench_file(peer.stdout.readline().split()))
        daemon = Daemon(self.place.processes, self.place.binaries, f"{self.directory}/daemon", file)
        found = {"trip_to_wire": [], "command_to_wire": []}
        try:
            wait_for(lambda: self.interlock(daemon), lambda state: state == "armed", 20)
            for _ in range(ROUNDS):
                found["trip_to_wire"].append([self.trip(peer, daemon) for _ in range(TRIPS)])
                found["command_to_wire"].append(
                    [self.one(peer, f"call {daemon.socket}") for _ in range(TRIPS)])
        finally:
            self.place.processes.end(daemon.process)
        return found

    def one(self, peer, words):
        peer.stdin.write(words + "\n")
        peer.stdin.flush()
        return [float(word) for word in peer.stdout.readline().split()]

    def trip(self, peer, daemon):
        pair = self.one(peer, "trip")
        # Something once it took a latch away: so the stop was that of a trip.
        if not wait_for(lambda: call(daemon.socket, "interlocks.reset", interlock="a-runs"), bool, PATIENCE_S, every=0.005):
            raise RuntimeError("a trip is not reset")
        return pair

    def interlock(self, daemon):
        return next((one["state"] for one in (call(daemon.socket, "interlocks.list") or {})["interlocks"]), None)


def share(times, part):
    """The value below which that part of the sorted times lies."""
    return times[min(len(times) - 1, int(len(times) * part))]
