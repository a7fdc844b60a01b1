"""The rules of udev-rules/ and those that `udev suggest` writes, tried by udevadm on adapters that umockdev shows, in a
mount namespace with a /dev, a /run and rules of its own."""
import os
import re
import shlex
import subprocess

from adapters import HOST, adapter, tty, usb
from shared import ROOT, check, unmocked

# Found by its numbers alone, as brltty does it; what that package starts is told by variables.
BRLTTY = """SUBSYSTEM!="usb", GOTO="end"
ENV{PRODUCT}=="403/6001/*", ENV{BRLTTY_BRAILLE_DRIVER}="at", GOTO="run"
ENV{PRODUCT}=="403/de58/*", ENV{BRLTTY_BRAILLE_DRIVER}="hd", GOTO="run"
GOTO="end"
LABEL="run"
TAG+="systemd", ENV{SYSTEMD_WANTS}+="brltty-device@.service", RUN+="/bin/brltty -E"
LABEL="end"
"""
SANDBOX = """
mkdir -p {work}/dev {work}/rules {work}/run
mount -t tmpfs none {work}/dev
for node in null zero urandom tty; do touch {work}/dev/$node; mount --bind /dev/$node {work}/dev/$node; done
mkdir -p {work}/dev/pts {work}/dev/shm
mount -t devpts -o newinstance,ptmxmode=666 devpts {work}/dev/pts
ln -s pts/ptmx {work}/dev/ptmx
mount --rbind {work}/dev /dev
mount -t tmpfs none {work}/run
grep -v '^flowlab:' /etc/group >{work}/group
echo 'flowlab:x:4711:' >>{work}/group
mount --bind {work}/group /etc/group
mkdir -p /etc/udev/rules.d
mount --bind {work}/rules /etc/udev/rules.d
mount --bind {work}/run /run
exec {command}
"""


class Udev:
    """Runs `udevadm test` with the rules of one directory."""

    def __init__(self, options):
        self.work = f"{options.work}/udev"
        os.makedirs(f"{self.work}/rules", exist_ok=True)

    def put(self, name, text):
        with open(f"{self.work}/rules/{name}", "w", encoding="utf-8") as file:
            file.write(text)

    def test(self, bench, place, action="add"):
        """What udevadm says of the device at `place` when it comes."""
        file = f"{self.work}/bench.umockdev"
        with open(file, "w", encoding="utf-8") as out:
            out.write(HOST + bench)
        words = ["umockdev-run", "-d", file, "--", "udevadm", "test", "-a", action, place]
        script = SANDBOX.format(work=self.work, command=" ".join(shlex.quote(word) for word in words))
        done = subprocess.run(["unshare", "-m", "--propagation", "private", "bash", "-ec", script],
                              capture_output=True, text=True, check=False, env=unmocked())
        said = done.stdout + done.stderr
        if f"DEVPATH={place.removeprefix('/sys')}" not in said:
            raise SystemExit(f"udevadm did not try {place}: {said[-2000:]}")
        return said


def run(options):
    udev = Udev(options)
    for name in os.listdir(f"{ROOT}/udev-rules"):
        with open(f"{ROOT}/udev-rules/{name}", encoding="utf-8") as file:
            udev.put(name, file.read())
    shipped(udev)
    braille(udev)
    suggested(options, udev)


def complaints(said):
    """What udevadm has to say of the rules of these tests."""
    return [line for line in said.splitlines() if re.search(r"/etc/udev/rules.d/\S*:\d+ +[A-Z]", line)
            and re.search(r"[Ii]nvalid|[Uu]nknown|ignoring|[Ff]ailed", line)]


def given(said, name):
    found = re.search(rf"(?m)^{re.escape(name)}=(.*)$", said)
    return found.group(1) if found else None


