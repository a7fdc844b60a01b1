"""A cable between the daemon and a simulated device, with a plug that can be pulled: a pseudo-terminal at the
daemon's end for each time that it is put in, as an adapter gets a node each time."""
import os
import random
import select
import threading
import time
import tty


class Cable:
    """Relays between the simulated device and the terminal that is plugged in; logs what the daemon says."""

    def __init__(self, device, link):
        self.device = os.open(device, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        tty.setraw(self.device)
        # The name that the bench file has, as udev makes it.
        self.link = link
        self.master = self.node = None
        # Which time the plug is in; the daemon's words with that number.
        self.number = 0
        self.said = []
        # Not a byte of the device comes through.
        self.is_silent = False
        # The adapter says something of its own.
        self.babble = None
        self.kept = []
        self.running = True
        self.thread = threading.Thread(target=self.relay, daemon=True)
        self.plug_in()
        self.thread.start()

    def plug_in(self, name=True):
        """A new terminal; with its name, unless udev is slow."""
        master, slave = os.openpty()
        tty.setraw(slave)
        os.set_blocking(master, False)
        # Neither end is closed before the test ends: nothing hangs up, so that only udev can tell the daemon.
        self.kept += [master, slave]
        self.node = os.ttyname(slave)
        self.number += 1
        self.master = master
        if name:
            self.name()

    def name(self):
        os.symlink(self.node, self.link + ".new")
        os.rename(self.link + ".new", self.link)

    def pull(self):
        """The name goes with the plug; the terminal stays, and nobody is there."""
        os.unlink(self.link)
        self.master = None

    def relay(self):
        while self.running:
            master = self.master
            ends = [self.device] + ([master] if master is not None else [])
            for end in select.select(ends, [], [], 0.02)[0]:
                try:
                    data = os.read(end, 4096)
                except OSError:
                    continue
                if end == self.device:
                    self.to_daemon(data)
                elif master == self.master:
                    self.said.append((time.monotonic(), self.number, data))
                    self.write(self.device, data)
            if self.babble and self.master is not None:
                self.write(self.master, bytes(self.babble.randrange(256) for _ in range(self.babble.randrange(1, 40))))

    def to_daemon(self, data):
        if self.master is not None and not self.is_silent and not self.babble:
            self.write(self.master, data)

    @staticmethod
    def write(end, data):
        try:
            os.write(end, data)
        except OSError:
            pass

    def lines(self, number):
        """What the daemon said to the pump since the plug was put in for the n-th time."""
        text = b"".join(data for _, when, data in self.said if when == number)
        return [line.strip().decode("ascii", "replace") for line in text.split(b"\r") if line.strip()]

    def begin_babble(self, seed):
        self.babble = random.Random(seed)

    def end(self):
        self.running = False
        self.thread.join()
        for descriptor in [self.device, *self.kept]:
            os.close(descriptor)
