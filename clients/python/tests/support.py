"""A simulated bench with its daemon, and a peer that says what a test tells it to say. The standard library only."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from collections.abc import Callable
from pathlib import Path
from typing import Any

import flowlab

from .front_door import FrontDoor

ROOT = Path(__file__).resolve().parents[3]
SPEED = "30"
BENCH_SEED = "7"
RECIPE = flowlab.Flows(140, {"cui": 160, "oa_cui": 20, "ode_cui": 120, "cs_oleate": 160, "oa_cs": 30})
HELLO = {"api": "1.0.0", "daemon": "a peer", "bench": "peer", "role": "admin", "simulated": True}


# What the chemistry has to prove is tested elsewhere: here a result must come soon, on a busy machine too.
EASY = {
    "experiments": {
        "temperature_band_k": "5", "temperature_hold": '"5s"', "flowing_deadline": '"10min"',
        "settling_margin_tau": "8", "measuring_deadline": '"10min"', "steady_samples": "8",
        "steady_drift_limit": "0.4"},
    "references": {"steady_drift_limit": "0.4"},
    # The plate stays where it is, and the line is swept soon.
    "box": {"temperature_c": "[138, 142]", "reaction_time_s": "[20, 25]"}}


def easy_bench_file() -> str:
    """The example's bench file, with a procedure that is satisfied soon."""
    text = (ROOT / "examples" / "nanocrystal.toml").read_text()
    for section, keys in EASY.items():
        for key, value in keys.items():
            # No line between the section's name and the key begins another section.
            text, count = re.subn(
                rf"(?m)^(\[{section}\][^\n]*\n(?:(?!\[).*\n)*?{key} = ).*$", rf"\g<1>{value}", text)
            if count != 1:
                raise AssertionError(f"the example's bench file has {key} of [{section}] {count} times")
    return text


def run_seed() -> int:
    """Of what a test draws at random."""
    return int(os.environ["SEED"])


def wait_until(what: str, holds: Callable[[], Any], patience_s: float = 20.0) -> Any:
    """What `holds` gives once it is true."""
    end = time.monotonic() + patience_s
    while True:
        try:
            found = holds()
        except (OSError, ValueError, flowlab.FlowlabError) as error:
            found, seen = None, error
        else:
            seen = found
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not come within {patience_s:g} s; seen last: {seen}")
        time.sleep(0.05)


def binaries() -> Path:
    return Path(os.environ["FLOWLAB_BIN"])


class Bench:
    """flowlab-sim and flowlabd in a directory of their own."""

    def __init__(self, *options: str, has_door: bool = False) -> None:
        """With a door its socket outlives the daemon, as one that systemd holds."""
        bench_file = easy_bench_file()
        self.directory = Path(tempfile.mkdtemp(prefix="flowlab-python-"))
        (self.directory / "bench.toml").write_text(bench_file)
        self.path = str(self.directory / "control.sock")
        self._daemon_path = str(self.directory / "daemon.sock") if has_door else self.path
        self._door = FrontDoor(self.path, self._daemon_path) if has_door else None
        self._daemon: subprocess.Popen[bytes] | None = None
        self._sim = self._start(
            "flowlab-sim", "--dir", "sim", "--seed", BENCH_SEED, "--speed", SPEED, "--plate", "140", *options)
        try:
            endpoints = self.directory / "sim" / "endpoints.json"
            wait_until("the simulated bench", lambda: json.loads(endpoints.read_text())["ready"])
            self.start_daemon()
        except BaseException:
            self.close()
            raise

    def _start(self, program: str, *words: str) -> subprocess.Popen[bytes]:
        with open(self.directory / f"{program}.log", "ab") as log:
            return subprocess.Popen(
                [binaries() / program, *words], cwd=self.directory, stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    def start_daemon(self) -> None:
        self._daemon = self._start(
            "flowlabd", "--config", "bench.toml", "--endpoints", "sim/endpoints.json", "--state", "state",
            "--socket", self._daemon_path)

    def until_ready(self) -> None:
        with flowlab.Client(self.path, connect_s=20) as client:
            wait_until("all devices", lambda: {device.state for device in client.devices()} == {"ready"})

    def kill_daemon(self, number: int = signal.SIGKILL) -> None:
        assert self._daemon is not None
        self._daemon.send_signal(number)
        self._daemon.wait(20)

    def log(self) -> str:
        return (self.directory / "flowlabd.log").read_text()[-4000:]

    def close(self) -> None:
        """The daemon first: it stops its devices while they are still there."""
        if self._door is not None:
            self._door.close()
        for process in (self._daemon, self._sim):
            if process is not None and process.poll() is None:
                process.terminate()
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)


class SharedBench:
    """One bench for all tests that leave it as it was."""

    _bench: Bench | None = None

    @classmethod
    def get(cls) -> Bench:
        if cls._bench is None:
            cls._bench = Bench()
            cls._bench.until_ready()
        return cls._bench

    @classmethod
    def close(cls) -> None:
        if cls._bench is not None:
            cls._bench.close()


