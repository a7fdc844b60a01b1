"""A real systemd as process 1 of a container, from a Debian root that is made once and copied for each run."""
import glob
import os
import shutil
import signal
import subprocess
import time

BOOT_S = 120
PACKAGES = ["systemd", "systemd-sysv", "dbus", "udev", "procps", "util-linux", "python3", "libmodbus5", "libsqlite3-0",
            "libstdc++6", "socat"]


class Cannot(Exception):
    """This machine does not allow it; why, and what would."""


def require_means():
    """Raises Cannot where no container can be started here."""
    if os.geteuid() != 0:
        raise Cannot("only root may start a container: run it as root")
    for program in ("systemd-nspawn", "mmdebstrap", "nsenter"):
        if not shutil.which(program):
            raise Cannot(f"{program} is not installed: scripts/setup --e2e")
    probe = subprocess.run(["unshare", "--mount", "--pid", "--fork", "true"], capture_output=True, text=True)
    if probe.returncode != 0:
        raise Cannot(f"no namespaces of its own: {probe.stderr.strip()}")


def sources():
    """The host's own package sources."""
    for path in ("/etc/apt/sources.list.d/debian.sources", "/etc/apt/sources.list"):
        if os.path.exists(path) and os.path.getsize(path):
            return path
    raise Cannot("this host has no package sources of Debian below /etc/apt")


def suite():
    with open("/etc/os-release", encoding="utf-8") as file:
        for line in file:
            if line.startswith("VERSION_CODENAME="):
                return line.split("=", 1)[1].strip()
    raise Cannot("this is no Debian: /etc/os-release names no VERSION_CODENAME")


def make_root(path):
    """Made of the host's own package sources, unless it is there already with the same packages."""
    wanted = ",".join(PACKAGES)
    mark = f"{path}/flowlab-e2e-packages"
    if os.path.exists(mark) and open(mark, encoding="utf-8").read() == wanted:
        return
    shutil.rmtree(path, ignore_errors=True)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    made = subprocess.run(
        ["mmdebstrap", "--variant=minbase", f"--include={wanted}", suite(), path, sources()],
        capture_output=True, text=True)
    if made.returncode != 0:
        raise Cannot(f"no Debian root could be made: {made.stderr.strip()[-600:]}")
    with open(mark, "w", encoding="utf-8") as file:
        file.write(wanted)


class Container:
    """One root, booted and halted as often as one likes."""

    def __init__(self, template, work, binds):
        self.root, self.log, self.binds = f"{work}/root", f"{work}/nspawn.log", binds
        subprocess.run(["cp", "-a", "--reflink=auto", template, self.root], check=True)
        self.process = self.leader = None

    def boot(self):
        """Until the system runs; the seconds that it took."""
        began = time.monotonic()
        binds = [f"--bind={source}:{target}" for source, target in self.binds]
        environment = dict(os.environ, SYSTEMD_LOG_LEVEL="warning")
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                ["systemd-nspawn", "--boot", "--quiet", "--register=no", "--keep-unit", "--directory", self.root,
                 f"--machine=flowlab-e2e-{os.getpid()}", "--console=read-only", "--capability=CAP_IPC_LOCK",
                 "--resolv-conf=off", "--timezone=off", *binds],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)
        while True:
            if time.monotonic() - began > BOOT_S or self.process.poll() is not None:
                with open(self.log, encoding="utf-8", errors="replace") as log:
                    raise Cannot(f"the container does not boot: {log.read()[-800:]}")
            if self.find_leader():
                state = self.run("systemctl", "is-system-running", "--wait").stdout.strip()
                if state in ("running", "degraded"):
                    return time.monotonic() - began
            time.sleep(0.05)

    def find_leader(self):
        children = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True).stdout.split()
        self.leader = children[0] if children else None
        return self.leader and self.run("true").returncode == 0

    def enter(self, *words):
        return ["nsenter", "-t", self.leader, "-a", "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8",
                "TERM=dumb", "PYTHONDONTWRITEBYTECODE=1", *words]

    def run(self, *words, user=None, timeout=120, input=None):
        """A program inside, with its standard output and error as text; as `user` with all groups of that user."""
        as_user = ["runuser", "-u", user, "--"] if user else []
        return subprocess.run(self.enter(*as_user, *words), capture_output=True, text=True, timeout=timeout, input=input)

    def start(self, *words, user=None):
        """The same, left to itself; its standard output is a pipe."""
        as_user = ["runuser", "-u", user, "--"] if user else []
        return subprocess.Popen(
            self.enter(*as_user, *words), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def show(self, unit, name):
        return self.run("systemctl", "show", "--value", "-p", name, unit).stdout.strip()

    def journal(self, *words):
        """Entries of the journal as dictionaries."""
        import json
        said = self.run("journalctl", "--sync")
        said = self.run("journalctl", "-o", "json", "--no-pager", *words).stdout
        return [json.loads(line) for line in said.splitlines() if line.startswith("{")]

    def write(self, path, text, mode=0o644):
        with open(self.root + path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(self.root + path, mode)

    def halt(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = self.leader = None

    def remove(self):
        self.halt()
        for path in glob.glob(f"{os.path.dirname(self.root)}/root/var/empty"):
            os.chmod(path, 0o755)
        shutil.rmtree(self.root, ignore_errors=True)
