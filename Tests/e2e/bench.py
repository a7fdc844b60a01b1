"""A simulated bench on the host, whose pseudo-terminals are the serial ports of a daemon in the container."""
import json
import os
import re
import signal
import socket
import subprocess
import time

PATIENCE_S = 20


def until(what, condition, seconds=PATIENCE_S):
    end = time.monotonic() + seconds
    while True:
        try:
            value = condition()
            if value:
                return value
        except (OSError, ValueError, KeyError, RuntimeError):
            pass
        if time.monotonic() >= end:
            raise RuntimeError(f"{what} did not come within {seconds} s")
        time.sleep(0.02)


class SimulatedBench:
    def __init__(self, binaries, work, name, seed, speed, plate=None):
        self.name, self.speed, self.directory = name, speed, f"{work}/sim-{name}"
        os.makedirs(self.directory)
        words = [f"{binaries}/flowlab-sim", "--dir", self.directory, "--seed", str(seed), "--speed", str(speed)]
        self.log = open(f"{work}/sim-{name}.log", "ab")
        self.process = subprocess.Popen(
            words + (["--plate", str(plate)] if plate else []), stdout=self.log, stderr=self.log)
        self.endpoints = until("the simulated bench", self.read_endpoints)
        self.began = self.endpoints["started_unix_s"]

    def read_endpoints(self):
        with open(f"{self.directory}/endpoints.json", encoding="utf-8") as file:
            read = json.load(file)
        return read if read.get("ready") else None

    def binds(self):
        """Each pseudo-terminal, and what it is called inside."""
        found = []
        for link, place in sorted(self.endpoints["links"].items()):
            if place["kind"] == "serial":
                # The node keeps its host's owner: inside, udev would give it to the daemon's group.
                os.chmod(place["pty"], 0o666)
                found.append((place["pty"], f"/dev/flowlab/{self.name}/{os.path.basename(place['path'])}"))
        return found

    def file(self, example, changes=()):
        """The example bench file with the ports of this bench."""
        with open(example, encoding="utf-8") as file:
            text = file.read()
        wanted = [("name = \"nanocrystal\"", f'name = "{self.name}"'), ("clock_rate = .*", f"clock_rate = {self.speed}.0"),
                  *changes]
        for old, new in wanted:
            text, count = re.subn(f"(?m)^{old}", new, text)
            assert count == 1, old
        text = text.replace('"/dev/flowlab/', f'"/dev/flowlab/{self.name}/')
        for link, place in self.endpoints["links"].items():
            if place["kind"] == "serial":
                continue
            address = f'"{place["host"]}:{place["port"]}"'
            text, count = re.subn(rf"(\[links\.{link}\]\n(?:#.*\n)*\w+ = )\"[^\"]*\"", rf"\g<1>{address}", text)
            assert count == 1, link
        return text

    # --- The truth ----------------------------------------------------------------------------------------------------

    def truth(self):
        with open(f"{self.directory}/truth.jsonl", encoding="utf-8") as file:
            return [json.loads(line) for line in file if line.endswith("\n")]

    def fault(self, device, fault, value=None):
        request = {"fault": fault, "device": device} | ({} if value is None else {"value": value})
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(PATIENCE_S)
            client.connect(f"{self.directory}/faults.sock")
            client.sendall(json.dumps(request).encode() + b"\n")
            reply = json.loads(client.makefile("rb").readline())
        assert reply.get("ok"), reply

    def safe_after(self, since, limit_s, watched_s=1.5):
        """Seconds from `since` (Unix time) until heater and pumps were off and stayed so; None if they were not by then.

        Only on a bench of rate 1, whose truth is dated in seconds since its start.
        """
        end = since - self.began + limit_s + watched_s
        until("the truth", lambda: self.truth()[-1]["t_s"] >= end, limit_s + watched_s + PATIENCE_S)
        records = [one for one in self.truth() if one["t_s"] >= since - self.began]
        if not records or is_active(records[-1]):
            return None
        last = max((number for number, one in enumerate(records) if is_active(one)), default=None)
        return round(records[0 if last is None else last + 1]["t_s"] - (since - self.began), 2)

    def is_active(self):
        return is_active(self.truth()[-1])

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()


def is_active(record):
    """Heat or flow."""
    return record["heater_mode"] != "off" or record["heater_output_pct"] != 0 or any(record["set_ul_min"].values())
