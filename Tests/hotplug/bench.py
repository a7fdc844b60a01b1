"""The simulated bench with cables whose plugs can be pulled, its daemon, and a udev that says what it is told."""
import json
import os
import re
import socket
import subprocess

import gi

gi.require_version("UMockdev", "1.0")
from gi.repository import UMockdev  # noqa: E402

from cable import Cable  # noqa: E402
from shared import PATIENCE_S, ROOT, unmocked, until  # noqa: E402

PUMP, HEATER = "pump_cui", "heater"
# What root may not open without these two is refused to everybody.
LACKING = "-dac_override,-dac_read_search"
ORDINARY = ["setpriv", f"--inh-caps={LACKING}", f"--bounding-set={LACKING}"]


class Udev:
    """Events of terminals, as udevd sends them after its rules have run."""

    def __init__(self):
        self.testbed = UMockdev.Testbed.new()
        self.known = {}

    def tell(self, action, node, *names):
        """Every node has a place in /sys of its own, as every plugged-in adapter has."""
        place = self.known.get(node)
        if place is None:
            number = len(self.known)
            self.testbed.add_from_string(
                f"P: /devices/usb1/tty/ttyUSB{number}\nE: DEVNAME={node}\nE: SUBSYSTEM=tty\nE: ID_SERIAL_SHORT=X7\n")
            place = self.known[node] = f"/sys/devices/usb1/tty/ttyUSB{number}"
        self.testbed.set_property(place, "DEVLINKS", " ".join(names))
        self.testbed.uevent(place, action)


class Bench:
    """Pump cui and the heater, by Modbus RTU, hang on cables; the rest is plugged in for good."""

    def __init__(self, options):
        self.bin, self.work = options.bin, f"{options.work}/daemon"
        os.makedirs(f"{self.work}/dev")
        self.socket, self.state = f"{self.work}/control.sock", f"{self.work}/state"
        self.log = f"{self.work}/daemon.log"
        self.udev = Udev()
        self.daemon = None
        self.write_file()
        with open(self.log, "ab") as log:
            self.simulator = subprocess.Popen(
                [f"{self.bin}/flowlab-sim", "--dir", f"{self.work}/sim", "--seed", str(options.seed % 2**32), "--speed",
                 "1", "--plate", "139", "--heater", "rtu"], stdout=log, stderr=log, env=unmocked())
        until("the simulated bench", lambda: os.path.exists(f"{self.work}/sim/endpoints.json"))
        self.cables = {}
        with open(f"{self.work}/sim/endpoints.json", encoding="utf-8") as file:
            endpoints = json.load(file)
        for link in (PUMP, HEATER):
            name = f"{self.work}/dev/{link}"
            self.cables[link] = Cable(endpoints["links"][link]["path"], name)
            endpoints["links"][link]["path"] = name
        with open(f"{self.work}/endpoints.json", "w", encoding="utf-8") as file:
            json.dump(endpoints, file)

    def write_file(self):
        with open(f"{ROOT}/examples/nanocrystal.toml", encoding="utf-8") as file:
            text = file.read()
        # The plate starts warm, its band is wide and no absorbance is measured, so that flows start soon.
        changes = [(r"absorption_spectrometer = .*\n", ""), (r"\[references\]\n(.+\n)*", ""),
                   ("temperature_band_k = .*", "temperature_band_k = 10"),
                   ("temperature_hold = .*", 'temperature_hold = "2s"'),
                   (r"modbus_tcp = .*:502\".*", 'modbus_rtu = "/dev/flowlab/heater"\nbaud = 38400')]
        for old, new in changes:
            text, count = re.subn(f"(?m)^{old}", new, text)
            assert count == 1, old
        with open(f"{self.work}/bench.toml", "w", encoding="utf-8") as file:
            file.write(text)

    # --- The daemon ---------------------------------------------------------------------------------------------------

    def start(self, prepare=None):
        with open(self.log, "ab") as log:
            self.daemon = subprocess.Popen(
                [*ORDINARY, f"{self.bin}/flowlabd", "--config", f"{self.work}/bench.toml", "--endpoints",
                 f"{self.work}/endpoints.json", "--state", self.state, "--socket", self.socket],
                stdout=log, stderr=log, preexec_fn=prepare)
        until("the daemon", self.answers)
        until("the devices", lambda: {each["state"] for each in self.devices().values()} == {"ready"})
        # A row that has not read its input yet permits nothing.
        until("the inputs", lambda: "waiting" not in self.rows().values())

    def answers(self):
        try:
            return self.ask("system.status")
        except OSError:
            return None

    def ask(self, method, **params):
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(PATIENCE_S)
            client.connect(self.socket)
            request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
            client.sendall(json.dumps(request).encode() + b"\n")
            reply = json.loads(client.makefile("rb").readline())
        if "error" in reply:
            raise RuntimeError(json.dumps(reply["error"]))
        return reply["result"]

    def devices(self):
        return {each["device"]: each for each in self.ask("devices.list")["devices"]}

    def rows(self):
        return {each["interlock"]: each["state"] for each in self.ask("interlocks.list")["interlocks"]}

    def reset(self):
        """Whether nothing is latched; what is may be reset once its cause is gone and its proof is there."""
        latched = [name for name, state in self.rows().items() if state == "latched"]
        for name in latched:
            try:
                self.ask("interlocks.reset", interlock=name)
            except RuntimeError:
                pass
        return not latched

    def device(self, name):
        return self.devices()[name]

    def is_ready(self, name):
        return self.device(name)["state"] == "ready"

    def is_unplugged(self, name, node):
        device = self.device(name)
        return device["state"] == "offline" and device.get("detail") == f"unplugged: {node} is gone"

    def figures(self, link):
        links = self.ask("system.info")["links"]
        return next(each for each in links if each["link"] == link)

    def journal(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()

    def ctl(self, *words):
        return subprocess.run([f"{self.bin}/flowlabctl", *words, "--socket", self.socket], capture_output=True,
                              text=True, check=False, env=unmocked())

    def submit(self, key):
        flows = {"cui": 100, "oa_cui": 15, "ode_cui": 110, "cs_oleate": 130, "oa_cs": 30}
        recipe = {"kind": "flows", "temperature_c": 140, "flows_ul_min": flows}
        return self.ask("experiments.submit", recipe=recipe, key=key)["experiment"]

    def experiment(self, name):
        return self.ask("experiments.get", experiment=name)

    def flow(self, pump):
        """What the pump's motor does, by the last that the simulated bench says of itself; uL/min."""
        with open(f"{self.work}/sim/truth.jsonl", "rb") as file:
            file.seek(max(0, os.path.getsize(file.name) - 65536))
            whole = [line for line in file.read().splitlines(keepends=True) if line.endswith(b"\n")]
        return json.loads(whole[-1])["set_ul_min"][pump]

    def stop(self):
        self.daemon.terminate()
        code = self.daemon.wait(PATIENCE_S)
        self.daemon = None
        return code

    def end(self):
        for process in (self.daemon, self.simulator):
            if process and process.poll() is None:
                process.terminate()
                process.wait()
        for cable in self.cables.values():
            cable.end()
