"""Subscribers of everything, who read all they get. usage: subscribers.py SOCKET COUNT

Each counts the sequence numbers: whoever wants every topic sees them without a hole. Order `end N`: when all have what
comes before N, or after ten seconds, the result goes out. The first one's messages are read as JSON as well.
"""

import json
import os
import re
import selectors
import socket
import sys
import time

from shared import PATIENCE_S, Orders, request, tell

TOPICS = ["experiments", "devices", "interlocks", "alarms", "maintenance", "signals:*"]
SEQUENCE = re.compile(rb'"seq":(\d+),"stream":"')
LAST_WORDS_S = 10


class Subscriber:
    def __init__(self, path, is_first):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE_S)
        self.socket.connect(path)
        self.is_first, self.rest, self.next, self.messages, self.faults = is_first, b"", None, 0, []
        self.socket.sendall(request(1, "events.subscribe", {"topics": TOPICS}))
        while self.next is None:
            self.take()
        self.socket.setblocking(False)

    def take(self):
        """What has come. False once the daemon has closed."""
        try:
            part = self.socket.recv(1 << 18)
        except BlockingIOError:
            return True
        *lines, self.rest = (self.rest + part).split(b"\n")
        for line in lines:
            self.hear(line)
        return bool(part)

    def hear(self, line):
        if self.next is None:
            self.next = json.loads(line)["result"]["next"]
            return
        found = SEQUENCE.search(line)
        if not found or b'"topic":"gap"' in line:
            self.fault(f"no event: {line[:200]!r}")
            return
        sequence = int(found[1])
        if sequence != self.next:
            self.fault(f"after {self.next - 1} came {sequence}")
        if self.is_first and json.loads(line)["params"]["seq"] != sequence:
            self.fault(f"the line says something else than its number {sequence}")
        self.next = sequence + 1
        self.messages += 1

    def fault(self, text):
        if len(self.faults) < 20:
            self.faults.append(text)


def main(path, count):
    os.nice(5)
    everybody = [Subscriber(path, number == 0) for number in range(count)]
    selector, orders = selectors.DefaultSelector(), Orders()
    selector.register(0, selectors.EVENT_READ)
    for one in everybody:
        selector.register(one.socket, selectors.EVENT_READ, one)
    tell("ready")
    wanted = until = None
    while wanted is None or (any(one.next < wanted for one in everybody) and time.monotonic() < until):
        for key, _ in selector.select(0.2):
            if key.data is None:
                for order in orders.take():
                    if order is None:
                        return
                    wanted, until = int(order.split()[1]), time.monotonic() + LAST_WORDS_S
            elif not key.data.take():
                key.data.fault("the daemon closed the connection")
                selector.unregister(key.fileobj)
    tell({"messages": [one.messages for one in everybody], "faults": [one.faults for one in everybody],
          "behind": [max(0, wanted - one.next) for one in everybody]})


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
