"""Daemons that die, hang or are stopped while an experiment runs: judged by the truth."""
import json
import os
import signal
import time

from bench import until
from world import KILLED_S, STOPPED_S, World

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


class Deaths(World):
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