def shipped(udev):
    for vendor, maker in [("0403", "FTDI"), ("10c4", "Silicon"), ("067b", "Prolific"), ("1a86", "QinHeng"),
                          ("2341", "Arduino"), ("2a03", "Arduino"), ("0483", "ST"), ("110a", "Moxa")]:
        bench = adapter(1, vendor, "0001", maker, "Serial", "AB123456")
        said = udev.test(bench, tty(1))
        check(f"{maker} {vendor}: for the group flowlab, not for ModemManager, known to systemd",
              "GROUP 4711" in said and "MODE 0660" in said and given(said, "ID_MM_DEVICE_IGNORE") == "1"
              and ":systemd:" in (given(said, "TAGS") or ""), said[-2000:])
        said = udev.test(bench, usb(1))
        check(f"{maker} {vendor}: ModemManager leaves the whole adapter alone",
              given(said, "ID_MM_DEVICE_IGNORE") == "1" and "GROUP 4711" not in said, said[-2000:])
        check(f"{maker} {vendor}: the rules read without complaint", complaints(said) == [], complaints(said))
    said = udev.test(adapter(1, "1d6b", "0001", "Other", "Serial", "AB123456"), tty(1))
    check("another vendor's adapter stays as it is",
          "GROUP 4711" not in said and given(said, "ID_MM_DEVICE_IGNORE") is None, said[-2000:])
    said = udev.test(adapter(1, "2457", "2003", "Ocean", "HDX", "HDX00007"), usb(1))
    check("a spectrometer is for the group flowlab and has a name", "GROUP 4711" in said and "MODE 0660" in said
          and "/dev/flowlab/spectrometer-HDX00007" in (given(said, "DEVLINKS") or ""), said[-2000:])


def braille(udev):
    """brltty takes a common adapter for a Braille display, and starts."""
    udev.put("85-brltty.rules", BRLTTY)
    said = udev.test(adapter(1, "0403", "6001", "FTDI", "FT232R", "PUMP0001"), usb(1))
    check("brltty is not started for a common adapter", given(said, "SYSTEMD_WANTS") is None
          and given(said, "BRLTTY_BRAILLE_DRIVER") is None and "run: '/bin/brltty" not in said, said[-2000:])
    said = udev.test(adapter(1, "0403", "de58", "Hedo", "MobilLine", "H1234567"), usb(1))
    check("but for a Braille display with numbers of its own", "brltty" in (given(said, "SYSTEMD_WANTS") or "")
          and "run: '/bin/brltty" in said, said[-2000:])
    os.remove(f"{udev.work}/rules/85-brltty.rules")


def suggested(options, udev):
    """What `udev suggest` writes names the adapter that it was asked for, and no other."""
    makers = {1: ("0403", "6001", "PUMP0001", 1, 1), 2: ("10c4", "ea60", "0001", 1, 1),
              3: ("10c4", "ea60", "0001", 1, 1), 5: ("0403", "6011", "FT4AB12", 4, 1),
              6: ("110a", "1450", "TAAAB1234", 1, 4)}

    def bench(named):
        return "".join(adapter(n, vendor, model, "Maker", "Serial", serial, interfaces, ports, named=named)
                       for n, (vendor, model, serial, interfaces, ports) in makers.items())
    file = f"{options.work}/suggest.umockdev"
    with open(file, "w", encoding="utf-8") as out:
        out.write(bench(""))
    names = {"by-serial": "ttyUSB10", "by-socket": "ttyUSB20", "by-interface": "ttyUSB52", "by-number": "ttyUSB63"}
    words = [word for name, node in names.items() for word in ("--name", f"{name}={node}")]
    done = subprocess.run(["umockdev-run", "-d", file, "--", f"{options.bin}/flowlabctl", "udev", "suggest", *words],
                          capture_output=True, text=True, check=False, env=unmocked())
    udev.put("71-flowlab-local.rules", done.stdout)
    for place, node, name in [
            (tty(1), "ttyUSB10", "by-serial"), (tty(2), "ttyUSB20", "by-socket"), (tty(3), "ttyUSB30", None),
            (tty(5, 2, at=52), "ttyUSB52", "by-interface"), (tty(5, 1, at=51), "ttyUSB51", None),
            (tty(6, at=63), "ttyUSB63", "by-number"), (tty(6, at=62), "ttyUSB62", None)]:
        said = udev.test(bench(None), place)
        links = re.findall(r"/dev/flowlab/(\S+)", given(said, "DEVLINKS") or "")
        check(f"the suggested rules name {node} {name or 'not at all'}", links == ([name] if name else []),
              said[-2500:])
        check(f"and are read without complaint for {node}", complaints(said) == [], complaints(said))
    os.remove(f"{udev.work}/rules/71-flowlab-local.rules")
