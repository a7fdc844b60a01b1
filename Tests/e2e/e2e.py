#!/usr/bin/env python3
"""The Debian package under a real systemd, as an administrator and three users meet it.

    scripts/e2e DIST [--seed N] [--keep DIR]

DIST has the package that `make deb` built. A container boots systemd; two simulated benches live on the host, and their
pseudo-terminals are serial ports inside. What became of heat and flow is judged by the benches' truth logs.
Ends with "e2e: N passed, N failed"; exit code 1 if anything failed. Where the machine allows no container it says so,
and ends with 0. Takes 4 minutes, and a minute more at first.
"""
import argparse
import glob
import json
import os
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

from bench import SimulatedBench, until
from container import Cannot, Container, make_root, require_means

HERE = os.path.dirname(os.path.abspath(__file__))
REPOSITORY = os.path.dirname(os.path.dirname(HERE))
# From the moment in which a daemon dies or hangs to heat and flow off, by the truth: systemd's watchdog and the pass.
KILLED_S, HANGS_S, STOPPED_S = 4.0, 8.0, 6.0
USERS = {"olga": ["flowlab-clients", "flowlab-observers"], "otto": ["flowlab-clients", "flowlab-optimizers"],
         "anna": ["flowlab-clients", "flowlab-technicians"], "root": [], "sam": []}
# The message id of a daemon that serves (docs/systemd.md).
READY = "bc5d4e1586294c83b3a90eb3b3faed65"
RECIPE = {"kind": "flows", "temperature_c": 140,
          "flows_ul_min": {"cui": 80, "oa_cui": 10, "ode_cui": 60, "cs_oleate": 80, "oa_cs": 15}}
# So that flows start soon and need no absorbance; an experiment that is interrupted waits again.
QUICK = [("absorption_spectrometer = .*\n", ""), (r"\[references\]\n(.+\n)*", ""),
         ("temperature_band_k = .*", "temperature_band_k = 10"), ("temperature_hold = .*", 'temperature_hold = "2s"')]


# Takes a name of the abstract space as soon as it is free.
TAKER = """
import socket, sys, time
name = b"\\0" + sys.argv[1].encode()
while True:
    taken = socket.socket(socket.AF_UNIX)
    try:
        taken.bind(name)
        print("taken", flush=True)
        time.sleep(600)
    except OSError:
        taken.close()
"""


