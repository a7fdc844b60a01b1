"""`flowlabctl udev suggest` on adapters that umockdev shows."""
import json
import re
import subprocess

from adapters import HOST, adapter
from shared import ROOT, check, unmocked

BENCH = (HOST
         + adapter(1, "0403", "6001", "FTDI", "FT232R", "PUMP0001", named="/dev/serial/by-id/usb-FTDI_PUMP0001-if00")
         + adapter(2, "10c4", "ea60", "Silicon_Labs", "CP2102", "0001", named="")
         + adapter(3, "10c4", "ea60", "Silicon_Labs", "CP2102", "0001", named="")
         + adapter(4, "1a86", "7523", "1a86", "USB_Serial", named="")
         + adapter(5, "0403", "6011", "FTDI", "Quad", "FT4AB12", interfaces=4, named="")
         + adapter(6, "110a", "1450", "Moxa", "UPort_1450", "TAAAB1234", ports=4, named="")
         + adapter(7, "0403", "6001", "FTDI", "FT232R", "PUMP0007", named="/dev/flowlab/pump-pfo"))


def run(options):
    file = f"{options.work}/bench.umockdev"
    with open(file, "w", encoding="utf-8") as out:
        out.write(BENCH)

    def ask(*words, mocked=True):
        before = ["umockdev-run", "-d", file, "--"] if mocked else ["umockdev-wrapper", "true"]
        return subprocess.run([*before, f"{options.bin}/flowlabctl", "udev", "suggest", *words], capture_output=True,
                              text=True, check=False, env=unmocked())

    listed = ask()
    check("what is plugged in is listed as comments", listed.returncode == 0 and all(
        line.startswith("#") or not line for line in listed.stdout.splitlines()), listed)
    check("with node, maker, serial number and socket", re.search(
        r"/dev/ttyUSB10  0403:6001 FTDI FT232R, serial number PUMP0001, .*at pci-0000:00:14.0-usb-0:1:1.0",
        listed.stdout) is not None, listed.stdout)
    check("and what has its name already", "named /dev/flowlab/pump-pfo" in listed.stdout, listed.stdout)
    by_serial(ask)
    by_port(ask)
    for_bench(ask)
    refusals(ask)
    nothing(options)


def rules_of(done):
    return [line for line in done.stdout.splitlines() if line and not line.startswith("#")]


def by_serial(ask):
    done = ask("--name", "pump-cui=/dev/ttyUSB10")
    rules = rules_of(done)
    check("an adapter is named by its serial number", len(rules) == 1
          and 'ENV{ID_SERIAL_SHORT}=="PUMP0001"' in rules[0] and 'SYMLINK+="flowlab/pump-cui"' in rules[0], done)
    check("and what to do next is said", "udevadm control --reload && udevadm trigger" in done.stdout, done.stdout)
    done = ask("--name", "a=ttyUSB50", "--name", "b=ttyUSB51")
    check("ports of one adapter by their interface", [re.search(r'INTERFACE_NUM}=="(\d+)"', rule).group(1)
                                                     for rule in rules_of(done)] == ["00", "01"], done)
    done = ask("--name", "a=ttyUSB60", "--name", "b=ttyUSB63")
    check("ports of one interface by their number", [re.search(r'port_number}=="(\d+)"', rule).group(1)
                                                    for rule in rules_of(done)] == ["0", "3"], done)


def by_port(ask):
    done = ask("--name", "a=ttyUSB20", "--name", "b=ttyUSB30", "--name", "c=ttyUSB40")
    paths = [re.search(r'ENV{ID_PATH}=="([^"]+)"', rule) for rule in rules_of(done)]
    check("adapters of one serial number, or of none, by their socket", None not in paths and [
        path.group(1) for path in paths] == [f"pci-0000:00:14.0-usb-0:{n}:1.0" for n in (2, 3, 4)], done)
    check("with a comment that says so", done.stdout.count("belongs to the socket, not to the device") == 3,
          done.stdout)


def for_bench(ask):
    bench = f"{ROOT}/examples/nanocrystal.toml"
    done = ask("--config", bench, "--name", "pump-cui=ttyUSB10")
    check("the names that a bench file wants and nothing has are proposed", done.returncode == 0
          and "/dev/flowlab/pump-cs-oleate  for link" in done.stdout
          and "/dev/flowlab/pump-cui  for link" not in done.stdout
          and "/dev/flowlab/pump-pfo  for link" not in done.stdout, done)
    told = json.loads(ask("--config", bench, "--name", "pump-cui=ttyUSB10", "--json").stdout)
    check("the same as JSON", len(told["plugged"]) == 13 and told["rules"][0]["by"] == "serial_number"
          and "pump-cs-oleate" in [each["name"] for each in told["missing"]], told)
    done = ask("--config", bench, "--name", "pump-ciu=ttyUSB10")
    check("a name that the bench file does not have is refused", done.returncode == 1 and done.stdout == ""
          and "it has pump-cui" in done.stderr, done)


def refusals(ask):
    for words, code, said in [
            (["--name", "pump-cui"], 2, "expected ROLE=NODE"), (["--name", "Pump=ttyUSB10"], 1, "is not right"),
            (["--name", "../x=ttyUSB10"], 1, "is not right"),
            (["--name", "a=ttyUSB99"], 1, "plugged in at /dev/ttyUSB99"),
            (["--name", "pump-pfo=ttyUSB10"], 1, "is /dev/ttyUSB70 now"),
            (["--config", "/nowhere.toml"], 1, "/nowhere")]:
        done = ask(*words)
        check(f"`{' '.join(words)}` is refused", done.returncode == code and said in done.stderr
              and done.stdout == "", done)


def nothing(options):
    empty = f"{options.work}/empty.umockdev"
    with open(empty, "w", encoding="utf-8") as out:
        out.write("P: /devices/virtual/tty/tty0\nN: tty0\nE: DEVNAME=/dev/tty0\nE: SUBSYSTEM=tty\nA: dev=4:0\\n\n")
    done = subprocess.run(["umockdev-run", "-d", empty, "--", f"{options.bin}/flowlabctl", "udev", "suggest"],
                          capture_output=True, text=True, check=False, env=unmocked())
    check("nothing plugged in is said", done.returncode == 0 and "No serial adapter is plugged in" in done.stdout, done)
