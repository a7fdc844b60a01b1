"""The daemon while plugs are pulled and put in."""
import ctypes
import errno
import os
import platform
import re
import socket
import struct
import subprocess
import time

from bench import HEATER, PUMP, Bench
from shared import check, takes, unmocked, until

# From the event to the client who reads of it. A pump has 1 s to answer, and three answers are waited for.
AT_ONCE_S = 0.3
# A pump that answers is identified in half of this.
SOON_S = 4
# Until a device that nobody announces is looked for again after this many tries: 1 + 2 + 4 s.
WAITED_S = 7.5
ACTUATIONS = ("start", "set ")


def run(options):
    bench = Bench(options)
    try:
        bench.start()
        journal = bench.journal()
        check("without a udev the journal says so, once",
              os.path.exists("/run/udev/control") or journal.count("no udev runs here") == 1, journal)
        unplug(bench)
        renumber(bench)
        others(bench)
        slow_udev(bench)
        no_right(bench)
        booting(bench, options.seed)
        heater(bench)
        loose(bench)
        running(bench)
        records(bench)
        without_netlink(bench)
    finally:
        bench.end()


def pull(bench, link):
    """Pulls the plug and says so; the node that is gone."""
    cable = bench.cables[link]
    node = cable.node
    cable.pull()
    bench.udev.tell("remove", node, cable.link)
    return node


def put_in(bench, link):
    cable = bench.cables[link]
    cable.plug_in()
    bench.udev.tell("add", cable.node, cable.link)


def unplug(bench):
    node = pull(bench, PUMP)
    seconds = takes(lambda: bench.is_unplugged("cui", node), 2)
    check(f"a pulled plug is noticed after {seconds * 1000:.0f} ms, and named", seconds < AT_ONCE_S,
          bench.device("cui"))
    alarm = [each for each in bench.ask("alarms.list")["alarms"] if each["alarm"] == "device:cui"]
    check("the alarm says so", alarm and "unplugged" in alarm[0]["text"], alarm)
    check("the others stay", all(each["state"] == "ready" for name, each in bench.devices().items() if name != "cui"))


def renumber(bench):
    """It has waited so long that the next try would come in 8 s."""
    time.sleep(WAITED_S)
    cable = bench.cables[PUMP]
    before = cable.node
    put_in(bench, PUMP)
    seconds = takes(lambda: bench.is_ready("cui"), 12)
    check(f"a plug that is put in is found under another node after {seconds:.1f} s",
          seconds < SOON_S and cable.node != before, bench.device("cui"))


def others(bench):
    # Figures are half a second old at most.
    time.sleep(0.6)
    reconnects = bench.figures(PUMP)["reconnects"]
    bench.udev.tell("add", "/dev/ttyUSB77", "/dev/flowlab/of-somebody")
    bench.udev.tell("remove", "/dev/ttyUSB77")
    # What is plugged in already is told again by `udevadm trigger`.
    bench.udev.tell("change", bench.cables[PUMP].node, bench.cables[PUMP].link)
    time.sleep(1)
    check("events of others, and of what is open, change nothing",
          bench.is_ready("cui") and bench.figures(PUMP)["reconnects"] == reconnects, bench.figures(PUMP))


def slow_udev(bench):
    """The event is there before the name."""
    pull(bench, PUMP)
    time.sleep(WAITED_S)
    cable = bench.cables[PUMP]
    cable.plug_in(name=False)
    bench.udev.tell("add", cable.node, cable.link)
    time.sleep(0.4)
    check("an event before the name finds nothing yet", not bench.is_ready("cui"))
    cable.name()
    seconds = takes(lambda: bench.is_ready("cui"), 12)
    check(f"and the next try comes soon: ready after {seconds:.1f} s", seconds < SOON_S, bench.device("cui"))


def no_right(bench):
    """The node is there before udev has given it its group."""
    pull(bench, PUMP)
    time.sleep(0.3)
    cable = bench.cables[PUMP]
    cable.plug_in()
    os.chmod(cable.node, 0)
    bench.udev.tell("add", cable.node, cable.link)
    seconds = takes(lambda: "Permission denied" in (bench.device("cui").get("detail") or ""), 2)
    check("a node that may not be opened yet is said to be one", seconds < 2, bench.device("cui"))
    os.chmod(cable.node, 0o620)
    seconds = takes(lambda: bench.is_ready("cui"), 12)
    check(f"and is opened at one of the next tries: ready after {seconds:.1f} s", seconds < SOON_S,
          bench.device("cui"))


def booting(bench, seed):
    """The adapter is there, and what hangs on it is silent, or says what it likes."""
    cable = bench.cables[PUMP]
    for how in ("silent", "babbling"):
        pull(bench, PUMP)
        time.sleep(0.2)
        cable.is_silent = how == "silent"
        if how == "babbling":
            cable.begin_babble(seed)
        put_in(bench, PUMP)
        time.sleep(6)
        check(f"while it boots, {how}, it is not ready", not bench.is_ready("cui"), bench.device("cui"))
        cable.is_silent, cable.babble = False, None
        seconds = takes(lambda: bench.is_ready("cui"), 20)
        check(f"a device that was {how} while it booted comes by itself after {seconds:.1f} s", seconds < 10,
              bench.device("cui"))


