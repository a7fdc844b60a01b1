"""What every part of the soak needs: the helpers of the figures, one connection, orders to a child program, and how
long things took."""

import json
import math
import os
import socket
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "bench"))

from rows_loop import quantile, width  # noqa: E402, F401
from surroundings import ROOT, Place, Processes, Simulation, states, wait_for  # noqa: E402, F401

PATIENCE_S = 30


class Refused(Exception):
    """The daemon said no; `kind` is its stable word."""

    def __init__(self, error):
        super().__init__(json.dumps(error)[:300])
        self.kind = error.get("data", {}).get("kind")


class Line:
    """One connection that stays, one request at a time. OSError when the daemon has closed it."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE_S)
        self.socket.connect(path)
        self.file = self.socket.makefile("rb")
        self.count = 0

    def call(self, method, **params):
        self.count += 1
        self.socket.sendall(request(self.count, method, params))
        text = self.file.readline()
        if not text.endswith(b"\n"):
            raise ConnectionError(f"the daemon closed the connection on which {method} was asked")
        reply = json.loads(text)
        if reply.get("id") != self.count:
            raise ConnectionError(f"{method} got the answer of another question: {text[:200]!r}")
        if "error" in reply:
            raise Refused(reply["error"])
        return reply["result"]

    def close(self):
        self.file.close()
        self.socket.close()


def request(number, method, params):
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}).encode() + b"\n"


class Histogram:
    """Times in us, eight buckets an octave, so that a night takes no more room than a minute."""

    def __init__(self):
        self.counts, self.most = {}, 0.0

    def add(self, us):
        bucket = int(math.log2(max(us, 1.0)) * 8)
        self.counts[bucket] = self.counts.get(bucket, 0) + 1
        self.most = max(self.most, us)

    def told(self):
        """As `quantile` takes it: (begin us, end us, count), shortest first."""
        return [(2 ** (bucket / 8), 2 ** ((bucket + 1) / 8), count) for bucket, count in sorted(self.counts.items())]


class Child:
    """One of our own client programs. It is told what to do by lines, and ends when this end of its input is closed."""

    def __init__(self, processes, name, *words):
        self.name, self.log = name, os.path.join(processes.logs, name + ".log")
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, f"{HERE}/{name}.py", *map(str, words)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=log, text=True)
        processes.running.append(self.process)

    def tell(self, order):
        try:
            self.process.stdin.write(order + "\n")
            self.process.stdin.flush()
        except OSError:
            pass  # it has died: who asks for its result is told

    def answer(self):
        """Its next line; a RuntimeError with its last words when it died."""
        text = self.process.stdout.readline()
        if text:
            return json.loads(text)
        with open(self.log, encoding="utf-8", errors="replace") as log:
            raise RuntimeError(f"{self.name} died: {log.read()[-500:]}")


class Orders:
    """The child's side: orders as they come, without waiting for them. None is the parent's end."""

    def __init__(self):
        os.set_blocking(0, False)
        self.rest = b""

    def take(self):
        try:
            part = os.read(0, 65536)
        except BlockingIOError:
            return []
        if not part:
            return [None]
        *whole, self.rest = (self.rest + part).split(b"\n")
        return [line.decode() for line in whole]


def tell(value):
    print(json.dumps(value), flush=True)
