import math
import struct


def floats_from_registers(registers: list, order: str) -> list:
    values = []
    for high, low in zip(registers[::2], registers[1::2]):
        received = struct.pack(">HH", high, low)
        big_endian = bytes(received[order.index(letter)] for letter in "ABCD")
        (value,) = struct.unpack(">f", big_endian)
        values.append(value if math.isfinite(value) else None)
    return values
