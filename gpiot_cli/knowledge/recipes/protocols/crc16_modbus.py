"""Compute the CRC-16 that protects Modbus RTU frames.

Use it to check or finish frames on a serial line. The register starts at 0xFFFF and takes the
bytes lowest bit first; 0xA001, the reflected polynomial x^16 + x^15 + x^2 + 1, is added (xor) for
each 1 that leaves it. On the wire the low byte goes first; over a frame with its CRC the result
is 0.

topic: protocols
modality: packet
keywords: crc, crc16, modbus, checksum, rtu, serial, error detection, RS-485
source: Modbus Organization, 2006, "MODBUS over Serial Line Specification and Implementation Guide V1.02", section 6.2.2
"""


def crc16_modbus(data: str) -> int:
    """CRC-16/MODBUS of a string of bytes.

    Inputs:
        data (str): bytes in hexadecimal digits, spaces allowed
    Outputs:
        crc (int): checksum from 0 to 65535; sent low byte first
    """
    crc = 0xFFFF
    for byte in bytes.fromhex(data):
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc


def check() -> None:
    """The catalogue's check value, and frames with their CRC give 0."""
    assert crc16_modbus(b"123456789".hex()) == 0x4B37
    assert crc16_modbus("") == 0xFFFF
    request = "01 03 00 00 00 0A"
    crc = crc16_modbus(request)
    assert crc.to_bytes(2, "little").hex() == "c5cd"
    assert crc16_modbus(request + "C5CD") == 0
    assert crc16_modbus("01 03 00 00 00 0B C5CD") != 0
