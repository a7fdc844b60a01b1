"""Our F4T driver, inside a real daemon, against a controller that we did not write."""

import json
import os
import signal
import time

from registers import Registers
from support import HERE, ROOT, Daemon, Simulation, free_port, python, wait_for

SPEED = 30
RECIPE = ["--temperature", "137.5", "--flow", "cui=80", "--flow", "oa_cui=10", "--flow", "ode_cui=60",
          "--flow", "cs_oleate=80", "--flow", "oa_cs=15"]


class Controller:
    """The pymodbus server as a process that can be killed and started again."""

    def __init__(self, processes, directory, serial=None):
        self.processes = processes
        self.serial = serial
        self.port = free_port()
        self.state = f"{directory}/f4t.json"
        self.log = f"{directory}/f4t-writes.jsonl"
        self.process = None

    def start(self, *options, word_order="low-first"):
        script = os.path.join(HERE, "f4t_server.py")
        place = ["--serial", self.serial] if self.serial else ["--port", self.port]
        self.process = self.processes.start("f4t_server", *python(script), *place, "--state", self.state, "--log",
                                            self.log, "--word-order", word_order, *options)
        if not self.serial:
            wait_for(self.connect, lambda connected: connected)

    def connect(self):
        try:
            registers = Registers(self.port)
        except RuntimeError:
            return False
        registers.close()
        return True

    def kill(self):
        self.processes.end(self.process, signal.SIGKILL)

    def set_memory(self, **values):
        with open(self.state, encoding="utf-8") as file:
            kept = json.load(file)
        kept.update(values)
        with open(self.state, "w", encoding="utf-8") as file:
            json.dump(kept, file)

    def memory(self):
        with open(self.state, encoding="utf-8") as file:
            return json.load(file)

    def writes(self):
        if not os.path.exists(self.log):
            return []
        with open(self.log, encoding="utf-8") as file:
            return [json.loads(line) for line in file]


