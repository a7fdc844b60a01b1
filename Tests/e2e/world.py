"""What all parts of the test share: verdicts, the container with its two benches, and talking to their daemons."""
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import time

from bench import SimulatedBench, until
from container import Container, make_root

HERE = os.path.dirname(os.path.abspath(__file__))
REPOSITORY = os.path.dirname(os.path.dirname(HERE))
# From the moment in which a daemon dies or hangs to heat and flow off, by the truth: systemd's watchdog and the pass.
KILLED_S, HANGS_S, STOPPED_S = 4.0, 8.0, 6.0
RECIPE = {"kind": "flows", "temperature_c": 140,
          "flows_ul_min": {"cui": 80, "oa_cui": 10, "ode_cui": 60, "cs_oleate": 80, "oa_cs": 15}}


class World:
    def __init__(self, options, work):
        self.options, self.work = options, work
        self.passed = self.failed = 0
        self.benches, self.inside = [], None

    def check(self, text, problems):
        problems = [problem for problem in problems if problem]
        if problems:
            self.failed += 1
            print(f"FAILED {text}")
            for problem in problems[:8]:
                print("       " + str(problem).replace("\n", "\n       ")[:2000])
        else:
            self.passed += 1
            print(f"ok     {text}")
        sys.stdout.flush()

    def group(self, name, work):
        """What goes wrong in one group does not keep the next from being tried."""
        try:
            work()
        except (RuntimeError, AssertionError, OSError, KeyError, ValueError, subprocess.TimeoutExpired) as error:
            self.check(name, [f"{type(error).__name__}: {error}"])

    @staticmethod
    def lacking(text, *words):
        return [f"not said: {word}\n{text[-1200:]}" for word in words if word not in text]

    def prepare(self):
        package = glob.glob(f"{self.options.dist}/flowlab_*.deb")
        if len(package) != 1:
            raise SystemExit(f"{self.options.dist} has {len(package)} packages of flowlab; expected one: make deb")
        self.package = os.path.abspath(package[0])
        template = f"{REPOSITORY}/.build/e2e-root"
        make_root(template)
        files = f"{self.work}/files"
        subprocess.run(["dpkg-deb", "-x", self.package, files], check=True)
        binaries = f"{files}/usr/bin"
        self.slow = SimulatedBench(binaries, self.work, "e2e", self.options.seed, 1, plate=140)
        self.fast = SimulatedBench(binaries, self.work, "fast", self.options.seed, 20)
        self.benches = [self.slow, self.fast]
        self.inside = Container(template, self.work, [bind for bench in self.benches for bind in bench.binds()])
        self.older = self.make_older()
        for path in (self.older, self.package):
            shutil.copy(path, f"{self.inside.root}/root/")
        print(f"booted in {self.inside.boot():.1f} s")

    def make_older(self):
        """The same programs under an older version number, so that the package manager sees an upgrade."""
        tree = f"{self.work}/older"
        subprocess.run(["dpkg-deb", "-R", self.package, tree], check=True)
        with open(f"{tree}/DEBIAN/control", encoding="utf-8") as file:
            text = re.sub(r"(?m)^Version: .*", "Version: 0.0.9", file.read())
        with open(f"{tree}/DEBIAN/control", "w", encoding="utf-8") as file:
            file.write(text)
        older = f"{self.work}/flowlab_0.0.9_older.deb"
        subprocess.run(["dpkg-deb", "--build", "--root-owner-group", tree, older], check=True, capture_output=True)
        return older

    def bench_file(self, bench, changes=()):
        return bench.file(f"{self.work}/files/usr/share/doc/flowlab/examples/nanocrystal.toml", changes)

    def ctl(self, *words, user="root", bench="e2e", **more):
        return self.inside.run("flowlabctl", *words, "--socket", f"/run/flowlab/{bench}/control.sock", user=user, **more)

    def ask(self, method, bench="e2e", **params):
        """As root, who is an admin."""
        request = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        said = self.inside.run("socat", "-t", "20", "-", f"UNIX-CONNECT:/run/flowlab/{bench}/control.sock",
                               input=request + "\n")
        if not said.stdout:
            raise RuntimeError(f"{method}: {said.stderr.strip()}")
        reply = json.loads(said.stdout.splitlines()[0])
        if "error" in reply:
            raise RuntimeError(json.dumps(reply["error"]))
        return reply["result"]

    def latches(self):
        return [one["interlock"] for one in self.ask("interlocks.list")["interlocks"] if one["state"] == "latched"]

    def reset(self):
        latched = self.latches()
        for name in latched:
            self.ask("interlocks.reset", interlock=name)
        return not latched

    def state(self, experiment, bench="e2e"):
        return self.ask("experiments.get", bench, experiment=experiment)["state"]

    def flowing(self, key):
        """An experiment that flows on the slow bench, submitted by the optimizer's user."""
        until("all devices", lambda: set(self.ask("system.status")["devices"]) == {"ready"})
        # A plate that jumps may trip what watches its rate; that is reset with the rest.
        self.slow.fault("heater", "plate_temperature", 140)
        time.sleep(1)
        until("nothing latched", self.reset)
        until("all inputs", lambda: all(i["state"] != "waiting" for i in self.ask("interlocks.list")["interlocks"]))
        said = self.ctl("submit", "--recipe", "-", "--key", key, "--json", user="otto", input=json.dumps(RECIPE))
        assert said.returncode == 0, said.stdout + said.stderr
        experiment = json.loads(said.stdout)["experiment"]
        until(f"{experiment} settling", lambda: self.state(experiment) == "settling", 90)
        until("heat and flow", self.slow.is_active)
        return experiment

    def main_pid(self, bench="e2e"):
        return self.inside.show(f"flowlabd@{bench}.service", "MainPID")

    def is_active(self, bench="e2e"):
        return self.inside.run("systemctl", "is-active", f"flowlabd@{bench}.service").stdout.strip() == "active"

    def status_text(self):
        return self.inside.show("flowlabd@e2e.service", "StatusText")

    def close(self):
        if self.inside:
            self.inside.halt()
        for bench in self.benches:
            bench.stop()
