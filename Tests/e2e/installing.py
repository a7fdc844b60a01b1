"""From the package to a daemon that runs by itself, and who may do what with it."""
import json
import os
import re
import resource

from bench import until
from world import RECIPE, World

USERS = {"olga": ["flowlab-clients", "flowlab-observers"], "otto": ["flowlab-clients", "flowlab-optimizers"],
         "anna": ["flowlab-clients", "flowlab-technicians"], "root": [], "sam": []}
# So that flows start soon and need no absorbance.
QUICK = [("absorption_spectrometer = .*\n", ""), (r"\[references\]\n(.+\n)*", ""),
         ("temperature_band_k = .*", "temperature_band_k = 10"), ("temperature_hold = .*", 'temperature_hold = "2s"')]


class Installing(World):
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