class HeaterChecks:
    def __init__(self, score, processes, binaries, directory):
        self.check = score.check
        self.processes, self.binaries, self.directory = processes, binaries, directory
        self.controller = Controller(processes, directory)
        self.daemon = None

    def run(self):
        simulation = Simulation(self.processes, self.binaries, f"{self.directory}/bench", "--speed", str(SPEED))
        self.controller.start()
        endpoints = self.endpoints_with_our_heater(simulation)
        bench = f"{ROOT}/examples/nanocrystal.toml"
        self.daemon = Daemon(self.processes, self.binaries, f"{self.directory}/daemon", bench, endpoints)
        self.identity_and_readings()
        self.experiment_heats()
        self.stop_all()
        self.lost_and_back()
        self.lost_while_heating()
        self.wrong_controllers()
        code = self.processes.end(self.daemon.process)
        self.check("flowlabd ends with code 0 when asked", code == 0, code)
        self.high_word_first(endpoints)
        self.by_rtu(simulation, endpoints)
        self.processes.end(simulation.process)

    def endpoints_with_our_heater(self, simulation):
        endpoints = json.loads(json.dumps(simulation.endpoints))
        endpoints["links"]["heater"] = {"kind": "modbus-tcp", "host": "127.0.0.1", "port": self.controller.port}
        path = f"{self.directory}/endpoints.json"
        with open(path, "w", encoding="utf-8") as file:
            json.dump(endpoints, file)
        return path

    def heater(self, state, patience=15.0):
        return wait_for(lambda: self.daemon.device("heater"), lambda seen: seen["state"] == state, patience)

    def all_ready(self):
        def look():
            return (self.daemon.call("status") or {}).get("devices", {})

        return wait_for(look, lambda seen: set(seen) == {"ready"}, 20)

    # The checks, in their order

    def identity_and_readings(self):
        seen = self.heater("ready")
        self.check("driver identifies the pymodbus controller and is ready", seen["state"] == "ready", seen)
        self.check("starting the daemon writes nothing", not self.controller.writes(), self.controller.writes())
        self.compare("idle", 0.5)

    def compare(self, when, tolerance):
        registers = Registers(self.controller.port)
        for signal_name, address in [("heater.temperature", 2820), ("heater.temperature.set_point", 2782),
                                     ("heater.output", 2808)]:
            def look(name=signal_name, register=address):
                reading = self.daemon.readings("heater.*").get(name, {})
                return reading.get("value"), registers.number(register), reading.get("quality")

            def agrees(seen):
                return seen[0] is not None and abs(seen[0] - seen[1]) <= tolerance and seen[2] == "good"

            seen = wait_for(look, agrees, 5)
            self.check(f"{when}: {signal_name} is what register {address} says", agrees(seen), seen)
        mode = registers.words(2814)[0]
        seen = wait_for(lambda: self.daemon.readings("heater.mode").get("heater.mode", {}).get("value"),
                        lambda value: value == mode, 5)
        self.check(f"{when}: heater.mode is what register 2814 says ({mode})", seen == mode, seen)
        registers.close()

    def submit(self):
        ready = self.all_ready()
        answer = self.daemon.call("submit", *RECIPE)
        self.check("an experiment is accepted with every device ready", answer is not None and set(ready) == {"ready"},
                   (ready, answer))
        return (answer or {}).get("experiment", "none")

    def experiment_heats(self):
        name = self.submit()
        registers = Registers(self.controller.port)
        set_point = wait_for(lambda: registers.number(2782), lambda value: abs(value - 137.5) < 0.01, 10)
        self.check("heating writes the set point 137.5 degC to 2782, low word first", abs(set_point - 137.5) < 0.01,
                   set_point)
        mode = wait_for(lambda: registers.words(2814)[0], lambda value: value == 10, 5)
        self.check("heating puts the mode to 10 (auto)", mode == 10, mode)
        written = self.controller.writes()
        self.check("each was written once, the set point first", [one["address"] for one in written] == [2782, 2730],
                   written)
        state = wait_for(lambda: self.daemon.experiment(name)["state"],
                         lambda value: value not in ("queued", "heating"), 20)
        self.check("the experiment flows once the controller's plate is steady", state in ("flowing", "settling"), state)
        registers.close()
        self.compare("heating", 0.5)

    def stop_all(self):
        began = time.monotonic()
        done = self.daemon.run("stop-all", "--reason", "interoperability check")
        registers = Registers(self.controller.port)
        mode = wait_for(lambda: registers.words(2814)[0], lambda value: value == 62, 5, every=0.01)
        took = time.monotonic() - began
        self.check(f"stop-all brings the controller to mode 62 (after {took:.2f} s)",
                   mode == 62 and done.returncode == 0 and took < 2, (mode, took, done.stderr))
        self.check("the controller's power is 0 %", registers.number(2808) == 0, registers.number(2808))
        registers.close()
        seen = wait_for(lambda: self.daemon.device("heater"), lambda device: device.get("safe"), 5)
        self.check("the daemon has read back that the heater is safe", seen.get("safe") is True, seen)

    def lost_and_back(self):
        self.controller.kill()
        seen = self.heater("offline")
        self.check("controller killed: the heater is offline, with the reason",
                   seen["state"] == "offline" and seen.get("detail"), seen)
        written = len(self.controller.writes())
        self.controller.start()
        seen = self.heater("ready", 40)
        self.check("controller back: the heater is ready again", seen["state"] == "ready", seen)
        time.sleep(1)
        later = [one for one in self.controller.writes()[written:] if one != {
            "address": 2730, "values": [62], "refused": False}]
        self.check("nothing is replayed: mode 62 stays and no set point is written",
                   not later and self.controller.memory()["mode"] == 62, later)

    def latched(self):
        return [one["interlock"] for one in (self.daemon.call("status") or {}).get("latched_interlocks", [])]

    def reset_everything(self):
        def look():
            for interlock in self.latched():
                self.daemon.run("interlocks", "reset", interlock)
            return self.latched()

        left = wait_for(look, lambda names: not names, 20, every=0.3)
        self.check("the interlocks can be reset once the heater is proven safe", not left, left)

    def lost_while_heating(self):
        self.reset_everything()
        name = self.submit()
        wait_for(lambda: self.controller.memory()["mode"], lambda mode: mode == 10, 10)
        self.check("a second experiment heats", self.controller.memory()["mode"] == 10, self.controller.memory())
        self.controller.kill()
        state = wait_for(lambda: self.daemon.experiment(name)["state"], lambda value: value == "failed", 15)
        self.check("controller lost while heating: the experiment fails", state == "failed", state)
        latched = wait_for(self.latched, lambda names: "plate-temperature-lost" in names, 10)
        self.check("... and plate-temperature-lost has tripped", "plate-temperature-lost" in latched, latched)
        written = len(self.controller.writes())
        self.controller.start()
        mode = wait_for(lambda: self.controller.memory()["mode"], lambda value: value == 62, 40)
        self.check("... it comes back in its old mode 10 and is turned off at once", mode == 62, mode)
        points = [one for one in self.controller.writes()[written:] if one["address"] == 2782]
        self.check("... and its set point is not written again", not points, points)

    def wrong_controllers(self):
        cases = [("high word first", {"word_order": "high-first"}, [], 'word_order = "high-first"'),
                 ("degF over Modbus", {}, ["--unit-code", "30"], "degF"),
                 ("an EZ-ZONE at the address", {}, ["--part-number", "PM6C1CA-AAAAAAA"], "PM6C1CA")]
        for what, arguments, options, expected in cases:
            self.controller.kill()
            self.heater("offline")
            self.controller.start(*options, **arguments)
            seen = self.heater("faulted", 40)
            self.check(f"{what}: the heater is faulted and says {expected}",
                       seen["state"] == "faulted" and expected in seen.get("detail", ""), seen)
        self.controller.kill()

    def high_word_first(self, endpoints):
        with open(f"{ROOT}/examples/nanocrystal.toml", encoding="utf-8") as file:
            text = file.read()
        driver = 'driver = "watlow-f4t"\n'
        bench = f"{self.directory}/high-first.toml"
        with open(bench, "w", encoding="utf-8") as file:
            file.write(text.replace(driver, driver + 'word_order = "high-first"\n'))
        self.controller.set_memory(process_value=41.25, mode=62)
        self.controller.start("--hold", word_order="high-first")
        self.daemon = Daemon(self.processes, self.binaries, f"{self.directory}/daemon-high", bench, endpoints)
        seen = self.heater("ready")
        reading = wait_for(lambda: self.daemon.readings("heater.temperature").get("heater.temperature", {}),
                           lambda value: value.get("value") is not None, 5)
        self.check('with word_order = "high-first" it is ready and reads 41.25 degC',
                   seen["state"] == "ready" and reading.get("value") == 41.25, (seen, reading))
        self.processes.end(self.daemon.process)
        self.controller.kill()

    def by_rtu(self, simulation, endpoints):
        """The same controller on a serial line, that socat makes of two pseudo-terminals."""
        ours, theirs = f"{self.directory}/line-a", f"{self.directory}/line-b"
        line = self.processes.start("socat", "socat", f"pty,raw,echo=0,link={ours}", f"pty,raw,echo=0,link={theirs}")
        wait_for(lambda: os.path.exists(ours) and os.path.exists(theirs), lambda made: made)
        with open(f"{ROOT}/examples/nanocrystal.toml", encoding="utf-8") as file:
            text = file.read()
        tcp = 'modbus_tcp = "127.0.0.1:502"'
        bench = f"{self.directory}/rtu.toml"
        with open(bench, "w", encoding="utf-8") as file:
            file.write(text.replace(tcp, f'modbus_rtu = "{ours}"\nbaud = 38400'))
        with open(endpoints, encoding="utf-8") as file:
            places = json.load(file)
        places["links"]["heater"] = {"kind": "modbus-rtu", "path": ours}
        with open(endpoints, "w", encoding="utf-8") as file:
            json.dump(places, file)
        self.controller = Controller(self.processes, self.directory, theirs)
        self.controller.set_memory(process_value=41.25, mode=62, set_point=37.5)
        self.controller.start("--hold")
        self.daemon = Daemon(self.processes, self.binaries, f"{self.directory}/daemon-rtu", bench, endpoints)
        seen = self.heater("ready")
        reading = wait_for(lambda: self.daemon.readings("heater.temperature").get("heater.temperature", {}),
                           lambda value: value.get("value") is not None, 5)
        self.check("by RTU the driver is ready with the pymodbus controller and reads 41.25 degC",
                   seen["state"] == "ready" and reading.get("value") == 41.25, (seen, reading))
        written = len(self.controller.writes())
        self.submit()
        memory = wait_for(self.controller.memory, lambda kept: kept["mode"] == 10, 10)
        self.check("by RTU it sets 137.5 degC and mode 10", memory["set_point"] == 137.5 and memory["mode"] == 10, memory)
        self.check("by RTU each was written once",
                   [one["address"] for one in self.controller.writes()[written:]] == [2782, 2730],
                   self.controller.writes()[written:])
        self.daemon.run("stop-all", "--reason", "interoperability check")
        memory = wait_for(self.controller.memory, lambda kept: kept["mode"] == 62, 5)
        self.check("by RTU stop-all brings it to mode 62", memory["mode"] == 62, memory)
        self.controller.kill()
        seen = self.heater("offline")
        self.check("by RTU a silent controller is offline, with the reason",
                   seen["state"] == "offline" and "Connection timed out" in seen.get("detail", ""), seen)
        self.controller.start("--hold")
        seen = self.heater("ready", 40)
        self.check("by RTU it is ready again when it answers again", seen["state"] == "ready", seen)
        self.processes.end(self.daemon.process)
        self.processes.end(line)
