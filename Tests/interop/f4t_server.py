"""A Watlow F4T on Modbus TCP or RTU, made with pymodbus from the public register list; it shares no code with flowlab.

It behaves a little like the controller: in mode 10 (auto) the process value moves to the set point and the power in use
follows, in mode 62 (off) the power is 0 and the plate cools. What was set is kept in a file, as the controller keeps it
in its memory, so that a server which is killed and started again is a controller whose cable was out. Every write is
logged, so that a judge sees what came over the wire.
"""

import argparse
import asyncio
import json
import os
import struct
import time

from pymodbus.constants import ExcCodes
from pymodbus.framer import FramerType
from pymodbus.server import StartAsyncSerialServer, StartAsyncTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

PART_NUMBER, LOW_LIMIT, MODE_REQUEST, SET_POINT = 16, 2774, 2730, 2782
POWER, SET_POINT_IN_USE, MODE, PROCESS_VALUE, UNIT, SERIAL_UNIT = 2808, 2810, 2814, 2820, 6730, 14080
AUTO, MANUAL, OFF = 10, 54, 62
AMBIENT_C = 25.0
HEATING_S, COOLING_S = 0.4, 15.0


class Controller:
    """State and physics; the clock is the wall's."""

    def __init__(self, arguments):
        self.arguments = arguments
        self.kept = {"mode": OFF, "set_point": 37.5, "process_value": 41.25, "low": 0.0, "high": 180.0}
        if os.path.exists(arguments.state):
            with open(arguments.state, encoding="utf-8") as file:
                self.kept.update(json.load(file))
        self.power = 0.0
        self.moved_at = time.monotonic()

    def move(self):
        now = time.monotonic()
        elapsed, self.moved_at = now - self.moved_at, now
        value, heats = self.kept["process_value"], self.kept["mode"] == AUTO
        target, constant = (self.kept["set_point"], HEATING_S) if heats else (AMBIENT_C, COOLING_S)
        if not self.arguments.hold:
            value += (target - value) * (1 - 2.718281828 ** (-elapsed / constant))
        self.kept["process_value"] = value
        holding = 0.25 * (value - AMBIENT_C) + 2.0 * (target - value)
        self.power = min(100.0, max(0.0, holding)) if heats else 0.0

    def keep(self):
        temporary = self.arguments.state + ".new"
        with open(temporary, "w", encoding="utf-8") as file:
            json.dump(self.kept, file)
        os.replace(temporary, self.arguments.state)

    # Registers

    def words(self, value):
        high, low = struct.unpack(">HH", struct.pack(">f", value))
        return [low, high] if self.arguments.word_order == "low-first" else [high, low]

    def number(self, words):
        high, low = reversed(words) if self.arguments.word_order == "low-first" else words
        return struct.unpack(">f", struct.pack(">HH", high, low))[0]

    def show(self, registers, start):
        """Brings what the controller computes into its registers."""
        floats = {
            PROCESS_VALUE: self.kept["process_value"], POWER: self.power, SET_POINT: self.kept["set_point"],
            SET_POINT_IN_USE: self.kept["set_point"], LOW_LIMIT: self.kept["low"], LOW_LIMIT + 2: self.kept["high"],
        }
        for address, value in floats.items():
            registers[address - start : address - start + 2] = self.words(value)
        registers[MODE_REQUEST - start] = registers[MODE - start] = self.kept["mode"]

    def write(self, address, values):
        """Takes one write; an exception code when it is refused."""
        if (address, len(values)) == (MODE_REQUEST, 1):
            if values[0] not in (AUTO, MANUAL, OFF):
                return ExcCodes.ILLEGAL_VALUE
            self.kept["mode"] = values[0]
        elif (address, len(values)) == (SET_POINT, 2):
            value = self.number(values)
            if not self.kept["low"] <= value <= self.kept["high"]:
                return ExcCodes.ILLEGAL_VALUE
            self.kept["set_point"] = value
        else:
            return ExcCodes.ILLEGAL_ADDRESS
        self.keep()
        return None

    async def access(self, _function, start, address, _count, registers, values):
        self.move()
        refusal = None
        if values is not None:
            refusal = self.write(address, list(values))
            record = {"address": address, "values": list(values), "refused": refusal is not None}
            with open(self.arguments.log, "a", encoding="utf-8") as file:
                file.write(json.dumps(record) + "\n")
        self.show(registers, start)
        return refusal


def device(controller):
    text = controller.arguments.part_number.ljust(15, "\0")[:15]
    blocks = [
        (PART_NUMBER, [ord(character) for character in text]), (MODE_REQUEST, [OFF]), (LOW_LIMIT, [0] * 4),
        (SET_POINT, [0] * 2), (POWER, [0] * 4), (MODE, [OFF]), (PROCESS_VALUE, [0] * 2),
        (SERIAL_UNIT if controller.arguments.serial else UNIT, [controller.arguments.unit_code]),
    ]
    data = [SimData(address, values=values, datatype=DataType.REGISTERS) for address, values in blocks]
    return SimDevice(1, simdata=data, action=controller.access)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, help="of Modbus TCP")
    parser.add_argument("--serial", help="the serial line of Modbus RTU, in place of --port")
    parser.add_argument("--state", required=True, help="what the controller remembers without power")
    parser.add_argument("--log", required=True, help="one JSON line a write")
    parser.add_argument("--word-order", choices=["low-first", "high-first"], default="low-first")
    parser.add_argument("--part-number", default="F4T1L1EAA2B1A1A")
    parser.add_argument("--unit-code", type=int, default=15, help="15 degC, 30 degF")
    parser.add_argument("--hold", action="store_true", help="the process value stays where it is")
    arguments = parser.parse_args()
    controller = Controller(arguments)
    controller.keep()

    async def serve():
        if arguments.serial:
            await StartAsyncSerialServer(device(controller), framer=FramerType.RTU, port=arguments.serial,
                                         baudrate=38400)
        await StartAsyncTcpServer(device(controller), address=("127.0.0.1", arguments.port))

    asyncio.run(serve())


if __name__ == "__main__":
    main()
