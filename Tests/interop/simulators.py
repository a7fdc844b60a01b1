"""Our simulators, read by software that we did not write: mbpoll, pymodbus, pyserial and pyseabreeze."""

import re
import subprocess
import time

import serial
from seabreeze.pyseabreeze.devices import HDX
from seabreeze.pyseabreeze.transport import IPv4Transport, IPv4TransportHandle

from registers import Registers
from support import Simulation, wait_for


class SimulatorChecks:
    def __init__(self, score, processes, binaries, directory):
        self.score, self.check = score, score.check
        self.processes, self.binaries, self.directory = processes, binaries, directory

    def run(self):
        plain = Simulation(self.processes, self.binaries, f"{self.directory}/cr", "--plate", "41.25")
        other = Simulation(self.processes, self.binaries, f"{self.directory}/crlf", "--echo", "crlf",
                           "--word-order", "high-first")
        serial_line = Simulation(self.processes, self.binaries, f"{self.directory}/rtu", "--plate", "41.25",
                                 "--heater", "rtu")
        self.score.section("mbpoll by RTU", lambda: self.mbpoll_rtu(serial_line.path("heater")))
        self.score.section("pymodbus by RTU", lambda: self.pymodbus_rtu(serial_line.path("heater")))
        self.score.section("mbpoll", lambda: self.mbpoll(plain.port("heater"), other.port("heater")))
        self.score.section("pymodbus", lambda: self.pymodbus(plain.port("heater"), other.port("heater")))
        self.score.section("pyserial, echo and CR", lambda: self.pump(plain.path("pump_oam_cui"), "CR"))
        self.score.section("pyserial, echo and CR LF", lambda: self.pump(other.path("pump_oam_cui"), "CR LF"))
        self.score.section("pyserial, separate lines", lambda: self.pump_lines(other.path("pump_cui")))
        self.score.section("pyseabreeze", lambda: self.spectrometer(plain.port("spec_pl")))

    # F4T

    def poll(self, port, *words):
        return self.run_mbpoll(["-m", "tcp", "-p", str(port), "-a", "1"], words, "127.0.0.1")

    def run_mbpoll(self, link, words, place):
        command = ["mbpoll", *link, "-0", "-1", *words, place]
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
        return re.findall(r"^\[(\d+)\]:\s+(\S+)", done.stdout, re.MULTILINE), done.stdout + done.stderr

    def mbpoll_rtu(self, path):
        def poll(unit, *words):
            return self.run_mbpoll(["-m", "rtu", "-b", "38400", "-P", "none", "-a", str(unit), "-o", "0.5"], words, path)

        rows, text = poll(1, "-r", "2820", "-t", "4:float")
        value = float(rows[0][1]) if rows else None
        self.check(f"by RTU, mbpoll reads the float at 2820: {value}", value is not None and abs(value - 41.25) < 1, text)
        rows, text = poll(1, "-r", "16", "-c", "15", "-t", "4:hex")
        name = "".join(chr(int(word, 16)) for _, word in rows if int(word, 16))
        self.check(f"by RTU, mbpoll reads the part number {name}", name.startswith("F4T"), text)
        rows, text = poll(1, "-r", "100", "-t", "4")
        self.check("by RTU, mbpoll is told that register 100 is an illegal address", "Illegal data address" in text, text)
        rows, text = poll(2, "-r", "2814", "-t", "4")
        self.check("by RTU, unit 2 does not answer", not rows and "timed out" in text, text)
        rows, text = poll(1, "-r", "2814", "-t", "4")
        self.check("by RTU, unit 1 does so still: mode 62 (off)", rows == [("2814", "62")], text)

    def pymodbus_rtu(self, path):
        heater = Registers(path)
        client = heater.client
        self.check("by RTU, pymodbus reads unit 15 (degC) at 14080", heater.words(14080) == [15], heater.words(14080))
        words = client.convert_to_registers(60.5, client.DATATYPE.FLOAT32, word_order="little")
        client.write_registers(2782, words, device_id=1)
        self.check("by RTU, pymodbus writes the set point 60.5 degC and reads it back", heater.number(2782) == 60.5,
                   heater.number(2782))
        client.write_register(2730, 10, device_id=1)
        self.check("by RTU, pymodbus writes mode 10 and reads it in use", heater.words(2814) == [10],
                   heater.words(2814))
        refused = client.write_register(2730, 99, device_id=1)
        self.check("by RTU, an unknown mode is refused as exception 3",
                   refused.isError() and refused.exception_code == 3, refused)
        heater.close()

    def mbpoll(self, low_first, high_first):
        for port, options, order in [(low_first, [], "low"), (high_first, ["-B"], "high")]:
            rows, text = self.poll(port, "-r", "2820", "-t", "4:float", *options)
            expected = 41.25 if order == "low" else 25
            value = float(rows[0][1]) if rows else None
            self.check(f"mbpoll reads the float at 2820, {order} word first: {value}",
                       value is not None and abs(value - expected) < 1, text)
        rows, text = self.poll(low_first, "-r", "16", "-c", "15", "-t", "4:hex")
        name = "".join(chr(int(value, 16)) for _, value in rows if int(value, 16))
        self.check(f"mbpoll reads the part number {name}", name.startswith("F4T"), text)
        rows, text = self.poll(low_first, "-r", "2814", "-t", "4")
        self.check("mbpoll reads mode 62 (off) at 2814", rows == [("2814", "62")], text)
        rows, text = self.poll(low_first, "-r", "100", "-t", "4")
        self.check("mbpoll is told that register 100 is an illegal address", "Illegal data address" in text, text)

    def pymodbus(self, low_first, high_first):
        heater = Registers(low_first)
        self.check("pymodbus reads the part number", heater.text(16, 15).startswith("F4T"), heater.text(16, 15))
        self.check("pymodbus reads unit 15 (degC) at 6730", heater.words(6730) == [15], heater.words(6730))
        client = heater.client
        words = client.convert_to_registers(60.5, client.DATATYPE.FLOAT32, word_order="little")
        client.write_registers(2782, words, device_id=1)
        self.check("pymodbus writes the set point 60.5 degC and reads it back", heater.number(2782) == 60.5,
                   heater.number(2782))
        client.write_register(2730, 10, device_id=1)
        self.check("pymodbus writes mode 10 and reads it in use", heater.words(2814) == [10], heater.words(2814))
        time.sleep(1.5)
        self.check("the plate is heated: power above 0 %", heater.number(2808) > 0, heater.number(2808))
        refused = client.write_register(2730, 99, device_id=1)
        self.check("an unknown mode is refused as exception 3", refused.isError() and refused.exception_code == 3,
                   refused)
        client.write_register(2730, 62, device_id=1)
        power = wait_for(lambda: heater.number(2808), lambda value: value == 0, 2)
        self.check("mode 62 takes the power to 0 %", heater.words(2814) == [62] and power == 0, power)
        heater.close()
        other = Registers(high_first, "high-first")
        self.check("pymodbus reads the other word order", abs(other.number(2820) - 25) < 1, other.number(2820))
        other.close()

    # Pumps

    def ask(self, port, command, wait=0.2):
        """The way of most lab scripts: write, wait a fixed time, take what is there, split at LF."""
        port.write(command.encode() + b"\r")
        time.sleep(wait)
        return port.readlines()

    def pump(self, path, echo_end):
        port = serial.Serial(path, baudrate=38400, timeout=0)
        port.reset_input_buffer()
        dialogue = [("set units 2", "units = 2"), ("set diameter 28.6", "diameter = 28.600"),
                    ("set volume 500", "volume = 500.000000"), ("set rate 600", "rate = 600.000000"),
                    ("start ", "Pump start running..."), ("pump status", "1"), ("stop ", "Pump stop!"),
                    ("status", "0"), ("set rated 5", "Invalid Command!"), (" stop", "Invalid Command!")]
        for command, expected in dialogue:
            # Whoever splits at LF has echo and value in one item when the echo ends with CR alone.
            seen = [line.decode().strip("\n").strip("\r") for line in self.ask(port, command)]
            texts = [part for line in seen for part in line.lstrip(">").split("\r") if part]
            self.check(f"pump, echo {echo_end}: \"{command}\" is answered \"{expected}\" in 0.2 s",
                       len(texts) == 2 and texts[0] == command and texts[1] == expected and seen[-1] == ">", seen)
        words = self.ask(port, "dispensed volume")[-2].decode().split()
        self.check(f"pump, echo {echo_end}: the last word but the unit of \"dispensed volume\" is a number above 0",
                   float(words[-1]) > 0, words)
        port.close()

    def pump_lines(self, path):
        """The way of a single-channel client: the echo is line 0, the value line 1."""
        port = serial.Serial(path, baudrate=38400, timeout=0)
        lines = [line.decode().strip() for line in self.ask(port, "read limit parameter", wait=0.3)]
        numbers = [float(word) for word in lines[1].split()]
        largest, smallest, most, least = numbers
        self.check("limits are largest and smallest rate, then largest and smallest volume",
                   largest > smallest > 0 and most > least > 0, lines)
        port.write(b"stop\rstatus\r")
        time.sleep(0.3)
        text = port.read(200).decode()
        self.check("two requests in one write are answered in turn", text.replace("\r\n", "|") ==
                   "stop|Pump stop!|>status|0|>", repr(text))
        port.close()

    # Spectrometer

    def spectrometer(self, port):
        IPv4Transport.register_model("HDX", ipv4_address="127.0.0.1", ipv4_port=port)
        device = HDX(IPv4TransportHandle("127.0.0.1", port))
        device.open()
        serial_number = device.get_serial_number()
        self.check(f"pyseabreeze opens the HDX and reads its serial number {serial_number}", bool(serial_number),
                   serial_number)
        features = device.f.spectrometer
        features.set_integration_time_micros(10_000)
        axis = features.get_wavelengths()
        self.check(f"wavelengths rise from {axis[0]:.0f} to {axis[-1]:.0f} nm in 2068 steps",
                   len(axis) == 2068 and all(axis[1:] > axis[:-1]) and 150 < axis[0] < 400 and axis[-1] > 700, axis)
        dim = features.get_intensities()
        self.check("a spectrum has 2068 pixels of 16 bits", len(dim) == 2068 and 0 <= min(dim) and max(dim) <= 65535,
                   len(dim))
        features.set_integration_time_micros(300_000)
        # The frame that is under way still has the old integration.
        features.get_intensities()
        began = time.monotonic()
        features.get_intensities()
        took = time.monotonic() - began
        self.check(f"a spectrum of 300 ms takes that long ({took * 1000:.0f} ms)", 0.25 < took < 2, took)
        refused = None
        try:
            features.set_integration_time_micros(1)
        except Exception as error:  # seabreeze has several kinds
            refused = error
        self.check("an integration of 1 us is refused", refused is not None, refused)
        self.check("and the spectrometer still answers", len(features.get_intensities()) == 2068)
        device.close()
