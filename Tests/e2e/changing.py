"""Upgrade, an archive of the first version, removal."""
import glob
import os
import re
import sqlite3
import time

from world import REPOSITORY, STOPPED_S, World

# The message id of a daemon that serves (docs/systemd.md).
READY = "bc5d4e1586294c83b3a90eb3b3faed65"


class Changing(World):
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