def heater(bench):
    node = pull(bench, HEATER)
    seconds = takes(lambda: bench.is_unplugged("heater", node), 2)
    check(f"a Modbus bus whose plug is pulled is lost after {seconds * 1000:.0f} ms", seconds < AT_ONCE_S,
          bench.device("heater"))
    time.sleep(WAITED_S)
    put_in(bench, HEATER)
    seconds = takes(lambda: bench.is_ready("heater"), 12)
    check(f"and found under another node after {seconds:.1f} s", seconds < SOON_S, bench.device("heater"))


def loose(bench):
    """A loose plug: fifty events a second for two seconds."""
    cable = bench.cables[PUMP]
    opened = cable.number
    before = bench.figures(PUMP)
    for _ in range(50):
        pull(bench, PUMP)
        time.sleep(0.02)
        put_in(bench, PUMP)
        time.sleep(0.02)
    seconds = takes(lambda: bench.is_ready("cui"), 20)
    check(f"after a hundred events of a loose plug it is ready within {seconds:.1f} s", seconds < 10,
          bench.device("cui"))
    until("the figures", lambda: bench.figures(PUMP)["reconnects"] > before["reconnects"])
    time.sleep(0.6)
    tries = bench.figures(PUMP)["reconnects"] - before["reconnects"]
    check(f"it was opened {tries} times for {cable.number - opened} plugs in 2 s, at most four times a second",
          tries <= 12, bench.figures(PUMP))


def running(bench):
    """In the middle of an exchange with a pump that runs."""
    # The heater's plug was out: that has tripped.
    until("nothing latched", bench.reset)
    experiment = bench.submit("pulled")
    until("flows", lambda: bench.experiment(experiment)["state"] == "settling", 90)
    cable = bench.cables[PUMP]
    until("the pump", lambda: bench.flow("cui") > 0, 20)
    cable.is_silent = True
    asked = len(cable.said)
    until("a question", lambda: len(cable.said) > asked)
    node = pull(bench, PUMP)
    seconds = takes(lambda: bench.is_unplugged("cui", node), 2)
    check(f"a plug that is pulled while an answer is due is noticed after {seconds * 1000:.0f} ms", seconds < AT_ONCE_S,
          bench.device("cui"))
    until("the end of the experiment", lambda: bench.experiment(experiment)["state"] == "failed")
    error = bench.experiment(experiment)["error"]
    check("the experiment fails for it", error["kind"] == "device_lost" and error["device"] == "cui", error)
    cable.is_silent = False
    put_in(bench, PUMP)
    seconds = takes(lambda: bench.is_ready("cui"), 12)
    check(f"it is back after {seconds:.1f} s", seconds < SOON_S, bench.device("cui"))
    until("the proof", lambda: bench.device("cui").get("safe"))
    lines = cable.lines(cable.number)
    told = [line for line in lines if any(line.startswith(word) for word in (*ACTUATIONS, "stop"))]
    check("it was asked what it is and does, and told to stop, and nothing else", told and set(told) == {"stop"}
          and not any(line.startswith("stop") for line in lines[:2]), lines)
    check("and stands", bench.flow("cui") == 0, bench.flow("cui"))


def records(bench):
    """The flight recorder has it, and it replays."""
    check("the daemon ends in order", bench.stop() == 0)
    ring = f"{bench.state}/recorder"
    shown = subprocess.run([f"{bench.bin}/flowlabctl", "recorder", "show", ring, "--link", PUMP], capture_output=True,
                           text=True, check=False, env=unmocked()).stdout
    check("the flight recorder shows pulled plugs and ports that came",
          "closed: unplugged: /dev/pts/" in shown and "its port is there" in shown, shown[-1000:])
    replayed = subprocess.run([f"{bench.bin}/flowlabd", "--replay", ring], capture_output=True, text=True, check=False,
                              env=unmocked())
    check("and all of it replays", replayed.returncode == 0 and re.search("all the same$", replayed.stdout.strip()),
          replayed.stdout + replayed.stderr)


def without_netlink(bench):
    """As under a unit that allows no AF_NETLINK. The mock is no netlink, so this daemon sees the host as it is."""
    kept = {name: os.environ.pop(name) for name in ("LD_PRELOAD", "UMOCKDEV_DIR") if name in os.environ}
    bench.start(prepare=refuse_netlink)
    os.environ.update(kept)
    journal = bench.journal().splitlines()
    check("where netlink is refused the daemon runs on, and says so at info", any(
        "listen to udev" in line and "AF_NETLINK" in line for line in journal), journal[-5:])
    check("and ends in order", bench.stop() == 0)


def refuse_netlink():
    """Makes socket(AF_NETLINK, ...) fail for this process and what it starts: a filter of seccomp(2)."""
    numbers = {"x86_64": 41, "aarch64": 198}
    load, jump, give = 0x20, 0x15, 0x06
    steps = [(load, 0, 0, 0), (jump, 0, 3, numbers[platform.machine()]), (load, 0, 0, 16),
             (jump, 0, 1, socket.AF_NETLINK), (give, 0, 0, 0x00050000 | errno.EAFNOSUPPORT), (give, 0, 0, 0x7FFF0000)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(steps), ctypes.addressof(code)))
    library = ctypes.CDLL(None, use_errno=True)
    no_new_privileges, set_seccomp, by_filter = 38, 22, 2
    if library.prctl(no_new_privileges, 1, 0, 0, 0) or library.prctl(set_seccomp, by_filter, program, 0, 0):
        raise OSError(ctypes.get_errno(), "seccomp")
