"""The truth log of the simulated bench, as it grows."""

import json


class Truth:
    def __init__(self, path):
        self.file = open(path, "rb")
        self.rest, self.last, self.hottest, self.lines = b"", None, 0.0, 0

    def read(self):
        """Takes in what is new; the last whole line."""
        while part := self.file.read(1 << 20):
            *whole, self.rest = (self.rest + part).split(b"\n")
            for line in whole:
                self.last = json.loads(line)
                self.hottest = max(self.hottest, self.last["plate_c"])
                self.lines += 1
        return self.last

    @property
    def dangers(self):
        """What is not safe by the last line."""
        last = self.read()
        flows = [f"{pump} is set to {flow} uL/min" for pump, flow in last["set_ul_min"].items() if flow != 0]
        heat = [f"{key} is {last[key]}" for key, safe in (("heater_mode", "off"), ("heater_output_pct", 0),
                                                          ("contactor_closed", False)) if last[key] != safe]
        return flows + heat

    def close(self):
        self.file.close()
