"""The control API: one cached signal, sixteen clients, sixty-four subscribers."""

import json
import os
import socket

from measure import ROUNDS, Noise, cpu_seconds, pin
from surroundings import Farm, ask, wait_for

READ_S = 1.0
REQUEST = '{"jsonrpc":"2.0","id":1,"method":"signals.read","params":{"names":["heater.temperature"]}}'
# GET of one key in Redis's protocol; the load adds the last LF.
REDIS_GET = "*2\r\n$3\r\nGET\r\n$1\r\nk\r"
ALL, ONE = {0, 1}, {0}
SUBSCRIBERS, FAN_OUT_S = 64, 2.0
# Forty pumps that tell their volume every 40 ms: a thousand updates a second.
FAN_OUT_PUMPS, POLL_MS = 40, 20


class Readers:
    """The daemon, a C echo of as many bytes, and Redis."""

    def __init__(self, place):
        self.place = place
        self.simulation, self.daemon = place.simulated()
        self.bytes = len(ask(self.daemon.socket, REQUEST))
        self.echo_path, self.redis_path = place.path("echo.sock"), place.path("redis.sock")
        self.echo = place.processes.start("echo_floor", f"{place.programs}/echo_floor", self.echo_path, self.bytes)
        self.redis = place.processes.start("redis", "redis-server", "--port", "0", "--unixsocket", self.redis_path,
                                           "--save", "", "--appendonly", "no", "--dir", place.directory)
        wait_for(lambda: ask(self.echo_path, "x"), bool, 5, every=0.01)
        wait_for(lambda: ask(self.redis_path, "SET k 140.02\r"), bool, 5, every=0.05)

    def pin(self, cpus):
        """Server threads and their load on the same CPU: else the wake-up across CPUs decides, now so and now so."""
        pin(self.daemon.process.pid, cpus, "api")
        pin(self.echo.pid, cpus)
        pin(self.redis.pid, cpus)

    def load(self, path, request, clients, cpus):
        words = ["taskset", "-c", ",".join(map(str, sorted(cpus))), f"{self.place.programs}/load", path, request]
        return self.place.program(*words, clients, READ_S)

    def rounds(self, clients, cpus):
        self.pin(cpus)
        noise = Noise([self.daemon.process.pid, self.simulation.process.pid, self.echo.pid, self.redis.pid])
        found = [{
            "ours": self.load(self.daemon.socket, REQUEST, clients, cpus),
            "echo": self.load(self.echo_path, REQUEST, clients, cpus),
            "redis": self.load(self.redis_path, REDIS_GET, clients, cpus)} for _ in range(ROUNDS)]
        return found, noise.end()

    def end(self):
        for process in (self.daemon.process, self.echo, self.redis, self.simulation.process):
            self.place.processes.end(process)


def column(rounds, who, key):
    return [one[who][key] for one in rounds]


def api_read(place, table):
    readers = Readers(place)
    rounds, noise = readers.rounds(1, ONE)
    ours = column(rounds, "ours", "p50_us")
    table.add("api_read_p50", "us", ours, column(rounds, "echo", "p50_us"), f"C echo of {readers.bytes} bytes, one CPU", 1.3,
              noise=noise)
    table.add("api_read_p99", "us", column(rounds, "ours", "p99_us"), column(rounds, "echo", "p99_us"), "the same", noise=noise)
    table.add("api_read_rate", "1/s", column(rounds, "ours", "rate"), column(rounds, "redis", "rate"), "Redis GET, one CPU", 0.9,
              most=False, noise=noise)
    rounds, noise = readers.rounds(16, ALL)
    table.add("api_read_16_rate", "1/s", column(rounds, "ours", "rate"), column(rounds, "redis", "rate"), "Redis GET", 0.8,
              most=False, noise=noise)
    table.add("api_read_16_least_client", "of mean", column(rounds, "ours", "least"), floor_is="none; 1: all alike", goal=0.5,
              most=False)
    table.add("api_read_16_p99", "us", column(rounds, "ours", "p99_us"), column(rounds, "echo", "p99_us"), "C echo", noise=noise)
    readers.end()


def fanout_64(place, table):
    farm = Farm(place, FAN_OUT_PUMPS, POLL_MS, counting=True)
    daemon = farm.daemon()
    request = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "events.subscribe",
                          "params": {"topics": ["signals:pump.*.volume"]}}, separators=(",", ":"))
    floor_path = place.path("floor.sock")
    floor = place.processes.start("fanout_floor", f"{place.programs}/fanout_floor", floor_path, farm.floor_port,
                                  FAN_OUT_PUMPS, message_bytes(daemon, request))
    wait_for(lambda: os.path.exists(floor_path), bool, 5, every=0.01)
    wait_for(lambda: farm.listen(floor_path, 1, 0.1, floor=True), lambda seen: seen["least"] > 0, 5)
    rounds = []
    noise = Noise([daemon.process.pid, farm.process.pid, floor.pid])
    for _ in range(ROUNDS):
        one = {}
        for who, path, is_floor, process, thread in (("ours", daemon.socket, False, daemon.process, "api"),
                                                     ("floor", floor_path, True, floor, None)):
            before = cpu_seconds(process.pid, thread)
            one[who] = farm.listen(path, SUBSCRIBERS, FAN_OUT_S, request, floor=is_floor)
            used = cpu_seconds(process.pid, thread) - before
            one[who]["us_each"] = used * 1e6 / max(1, one[who]["updates"] * SUBSCRIBERS)
        rounds.append(one)
    seen = noise.end()
    table.add("fanout_64_lost", "messages", column(rounds, "ours", "lost"), floor_is="none; of the worst subscriber", goal=0)
    table.add("fanout_64_rate", "1/s", column(rounds, "ours", "rate"), floor_is="none; updates to each subscriber")
    for name, key, unit, goal in (("p50", "p50_us", "us", 2), ("p99", "p99_us", "us", None), ("cpu", "us_each", "us/msg", 2)):
        table.add(f"fanout_64_{name}", unit, column(rounds, "ours", key), column(rounds, "floor", key),
                  "C fan-out of as many bytes", goal, noise=seen)
    for process in (daemon.process, floor, farm.process):
        place.processes.end(process)


def message_bytes(daemon, request):
    """Of one message to a subscriber."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(5)
        client.connect(daemon.socket)
        client.sendall(request.encode() + b"\n")
        lines = client.makefile("rb")
        lines.readline()
        return len(lines.readline())
