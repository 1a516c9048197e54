"""Decode variable-length integers (LEB128), the number format of protocol buffers and others.

Use it to read protobuf-like streams on a gateway: each byte gives seven bits, lowest first, and its
top bit says whether another follows. Signed fields may be zigzag coded, so that small negative
numbers stay short.

topic: protocols
modality: packet
keywords: varint, leb128, protobuf, protocol buffers, zigzag, variable length integer, decode
source: Google, 2008, "Protocol Buffers: Encoding"; DWARF Debugging Information Format, version 5, section 7.6
"""


def decode_varint(data: str, zigzag: bool = False) -> list:
    """All integers of a row of bytes.

    Inputs:
        data (str): bytes in hexadecimal digits, spaces allowed
        zigzag (bool): whether numbers are zigzag coded (0, -1, 1, -2, ...)
    Outputs:
        numbers (list): decoded integers (int)
    """
    numbers = []
    value = shift = 0
    for byte in bytes.fromhex(data):
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte & 0x80:
            if shift >= 70:
                raise ValueError("an integer is longer than 64 bits")
            continue
        numbers.append(value >> 1 ^ -(value & 1) if zigzag else value)
        value = shift = 0
    if shift:
        raise ValueError("the data end inside an integer")
    return numbers


def check() -> None:
    """The documentation's examples, a 64-bit number, and data cut short."""
    assert decode_varint("96 01 01 ac02") == [150, 1, 300]
    assert decode_varint("ffffffffffffffffff01") == [2**64 - 1]
    assert decode_varint("00 01 02 03 feffffff0f", zigzag=True) == [0, -1, 1, -2, 2147483647]
    assert decode_varint("") == []
    for broken in ("80", "ff" * 11 + "01"):
        try:
            decode_varint(broken)
        except ValueError:
            continue
        raise AssertionError(f"{broken} was accepted")
