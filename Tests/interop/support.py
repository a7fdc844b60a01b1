"""Processes, waiting and counting, for the interoperability checks and the figures. The standard library only."""

import json
import os
import signal
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


class Score:
    """One line a check, and the count."""

    def __init__(self):
        self.passed = 0
        self.failed = 0

    def check(self, name, holds, seen=""):
        if holds:
            self.passed += 1
            print(f"ok      {name}", flush=True)
        else:
            self.failed += 1
            print(f"FAILED  {name}: saw {seen}", flush=True)
        return bool(holds)

    def section(self, name, run):
        """A section that breaks is one failure; the other sections still run."""
        try:
            run()
        except Exception as error:  # the peers raise what they like
            self.check(name, False, f"{type(error).__name__}: {error}")


def wait_for(look, accept, patience=10.0, every=0.05):
    """The last value of `look()`; it has been accepted, or the patience is at its end."""
    end = time.monotonic() + patience
    while True:
        value = look()
        if accept(value) or time.monotonic() > end:
            return value
        time.sleep(every)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Processes:
    """Everything that was started, to be ended."""

    def __init__(self, logs):
        self.logs = logs
        self.running = []

    def start(self, name, *words):
        log = open(os.path.join(self.logs, name + ".log"), "ab")
        process = subprocess.Popen([str(word) for word in words], stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        log.close()
        self.running.append(process)
        return process

    def end(self, process, with_signal=signal.SIGTERM, patience=10):
        if process.poll() is None:
            process.send_signal(with_signal)
            try:
                process.wait(patience)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if process in self.running:
            self.running.remove(process)
        return process.returncode

    def end_all(self):
        for process in list(reversed(self.running)):
            self.end(process, patience=5)


class Simulation:
    """A flowlab-sim and where its links are."""

    def __init__(self, processes, binaries, directory, *options):
        self.directory = directory
        self.process = processes.start("flowlab-sim", f"{binaries}/flowlab-sim", "--dir", directory, *options)
        self.endpoints = wait_for(self.read, lambda value: value and value.get("ready"))
        if not self.endpoints:
            raise RuntimeError("flowlab-sim did not become ready; see flowlab-sim.log")

    def read(self):
        try:
            with open(f"{self.directory}/endpoints.json", encoding="utf-8") as file:
                return json.load(file)
        except (OSError, ValueError):
            return None

    def port(self, link):
        return self.endpoints["links"][link]["port"]

    def path(self, link):
        return self.endpoints["links"][link]["path"]


class Daemon:
    """A flowlabd, seen through flowlabctl alone."""

    def __init__(self, processes, binaries, directory, bench, endpoints=None):
        os.makedirs(directory, exist_ok=True)
        self.binaries = binaries
        self.socket = f"{directory}/control.sock"
        self.process = processes.start(
            "flowlabd", f"{binaries}/flowlabd", "--config", bench, *(["--endpoints", endpoints] if endpoints else []),
            "--state", f"{directory}/state", "--socket", self.socket)
        wait_for(lambda: self.call("status"), lambda value: value is not None)

    def run(self, *words):
        command = [f"{self.binaries}/flowlabctl", *words, "--socket", self.socket]
        return subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)

    def call(self, *words):
        """The daemon's answer, or None when it refused or is not there."""
        done = self.run(*words, "--json")
        return json.loads(done.stdout) if done.returncode == 0 and done.stdout else None

    def device(self, name):
        listed = (self.call("devices") or {}).get("devices", [])
        return next((one for one in listed if one["device"] == name), {"state": "unknown"})

    def readings(self, pattern):
        return (self.call("signals", pattern) or {}).get("readings", {})

    def experiment(self, name):
        return self.call("experiments", name) or {"state": "unknown"}


def python(*words):
    return [sys.executable, *words]