class EndToEnd:
    def __init__(self, options, work):
        self.options, self.work = options, work
        self.passed = self.failed = 0
        self.benches, self.inside = [], None

    # --- Verdicts -----------------------------------------------------------------------------------------------------

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

    # --- The machine --------------------------------------------------------------------------------------------------

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

    # --- Talking to a daemon ------------------------------------------------------------------------------------------

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

    # --- Installing ---------------------------------------------------------------------------------------------------

    def install(self):
        said = self.inside.run("dpkg", "-i", "/root/" + os.path.basename(self.older))
        self.check("the package installs without a question and without a bench",
                   [] if said.returncode == 0 else [said.stdout + said.stderr])
        for name, groups in USERS.items():
            if name != "root":
                self.inside.run("useradd", "--create-home", name)
            for one in groups:
                self.inside.run("usermod", "--append", "--groups", one, name)
        lacks = [path for path in
                 ("/usr/bin/flowlabd", "/usr/share/man/man8/flowlabd.8.gz", "/lib/udev/rules.d/70-flowlab.rules",
                  "/usr/share/bash-completion/completions/flowlabctl", "/usr/lib/systemd/catalog/flowlab.catalog",
                  "/usr/share/doc/flowlab/examples/nanocrystal.toml", "/run/flowlab", "/var/lib/flowlab", "/etc/flowlab")
                 if self.inside.run("test", "-e", path).returncode != 0]
        self.check("programs, manuals, rules, completions, catalog, examples and directories are there", lacks)
        users = self.inside.run("getent", "passwd", "flowlab").stdout
        self.check("the daemon has a user of its own that nobody logs in as",
                   [] if "nologin" in users else [users or "no user flowlab"])

    def configure(self):
        self.inside.write("/etc/flowlab/e2e.toml", self.bench_file(self.slow, QUICK + [
            ("interrupted = .*", 'interrupted = "fail"')]))
        self.inside.write("/etc/flowlab/fast.toml", self.bench_file(self.fast))
        bad = [name for name in ("e2e", "fast")
               if self.inside.run("flowlabctl", "config", "check", f"/etc/flowlab/{name}.toml").returncode != 0]
        self.check("bench files of the example pass the check inside", bad)
        said = self.inside.run("systemd-analyze", "verify", "--man=no", "flowlabd@e2e.service", "flowlabd@e2e.socket")
        self.check("systemd-analyze verify is silent", [said.stdout + said.stderr])
        said = self.inside.run("systemd-analyze", "security", "--offline=true", "--threshold=18", "--no-pager",
                               "/lib/systemd/system/flowlabd@.service")
        level = re.search(r"exposure level.*: ([\d.]+)", said.stdout)
        self.check(f"exposure {level and level[1]}, at most 1.8",
                   [] if said.returncode == 0 and level else [said.stdout[-400:] + said.stderr])

    def allow_real_time(self):
        """A container on a host whose root may not raise limits (CAP_SYS_RESOURCE) gets by capability what the unit asks
        for by LimitRTPRIO= and LimitMEMLOCK=."""
        try:
            resource.setrlimit(resource.RLIMIT_RTPRIO, (60, 60))
        except (ValueError, OSError):
            print("       (this host's root may not raise limits: real time and locked memory are allowed by capability)")
            directory = "/etc/systemd/system/flowlabd@.service.d"
            self.inside.run("mkdir", "-p", directory)
            self.inside.write(f"{directory}/container.conf", "[Service]\nAmbientCapabilities=CAP_SYS_NICE CAP_IPC_LOCK\n"
                              "CapabilityBoundingSet=CAP_SYS_NICE CAP_IPC_LOCK\n")
            self.inside.run("systemctl", "daemon-reload")

    def first_connection(self):
        run = self.inside.run
        self.allow_real_time()
        for bench in ("e2e", "fast"):
            said = run("systemctl", "enable", f"flowlabd@{bench}.service")
            enabled = [unit for unit in ("service", "socket")
                       if run("systemctl", "is-enabled", f"flowlabd@{bench}.{unit}").stdout.strip() != "enabled"]
            self.check(f"enabling the service of {bench} enables its socket too", enabled and [said.stderr, enabled])
        run("systemctl", "start", "flowlabd@e2e.socket")
        before = self.is_active()
        said = self.ctl("status", user="otto")
        self.check("the first connection starts the daemon and is answered",
                   [before and "it ran before", said.returncode and said.stdout + said.stderr,
                    not self.is_active() and "it is not active"])
        mode = run("stat", "-c", "%U %G %a", "/run/flowlab/e2e/control.sock").stdout.strip()
        self.check(f"the socket is for one group: {mode}", [] if mode == "root flowlab-clients 660" else [mode])
        until("all devices", lambda: set(self.ask("system.status")["devices"]) == {"ready"})
        status = until("devices in the status", lambda: "12 of 12 devices ready" in self.status_text() and self.status_text())
        self.check(f"systemctl status says how it is: {status}", [])

    def status_text(self):
        return self.inside.show("flowlabd@e2e.service", "StatusText")

    def boot(self):
        self.inside.halt()
        for bench in self.benches:
            bench.binds()
        took = self.inside.boot()
        until("both daemons", lambda: self.is_active("e2e") and self.is_active("fast"), 30)
        self.check(f"after a boot of {took:.1f} s both daemons run by themselves", [])
        until("all devices", lambda: all(
            set(self.ask("system.status", bench)["devices"]) == {"ready"} for bench in ("e2e", "fast")), 60)
        pid = self.main_pid()
        scheduling = self.inside.run("ps", "-L", "-o", "comm=,cls=,rtprio=", "-p", pid).stdout
        loop = [line.split() for line in scheduling.splitlines() if line.split()[1:] == ["FF", "60"]]
        locked = self.inside.run("grep", "VmLck", f"/proc/{pid}/status").stdout.split()
        self.check("its loop has real time (FIFO 60) and its memory is locked",
                   [not loop and scheduling, int(locked[1]) == 0 and "VmLck is 0"])

    # --- Who may do what ----------------------------------------------------------------------------------------------

    def roles(self):
        said = self.ctl("status", user="sam")
        self.check("a stranger cannot connect", [said.returncode != 3 and f"exit {said.returncode}: {said.stdout}",
                                                 "Permission denied" not in said.stderr and said.stderr])
        said = self.ctl("status", user="olga")
        self.check("an observer sees the status", [said.returncode and said.stderr])
        said = self.ctl("submit", "--recipe", "-", user="olga", input=json.dumps(RECIPE))
        self.check("an observer's command is refused", [said.returncode != 4 and f"exit {said.returncode}: {said.stdout}",
                                                        "forbidden" not in said.stderr and said.stderr])
        bypass = ("interlocks", "bypass", "plate-not-warming", "--person", "Otto", "--reason", "it annoys", "--for", "1min")
        said = self.ctl(*bypass, user="otto")
        self.check("an optimizer's bypass is refused", [said.returncode != 4 and f"exit {said.returncode}: {said.stdout}",
                                                        "forbidden" not in said.stderr and said.stderr])
        said = self.ctl(*bypass, user="anna")
        back = self.ctl("interlocks", "restore", "plate-not-warming", user="anna")
        self.check("a technician's is done, through a supplementary group",
                   [said.returncode and said.stderr, back.returncode and back.stderr])
        said = self.ctl("reload", user="anna")
        self.check("a technician may not reload", ["forbidden" not in said.stderr and said.stdout + said.stderr])

    # --- A campaign, and a restart in the middle of it ----------------------------------------------------------------

    def campaign(self):
        socket = "/run/flowlab/fast/control.sock"
        campaign = self.inside.start("flowlab-optimize", "--socket", socket, "--campaign", "night", "--experiments", "2",
                                     "--replicates", "0", "--seed", str(self.options.seed), user="otto")
        out, error = campaign.communicate(timeout=600)
        done = self.ask("experiments.list", "fast", state="done")["experiments"]
        self.check(f"a campaign through bound pseudo-terminals: {len(done)} experiments are done",
                   [campaign.returncode and f"exit {campaign.returncode}: {out[-600:]}{error[-600:]}",
                    len(done) < 2 and json.dumps(done)[:600]])

    def pause(self):
        """A restart, with somebody who subscribes and others who ask all the time."""
        events = self.inside.start("flowlabctl", "events", "--json", "--socket", "/run/flowlab/e2e/control.sock", user="olga")
        time.sleep(1)
        stop, refusals, asked = threading.Event(), [], [0]

        def keep_asking():
            while not stop.is_set():
                said = self.ctl("status", user="olga")
                asked[0] += 1
                if said.returncode != 0:
                    refusals.append(said.stdout + said.stderr)

        askers = [threading.Thread(target=keep_asking) for _ in range(3)]
        for one in askers:
            one.start()
        before = self.main_pid()
        began = time.monotonic()
        said = self.inside.run("systemctl", "restart", "flowlabd@e2e.service")
        took = time.monotonic() - began
        time.sleep(2)
        stop.set()
        for one in askers:
            one.join()
        self.check(f"over a restart of {took:.1f} s nobody is refused: {asked[0]} calls were answered",
                   [said.returncode and said.stderr, self.main_pid() == before and "it is the same process", *refusals[:3]])
        until("all devices", lambda: set(self.ask("system.status")["devices"]) == {"ready"})
        time.sleep(1)
        lives = events.poll() is None
        # What is entered into the container outlives the process that entered it.
        self.inside.run("pkill", "-u", "olga", "-x", "flowlabctl")
        out, error = events.communicate(timeout=10)
        streams = {json.loads(line).get("stream") for line in out.splitlines() if '"stream"' in line}
        self.check(f"a subscription goes on after it: events of {len(streams)} streams",
                   [not lives and f"it ended: {error}", len(streams) != 2 and out[-800:] + error])

    # --- Deaths -------------------------------------------------------------------------------------------------------

    def dies(self, name, signal_name, limit_s):
        experiment = self.flowing(f"{name}-{time.time():.0f}")
        pid = self.main_pid()
        since, since_boot = time.time(), time.clock_gettime(time.CLOCK_MONOTONIC)
        self.inside.run("kill", f"-{signal_name}", pid)
        safe = self.slow.safe_after(since, limit_s)
        until("another process", lambda: self.is_active() and self.main_pid() not in ("0", pid), 30)
        back = int(self.inside.show("flowlabd@e2e.service", "ExecMainStartTimestampMonotonic")) / 1e6 - since_boot
        self.check(f"{name}: heat and flow off {safe} s after it by the truth (at most {limit_s})",
                   [safe is None or safe > limit_s])
        until("unclean-end", lambda: "unclean-end" in self.latches())
        status = self.ask("system.status")
        self.check(f"{name}: started again within {back:.1f} s, held, with {experiment} reported as interrupted",
                   [status["state"] != "tripped" and json.dumps(status)[:600],
                    self.state(experiment) != "interrupted" and self.state(experiment)])
        entries = self.inside.journal("-u", "flowlabd@e2e.service", "--since", f"@{since - 1:.0f}", "FLOWLAB_COMPONENT=safe-state")
        devices = {entry.get("FLOWLAB_DEVICE") for entry in entries}
        self.check(f"{name}: the journal tells of the safe-state pass, device by device",
                   [not {"heater", "cui", "pfo"} <= devices and json.dumps(entries)[:800]])
        self.check(f"{name}: the service manager says why", self.lacking(
            self.inside.run("systemctl", "status", "--no-pager", "-n", "200", "flowlabd@e2e.service").stdout
            + "\n".join(str(e.get("MESSAGE")) for e in self.inside.journal(
                "-u", "flowlabd@e2e.service", "--since", f"@{since - 1:.0f}")),
            "Watchdog timeout" if signal_name == "STOP" else "status=9/KILL", "did not end cleanly"))

    @staticmethod
    def lacking(text, *words):
        return [f"not said: {word}\n{text[-1200:]}" for word in words if word not in text]

    def dies_with_a_broken_file(self):
        """Somebody was editing the bench file when the daemon died."""
        experiment = self.flowing(f"edited-{time.time():.0f}")
        path = self.inside.root + "/etc/flowlab/e2e.toml"
        with open(path, encoding="utf-8") as file:
            text = file.read()
        with open(path, "a", encoding="utf-8") as file:
            file.write("\nx = ")
        since = time.time()
        self.inside.run("kill", "-KILL", self.main_pid())
        safe = self.slow.safe_after(since, KILLED_S)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        self.check(f"kill -9 with a half-edited bench file: heat and flow off {safe} s after it by the truth",
                   [safe is None or safe > KILLED_S])
        self.inside.run("systemctl", "reset-failed", "flowlabd@e2e.*")
        said = self.inside.run("systemctl", "start", "flowlabd@e2e.service")
        self.check("with the file as it was it starts again, held, as the documentation says",
                   [said.returncode and said.stderr, "unclean-end" not in self.latches() and str(self.latches()),
                    self.state(experiment) != "interrupted" and self.state(experiment)])

    def name_is_taken(self):
        """Any user of the host may hold the name by which benches are told apart."""
        experiment = self.flowing(f"name-{time.time():.0f}")
        place = self.inside.run("stat", "-c", "%d:%i", "/var/lib/flowlab").stdout.strip()
        taker = self.inside.start("python3", "-c", TAKER, f"flowlab/bench/e2e/{place}", user="sam")
        pid = self.main_pid()
        since = time.time()
        self.inside.run("kill", "-KILL", pid)
        safe = self.slow.safe_after(since, KILLED_S)
        until("another daemon", lambda: self.is_active() and self.main_pid() not in ("0", pid), 30)
        taken = taker.poll() is None
        self.inside.run("pkill", "-u", "sam")
        out, _ = taker.communicate(timeout=10)
        self.check(f"kill -9 while a stranger waits for the bench's name: heat and flow off {safe} s after it by the truth",
                   [safe is None or safe > KILLED_S, not taken and "nobody waited", "taken" not in out and "he did not get it"])
        until("unclean-end", lambda: "unclean-end" in self.latches())
        self.check("and the daemon is back",
                   [self.state(experiment) != "interrupted" and self.state(experiment)])

    def manager_hangs(self):
        """Process 1 stands still: nobody feeds on the watchdog, and its queue is soon full."""
        self.flowing(f"manager-{time.time():.0f}")
        os.kill(int(self.inside.leader), signal.SIGSTOP)
        try:
            time.sleep(12)
            since = time.time()
            said = self.ctl("stop-all", "smell of solvent", user="olga", timeout=30)
            safe = self.slow.safe_after(since, KILLED_S)
        finally:
            os.kill(int(self.inside.leader), signal.SIGCONT)
        self.check(f"with a service manager that hangs, stop-all is obeyed: heat and flow off after {safe} s by the truth",
                   [said.returncode and said.stdout + said.stderr, safe is None or safe > KILLED_S])
        until("the daemon", lambda: self.is_active() and self.latches(), 60)

    def stop_during_experiment(self):
        experiment = self.flowing(f"stop-{time.time():.0f}")
        since = time.time()
        said = self.inside.run("systemctl", "stop", "flowlabd@e2e.service")
        took = time.time() - since
        safe = self.slow.safe_after(since, STOPPED_S)
        result = self.inside.show("flowlabd@e2e.service", "Result")
        self.check(f"systemctl stop during an experiment took {took:.1f} s; heat and flow off after {safe} s by the truth",
                   [said.returncode and said.stderr, safe is None or safe > STOPPED_S, result != "success" and result])
        there = self.inside.run("test", "-S", "/run/flowlab/e2e/control.sock").returncode == 0
        ran = "safe-state" in [e.get("FLOWLAB_COMPONENT") for e in self.inside.journal(
            "-u", "flowlabd@e2e.service", "--since", f"@{since:.0f}")]
        self.check("its socket is still there, and no safe-state pass was needed",
                   [not there and "the socket is gone", ran and "a pass was made"])
        said = self.ctl("status", user="olga")
        self.check("the next client starts it again; the experiment is interrupted, and nothing is latched",
                   [said.returncode and said.stderr, self.state(experiment) != "interrupted" and self.state(experiment),
                    ", ".join(self.latches())])

    def start_limit(self):
        """A daemon that cannot start is not started for ever, and its socket says so to clients at once."""
        path = "/etc/flowlab/broken.toml"
        self.inside.write(path, "[bench]\nname = \"broken\"\n")
        said = self.inside.run("systemctl", "start", "flowlabd@broken.service")
        status = self.inside.show("flowlabd@broken.service", "ExecMainStatus")
        restarts = self.inside.show("flowlabd@broken.service", "NRestarts")
        self.check("a bench file that is not right: exit 78, said in the journal, and no restart",
                   [said.returncode == 0 and "it started", status != "78" and status, restarts != "0" and restarts]
                   + self.lacking(" ".join(str(e.get("MESSAGE")) for e in self.inside.journal(
                       "-u", "flowlabd@broken.service")), "bench.simulated"))
        self.inside.run("systemctl", "stop", "flowlabd@broken.socket")
        self.inside.run("systemctl", "reset-failed", "flowlabd@broken.service")
        self.inside.run("rm", path)

    # --- Reload -------------------------------------------------------------------------------------------------------

    def reload(self):
        path = "/etc/flowlab/e2e.toml"
        with open(self.inside.root + path, encoding="utf-8") as file:
            text = file.read()
        pid = self.main_pid()
        changed = text.replace('optimizer = ["flowlab-optimizers"]', 'optimizer = ["flowlab-optimizers", "flowlab-observers"]')
        changed = changed.replace("flood = 10 ", "flood = 11 ")
        self.inside.write(path, changed)
        said = self.inside.run("systemctl", "reload", "flowlabd@e2e.service")
        plan = self.ctl("plan", "--recipe", "-", "--json", user="olga", input=json.dumps(RECIPE))
        entries = self.inside.journal("-u", "flowlabd@e2e.service", "FLOWLAB_KIND=reloaded")
        text_of_it = str(entries[-1].get("MESSAGE")) if entries else ""
        self.check(f"reload: {text_of_it}",
                   [said.returncode and said.stderr, self.main_pid() != pid and "it was restarted",
                    plan.returncode and plan.stderr]
                   + self.lacking(text_of_it, "taken over: roles.optimizer", "holds only after a restart: alarms.flood"))
        self.inside.write(path, changed + "\nnonsense = 1\n")
        failed = self.inside.run("systemctl", "reload", "flowlabd@e2e.service")
        said = self.ctl("reload")
        self.check("a bench file that is not right is refused, and the daemon goes on",
                   [failed.returncode == 0 and "systemctl reload says nothing", self.main_pid() != pid and "restarted",
                    said.returncode != 78 and f"exit {said.returncode}: {said.stdout}",
                    "nonsense" not in said.stderr and said.stderr])
        self.inside.write(path, text)
        self.inside.run("systemctl", "reload", "flowlabd@e2e.service")

    # --- Journal ------------------------------------------------------------------------------------------------------

    def journal(self):
        experiment = [e for e in self.inside.journal("FLOWLAB_BENCH=e2e", "FLOWLAB_EXPERIMENT=e-000002")]
        kinds = [entry.get("FLOWLAB_KIND") for entry in experiment]
        self.check(f"an experiment's life by FLOWLAB_EXPERIMENT: {', '.join(map(str, kinds))}",
                   [not {"queued", "flowing", "settling", "interrupted"} <= set(kinds) and json.dumps(experiment)[:600]])
        trips = self.inside.journal("FLOWLAB_BENCH=e2e", "FLOWLAB_INTERLOCK=unclean-end")
        self.check("a trip is an error with its interlock and its message id",
                   [not trips and "no entry", *[json.dumps(e)[:400] for e in trips if "MESSAGE_ID" not in e]]
                   + ([] if any(e.get("PRIORITY") == "3" for e in trips) else [json.dumps(trips)[:600]]))
        devices = self.inside.journal("FLOWLAB_BENCH=fast", "FLOWLAB_DEVICE=pfo", "FLOWLAB_KIND=ready")
        self.check("a device's by FLOWLAB_DEVICE and FLOWLAB_KIND", [not devices and "no entry"])
        explained = self.inside.run("journalctl", "--catalog", "--no-pager", "FLOWLAB_INTERLOCK=unclean-end", "-n", "3").stdout
        self.check("the catalog says what a trip means and what to do",
                   self.lacking(explained, "Interlock unclean-end of bench e2e has tripped", "flowlabctl interlocks reset"))

    # --- Upgrade and removal ------------------------------------------------------------------------------------------

    def upgrade(self):
        """While an experiment runs on the fast bench, whose archive is one of the first version."""
        done = len(self.ask("experiments.list", "fast", state="done")["experiments"])
        experiment = self.flowing(f"upgrade-{time.time():.0f}")
        pids = {bench: self.main_pid(bench) for bench in ("e2e", "fast")}
        since = time.time()
        said = self.inside.run("dpkg", "-i", "/root/" + os.path.basename(self.package))
        starts = {bench: len(self.inside.journal("-u", f"flowlabd@{bench}.service", f"MESSAGE_ID={READY}", "--since",
                                                 f"@{since:.0f}")) for bench in pids}
        self.check(f"upgrade with an experiment running: one restart of each daemon: {starts}",
                   [said.returncode and said.stdout + said.stderr, set(starts.values()) != {1} and str(starts),
                    *[f"{bench} is the same process" for bench, pid in pids.items() if self.main_pid(bench) == pid]])
        safe = self.slow.safe_after(since, STOPPED_S)
        self.check(f"the experiment is interrupted as configured; heat and flow off {safe} s later by the truth",
                   [self.state(experiment) != "interrupted" and self.state(experiment), safe is None,
                    ", ".join(self.latches())])
        after = len(self.ask("experiments.list", "fast", state="done")["experiments"])
        self.check("what was stored before is there after it", [after < done and f"{done} before, {after} after"])

    def migrates(self):
        """A database of the first version, as an old daemon left it."""
        self.inside.run("systemctl", "stop", "flowlabd@fast.service")
        old = "/var/lib/flowlab/fast/archive.sqlite"
        for path in glob.glob(self.inside.root + old + "*"):
            os.remove(path)
        with open(f"{REPOSITORY}/Tests/ShellTests/ArchiveVersion1.swift", encoding="utf-8") as file:
            texts = re.findall(r'"""\n(.*?)"""', file.read(), re.DOTALL)
        script = re.sub(r"(?m)^ {8}", "", "".join(texts)).replace("\\\n", "")
        with sqlite3.connect(self.inside.root + old) as database:
            database.executescript(script)
        database.close()
        self.inside.run("chown", "-R", "flowlab:flowlab", "/var/lib/flowlab/fast")
        said = self.inside.run("systemctl", "start", "flowlabd@fast.service")
        with sqlite3.connect(f"file:{self.inside.root}{old}?mode=ro", uri=True) as database:
            version = database.execute("PRAGMA user_version").fetchone()[0]
        kept = self.ask("experiments.list", "fast")["experiments"]
        self.check(f"an archive of the first version is migrated (now version {version}) with what it holds",
                   [said.returncode and said.stderr, version < 2 and str(version), not kept and "no experiment is left"])

    def removal(self):
        self.flowing(f"removal-{time.time():.0f}")
        since = time.time()
        said = self.inside.run("dpkg", "-r", "flowlab")
        safe = self.slow.safe_after(since, STOPPED_S + 4)
        running = self.inside.run("pgrep", "-x", "flowlabd").stdout.split()
        units = self.inside.run("systemctl", "list-units", "--no-legend", "flowlabd@*").stdout.strip()
        self.check(f"removal during an experiment: heat and flow off {safe} s later by the truth, no daemon is left",
                   [said.returncode and said.stdout + said.stderr, safe is None, running, units])
        said = self.inside.run("dpkg", "-P", "flowlab")
        kept = self.inside.run("test", "-e", "/var/lib/flowlab/e2e/archive.sqlite").returncode == 0
        left = self.inside.run("sh", "-c", "ls /etc/systemd/system/*.wants/ | grep flowlabd").stdout.strip()
        self.check("purge leaves bench files and archives, and nothing enabled",
                   [said.returncode and said.stdout + said.stderr, not kept and "the archive is gone", left])

    # --- All ----------------------------------------------------------------------------------------------------------

    def all(self):
        for work in (self.install, self.configure, self.first_connection, self.boot, self.roles, self.campaign,
                     self.pause, self.reload):
            self.group(work.__name__, work)
        self.group("kill -STOP", lambda: self.dies("kill -STOP", "STOP", HANGS_S))
        self.group("kill -9", lambda: self.dies("kill -9", "KILL", KILLED_S))
        for work in (self.dies_with_a_broken_file, self.name_is_taken, self.manager_hangs, self.stop_during_experiment, self.start_limit, self.journal, self.upgrade, self.migrates,
                     self.removal):
            self.group(work.__name__, work)

    def close(self):
        if self.inside:
            self.inside.halt()
        for bench in self.benches:
            bench.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("dist", help="the directory with the package")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--keep", help="a new directory for everything that was written")
    options = parser.parse_args()
    try:
        require_means()
    except Cannot as why:
        print(f"e2e: NOT RUN here, nothing was tested: {why}")
        return 0
    work = options.keep or tempfile.mkdtemp(prefix="flowlab-e2e-")
    os.makedirs(work, exist_ok=True)
    print(f"seed {options.seed}, in {work}")
    test = EndToEnd(options, work)
    try:
        try:
            test.prepare()
        except Cannot as why:
            print(f"e2e: NOT RUN here, nothing was tested: {why}")
            return 0
        test.all()
    finally:
        test.close()
        if not options.keep:
            shutil.rmtree(work, ignore_errors=True)
    print(f"e2e: {test.passed} passed, {test.failed} failed")
    return 1 if test.failed else 0


if __name__ == "__main__":
    sys.exit(main())
