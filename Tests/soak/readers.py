"""Readers in a closed loop: each asks, waits for its answer, and asks the next question. usage: readers.py SOCKET COUNT

Orders: `calm` and `storm` say to which of the two the answers from now on belong, `end` asks for the result.
"""

import json
import os
import selectors
import socket
import sys
import time

from shared import PATIENCE_S, Histogram, Orders, request, tell

# What a dashboard asks, and what goes to the archive. Each reader asks all of them in turn.
QUESTIONS = [
    ("signals.read", {"names": ["heater.*"]}), ("system.status", {}), ("experiments.list", {"limit": 5}),
    ("signals.read", {"names": ["pump.*.flow"]}), ("system.info", {}), ("devices.list", {}),
    ("signals.history", {"signal": "heater.temperature", "limit": 20}), ("experiments.results", {"since": 0, "limit": 1}),
    ("alarms.list", {}), ("interlocks.list", {}), ("reagents.list", {})]


class Reader:
    def __init__(self, path, number):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE_S)
        self.socket.connect(path)
        # Not all of them ask the same thing at once.
        self.asked, self.answers, self.received, self.longest = number, 0, [], 0.0
        self.ask()

    def ask(self):
        self.asked += 1
        self.at = time.monotonic()
        self.socket.sendall(request(self.asked, *QUESTIONS[self.asked % len(QUESTIONS)]))

    def take(self):
        """The answer and how many us it took once all of it is there; else None."""
        part = self.socket.recv(1 << 18)
        if not part:
            raise ConnectionError("the daemon closed a reader's connection")
        self.received.append(part)
        if not part.endswith(b"\n"):
            return None
        answer, self.received = b"".join(self.received), []
        seconds = time.monotonic() - self.at
        self.longest = max(self.longest, seconds)
        self.answers += 1
        return answer, seconds * 1e6

    def fault_of(self, answer):
        reply = json.loads(answer)
        if reply.get("id") != self.asked:
            return f"asked {self.asked}, answered {reply.get('id')}"
        return f"{QUESTIONS[self.asked % len(QUESTIONS)][0]}: {json.dumps(reply['error'])[:200]}" if "error" in reply else None


def main(path, count):
    os.nice(5)
    everybody = [Reader(path, number) for number in range(count)]
    selector, orders = selectors.DefaultSelector(), Orders()
    selector.register(0, selectors.EVENT_READ)
    for one in everybody:
        selector.register(one.socket, selectors.EVENT_READ, one)
    times, mode, faults = {"calm": Histogram(), "storm": Histogram()}, "calm", []
    tell("ready")
    while True:
        for key, _ in selector.select(1):
            if key.data is None:
                for order in orders.take():
                    if order is None:
                        return
                    if order == "end":
                        return tell(result(everybody, times, faults))
                    mode = order
            elif found := key.data.take():
                answer, us = found
                times[mode].add(us)
                if (fault := key.data.fault_of(answer)) and len(faults) < 20:
                    faults.append(fault)
                key.data.ask()


def result(everybody, times, faults):
    waiting = [time.monotonic() - one.at for one in everybody]
    return {"answers": [one.answers for one in everybody], "faults": faults,
            "longest_s": [max(one.longest, now) for one, now in zip(everybody, waiting)],
            "times": {mode: one.told() for mode, one in times.items()}}


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