class Connection:
    """A client of a `Peer`."""

    def __init__(self, stream: socket.socket, number: int) -> None:
        self.stream = stream
        self.number = number

    def send(self, data: bytes) -> None:
        self.stream.sendall(data)

    def line(self, value: Any) -> None:
        self.send(json.dumps(value).encode() + b"\n")

    def answer(self, request: dict[str, Any], result: Any) -> None:
        self.line({"jsonrpc": "2.0", "id": request["id"], "result": result})

    def refuse(self, request: dict[str, Any], kind: str, **data: Any) -> None:
        error = {"code": -32000, "message": kind, "data": {"kind": kind, "detail": kind, "hint": "", **data}}
        self.line({"jsonrpc": "2.0", "id": request["id"], "error": error})

    def event(self, stream: str, seq: int, topic: str, data: Any) -> None:
        params = {"stream": stream, "seq": seq, "topic": topic, "time": "", "bench_s": 0.0, "data": data}
        self.line({"jsonrpc": "2.0", "method": "event", "params": params})

    def close(self) -> None:
        """Also for the thread that reads."""
        try:
            self.stream.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


Handler = Callable[[Connection, dict[str, Any]], None]


class Peer:
    """A server on a Unix socket. It greets; everything else is for `handle`, which answers, or does not."""

    def __init__(self, handle: Handler, greets: bool = True) -> None:
        self.handle = handle
        self.greets = greets
        self.requests: list[dict[str, Any]] = []
        """All but greetings, in the order in which they came."""
        self.connected = 0
        self._directory = tempfile.mkdtemp(prefix="flowlab-peer-")
        self.path = f"{self._directory}/control.sock"
        self._lock = threading.Lock()
        self._open: set[Connection] = set()
        self._threads: list[threading.Thread] = []
        self._listener: socket.socket | None = None
        self.start()

    def start(self) -> None:
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.path)
        self._listener.listen(64)
        self._run(self._accept, self._listener)

    def _run(self, body: Callable[..., None], *values: Any) -> None:
        thread = threading.Thread(target=body, args=values, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                stream, _ = listener.accept()
            except OSError:
                return
            with self._lock:
                self.connected += 1
                connection = Connection(stream, self.connected)
                self._open.add(connection)
            self._run(self._serve, connection)

    def _serve(self, connection: Connection) -> None:
        try:
            for line in connection.stream.makefile("rb"):
                if not line.endswith(b"\n"):
                    break
                request = json.loads(line)
                if request["method"] == "system.hello" and self.greets:
                    connection.answer(request, HELLO)
                    continue
                with self._lock:
                    self.requests.append(request)
                self.handle(connection, request)
        except OSError:
            pass  # the client went away, or was sent away
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.stream.close()

    def methods(self) -> list[str]:
        with self._lock:
            return [request["method"] for request in self.requests]

    def drop_all(self) -> None:
        with self._lock:
            connections = list(self._open)
        for connection in connections:
            connection.close()

    def stop(self) -> None:
        """As a daemon that ended: nobody listens any more, and all connections are gone."""
        if self._listener is not None:
            try:
                self._listener.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            self._listener.close()
            self._listener = None
            os.unlink(self.path)
        self.drop_all()

    def close(self) -> None:
        self.stop()
        for thread in self._threads:
            thread.join(10)
        shutil.rmtree(self._directory, ignore_errors=True)


class PeerCase(unittest.TestCase):
    """With peers and clients that end with the test."""

    def peer(self, handle: Handler, **options: Any) -> Peer:
        peer = Peer(handle, **options)
        self.addCleanup(peer.close)
        return peer

    def client(self, peer: Peer | Bench, **options: Any) -> flowlab.Client:
        client = flowlab.Client(peer.path, **{"reconnect_s": 5.0, "timeout_s": 10.0, **options})
        self.addCleanup(client.close)
        return client


class Background:
    """A call in a thread of its own; `result` waits for it and raises what it raised."""

    def __init__(self, body: Callable[..., Any], *values: Any, **named: Any) -> None:
        self._body = lambda: body(*values, **named)
        self._value: Any = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._value = self._body()
        except BaseException as error:
            self._error = error

    def result(self, patience_s: float = 20.0) -> Any:
        self._thread.join(patience_s)
        if self._thread.is_alive():
            raise AssertionError(f"still running after {patience_s:g} s")
        if self._error is not None:
            raise self._error
        return self._value


def record(number: int, state: str, **more: Any) -> dict[str, Any]:
    """An experiment record with the members that every daemon tells."""
    return {
        "experiment": f"e-{number:06}", "state": state, "recipe": RECIPE.to_json(), "executed": RECIPE.to_json(),
        "transitions": [], "simulated": True, "submitted_by": 0, "features": None, "certificate": None, "error": None,
        **more}


def run_python(*words: str, timeout_s: float = 60.0, **environment: str) -> subprocess.CompletedProcess[str]:
    """A Python program that finds the package, as a user runs it."""
    paths = {"PYTHONPATH": str(ROOT / "clients" / "python")}
    return subprocess.run(
        [sys.executable, *words], env={**os.environ, **paths, **environment}, capture_output=True, text=True,
        timeout=timeout_s, check=False)
