"""A controller's registers through a client that we did not write."""

from pymodbus.client import ModbusSerialClient, ModbusTcpClient


class Registers:
    """A controller's registers, read with pymodbus's client: by TCP on a port, or by RTU on a serial line."""

    def __init__(self, port, word_order="low-first"):
        if isinstance(port, str):
            self.client = ModbusSerialClient(port, baudrate=38400, timeout=2)
        else:
            self.client = ModbusTcpClient("127.0.0.1", port=port, timeout=2)
        self.word_order = "little" if word_order == "low-first" else "big"
        if not self.client.connect():
            raise RuntimeError(f"nobody listens on {port}")

    def words(self, address, count=1):
        reply = self.client.read_holding_registers(address, count=count, device_id=1)
        if reply.isError():
            raise RuntimeError(f"register {address}: {reply}")
        return reply.registers

    def number(self, address):
        words = self.words(address, 2)
        return self.client.convert_from_registers(words, self.client.DATATYPE.FLOAT32, word_order=self.word_order)

    def text(self, address, count):
        return "".join(chr(word) for word in self.words(address, count) if word)

    def close(self):
        self.client.close()
