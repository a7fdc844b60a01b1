"""Clients as nobody wants them. usage: hostile.py SOCKET SEED

Some stay: half a line and silence, subscribers who never read, askers who never read. Bursts of others come and go:
hundreds of connections a second that say nothing, half a line, garbage, a line that is too long, or goodbye at once.
Orders: `storm` begins, `calm` hangs all up, `end` asks for the result. No line holds the word for the safe state.
"""

import os
import random
import select
import socket
import sys
import time

from shared import PATIENCE_S, Orders, request, tell

HALF = b'{"jsonrpc":"2.0","id":1,"method":"system.sta'
SUBSCRIBE = request(1, "events.subscribe", {"topics": ["experiments", "devices", "alarms", "signals:*"]})
# Half a megabyte of answers from one kilobyte.
GREEDY = b"".join(request(number, "rpc.discover", {}) for number in range(20))
# More answers than a socket holds, some three hundred small ones, but so few that all are given and only the writing is left.
LAST_WORDS = b'{"jsonrpc":"2.0","id":1,"method":"system.hello"}\n' * 800
# Of those who say so much, their goodbye, and read nothing: how many come with each burst, stay at most, and after how
# many seconds the daemon should have let them go.
GOODBYES, MOST_GOODBYES, GOODBYE_S = 4, 600, 12
BURST, PAUSE_S = 150, (0.05, 0.4)
# A line has at most 1 MiB.
TOO_LONG = b'{"jsonrpc":"2.0","id":1,"method":"' + b"x" * (3 << 19) + b'"}\n'
DEEP = b"[" * 5000 + b"]" * 5000 + b"\n"


class Hostile:
    def __init__(self, path, seed):
        self.path, self.random = path, random.Random(seed)
        self.staying = []
        # (since, client)
        self.said_goodbye = []
        self.counts = {"opened": 0, "turned_away": 0, "half_lines": 0, "garbage": 0, "too_long": 0, "unread": 0, "thrown_out": 0,
                       "goodbyes": 0, "kept": 0}
        self.bursting_s = self.storm_s = 0.0
        self.fastest = 0.0

    # --- Those who stay ---------------------------------------------------------------------------------------------------

    def wanted(self):
        """What each of those who stay says before it falls silent."""
        return [HALF] * 8 + [SUBSCRIBE] * 10 + [GREEDY] * 4

    def tend(self):
        """Whoever was thrown out comes again."""
        wanted = self.wanted()
        self.staying += [None] * (len(wanted) - len(self.staying))
        for number, words in enumerate(wanted):
            if self.staying[number] and self.is_gone(self.staying[number]):
                self.counts["thrown_out"] += 1
                self.staying[number].close()
                self.staying[number] = None
            if not self.staying[number]:
                self.staying[number] = self.come(words)
                self.counts["half_lines" if words is HALF else "unread"] += 1

    @staticmethod
    def is_gone(client):
        poll = select.poll()
        poll.register(client, 0)  # hang-ups are told unasked, and nothing is read
        return bool(poll.poll(0))

    def say_goodbye_and_stay(self):
        """They asked, said that they are done, and neither read nor hang up."""
        for _ in range(GOODBYES if len(self.said_goodbye) < MOST_GOODBYES else 0):
            client = self.come(LAST_WORDS)
            self.say_goodbye(client)
            self.said_goodbye.append((time.monotonic(), client))
            self.counts["goodbyes"] += 1

    # --- Those who come and go ------------------------------------------------------------------------------------------

    def come(self, words=b""):
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(PATIENCE_S)
        try:
            client.connect(self.path)
            self.counts["opened"] += 1
            client.setblocking(False)
            if words:
                client.send(words)
        except BlockingIOError:
            pass  # what does not fit is not sent: that is half a line as well
        except OSError:
            self.counts["turned_away"] += 1
        return client

    def burst(self):
        began, before = time.monotonic(), self.counts["opened"]
        open_ones = []
        for _ in range(BURST):
            open_ones.append(self.come(self.words()))
            # Some at a time stay for a while; a few hang up politely, the others just so.
            while len(open_ones) > self.random.randrange(40):
                leaving = open_ones.pop(self.random.randrange(len(open_ones)))
                if self.random.random() < 0.2:
                    self.say_goodbye(leaving)
                leaving.close()
        for client in open_ones:
            client.close()
        took = time.monotonic() - began
        self.bursting_s += took
        self.fastest = max(self.fastest, (self.counts["opened"] - before) / took)

    def words(self):
        kind = self.random.choice(["nothing", "nothing", "hello", "half", "half", "garbage", "unread"])
        if kind == "half":
            self.counts["half_lines"] += 1
            return HALF[:self.random.randrange(1, len(HALF))]
        if kind == "garbage":
            self.counts["garbage"] += 1
            return self.garbage()
        if kind == "unread":
            self.counts["unread"] += 1
            return GREEDY
        return request(1, "system.hello", {"client": "storm"}) if kind == "hello" else b""

    def garbage(self):
        return self.random.choice([
            self.random.randbytes(self.random.randrange(1, 4000)) + b"\n", b"\n" * 500, b"\xff\xfe{}\n", b"null\n", b"[]\n", DEEP,
            b'{"jsonrpc":"2.0","id":1,"method":"experiments.submit","params":{"recipe":{"kind":"flows"}}}\n',
            b"[" + b",".join([b'{"jsonrpc":"2.0","id":1,"method":"system.hello"}'] * 100) + b"]\n",
            b'{"jsonrpc":"2.0","id":1e999,"method":"no.such","method":"twice"}\n', b"GET / HTTP/1.1\r\n\r\n"])

    @staticmethod
    def say_goodbye(client):
        try:
            client.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it was thrown out meanwhile

    def long_line(self):
        """A line that is too long, to its end, or half of it."""
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(PATIENCE_S)
        try:
            client.connect(self.path)
            client.sendall(TOO_LONG if self.random.random() < 0.5 else TOO_LONG[:1_200_000])
            self.counts["too_long"] += 1
        except OSError:
            self.counts["turned_away"] += 1
        client.close()

    # --- Orders -----------------------------------------------------------------------------------------------------------

    def storm(self):
        began = time.monotonic()
        self.tend()
        self.burst()
        self.say_goodbye_and_stay()
        self.long_line()
        time.sleep(self.random.uniform(*PAUSE_S))
        self.storm_s += time.monotonic() - began

    def calm(self):
        old = time.monotonic() - GOODBYE_S
        self.counts["kept"] += sum(since < old and not self.is_gone(client) for since, client in self.said_goodbye)
        for client in [*filter(None, self.staying), *(client for _, client in self.said_goodbye)]:
            client.close()
        self.staying, self.said_goodbye = [], []

    def result(self):
        return self.counts | {"rate": self.counts["opened"] / max(self.storm_s, 1e-9), "fastest": self.fastest,
                              "in_bursts": self.counts["opened"] / max(self.bursting_s, 1e-9)}


def main(path, seed):
    os.nice(5)
    hostile, orders, mode = Hostile(path, seed), Orders(), "calm"
    tell("ready")
    while True:
        if mode == "calm":
            select.select([0], [], [])
        for order in orders.take():
            if order is None:
                return
            if order == "calm":
                hostile.calm()
                tell("calm")
            if order == "end":
                return tell(hostile.result())
            mode = order
        if mode == "storm":
            hostile.storm()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
