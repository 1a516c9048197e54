import math
import struct


def floats_from_registers(registers: list, order: str) -> list:
    values = []
    for high, low in zip(registers[::2], registers[1::2]):
        # Only the words are swapped, never the bytes within a word.
        words = (high, low) if order in ("ABCD", "BADC") else (low, high)
        (value,) = struct.unpack(">f", struct.pack(">HH", *words))
        values.append(value if math.isfinite(value) else None)
    return values
